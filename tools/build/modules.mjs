// The generated modules: CMake and Emscripten make them in build/<variant>/, and the package gets them in dist/wasm/.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { phase } from '../lib/console.mjs';
import { inRepository, removeFolder } from '../lib/folders.mjs';
import { copyIfChanged, writeIfChanged } from './files.mjs';

/** The wasm variants of the package: presets of CMakePresets.json. */
const VARIANTS = ['simd'];

const EXTENSIONS = ['js', 'wasm', 'd.ts'];

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
  for (const variant of VARIANTS) {
    await configure(variant, toolchain, sources);
    const folder = inRepository('build', variant);
    await phase(`Building the ${variant} module`, (report) =>
      toolchain.run(['cmake', '--build', folder], { report }),
    );
    for (const extension of EXTENSIONS) {
      await copyIfChanged(
        join(folder, `${variant}.${extension}`),
        inRepository(`dist/wasm/${variant}.${extension}`),
      );
      await copyIfChanged(
        join(folder, `${variant}-test.${extension}`),
        inRepository(`build/test/${variant}-test.${extension}`),
      );
    }
  }
  await writeLicences(sources);
}
