// Releases: what changesets make of the versions, the changelog and README.md, in a copy.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { withVersions } from '../../tools/lib/readme-versions.mjs';
import { repositoryFiles, root, textOf } from './repository.mjs';

const execute = promisify(execFile);

const STORIES = 'demo/models/tiny-stories';
const COPIED = [
  'package.json',
  'lerna.json',
  'CHANGELOG.md',
  `${STORIES}/package.json`,
  '.changeset/config.json',
  '.changeset/changelog.cjs',
];
const MOST_COLUMNS = 98; // an entry of the changelog is indented by two

const skip = spawnSync('git', ['--version']).status === 0 ? false : 'git is not there, which changesets ask';

/** Runs `changeset version` in a copy of the packages' papers, with these changesets. */
async function release(t, changesets) {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-release-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of COPIED) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(root + path, join(folder, path));
  }
  for (const [name, text] of Object.entries(changesets))
    writeFileSync(join(folder, '.changeset', name), text);
  const git = (...args) =>
    execute('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], { cwd: folder });
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'x');
  await execute(process.execPath, [`${root}node_modules/@changesets/cli/bin.js`, 'version'], { cwd: folder });
  const read = (path) => readFileSync(join(folder, path), 'utf8');
  return {
    read,
    has: (path) => existsSync(join(folder, path)),
    versionOf: (path) => JSON.parse(read(`${path}package.json`)).version,
  };
}

const versionNow = (path) => JSON.parse(textOf(`${path}package.json`)).version;
const next = (version, part) => {
  const numbers = version.split('.').map(Number);
  return numbers.map((n, i) => (i < part ? n : i === part ? n + 1 : 0)).join('.');
};

test('a changeset counts up its own package, and its text stands above what there was', {
  skip,
}, async (t) => {
  const released = await release(t, {
    'one.md': "---\n'sotto': minor\n---\n\nModels may sing.\nThey ask before.\n\n- softly\n",
  });
  const version = next(versionNow(''), 1);
  assert.equal(released.versionOf(''), version);
  assert.equal(released.versionOf(`${STORIES}/`), versionNow(`${STORIES}/`));
  assert.ok(!released.has('.changeset/one.md'));
  const changelog = released.read('CHANGELOG.md');
  const entry =
    /^# Changelog\n\n## (.*)\n+### Minor Changes\n+- Models may sing\.\n {2}They ask before\.\n\n {2}- softly\n/;
  assert.equal(entry.exec(changelog)?.[1], version, changelog.slice(0, 200));
  assert.ok(
    changelog.endsWith(textOf('CHANGELOG.md').slice('# Changelog\n'.length)),
    'the rest is as it was',
  );
});

test('the model has versions and a changelog of its own', { skip }, async (t) => {
  const released = await release(t, {
    'one.md': "---\n'sotto-tiny-stories': patch\n---\n\nA better story.\n",
  });
  assert.equal(released.versionOf(''), versionNow(''));
  const version = next(versionNow(`${STORIES}/`), 2);
  assert.equal(released.versionOf(`${STORIES}/`), version);
  const [, ...lines] = released
    .read(`${STORIES}/CHANGELOG.md`)
    .split('\n')
    .filter((line) => line !== '');
  assert.deepEqual(lines, [`## ${version}`, '### Patch Changes', '- A better story.']);
  assert.equal(released.read('CHANGELOG.md'), textOf('CHANGELOG.md'));
});

test('addresses of README.md and of the demo’s code follow the versions', () => {
  const text =
    'https://cdn.example/npm/sotto@0.1.0/dist/index.js /npm/sotto-tiny-stories@0.1.0/x /npm/other@1.0.0/x';
  assert.equal(
    withVersions(text, { sotto: '0.2.0', 'sotto-tiny-stories': '0.1.1' }),
    'https://cdn.example/npm/sotto@0.2.0/dist/index.js /npm/sotto-tiny-stories@0.1.1/x /npm/other@1.0.0/x',
  );
  const versions = { sotto: versionNow(''), 'sotto-tiny-stories': versionNow(`${STORIES}/`) };
  for (const path of ['README.md', 'docs/guides/first-page.md', 'demo/use/addresses.js'])
    assert.equal(withVersions(textOf(path), versions), textOf(path));
});

test(`changesets that wait have lines of at most ${MOST_COLUMNS} columns`, () => {
  for (const path of repositoryFiles('.changeset/').filter((each) => each.endsWith('.md')))
    for (const line of textOf(path).split('\n'))
      assert.ok(line.length <= MOST_COLUMNS || path.endsWith('/README.md'), `${path}: ${line}`);
});
