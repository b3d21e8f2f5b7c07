import { listed } from '../base/quoted.js';

/** The name of a GGUF file: by it a source is known to be one. */
export const GGUF_NAME = /\.gguf$/i;

/** What a file in memory that came without a name is called. */
export const NAMELESS_GGUF = 'model.gguf';

const MAGIC = 'GGUF';

/** Whether bytes begin as a GGUF file does. */
export function isGguf(bytes: Uint8Array): boolean {
  return MAGIC === String.fromCharCode(...bytes.subarray(0, MAGIC.length));
}

/** Splits the address or path of a GGUF file into its folder's and its name; null for another one. */
export function splitGgufPath(path: string): { folder: string; name: string } | null {
  const name = /[^/\\]*$/.exec(path)?.[0] ?? '';
  return GGUF_NAME.test(name) ? { folder: path.slice(0, -name.length) || './', name } : null;
}

/**
 * Finds the GGUF file among the files of a model: the only one, or any part of the only one. Projections of images beside it do
 * not count.
 *
 * @returns Its name; undefined where there is none, or where the weights are safetensors.
 * @throws What `refuse` makes of a sentence where there are several models.
 */
export function chooseGguf(paths: readonly string[], refuse: (problem: string) => Error): string | undefined {
  if (paths.some((path) => /\.safetensors$/i.test(path))) return undefined;
  const all = paths.filter((path) => GGUF_NAME.test(path));
  const models = all.filter((path) => !/mmproj/i.test(path));
  const candidates = models.length > 0 ? models : all;
  const wholes = new Set(candidates.map((path) => path.replace(/-\d{5}-of-\d{5}(?=\.gguf$)/i, '')));
  if (wholes.size > 1)
    throw refuse(`got ${wholes.size} models (${listed([...wholes])}): give the file of one`);
  return candidates.sort()[0]?.split('/').at(-1);
}
