import type { ConfigReader } from './config-reader.js';
import type { Attention, PerLayerInputs, Rope } from './decoder-config.js';
import {
  ACTIVATIONS,
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readIntermediateSizes,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { GEMMA_NAMES } from './gemma3.js';
import {
  ATTENTION_TYPES,
  type AttentionType,
  readLayerTypes,
  readSharedKeys,
  readWindow,
  slidingPattern,
} from './layer-types.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { ROPE_TYPES, readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';
import { readTextConfig, TEXT_PREFIXES } from './text-config.js';

/** With inputs of each layer; Gemma 3n has them, too. */
export const GEMMA_4_NAMES: TensorNames = {
  ...GEMMA_NAMES,
  optionalPrefixes: TEXT_PREFIXES,
  ofModel: {
    ...GEMMA_NAMES.ofModel,
    embed_tokens_per_layer: 'per_layer_inputs.embedding',
    per_layer_model_projection: 'per_layer_inputs.projection',
    per_layer_projection_norm: 'per_layer_inputs.norm',
  },
  ofLayer: {
    ...GEMMA_NAMES.ofLayer,
    per_layer_input_gate: 'per_layer_input.gate',
    per_layer_projection: 'per_layer_input.out',
    post_per_layer_input_norm: 'per_layer_input.norm',
  },
  wholeOfLayer: { layer_scalar: 'output_scale.weight' },
};

// The sizes of transformers' class: files of models for images leave out what equals them.
const DEFAULTS = {
  vocab_size: 262_144,
  hidden_size: 2304,
  intermediate_size: 9216,
  num_hidden_layers: 30,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  global_head_dim: 512,
  hidden_activation: 'gelu_pytorch_tanh',
  max_position_embeddings: 131_072,
  rms_norm_eps: 1e-6,
  sliding_window: 512,
  vocab_size_per_layer_input: 262_144,
  hidden_size_per_layer_input: 256,
  tie_word_embeddings: true,
};

const FULL_ROPE = { rope_type: 'proportional', partial_rotary_factor: 0.25, rope_theta: 1e6 };

/** The dense models of Gemma 4: `model_type` gemma4_text. */
export function mapGemma4Text(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(DEFAULTS);
  values.requireOff('enable_moe_block');
  // Images may be seen in both directions; text never is.
  if (values.raw('use_bidirectional_attention') !== 'vision')
    values.requireOff('use_bidirectional_attention');
  const norm = readRmsNorm(values);
  const activation = values.choice('hidden_activation', ACTIVATIONS);
  const types = readTypes(values);
  const sharedKeys = readSharedKeys(values, types);
  const widthOfShared = values.flag('use_double_wide_mlp') ? 2 : 1;
  const sizes = readIntermediateSizes(values);
  const perLayerInputs = readPerLayerInputs(values);
  const layers = types.map((type, layer) => {
    const shared = sharedKeys[layer] ?? null;
    const intermediateSize = (sizes[layer] as number) * (shared === null ? 1 : widthOfShared);
    const attention = readTypedAttention(values, type, shared);
    return preNormLayer(norm, attention, readMlp(values, { activation, intermediateSize }), {
      mixerPostNorm: norm,
      mlpPostNorm: norm,
      perLayerInput: perLayerInputs && { activation, norm },
      outputScale: true,
    });
  });
  const decoder = readDecoder(values, layers, norm, {
    embeddingScale: Math.sqrt(values.size('hidden_size', MAX.hiddenSize)),
    perLayerInputs,
    logitSoftcap: values.optionalFactor('final_logit_softcapping') ?? 0,
  });
  return mappingOf('gemma4_text', decoder, GEMMA_4_NAMES);
}

/** The text part of the models that see and hear: `model_type` gemma4. */
export function mapGemma4(config: ConfigReader): ModelMapping {
  const { config: decoder } = mapGemma4Text(readTextConfig(config));
  return mappingOf('gemma4', decoder, GEMMA_4_NAMES);
}

/** The last layer is full, whatever the config says of it. */
function readTypes(values: ConfigReader): AttentionType[] {
  const types = readLayerTypes(values, ATTENTION_TYPES, slidingPattern(6));
  return types.map((type, layer) => (layer === types.length - 1 ? 'full_attention' : type));
}

/** Inputs of each layer as Gemma 3n and 4 have them; null where they are of no width. */
export function readPerLayerInputs(values: ConfigReader): PerLayerInputs | null {
  const width = values.count('hidden_size_per_layer_input', MAX.hiddenSize);
  if (width === 0) return null;
  const vocabSize = values.size('vocab_size_per_layer_input', MAX.vocabSize);
  return { width, vocabSize, norm: readRmsNorm(values) };
}

/** Full layers have heads of another size, and may take keys for values. */
function readTypedAttention(
  values: ConfigReader,
  type: AttentionType,
  sharedKeys: Attention['sharedKeys'],
): Attention {
  const norm = readRmsNorm(values);
  const isFull = type === 'full_attention';
  const valuesAreKeys = isFull && values.flag('attention_k_eq_v');
  const heads = readHeads(values, valuesAreKeys ? 'num_global_key_value_heads' : 'num_key_value_heads');
  const fullDim = values.count('global_head_dim', MAX.headDim);
  const headDim = isFull && fullDim > 0 ? fullDim : heads.headDim;
  return readAttention(values, {
    ...heads,
    headDim,
    valuesAreKeys: valuesAreKeys && sharedKeys === null,
    sharedKeys,
    qkNorm: { norm, span: 'head', afterRope: false },
    vNorm: sharedKeys === null ? { ...norm, weight: false } : null,
    rope: readTypedRope(values, type, headDim),
    window: readWindow(values, type),
    scale: 1,
  });
}

function readTypedRope(values: ConfigReader, layerType: AttentionType, headDim: number): Rope {
  const types = { ...ROPE_TYPES, proportional: 'proportional' } as const;
  return layerType === 'full_attention'
    ? readRope(values, { headDim, layerType, types, defaults: FULL_ROPE })
    : readRope(values, { headDim, layerType, types, thetaKey: 'rope_local_base_freq' });
}
