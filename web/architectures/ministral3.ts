import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { ofEachLayer, readWindow } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { ropeParameters } from './rope.js';
import { mappingOf } from './tensor-table.js';

const DEFAULTS = {
  num_key_value_heads: 8,
  head_dim: 128,
  hidden_act: 'silu',
  max_position_embeddings: 262_144,
  rms_norm_eps: 1e-5,
  rope_parameters: {
    rope_type: 'yarn',
    rope_theta: 1e6,
    factor: 16,
    original_max_position_embeddings: 16_384,
    mscale_all_dim: 1,
    mscale: 1,
    llama_4_scaling_beta: 0.1,
  },
};

/** Ministral 3, whose queries grow with the position: `model_type` ministral3. */
export function mapMinistral3(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(DEFAULTS);
  const norm = readRmsNorm(values);
  const rope = ropeParameters(values);
  const beta = rope.optionalFactor('llama_4_scaling_beta');
  const attention = readAttention(values, {
    qkvBias: false,
    outputBias: false,
    window: readWindow(
      values,
      values.raw('sliding_window') === null ? 'full_attention' : 'sliding_attention',
    ),
    queryScaling:
      beta === null
        ? null
        : { beta, originalContextLength: rope.size('original_max_position_embeddings', MAX.contextLength) },
  });
  const layer = preNormLayer(norm, attention, readMlp(values));
  return mappingOf(
    'ministral3',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    LLAMA_NAMES,
  );
}
