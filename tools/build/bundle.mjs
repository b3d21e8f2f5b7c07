// web/ -> dist/: few minified files with source maps, and the declarations of what the package exports.
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { phase, UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { embeddedInPage, embeddedInWorker } from './embedded.mjs';
import { copyIfChanged, writeIfChanged } from './files.mjs';

const WEB = inRepository('web');
const COMPILED = inRepository('build/web');
const DIST = inRepository('dist');
const GLUE = join(COMPILED, 'wasm/plain.js');
const EMBEDDED = join(COMPILED, 'base/embedded.js');

/**
 * The scripts of dist/ by the module of web/ that each begins with. They lie side by side, so that one finds another by
 * its name alone, in `new URL('./…', import.meta.url)` as in `import()`.
 */
const SCRIPTS = {
  'index.js': 'index.ts',
  'inline.js': 'inline.ts',
  'edge.js': 'edge.ts',
  'worker.js': 'worker/worker.ts',
  'serve.js': 'worker/serve.ts',
  'engine.js': 'engine/engine.ts',
  'ai-sdk.js': 'adapters/ai-sdk/ai-sdk.ts',
  'prompt-api.js': 'adapters/prompt-api/index.ts',
  'cli.js': 'cli/main.ts',
  'hash-worker.js': 'loading/hash-worker.ts',
  'node-helper.js': 'engine/node-helper.ts',
};

/** Modules whose names other scripts take from index.js, which exports them. */
const OF_INDEX = ['page/language-model.ts', 'results/errors.ts', 'stores/model-store.ts'];

/** Scripts of which each holds all that it needs. A page fetches index.js alone before it starts a worker. */
const ALONE = ['index.js', 'hash-worker.js', 'node-helper.js'];

/**
 * Scripts that hold everything, the engine's side as well, and import nothing at run time, with their kinds. A module whose
 * name ends in -inline takes the place of the one without in inline.js, one in -edge in edge.js, and one in -static in both.
 */
const WHOLE = { 'inline.js': 'inline', 'edge.js': 'edge' };

/** Scripts that go on from index.js. */
const BESIDE_INDEX = ['ai-sdk.js', 'prompt-api.js', 'cli.js'];

/** Scripts of the engine's side, which are little more than a way into core.js. */
const ON_CORE = ['worker.js', 'serve.js', 'engine.js'];

/** What they share is core.js, but for the one that begins to serve when it is imported. */
const GROUPS = [{ name: 'core', tags: ['$initial'], test: (id) => id !== join(WEB, SCRIPTS['worker.js']) }];

/** The scripts whose declarations are the package's types, and the command. */
const EXPORTED = ['index.js', ...Object.keys(WHOLE), 'worker.js', 'engine.js', 'ai-sdk.js', 'prompt-api.js'];
/** What its binaries are where bundlers compile them. */
const TYPES_OF_BINARIES = 'engine/wasm-module.d.ts';
const COMMAND = 'cli.js';

const inWeb = (path) => relative(WEB, path).split(sep).join('/');

/** Where a module of ours is: compiled from web/, or made by another step of the build. */
function moduleAt(path) {
  const source = path.replace(/\.js$/, '.ts');
  return existsSync(source) ? source : join(COMPILED, relative(WEB, path));
}

/** What takes the place of a module in scripts of a kind: the module itself, mostly. */
function inKind(path, kind) {
  if (kind === undefined) return path;
  const others = [kind, 'static'].map((name) => path.replace(/\.ts$/, `-${name}.ts`));
  return others.find((other) => existsSync(other)) ?? path;
}

/** Reads web/ as TypeScript does, and names files of dist/ where web/ names its own. */
function ofWeb(outside, kind, embedded) {
  return {
    name: 'web',
    resolveId(specifier, importer) {
      if (importer === undefined || !specifier.startsWith('.')) return null;
      const path = inKind(moduleAt(resolve(dirname(importer), specifier)), kind);
      const script = outside.get(inWeb(path));
      return script === undefined ? path : { id: `./${script}`, external: true };
    },
    async load(id) {
      if (id === EMBEDDED) return { code: embedded, map: { mappings: '' } };
      // It asks where it lies, and has no use for the answer.
      if (id === GLUE && kind !== undefined)
        return (await readFile(id, 'utf8')).replace('import.meta.url', 'undefined');
      if (!id.startsWith(WEB + sep)) return null;
      const code = await readFile(id, 'utf8');
      return code.replace(/new URL\('(\.[^']+)', import\.meta\.url\)/g, (_, given) => {
        const path = posix.join(posix.dirname(inWeb(id)), given);
        return `new URL('${placeInDist(path)}', import.meta.url)`;
      });
    },
  };
}

/** The place beside a script of dist/ of what web/ names by a path of its own. */
function placeInDist(path) {
  if (path.startsWith('wasm/')) return `./${path}`;
  if (path === '../package.json') return path;
  const script = Object.keys(SCRIPTS).find((name) => SCRIPTS[name] === path.replace(/\.js$/, '.ts'));
  if (script !== undefined) return `./${script}`;
  throw new UserError(`web/ names ${path}, which is no file of the package`);
}

/** Names of files in the quotes that all bundlers read: the minifier likes others, of the same length. */
const quoted = (code) => code.replace(/(?<=new URL\(|import\()`(\.[^`$\\]+)`(?=[,)])/g, '"$1"');

/**
 * Bundles some scripts, which share what they have in common.
 *
 * @param {string[]} scripts
 * @param {object} [options]
 * @param {[string, string][]} [options.outside] modules, each with the script of dist/ that brings it
 * @param {import('rolldown').OutputOptions['codeSplitting']} [options.codeSplitting] false: one file each
 * @param {'inline' | 'edge'} [options.kind] of scripts that hold everything
 * @param {string} [options.embedded] the code of the module that the build makes (embedded.mjs)
 * @param {'es' | 'iife'} [options.format]
 */
async function bundle(
  scripts,
  { outside = [], codeSplitting = false, kind, embedded = '', format = 'es' } = {},
) {
  const { rolldown } = await import('rolldown'); // not above: setup.mjs may just have installed it
  const build = await rolldown({
    input: Object.fromEntries(scripts.map((name) => [name.replace(/\.js$/, ''), join(WEB, SCRIPTS[name])])),
    external: [/^node:/],
    plugins: [ofWeb(new Map(outside), kind, embedded)],
    tsconfig: false,
    platform: 'neutral',
    checks: { bundlerTimings: false }, // how busy the machine is, is no fault
    preserveEntrySignatures: codeSplitting ? 'allow-extension' : 'strict',
    onLog(level, log) {
      if (level === 'warn') throw new UserError(`rolldown: ${log.message}`);
    },
  });
  const { output } = await build.generate({
    format,
    // The names of classes are seen: in errors, and in the console.
    minify: {
      mangle: { keepNames: { function: false, class: true } },
      compress: { keepNames: { function: false, class: true } },
    },
    sourcemap: format === 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting,
  });
  await build.close();
  return output;
}

/** Writes what was bundled into dist/. @returns {Promise<string[]>} the names of the files */
async function write(output) {
  for (const { fileName, code, source } of output)
    await writeIfChanged(join(DIST, fileName), code === undefined ? source : quoted(code));
  return output.map(({ fileName }) => fileName);
}

/** Bundles inline.js, which has the script of its worker and the binaries inside. */
async function bundleInline() {
  const options = { kind: WHOLE['inline.js'], embedded: embeddedInWorker() };
  const [worker] = await bundle(['worker.js'], { ...options, format: 'iife' });
  const embedded = await embeddedInPage(worker.code, join(COMPILED, 'wasm'));
  return bundle(['inline.js'], { ...options, embedded });
}

const outsideOf = (script, modules) => modules.map((module) => [module, script]);

/** Bundles all scripts. */
async function bundleScripts() {
  const serve = outsideOf('serve.js', [SCRIPTS['serve.js']]);
  const index = outsideOf('index.js', OF_INDEX);
  const outputs = await Promise.all([
    ...ALONE.map((name) => bundle([name], { outside: serve })),
    ...BESIDE_INDEX.map((name) => bundle([name], { outside: index })),
    bundle(ON_CORE, { codeSplitting: { groups: GROUPS } }),
    bundle(['edge.js'], { kind: WHOLE['edge.js'] }),
    bundleInline(),
  ]);
  return write(outputs.flat());
}

/** Copies the binaries, and the glue that starts itself again in helper threads. */
async function copyModules() {
  const names = (await readdir(join(COMPILED, 'wasm'))).filter(
    (name) => name.endsWith('.wasm') || name === 'threads.js',
  );
  for (const name of names) await copyIfChanged(join(COMPILED, 'wasm', name), join(DIST, 'wasm', name));
  return names.map((name) => `wasm/${name}`);
}

/** Copies the declarations of what is exported, with all that they name. */
async function copyTypes() {
  const wanted = new Set(EXPORTED.map((name) => SCRIPTS[name].replace(/\.ts$/, '.d.ts')));
  wanted.add(TYPES_OF_BINARIES);
  for (const name of wanted) {
    const text = await readFile(join(COMPILED, name), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from\s+|import\(?\s*)['"](\.[^'"]+)\.js['"]/g))
      wanted.add(`${posix.join(posix.dirname(name), specifier)}.d.ts`);
    // Whoever compiles for an older library of JavaScript may not have the symbol.
    const library = text.includes('Symbol.asyncDispose') ? '/// <reference lib="esnext.disposable" />\n' : '';
    await writeIfChanged(join(DIST, 'types', name), library + text);
  }
  return [...wanted].map((name) => `types/${name}`);
}

/** Removes what an earlier build made and this one did not. */
async function removeOthers(made) {
  const files = await readdir(DIST, { recursive: true, withFileTypes: true });
  for (const file of files.filter((each) => each.isFile())) {
    const name = relative(DIST, join(file.parentPath, file.name)).split(sep).join('/');
    if (!made.has(name)) await rm(join(DIST, name));
  }
}

/** Makes dist/ of what the other steps left in build/web/ and of web/. */
export async function bundlePackage() {
  await phase('Bundling', async () => {
    const made = [await bundleScripts(), await copyModules(), await copyTypes(), ['LICENSES.txt']];
    await removeOthers(new Set(made.flat()));
    await chmod(join(DIST, COMMAND), 0o755);
  });
}
