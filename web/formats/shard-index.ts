import { isFileName } from '../base/file-name.js';
import { isObject } from '../base/json.js';
import { quoted } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';

/** What `model.safetensors.index.json` says about a model in several files. */
export interface ShardIndex {
  /** The files' names, distinct and sorted. */
  files: string[];
  /** Of each tensor, by its name, the file that holds it. */
  fileOf: ReadonlyMap<string, string>;
  /** Bytes of all tensors together as the index gives them, for progress only, or null. */
  totalSize: number | null;
}

const MAX_FILES = 1024;

/**
 * Reads the index of a model whose tensors are in several files.
 *
 * @param json The parsed content of the index.
 * @param fileName Its name, for messages.
 * @throws SottoError 'bad-file' when it is no index, or names a file outside of its folder.
 */
export function parseShardIndex(json: unknown, fileName: string): ShardIndex {
  const weightMap = isObject(json) ? json.weight_map : undefined;
  if (!isObject(weightMap)) throw bad(fileName, 'it has no object weight_map');
  const files = new Set<string>();
  const fileOf = new Map<string, string>();
  for (const [tensor, name] of Object.entries(weightMap)) {
    if (typeof name !== 'string' || !isFileName(name) || !name.endsWith('.safetensors')) {
      const shown = typeof name === 'string' ? quoted(name) : typeof name;
      throw bad(fileName, `it puts ${quoted(tensor)} into ${shown}, which is no name of a safetensors file`);
    }
    files.add(name);
    fileOf.set(tensor, name);
    if (files.size > MAX_FILES) throw bad(fileName, `it names more than ${MAX_FILES} files`);
  }
  if (files.size === 0) throw bad(fileName, 'it names no file');
  const metadata = isObject(json) ? json.metadata : undefined;
  const totalSize = isObject(metadata) ? metadata.total_size : undefined;
  return {
    files: [...files].sort(),
    fileOf,
    totalSize: Number.isSafeInteger(totalSize) && (totalSize as number) > 0 ? (totalSize as number) : null,
  };
}

function bad(fileName: string, problem: string): SottoError {
  return new SottoError('bad-file', `${fileName} is no index of safetensors files: ${problem}`);
}
