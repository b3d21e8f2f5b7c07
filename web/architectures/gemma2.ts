import type { ConfigReader } from './config-reader.js';
import {
  ACTIVATIONS,
  preNormLayer,
  readAttention,
  readDecoder,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { GEMMA_NAMES } from './gemma3.js';
import { ATTENTION_TYPES, readLayerTypes, readWindow, slidingPattern } from './layer-types.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf } from './tensor-table.js';

/** Gemma 2: `model_type` gemma2. */
export function mapGemma2(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 4,
    head_dim: 256,
    hidden_activation: 'gelu_pytorch_tanh',
    max_position_embeddings: 8192,
    rms_norm_eps: 1e-6,
    query_pre_attn_scalar: 256,
    sliding_window: 4096,
    attn_logit_softcapping: 50,
    final_logit_softcapping: 30,
    tie_word_embeddings: true,
  });
  values.requireOff('use_bidirectional_attention');
  const norm = readRmsNorm(values, { type: 'rms-plus-one' });
  const activation = values.choice('hidden_activation', ACTIVATIONS);
  const layers = readLayerTypes(values, ATTENTION_TYPES, slidingPattern(2)).map((type) => {
    const attention = readAttention(values, {
      window: readWindow(values, type),
      softcap: values.optionalFactor('attn_logit_softcapping') ?? 0,
      scale: values.factor('query_pre_attn_scalar') ** -0.5,
    });
    const mlp = readMlp(values, { activation });
    return preNormLayer(norm, attention, mlp, { mixerPostNorm: norm, mlpPostNorm: norm });
  });
  const decoder = readDecoder(values, layers, norm, {
    embeddingScale: Math.sqrt(values.size('hidden_size', MAX.hiddenSize)),
    logitSoftcap: values.optionalFactor('final_logit_softcapping') ?? 0,
  });
  return mappingOf('gemma2', decoder, GEMMA_NAMES);
}
