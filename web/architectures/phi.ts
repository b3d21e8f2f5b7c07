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
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  optionalPrefixes: ['model.'],
  ofModel: { embed_tokens: 'token_embedding', final_layernorm: 'final_norm', lm_head: 'head' },
  layerPrefix: 'layers.',
  ofLayer: {
    input_layernorm: 'mixer_norm',
    'self_attn.q_proj': 'attention.q',
    'self_attn.k_proj': 'attention.k',
    'self_attn.v_proj': 'attention.v',
    'self_attn.q_layernorm': 'attention.q_norm',
    'self_attn.k_layernorm': 'attention.k_norm',
    'self_attn.dense': 'attention.output',
    'mlp.fc1': 'mlp.up',
    'mlp.fc2': 'mlp.down',
  },
};

/** Phi 1, 1.5 and 2, where one norm serves attention and MLP at once: `model_type` phi. */
export function mapPhi(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'gelu_new',
    max_position_embeddings: 2048,
    layer_norm_eps: 1e-5,
    partial_rotary_factor: 0.5,
  });
  const norm = readLayerNorm(values);
  const attention = readAttention(values, {
    qkvBias: true,
    outputBias: true,
    qkNorm: values.flag('qk_layernorm') ? { norm, span: 'head', afterRope: false } : null,
    rope: readRope(values, { ...readHeads(values), partial: true }),
  });
  const mlp = readMlp(values, { gated: false, bias: true });
  const layer = preNormLayer(norm, attention, mlp, { mlpNorm: null, parallel: true });
  const layers = ofEachLayer(values, () => layer);
  return mappingOf('phi', readDecoder(values, layers, norm, { headBias: true }), NAMES);
}
