import type { ConfigReader } from './config-reader.js';
import type { Rope } from './decoder-config.js';
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
import { readRope, ropeParameters } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ofLayer: {
    ...LLAMA_NAMES.ofLayer,
    'self_attn.query_layernorm': 'attention.q_norm',
    'self_attn.key_layernorm': 'attention.k_norm',
  },
};

/** Hunyuan's dense models: `model_type` hunyuan_v1_dense. */
export function mapHunyuanV1Dense(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'silu',
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
  });
  const norm = readRmsNorm(values);
  const attention = readAttention(values, {
    qkNorm: { norm, span: 'head', afterRope: true },
    rope: readHunyuanRope(values),
  });
  const layer = preNormLayer(norm, attention, readMlp(values));
  return mappingOf(
    'hunyuan_v1_dense',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    NAMES,
  );
}

/** Dynamic scaling with an alpha is there at every length. */
function readHunyuanRope(values: ConfigReader): Rope {
  const rope = readRope(values, readHeads(values));
  const parameters = ropeParameters(values);
  const alpha = parameters.raw('alpha') || null; // 0 is none
  if (parameters.raw('rope_type') !== 'dynamic' || alpha === null) return rope;
  return { ...rope, scaling: { type: 'dynamic', alpha: parameters.factor('alpha') } };
}
