import { importNode } from '../base/environment.js';
import { SottoError } from '../results/errors.js';
import { chooseGguf } from './gguf-choice.js';

/** A folder of the disk, and the GGUF file in it that is the model, where there is no config.json. */
export interface FoundFolder {
  path: string;
  gguf?: string;
}

/**
 * Finds the model in a folder of the disk, outside of browsers: in it, or in the state that is current where it is one of
 * huggingface_hub's cache, `models--owner--name` with `refs` and `snapshots`
 * (https://huggingface.co/docs/huggingface_hub/guides/manage-cache). What is no folder comes back as it is.
 *
 * @throws SottoError 'bad-option' where there are GGUF files of several models.
 */
export async function findFolder(given: string): Promise<FoundFolder> {
  const [fs, { join }, { fileURLToPath }] = await Promise.all([
    importNode('node:fs/promises'),
    importNode('node:path'),
    importNode('node:url'),
  ]);
  let path = given;
  let names: string[];
  try {
    if (/^file:/i.test(given)) path = fileURLToPath(given);
    path = (await snapshot(path, fs, join)) ?? path;
    names = await fs.readdir(path);
  } catch {
    return { path: given }; // whoever opens it says what is wrong
  }
  if (names.includes('config.json')) return { path };
  const gguf = chooseGguf(names, (problem) => new SottoError('bad-option', `source: ${path}: ${problem}`));
  return gguf === undefined ? { path } : { path, gguf };
}

/** The folder of main's commit, else of the only one there is; null where it is no cache. */
async function snapshot(
  path: string,
  fs: typeof import('node:fs/promises'),
  join: typeof import('node:path').join,
): Promise<string | null> {
  const commits = await fs.readdir(join(path, 'snapshots')).catch((): string[] => []);
  const main = await fs.readFile(join(path, 'refs', 'main'), 'utf8').catch(() => '');
  const [only, other] = commits;
  const commit = commits.includes(main.trim()) ? main.trim() : other === undefined ? only : undefined;
  return commit === undefined ? null : join(path, 'snapshots', commit);
}
