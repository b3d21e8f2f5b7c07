// clang-format and clang-tidy, of one version: others format otherwise, and warn of other things.
import { run, which } from '../lib/process.mjs';

const VERSION = 19;

/**
 * Finds clang-format or clang-tidy.
 *
 * @param {import('../toolchain/emscripten.mjs').Toolchain} toolchain
 * @param {string} name
 * @returns {Promise<{ program?: string, skipped?: string }>} `skipped`: why there is none; a private root always has it
 */
export async function clangTool(toolchain, name) {
  if (toolchain.root !== null) return { program: name };
  for (const candidate of [`${name}-${VERSION}`, name]) {
    const program = which(candidate);
    if (program !== null && (await run([program, '--version'])).includes(`version ${VERSION}.`))
      return { program };
  }
  return { skipped: `skipped, because ${name} ${VERSION} is not on PATH` };
}
