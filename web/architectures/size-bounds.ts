import { SottoError } from '../errors.js';
import { countParameters, type DecoderConfig } from './decoder-config.js';

/** The largest sizes that a config may ask for. Larger ones are mistakes: no model that fits comes near them. */
export const MAX = {
  vocabSize: 4_194_304,
  contextLength: 1_048_576,
  hiddenSize: 65_536,
  intermediateSize: 1_048_576,
  nLayers: 1024,
  nHeads: 1024,
} as const;

const MIB = 1 << 20;
const BYTES_PER_WEIGHT = 4; // f32 is the only weight type so far

/** What 32-bit WebAssembly can give to weights: 4 GiB less room for code, cache and activations. */
const MAX_WEIGHT_BYTES = 4096 * MIB - 256 * MIB;

/**
 * Refuses a model whose weights cannot fit into 32-bit WebAssembly, before anything is fetched or allocated.
 *
 * @throws SottoError 'out-of-memory'
 */
export function checkWeightsFit(config: DecoderConfig): void {
  const nParameters = countParameters(config);
  const bytes = nParameters * BYTES_PER_WEIGHT;
  if (bytes > MAX_WEIGHT_BYTES) {
    throw new SottoError(
      'out-of-memory',
      `the model has ${nParameters} weights, which take ${Math.ceil(bytes / MIB)} MiB in f32; 32-bit ` +
        `WebAssembly has room for ${MAX_WEIGHT_BYTES / MIB} MiB. Choose a smaller model.`,
    );
  }
}
