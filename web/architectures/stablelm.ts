import type { ConfigReader } from './config-reader.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readLayerNorm,
  readMlp,
} from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf } from './tensor-table.js';

/** StableLM and StableLM 2: `model_type` stablelm. */
export function mapStableLm(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 32,
    hidden_act: 'silu',
    max_position_embeddings: 4096,
    layer_norm_eps: 1e-5,
    partial_rotary_factor: 0.25,
  });
  values.requireOff('qk_layernorm'); // each head with weights of its own, in the 12B model
  const norm = readLayerNorm(values);
  const attention = readAttention(values, {
    qkvBias: values.flag('use_qkv_bias'),
    outputBias: false,
    rope: readRope(values, { ...readHeads(values), partial: true }),
  });
  const parallel = values.flag('use_parallel_residual');
  const mlpNorm = parallel ? null : norm;
  const layer = preNormLayer(norm, attention, readMlp(values), { mlpNorm, parallel });
  return mappingOf(
    'stablelm',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    LLAMA_NAMES,
  );
}
