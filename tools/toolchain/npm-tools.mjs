// Packages of the npm registry that few need: each set of them has a folder with a lock file of its own, and is brought
// into the cache when it is first asked for.
import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { phase } from '../lib/console.mjs';
import { cacheFolder, inRepository, madeOnce } from '../lib/folders.mjs';
import { run } from '../lib/process.mjs';

/**
 * The folder whose node_modules has the packages, brought if it is not in the cache.
 *
 * @param {string} name of the set, for its folder in the cache
 * @param {string} list the folder of the repository with package.json and package-lock.json
 * @param {string} title what is said while they come
 * @returns {Promise<string>}
 */
export async function npmTools(name, list, title) {
  const lock = await readFile(inRepository(list, 'package-lock.json'));
  const version = createHash('sha256').update(lock).digest('hex').slice(0, 8);
  return madeOnce(join(cacheFolder(), `${name}-${version}`), async (partial) => {
    for (const file of ['package.json', 'package-lock.json'])
      await copyFile(inRepository(list, file), join(partial, file));
    await phase(title, (report) =>
      run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: partial, report }),
    );
  });
}
