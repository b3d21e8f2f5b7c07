// npm run release:version: counts up the versions that changesets ask for, and writes the changelog, and the documents
// that name them.
// npm run release:publish, in CI: publishes the versions that are not there yet, with their provenance.
import './setup.mjs';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { main, UserError } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';
import { withVersions } from './lib/readme-versions.mjs';

const PACKAGES = ['package.json', 'demo/models/tiny-stories/package.json'];

/** What has addresses at a CDN that name the versions. */
const WITH_ADDRESSES = ['README.md', 'docs/guides/first-page.md', 'demo/use/addresses.js'];

const textOf = (path) => readFileSync(inRepository(path), 'utf8');
const manifests = () => PACKAGES.map((path) => JSON.parse(textOf(path)));

/** Runs a command in the repository, and ends where it fails. */
function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: inRepository(),
    env: { ...process.env, ...env },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new UserError(error?.message ?? `${program} ${args.join(' ')} failed: see above.`);
}

const changeset = (command, env) =>
  run(process.execPath, [inRepository('node_modules/@changesets/cli/bin.js'), command], env);

function version() {
  changeset('version');
  const versions = Object.fromEntries(manifests().map(({ name, version }) => [name, version]));
  for (const path of WITH_ADDRESSES) writeFileSync(inRepository(path), withVersions(textOf(path), versions));
  run('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund']);
}

function publish() {
  const waiting = readdirSync(inRepository('.changeset')).filter(
    (name) => name.endsWith('.md') && name !== 'README.md',
  );
  if (waiting.length > 0)
    throw new UserError(`Changes wait for npm run release:version: ${waiting.join(', ')}.`);
  const homeless = manifests().filter(({ repository }) => repository === undefined);
  if (homeless.length > 0) {
    const names = homeless.map(({ name }) => name).join(' and ');
    throw new UserError(`${names}: package.json has no "repository", which the provenance names.`);
  }
  changeset('publish', { NPM_CONFIG_PROVENANCE: 'true' });
}

const COMMANDS = { version, publish };

await main(async () => {
  const command = COMMANDS[process.argv[2]];
  if (command === undefined) throw new UserError('Say version or publish.');
  command();
});
