import type { ConfigReader } from './config-reader.js';
import {
  ACTIVATIONS,
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { ATTENTION_TYPES, readLayerTypes, readWindow, slidingPattern } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';
import { readTextConfig, TEXT_PREFIXES } from './text-config.js';

/** With norms before and behind each half of a layer. */
export const GEMMA_NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ofLayer: {
    ...LLAMA_NAMES.ofLayer,
    post_attention_layernorm: 'mixer_post_norm',
    pre_feedforward_layernorm: 'mlp_norm',
    post_feedforward_layernorm: 'mlp_post_norm',
  },
};

// The sizes of Gemma 3 4B: files of models for images leave out what equals them.
const DEFAULTS = {
  vocab_size: 262_208,
  hidden_size: 2304,
  intermediate_size: 9216,
  num_hidden_layers: 26,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh',
  max_position_embeddings: 131_072,
  rms_norm_eps: 1e-6,
  query_pre_attn_scalar: 256,
  sliding_window: 4096,
  sliding_window_pattern: 6,
  rope_theta: 1e6,
  rope_local_base_freq: 1e4,
  tie_word_embeddings: true,
};

/** Gemma 3 270M and 1B: `model_type` gemma3_text. */
export function mapGemma3Text(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(DEFAULTS);
  values.requireOff('use_bidirectional_attention');
  values.requireOff('attn_logit_softcapping'); // transformers does not obey it
  const norm = readRmsNorm(values, { type: 'rms-plus-one' });
  const activation = values.choice('hidden_activation', ACTIVATIONS);
  const period = values.size('sliding_window_pattern', MAX.nLayers);
  const layers = readLayerTypes(values, ATTENTION_TYPES, slidingPattern(period)).map((type) => {
    const attention = readAttention(values, {
      qkNorm: { norm, span: 'head', afterRope: false },
      rope: readRope(values, {
        ...readHeads(values),
        layerType: type,
        thetaKey: type === 'full_attention' ? 'rope_theta' : 'rope_local_base_freq',
      }),
      window: readWindow(values, type),
      scale: values.factor('query_pre_attn_scalar') ** -0.5,
    });
    const mlp = readMlp(values, { activation });
    return preNormLayer(norm, attention, mlp, { mixerPostNorm: norm, mlpPostNorm: norm });
  });
  const decoder = readDecoder(values, layers, norm, {
    embeddingScale: Math.sqrt(values.size('hidden_size', MAX.hiddenSize)),
    logitSoftcap: values.optionalFactor('final_logit_softcapping') ?? 0,
  });
  return mappingOf('gemma3_text', decoder, GEMMA_NAMES);
}

/** The text part of the models that see images, 4B and larger: `model_type` gemma3. */
export function mapGemma3(config: ConfigReader): ModelMapping {
  const { config: decoder } = mapGemma3Text(readTextConfig(config));
  const names = { ...GEMMA_NAMES, optionalPrefixes: TEXT_PREFIXES };
  return mappingOf('gemma3', decoder, names);
}
