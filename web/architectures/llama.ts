import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

/** Llama's names, which many families took; norms of queries and keys are Qwen3's. */
export const LLAMA_NAMES: TensorNames = {
  optionalPrefixes: ['model.'],
  ofModel: { embed_tokens: 'token_embedding', norm: 'final_norm', lm_head: 'head' },
  layerPrefix: 'layers.',
  ofLayer: {
    input_layernorm: 'mixer_norm',
    'self_attn.q_proj': 'attention.q',
    'self_attn.k_proj': 'attention.k',
    'self_attn.v_proj': 'attention.v',
    'self_attn.q_norm': 'attention.q_norm',
    'self_attn.k_norm': 'attention.k_norm',
    'self_attn.o_proj': 'attention.output',
    post_attention_layernorm: 'mlp_norm',
    'mlp.gate_proj': 'mlp.gate',
    'mlp.up_proj': 'mlp.up',
    'mlp.down_proj': 'mlp.down',
  },
};

/** Llama 1 to 3, SmolLM, TinyLlama and all else that calls itself one: `model_type` llama. */
export function mapLlama(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'silu',
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-6,
  });
  const norm = readRmsNorm(values);
  const mlp = readMlp(values, { bias: values.flag('mlp_bias') });
  const layer = preNormLayer(norm, readAttention(values), mlp);
  return mappingOf(
    'llama',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    LLAMA_NAMES,
  );
}
