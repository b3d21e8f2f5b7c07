// The bundlers and runtimes of wasm-tests/environments: packages of the npm registry, with a lock file of their own, as
// nothing else needs them. They take about a gigabyte and a minute or two.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../lib/console.mjs';
import { npmTools } from './npm-tools.mjs';

/**
 * The folder whose node_modules has the tools, brought if it is not in the cache. Projects below it find them.
 *
 * @returns {Promise<string>}
 */
export const environmentTools = () =>
  npmTools(
    'environment-tools',
    'wasm-tests/environments/tools',
    'Getting bundlers and runtimes for the environment table',
  );

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
