// clang-tidy over our own C++, two files at a time. A file that passed is not looked at again before it, a header or
// the configuration changes.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { writeIfChanged } from '../build/files.mjs';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { clangTool } from './clang-tool.mjs';

const WORKERS = 2;

async function hashOf(...paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(await readFile(inRepository(path)));
  return hash.digest('hex');
}

/**
 * @param {import('../toolchain/emscripten.mjs').Toolchain} toolchain
 * @param {string[]} sources paths from the repository's root
 * @param {string[]} headers
 * @param {(line: string) => void} [report]
 * @returns {Promise<{ skipped?: string }>}
 * @throws {UserError} with the warnings
 */
export async function clangTidy(toolchain, sources, headers, report) {
  const { program, skipped } = await clangTool(toolchain, 'clang-tidy');
  if (skipped) return { skipped };
  // What em++ adds to its arguments before it calls clang, which clang-tidy does not know of.
  const flags = (await toolchain.run(['em++', '--cflags'])).trim().split(/\s+/);
  // It would find the headers of the compiler by itself, but not without /proc.
  const headersOfCompiler = (await toolchain.run(['em++', '-print-resource-dir'])).trim();
  const extra = [...flags, `-resource-dir=${headersOfCompiler}`].map((flag) => `--extra-arg-before=${flag}`);
  const tidy = [program, '-p', 'build/relaxed-threads', '--quiet', ...extra];
  const shared = await hashOf('.clang-tidy', ...headers);
  const queue = [...sources];
  const failures = [];
  const worker = async () => {
    for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
      const stamp = inRepository('build/tidy', `${source}.passed`);
      const hash = `${shared} ${await hashOf(source)}`;
      if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash) continue;
      report?.(source);
      try {
        await toolchain.run([...tidy, source]);
        await writeIfChanged(stamp, hash);
      } catch (error) {
        failures.push(error.output ?? error.message);
      }
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  if (failures.length > 0) throw new UserError(failures.join('\n'));
  return {};
}
