// The bundlers and runtimes of wasm-tests/environments: packages of the npm registry, with a lock file of their own, as
// nothing else needs them. They take about a gigabyte and a minute or two.
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { phase, UserError } from '../lib/console.mjs';
import { cacheFolder, inRepository, madeOnce } from '../lib/folders.mjs';
import { run } from '../lib/process.mjs';

const LIST = inRepository('wasm-tests/environments/tools');

/**
 * The folder whose node_modules has the tools, brought if it is not in the cache. Projects below it find them.
 *
 * @returns {Promise<string>}
 */
export async function environmentTools() {
  const lock = await readFile(join(LIST, 'package-lock.json'));
  const version = createHash('sha256').update(lock).digest('hex').slice(0, 8);
  return madeOnce(join(cacheFolder(), `environment-tools-${version}`), async (partial) => {
    for (const name of ['package.json', 'package-lock.json'])
      await copyFile(join(LIST, name), join(partial, name));
    await phase('Getting bundlers and runtimes for the environment table', (report) =>
      run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: partial, report }),
    );
  });
}

/**
 * A program that a package of this system alone holds, such as @oven/bun-linux-x64.
 *
 * @param {string} tools as `environmentTools` gives it
 * @param {string} prefix of the package's name: '@oven/bun-'
 * @param {string} path of the program in the package
 */
export async function nativeProgram(tools, prefix, path) {
  const [scope, start] = prefix.split('/');
  const folder = join(tools, 'node_modules', scope);
  const found = (await readdir(folder)).find((name) => name.startsWith(start));
  if (found === undefined) throw new UserError(`${folder} has no ${start}*`);
  return join(folder, found, path);
}
