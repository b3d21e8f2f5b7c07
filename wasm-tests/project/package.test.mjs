// The package as a stranger gets it: packed, checked by the tools that others use, and installed in an empty project.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './repository.mjs';

const execute = promisify(execFile);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const model = `${root}demo/models/tiny-stories`;

let folder;
let tarball;
let contents;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-package-'));
  // The build has just run; packing would only repeat it.
  const { stdout } = await execute(
    npm,
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: root },
  );
  const [packed] = Object.values(JSON.parse(stdout));
  tarball = join(folder, packed.filename);
  contents = packed.files.map(({ path }) => path);
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** The scripts of dist/: those that are imported by name, and those that others of them start or import. */
const SCRIPTS = [
  ...['index', 'inline', 'edge', 'engine', 'worker', 'ai-sdk', 'prompt-api', 'cli'],
  ...['core', 'serve', 'chat-format', 'form-code', 'json-schema', 'node-file', 'node-folder', 'sha256'],
  'kept-models',
  ...['hash-worker', 'node-helper'],
];

test('npm pack holds few scripts with their maps, the binaries, the types, the papers, and nothing else', () => {
  const withoutTypes = contents.filter((path) => !path.startsWith('dist/types/'));
  const scripts = SCRIPTS.map((name) => `dist/${name}.js`);
  const maps = withoutTypes.filter((path) => path.endsWith('.js.map'));
  const variants = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];
  const wasm = [...variants.map((name) => `${name}.wasm`), 'threads.js'].map((name) => `dist/wasm/${name}`);
  const papers = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/LICENSES.txt'];
  assert.deepEqual([...withoutTypes].sort(), [...scripts, ...maps, ...wasm, ...papers].sort());
  // Those that only hand on what another script exports have nothing to map.
  for (const script of scripts.filter((path) => !/(engine|serve)\.js$/.test(path)))
    assert.ok(maps.includes(`${script}.map`), script);
  for (const path of maps) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(root + path, 'utf8'));
    assert.ok(
      sources.every((source) => /^\.\.\/(web|build\/web)\//.test(source)),
      path,
    );
    assert.ok(
      sourcesContent.every((text) => text.length > 0),
      path,
    );
  }
});

test('what other people wrote is told, with its version', () => {
  const text = readFileSync(`${root}dist/LICENSES.txt`, 'utf8');
  for (const part of [
    'xnnpack',
    'pthreadpool',
    'Emscripten',
    'musl',
    'LLVM',
    'hash-wasm 4.',
    'tokenizers 0.',
  ])
    assert.ok(text.includes(part), part);
});

test('publint has nothing to say', async () => {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages, pkg } = await publint({ pkgDir: root, level: 'suggestion', strict: true, pack: 'npm' });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  );
});

test('arethetypeswrong finds the types right for every importer of ES modules', async () => {
  const attw = `${root}node_modules/@arethetypeswrong/cli/dist/index.js`;
  const options = ['--profile', 'esm-only', '--format', 'table-flipped', '--no-color', '--no-emoji'];
  // It ends with 1 where it finds a problem.
  const { stdout } = await execute(process.execPath, [attw, tarball, ...options]).catch((error) =>
    assert.fail(error.stdout),
  );
  assert.match(stdout, /"sotto\/engine".*OK \(ESM\)/);
});

test('it generates when it is installed in an empty project, in this thread and in a worker', async () => {
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  await execute(npm, ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], {
    cwd: project,
  });
  const script = `
    import { readFile } from 'node:fs/promises';
    import { LanguageModel } from 'sotto';
    import { Engine } from 'sotto/engine';
    const metadata = JSON.parse(await readFile(new URL(import.meta.resolve('sotto/package.json'))));
    const engine = await Engine.create();
    const results = [];
    for (const worker of [false, true]) {
      const model = await LanguageModel.load(process.argv[2], { worker });
      results.push(await model.generate('Once upon a time', { maxNewTokens: 16, seed: 1 }).text());
      await model.dispose();
    }
    console.log(JSON.stringify({ results, variant: engine.variant, name: metadata.name }));
  `;
  writeFileSync(join(project, 'main.mjs'), script);
  const { stdout } = await execute(process.execPath, ['main.mjs', model], { cwd: project });
  const { results, variant, name } = JSON.parse(stdout.trim().split('\n').at(-1));
  assert.equal(name, 'sotto');
  assert.match(variant, /^(simd|relaxed)$/); // an engine has one thread unless it is asked for more
  assert.ok(results[0].length > 20, results[0]);
  assert.equal(results[1], results[0]);
});

test('the embedded model is a package of its own, whose files are found by their names', async () => {
  const project = join(folder, 'project');
  await execute(npm, ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: model });
  const { version } = JSON.parse(readFileSync(`${model}/package.json`, 'utf8'));
  const packed = join(folder, `sotto-tiny-stories-${version}.tgz`);
  await execute(npm, ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', packed], {
    cwd: project,
  });
  const script = `
    import { LanguageModel } from 'sotto';
    import tinyStories from 'sotto-tiny-stories';
    const model = await LanguageModel.load(tinyStories);
    for await (const { text } of model.generate('Once upon a time', { seed: 1, maxNewTokens: 16 })) process.stdout.write(text);
    await model.dispose();
  `;
  writeFileSync(join(project, 'story.mjs'), script);
  const { stdout } = await execute(process.execPath, ['story.mjs'], { cwd: project });
  assert.ok(stdout.trim().length > 20, stdout);
});

test('its command runs where it is installed', async () => {
  const program = join(folder, 'project', 'node_modules', '.bin', 'sotto');
  const { stdout } = await execute(program, [
    'run',
    model,
    'Once upon a time',
    '-n',
    '8',
    '--seed',
    '1',
    '-q',
  ]);
  assert.ok(stdout.trim().length > 10, stdout);
});

/** The compiler that we use, and the oldest that reads what it writes: typed arrays have a parameter since. */
const COMPILERS = { 'TypeScript 7': 'typescript', 'TypeScript 5.7, the oldest': 'typescript-oldest' };

test('its types serve a strict project that checks libraries, too', async (t) => {
  const project = join(folder, 'project');
  writeFileSync(
    join(project, 'main.ts'),
    `import { LanguageModel, type GenerationResult, SottoError } from 'sotto';
     import { sotto } from 'sotto/ai-sdk';
     import { Engine } from 'sotto/engine';
     import { LanguageModel as EdgeModel } from 'sotto/edge';
     import { LanguageModel as InlineModel } from 'sotto/inline';
     import { createPromptApi } from 'sotto/prompt-api';
     const model: LanguageModel = await LanguageModel.load('/model/');
     const result: GenerationResult = await model.generate('x', { maxNewTokens: 3 }).result;
     for await (const piece of model.generate([1, 2])) console.log(piece.text.length, piece.tokenIds.length);
     // @ts-expect-error: no such option
     model.generate('x', { temprature: 1 });
     const session = await createPromptApi({ source: '/model/' }).create();
     const said: string = await session.prompt('x', { responseConstraint: /a|b/ });
     const others: (typeof LanguageModel)['load'][] = [EdgeModel.load, InlineModel.load];
     const names: string[] = [String(others.length), result.finishReason, SottoError.name, Engine.name, sotto(model).modelId, said];
     export { names };
    `,
  );
  const options = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    'false',
    '--module',
    'NodeNext',
    '--target',
    'ES2022',
    '--lib',
    'ES2022,DOM',
  ];
  for (const [name, folder] of Object.entries(COMPILERS)) {
    await t.test(name, async () => {
      const tsc = `${root}node_modules/${folder}/bin/tsc`;
      await execute(process.execPath, [tsc, ...options, 'main.ts'], { cwd: project }).catch((error) =>
        assert.fail(error.stdout),
      );
    });
  }
});
