import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf } from './tensor-table.js';

// Files of the first days say gelu; the weights were made with its tanh form all along.
const ACTIVATIONS = { gelu: 'gelu-tanh', gelu_pytorch_tanh: 'gelu-tanh' } as const;

/** Gemma 1: `model_type` gemma. */
export function mapGemma(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 16,
    head_dim: 256,
    hidden_act: 'gelu_pytorch_tanh',
    max_position_embeddings: 8192,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: true,
  });
  values.requireOff('use_bidirectional_attention');
  const norm = readRmsNorm(values, { type: 'rms-plus-one' });
  const activation =
    values.raw('hidden_activation') === null
      ? values.choice('hidden_act', ACTIVATIONS)
      : values.choice('hidden_activation', ACTIVATIONS);
  const layer = preNormLayer(norm, readAttention(values), readMlp(values, { activation }));
  const decoder = readDecoder(
    values,
    ofEachLayer(values, () => layer),
    norm,
    { embeddingScale: Math.sqrt(values.size('hidden_size', MAX.hiddenSize)) },
  );
  return mappingOf('gemma', decoder, LLAMA_NAMES);
}
