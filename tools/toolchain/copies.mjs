// A private root where nothing can be mounted, as in a container without rights: its programs work on copies.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inRepository, repository } from '../lib/folders.mjs';
import { run } from '../lib/process.mjs';

/** What the programs read, from the repository's root. */
const INPUTS = ['CMakeLists.txt', 'CMakePresets.json', 'cmake', 'src', '.clang-format', '.clang-tidy'];

/** Files that did not change keep their time, so that both sides build only what changed. */
const copy = (from, to) => run(['cp', '--archive', '--update', '--no-target-directory', from, to]);

/**
 * Wraps what runs a command inside the root: copies the inputs there before and the outputs back after it.
 *
 * @template {(argv: string[], options?: object) => Promise<string>} Run
 * @param {string} root
 * @param {Run} runInside
 * @returns {Run}
 */
export function withCopies(root, runInside) {
  const inside = join(root, repository);
  return async (argv, options) => {
    await mkdir(join(inside, 'build'), { recursive: true });
    for (const input of INPUTS) await copy(inRepository(input), join(inside, input));
    for (const folder of mentionedFolders(argv)) {
      if (existsSync(join(root, folder))) continue;
      await mkdir(dirname(join(root, folder)), { recursive: true });
      await copy(folder, join(root, folder));
    }
    try {
      return await runInside(argv, options);
    } finally {
      const outputs = ['build', ...argv.filter((word) => word.startsWith('src/'))];
      for (const output of outputs) await copy(join(inside, output), inRepository(output));
    }
  };
}

/** Folders outside the repository that options like -DNAME=/folder name. */
const mentionedFolders = (argv) =>
  argv
    .map((word) => /=(\/.+)$/.exec(word)?.[1])
    .filter((path) => path && !path.startsWith(repository) && existsSync(path));
