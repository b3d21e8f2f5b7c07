import type { ConfigReader } from './config-reader.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { ofEachLayer, readWindow } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ofLayer: {
    input_layernorm: 'mixer_norm',
    'self_attn.qkv_proj': 'attention.qkv',
    'self_attn.o_proj': 'attention.output',
    post_attention_layernorm: 'mlp_norm',
    'mlp.gate_up_proj': 'mlp.gate_up',
    'mlp.down_proj': 'mlp.down',
  },
};

/** Two names of the first days, and what the files have that say yarn. */
const ROPE_TYPES = { default: 'none', longrope: 'long', su: 'long', yarn: 'long' } as const;

/** Phi 3, 3.5 and 4 mini: `model_type` phi3. */
export function mapPhi3(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'silu',
    max_position_embeddings: 4096,
    original_max_position_embeddings: 4096,
    rms_norm_eps: 1e-5,
  });
  const norm = readRmsNorm(values);
  const attention = readAttention(values, {
    qkvBias: false,
    outputBias: false,
    rope: readRope(values, { ...readHeads(values), partial: true, types: ROPE_TYPES }),
    window: readWindow(
      values,
      values.raw('sliding_window') === null ? 'full_attention' : 'sliding_attention',
    ),
  });
  const layer = preNormLayer(norm, attention, readMlp(values));
  return mappingOf(
    'phi3',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    NAMES,
  );
}
