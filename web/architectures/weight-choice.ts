import type { WeightType } from '../options/engine-options.js';
import { SottoError } from '../results/errors.js';
import { countParameters, type DecoderConfig } from './decoder-config.js';

const MIB = 1 << 20;

/** Bytes of a weight in a product. Embeddings of positions, biases and norms are f32 always, and few. */
const BYTES_PER_WEIGHT = { f32: 4, q8: 34 / 32, q4: 18 / 32 } as const;

/** What 32-bit WebAssembly can give to weights: 4 GiB less room for code, cache and activations. */
const MAX_WEIGHT_BYTES = 4096 * MIB - 256 * MIB;

/** Below, a model is fast as it is: threads would wait for each other, and rounding costs it more than a larger one. */
const MOST_WEIGHTS_OF_SMALL = 10_000_000;

const isSmall = (config: DecoderConfig) => countParameters(config) < MOST_WEIGHTS_OF_SMALL;

/** Above, q8 weights leave a page of a small device little room. */
const MOST_Q8_BYTES = 1.5e9;

/**
 * The weight type that is asked for, or for 'auto' the one that suits the model's size.
 *
 * @throws SottoError 'out-of-memory' when the weights cannot fit into 32-bit WebAssembly: before anything large is
 * fetched or allocated.
 */
export function chooseWeights(wanted: WeightType | 'auto', config: DecoderConfig): WeightType {
  const nParameters = countParameters(config);
  const bytesAs = (type: WeightType) => Math.ceil(nParameters * BYTES_PER_WEIGHT[type]);
  const automatic = () => {
    if (isSmall(config)) return 'f32';
    return bytesAs('q8') > MOST_Q8_BYTES ? 'q4' : 'q8';
  };
  const type = wanted === 'auto' ? automatic() : wanted;
  if (bytesAs(type) > MAX_WEIGHT_BYTES) {
    const smaller = (['q8', 'q4'] as const).find((other) => bytesAs(other) <= MAX_WEIGHT_BYTES);
    throw new SottoError(
      'out-of-memory',
      `the model has ${nParameters} weights, which take ${Math.ceil(bytesAs(type) / MIB)} MiB in ${type}; 32-bit ` +
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
