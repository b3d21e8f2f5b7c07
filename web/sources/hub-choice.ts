import { listed } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';
import { GGUF_NAME } from './gguf-choice.js';

/** What of a repository's folder is the model. */
export interface HubChoice {
  /** The name of the GGUF file or of its first part; null for config.json with safetensors. */
  gguf: string | null;
}

/** As good as the weights themselves, for what this library computes with; see docs/quality.md. */
const BEST = 'Q8_0';

/** Where that would be too large, what loses least for its size comes first; of what is in no list, the largest that fits. */
const SMALLER = ['Q4_K_M', 'Q5_K_M', 'Q4_K_S', 'Q4_0', 'IQ4_XS', 'IQ4_NL', 'Q3_K_M', 'Q6_K', 'Q5_K_S'];

/** Of more than so many bytes nobody takes the best: it is what `weights: 'auto'` goes by, too. */
const MOST_BEST_BYTES = 1.5e9;

/** Of the memory a model needs room beside its weights: for texts, and for the rest of the page. */
const WEIGHTS_SHARE = 0.85;

const PART = /-(\d{5})-of-\d{5}(?=\.gguf$)/i;

/**
 * Finds the model among the files of a repository's folder.
 *
 * @param files Names in the folder, with their sizes.
 * @param memory What there is at most, in bytes.
 * @param wanted The type of a GGUF file's weights, such as `Q4_K_M`; null for config.json with safetensors where they are there, else
 *   the best GGUF file.
 * @throws SottoError 'file-not-found' with what there is.
 */
export function chooseHubFiles(
  files: ReadonlyMap<string, { size: number }>,
  wanted: string | null,
  { id, memory }: { id: string; memory: number },
): HubChoice {
  const wholes = ggufFiles(files);
  if (wanted !== null) {
    const gguf = wholes.find(({ name }) => hasType(name, wanted));
    if (gguf !== undefined) return { gguf: gguf.first };
    throw new SottoError(
      'file-not-found',
      `${id} has no GGUF file of the type "${wanted}"; ` +
        (wholes.length === 0 ? 'it has none at all' : `it has ${listed(wholes.map(({ name }) => name))}`),
    );
  }
  const names = [...files.keys()];
  if (files.has('config.json') && names.some((name) => /\.safetensors(?:\.index\.json)?$/.test(name)))
    return { gguf: null };
  return { gguf: bestGguf(wholes, WEIGHTS_SHARE * memory)?.first ?? null };
}

interface WholeGguf {
  /** Without the number of a part. */
  name: string;
  /** The file to open. */
  first: string;
  size: number;
}

/** Each model once, whatever parts it has; what projects images and the like is none. */
function ggufFiles(files: ReadonlyMap<string, { size: number }>): WholeGguf[] {
  const wholes = new Map<string, WholeGguf>();
  for (const name of [...files.keys()].sort()) {
    if (!GGUF_NAME.test(name) || /mmproj|imatrix|-vocab/i.test(name)) continue;
    const whole = name.replace(PART, '');
    const known = wholes.get(whole);
    const size = files.get(name)?.size ?? 0;
    if (known === undefined) wholes.set(whole, { name: whole, first: name, size });
    else known.size += size;
  }
  return [...wholes.values()];
}

/** Where none fits, the least is refused by who loads it, with the numbers. */
function bestGguf(wholes: readonly WholeGguf[], mostBytes: number): WholeGguf | undefined {
  const ascending = [...wholes].sort((a, b) => a.size - b.size);
  const fitting = ascending.filter(({ size }) => size <= mostBytes);
  const best = fitting.find(({ name, size }) => hasType(name, BEST) && size <= MOST_BEST_BYTES);
  if (best !== undefined) return best;
  for (const type of SMALLER) {
    const whole = fitting.find(({ name }) => hasType(name, type));
    if (whole !== undefined) return whole;
  }
  return fitting.at(-1) ?? ascending[0];
}

/** Whether a file's name says so: `model-Q4_K_M.gguf`, `model.q4_k_m.gguf`, `Q4_K_M/model.gguf`. */
function hasType(name: string, type: string): boolean {
  const escaped = type.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:^|[-._/])${escaped}(?:[-._/]|$)`, 'i').test(name);
}
