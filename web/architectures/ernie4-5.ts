import type { ConfigReader } from './config-reader.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf } from './tensor-table.js';

/** ERNIE 4.5 0.3B: `model_type` ernie4_5. */
export function mapErnie45(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 2,
    head_dim: 128,
    hidden_act: 'silu',
    max_position_embeddings: 131_072,
    rms_norm_eps: 1e-5,
    rope_theta: 5e5,
    tie_word_embeddings: true,
  });
  const norm = readRmsNorm(values);
  const bias = values.flag('use_bias');
  const attention = readAttention(values, {
    qkvBias: bias,
    outputBias: bias,
    rope: readRope(values, { ...readHeads(values), pairing: 'interleaved' }),
  });
  const layer = preNormLayer(norm, attention, readMlp(values, { bias }));
  return mappingOf(
    'ernie4_5',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    LLAMA_NAMES,
  );
}
