import type { WeightType } from '../options/engine-options.js';
import { SottoError } from '../results/errors.js';
import { countParameters, countRowWeights } from './count-parameters.js';
import type { DecoderConfig } from './decoder-config.js';
import { KEPT_BYTES_PER_WEIGHT } from './kept-bytes.js';

const MIB = 1 << 20;

/** Bytes of a weight in a product. Embeddings of positions, biases and norms are f32 always, and few. */
const BYTES_PER_WEIGHT = { f32: 4, q8: 34 / 32, q4: 18 / 32 } as const;

/** What 32-bit WebAssembly can give to weights: 4 GiB less room for code, cache and activations. */
export const MAX_WEIGHT_BYTES = 4096 * MIB - 256 * MIB;

/** Below, a model is fast as it is: threads would wait for each other, and rounding costs it more than a larger one. */
const MOST_WEIGHTS_OF_SMALL = 10_000_000;

const isSmall = (config: DecoderConfig) => countParameters(config) < MOST_WEIGHTS_OF_SMALL;

/** Above, q8 weights leave a page of a small device little room. */
const MOST_Q8_BYTES = 1.5e9;

/** What is known of a tensor before its bytes are. */
export interface FileTensor {
  dtype: string;
  shape: readonly number[];
}

/** What is known of a model's files before their bytes are. */
export interface WeightFiles {
  /** Those that the model needs; null where they are not known. */
  tensors: readonly FileTensor[] | null;
  /** Whether rows that are wanted now and then are read of the files while the model runs. */
  hasRandomAccess: boolean;
}

const UNKNOWN_FILES: WeightFiles = { tensors: null, hasRandomAccess: false };

/** Of tensors that come in blocks, and stay what they are: their weights, what those take, and the types in the file. */
function countKept(tensors: readonly FileTensor[]): { weights: number; bytes: number; types: string[] } {
  const kept = { weights: 0, bytes: 0, types: new Set<string>() };
  for (const { dtype, shape } of tensors) {
    const perWeight = KEPT_BYTES_PER_WEIGHT.get(dtype);
    if (perWeight === undefined) continue;
    const weights = shape.reduce((product, size) => product * size, 1);
    kept.weights += weights;
    kept.bytes += weights * perWeight;
    kept.types.add(dtype);
  }
  return { ...kept, types: [...kept.types] };
}

/** What the weights come to in each type, of what does not come in blocks, beside what does and stays so. */
function countWeights(
  wanted: WeightType | 'auto',
  config: DecoderConfig,
  { tensors, hasRandomAccess }: WeightFiles,
) {
  const nParameters = countParameters(config);
  const nRows = countRowWeights(config);
  const isOfRows = ({ shape }: FileTensor) =>
    shape.length === 2 && nRows === Number(shape[0]) * Number(shape[1]);
  const kept = countKept(wanted === 'auto' ? (tensors ?? []).filter((tensor) => !isOfRows(tensor)) : []);
  const nOthers = Math.max(nParameters - nRows - kept.weights, 0);
  const bytesOfRows = (type: WeightType) =>
    hasRandomAccess ? 0 : nRows * BYTES_PER_WEIGHT[type === 'f32' ? 'f32' : 'q4'];
  const bytesAs = (type: WeightType) =>
    Math.ceil(kept.bytes + bytesOfRows(type) + nOthers * BYTES_PER_WEIGHT[type]);
  return { nParameters, kept, nOthers, bytesAs };
}

/** The weight type that is asked for, or for 'auto' the one that suits the model's size, whether it fits or not. */
export function preferredWeights(
  wanted: WeightType | 'auto',
  config: DecoderConfig,
  files: WeightFiles = UNKNOWN_FILES,
): WeightType {
  if (wanted !== 'auto') return wanted;
  if (isSmall(config)) return 'f32';
  const { nOthers, bytesAs } = countWeights(wanted, config, files);
  const isLarge = nOthers * BYTES_PER_WEIGHT.q8 > MOST_Q8_BYTES || bytesAs('q8') > MAX_WEIGHT_BYTES;
  return isLarge ? 'q4' : 'q8';
}

/**
 * The weight type that is asked for, or for 'auto' the one that suits the model's size: of what does not come in blocks.
 *
 * @throws SottoError 'out-of-memory' when the weights cannot fit into 32-bit WebAssembly: before anything large is
 * fetched or allocated.
 */
export function chooseWeights(
  wanted: WeightType | 'auto',
  config: DecoderConfig,
  files: WeightFiles = UNKNOWN_FILES,
): WeightType {
  const { nParameters, kept, bytesAs } = countWeights(wanted, config, files);
  const type = preferredWeights(wanted, config, files);
  if (bytesAs(type) > MAX_WEIGHT_BYTES) {
    const bytesOfAll = (other: WeightType) => countWeights(other, config, files).bytesAs(other);
    const smaller = (['q8', 'q4'] as const).find((other) => bytesOfAll(other) <= MAX_WEIGHT_BYTES);
    const what = kept.types.length === 0 ? type : `the types of the file (${kept.types.join(', ')})`;
    throw new SottoError(
      'out-of-memory',
      `the model has ${nParameters} weights, which take ${Math.ceil(bytesAs(type) / MIB)} MiB in ${what}; 32-bit ` +
        `WebAssembly has room for ${MAX_WEIGHT_BYTES / MIB} MiB. ` +
        (smaller ? `Load it with weights: '${smaller}'.` : 'Choose a smaller model.'),
    );
  }
  return type;
}

/** The threads that suit a model's size. */
export function automaticThreads(config: DecoderConfig): number | 'auto' {
  return isSmall(config) ? 1 : 'auto';
}
