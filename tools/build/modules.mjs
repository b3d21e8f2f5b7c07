// The generated modules: CMake and Emscripten make them in build/<variant>/, and the package gets them in dist/wasm/.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { phase, UserError } from '../lib/console.mjs';
import { inRepository, removeFolder } from '../lib/folders.mjs';
import { copyIfChanged, writeIfChanged } from './files.mjs';

/** The wasm variants of the package: presets of CMakePresets.json. */
const VARIANTS = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];

/** The one whose types are written down; the others have the same. */
const TYPED = 'simd';

/** Emscripten runs the module to see its bindings: a Node that has relaxed SIMD only behind a flag gets the flag. */
const NODE = inRepository('tools/toolchain/node-with-relaxed-simd.sh');

/**
 * Where Emscripten keeps files while it works. Among them are scripts for Node, which would be taken for modules if a
 * package.json above them said so: ours does, and so may one that somebody left in the system's folder.
 */
async function scratchFolder() {
  const folder = inRepository('build/emscripten');
  await mkdir(folder, { recursive: true });
  await writeIfChanged(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  return folder;
}

/** Configures a variant's build folder, afresh where another toolchain or other sources made it. */
async function configure(variant, toolchain, sources) {
  const folder = inRepository('build', variant);
  const stamp = join(folder, '.configured-by');
  const configuration = `${toolchain.id}\n${sources}\n`;
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === configuration) return;
  await removeFolder(folder);
  const cmake = ['emcmake', 'cmake', '--preset', variant, `-DSOTTO_XNNPACK_DIR=${sources}`];
  await phase(`Configuring the ${variant} module`, (report) => toolchain.run(cmake, { report }));
  await writeFile(stamp, configuration);
}

/**
 * Emscripten's glue starts its helper threads with itself, by its name in this folder and with options that it keeps in a
 * variable. Bundlers give it another name, and refuse to follow options that they cannot read.
 */
function withPlainWorkers(glue) {
  const asMade =
    /var workerOptions=(\{[^}]*\});(\s*)worker=new Worker\(new URL\("[^"]*",\s*import\.meta\.url\),\s*workerOptions\)/;
  if (glue.includes('new Worker(') && !asMade.test(glue)) {
    throw new UserError(
      "Emscripten's glue makes its workers in a way that tools/build/modules.mjs does not know.",
    );
  }
  return glue.replace(asMade, '$2worker=new Worker(new URL(import.meta.url),$1)');
}

/** Copies a module, which becomes a part of the package or of the tests. */
async function copyModule(from, to, typed) {
  await copyIfChanged(`${from}.wasm`, `${to}.wasm`);
  await writeIfChanged(`${to}.js`, withPlainWorkers(await readFile(`${from}.js`, 'utf8')));
  const types =
    basename(from) === typed
      ? await readFile(`${from}.d.ts`)
      : `export * from './${typed}.js';\nexport { default } from './${typed}.js';\n`;
  await writeIfChanged(`${to}.d.ts`, types);
}

/** What we must say of the code of others that is in the binaries. */
async function writeLicences(sources) {
  const texts = ['xnnpack', 'pthreadpool', 'fxdiv', 'fp16'].map(
    async (name) => `${name}\n\n${(await readFile(join(sources, name, 'LICENSE'), 'utf8')).trim()}\n`,
  );
  await writeIfChanged(inRepository('dist/wasm/LICENSES.txt'), (await Promise.all(texts)).join('\n\n'));
}

/**
 * Builds every variant and its test module.
 *
 * @param {import('../toolchain/emscripten.mjs').Toolchain} toolchain
 * @param {string} sources the folder with XNNPACK's sources
 */
export async function buildModules(toolchain, sources) {
  const environment = ['env', `EM_NODE_JS=${NODE}`, `EMCC_TEMP_DIR=${await scratchFolder()}`];
  for (const variant of VARIANTS) {
    await configure(variant, toolchain, sources);
    const folder = inRepository('build', variant);
    await phase(`Building the ${variant} module`, (report) =>
      toolchain.run([...environment, 'cmake', '--build', folder], { report }),
    );
    await copyModule(join(folder, variant), inRepository('dist/wasm', variant), TYPED);
    await copyModule(
      join(folder, `${variant}-test`),
      inRepository('build/test', `${variant}-test`),
      `${TYPED}-test`,
    );
  }
  await writeLicences(sources);
}
