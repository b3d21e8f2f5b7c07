// The repository's own files, as the project's tests look at them.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What .gitignore names, and git's own folder. */
const NOT_OURS = new Set(['.git', 'node_modules', 'build', 'dist', 'site']);

/**
 * Paths of the repository's files from its root, with slashes.
 *
 * @param {string} [folder] only those below it, with a slash at its end
 */
export function repositoryFiles(folder = '') {
  return readdirSync(root + folder, { withFileTypes: true })
    .filter((entry) => folder !== '' || !NOT_OURS.has(entry.name))
    .flatMap((entry) =>
      entry.isDirectory() ? repositoryFiles(`${folder}${entry.name}/`) : [folder + entry.name],
    )
    .filter((path) => !path.endsWith('.tgz'));
}

/** @param {string} path from the root */
export const textOf = (path) => readFileSync(root + path, 'utf8');
