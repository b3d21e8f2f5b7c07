// The generated modules: CMake and Emscripten make them in build/<variant>/. The binaries of the variants go to
// build/web/wasm/, beside the compiled TypeScript, with the two glues that they share.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { phase, UserError } from '../lib/console.mjs';
import { inRepository, removeFolder } from '../lib/folders.mjs';
import { copyIfChanged, writeIfChanged } from './files.mjs';

/** The wasm variants of the package: presets of CMakePresets.json. */
const VARIANTS = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];

/** Where they go. */
const MODULES = inRepository('build/web/wasm');

/**
 * The glues of the package, by the variants that share them: relaxed SIMD changes nothing outside of a binary. Types are
 * written down for the first one; the other has the same.
 */
const GLUES = { plain: ['simd', 'relaxed'], threads: ['simd-threads', 'relaxed-threads'] };

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

/**
 * A glue that never looks for its binary, which it is always given: bundlers would take the place that it names for a file.
 */
function withoutBinary(glue, variant) {
  const place = `new URL("${variant}.wasm",import.meta.url).href`;
  if (!glue.includes(place)) {
    throw new UserError(
      "Emscripten's glue finds its binary in a way that tools/build/modules.mjs does not know.",
    );
  }
  return glue.replace(place, '""').replaceAll(`"${variant}.wasm"`, '""');
}

/** Copies the module that the tests look inside. */
async function copyTestModule(variant) {
  const from = inRepository('build', variant, `${variant}-test`);
  const to = inRepository('build/test', `${variant}-test`);
  await copyIfChanged(`${from}.wasm`, `${to}.wasm`);
  await writeIfChanged(`${to}.js`, withPlainWorkers(await readFile(`${from}.js`, 'utf8')));
}

/** Copies the glue of some variants, which must be one. */
async function copyGlue(name, variants) {
  const glues = await Promise.all(
    variants.map(async (variant) => {
      const glue = await readFile(inRepository('build', variant, `${variant}.js`), 'utf8');
      return withoutBinary(withPlainWorkers(glue), variant);
    }),
  );
  if (new Set(glues).size > 1)
    throw new UserError(
      `${variants.join(' and ')} have different glues: no longer can one be used for both.`,
    );
  await writeIfChanged(join(MODULES, `${name}.js`), glues[0]);
  const [typed, [first]] = Object.entries(GLUES)[0];
  const types =
    name === typed
      ? await readFile(inRepository('build', first, `${first}.d.ts`))
      : `export * from './${typed}.js';\nexport { default } from './${typed}.js';\n`;
  await writeIfChanged(join(MODULES, `${name}.d.ts`), types);
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
    await copyIfChanged(join(folder, `${variant}.wasm`), join(MODULES, `${variant}.wasm`));
    await copyTestModule(variant);
  }
  for (const [name, variants] of Object.entries(GLUES)) await copyGlue(name, variants);
}
