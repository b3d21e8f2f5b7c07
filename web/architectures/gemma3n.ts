import { normalQuantile } from '../base/normal-quantile.js';
import type { ConfigReader } from './config-reader.js';
import type { AltUp, Attention, Mlp } from './decoder-config.js';
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
import { GEMMA_4_NAMES, readPerLayerInputs } from './gemma4.js';
import {
  ATTENTION_TYPES,
  type AttentionType,
  ofEachLayer,
  readLayerTypes,
  readSharedKeys,
  readWindow,
  slidingPattern,
} from './layer-types.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';
import { readTextConfig } from './text-config.js';

const NAMES: TensorNames = {
  ...GEMMA_4_NAMES,
  ofModel: {
    ...GEMMA_4_NAMES.ofModel,
    'altup_projections.*': 'alt_up.in',
    'altup_unembed_projections.*': 'alt_up.out',
  },
  ofLayer: {
    ...GEMMA_4_NAMES.ofLayer,
    'laurel.linear_left': 'laurel.in',
    'laurel.linear_right': 'laurel.out',
    'laurel.post_laurel_norm': 'laurel.norm',
    'altup.router_norm': 'alt_up.router_norm',
    'altup.modality_router': 'alt_up.router',
    'altup.prediction_coefs': 'alt_up.prediction',
    'altup.correction_coefs': 'alt_up.correction',
  },
  wholeOfLayer: { 'altup.correct_output_scale': 'alt_up.output_scale.weight' },
};

// The sizes of E4B: files of models for images leave out what equals them.
const DEFAULTS = {
  vocab_size: 262_400,
  hidden_size: 2048,
  intermediate_size: 16_384,
  num_hidden_layers: 35,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh',
  max_position_embeddings: 32_768,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  rope_local_base_freq: 1e4,
  sliding_window: 512,
  final_logit_softcapping: 30,
  vocab_size_per_layer_input: 262_144,
  hidden_size_per_layer_input: 256,
  num_kv_shared_layers: 15,
  altup_num_inputs: 4,
  altup_active_idx: 0,
  altup_correct_scale: true,
  laurel_rank: 64,
  tie_word_embeddings: true,
};

/** Gemma 3n: `model_type` gemma3n_text. */
export function mapGemma3nText(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(DEFAULTS);
  values.requireOff('use_bidirectional_attention');
  const norm = readRmsNorm(values);
  const activation = values.choice('hidden_activation', ACTIVATIONS);
  const types = readLayerTypes(values, ATTENTION_TYPES, slidingPattern(5));
  const sharedKeys = readSharedKeys(values, types);
  const sizes = readIntermediateSizes(values);
  const cutoffs = readCutoffs(values);
  const perLayerInputs = readPerLayerInputs(values);
  if (perLayerInputs === null) throw values.bad('hidden_size_per_layer_input', 'an integer above 0');
  const rank = values.size('laurel_rank', MAX.intermediateSize);
  const layers = types.map((type, layer) => {
    const intermediateSize = sizes[layer] as number;
    const mlp = readMlp(values, { activation, intermediateSize, cutoff: cutoffs[layer] ?? null });
    return preNormLayer(norm, readTypedAttention(values, type, sharedKeys[layer] ?? null), mlp, {
      mixerPostNorm: norm,
      mlpPostNorm: norm,
      laurel: { rank, norm },
      perLayerInput: { activation, norm },
    });
  });
  const decoder = readDecoder(values, layers, norm, {
    embeddingScale: Math.sqrt(values.size('hidden_size', MAX.hiddenSize)),
    perLayerInputs,
    altUp: readAltUp(values),
    logitSoftcap: values.optionalFactor('final_logit_softcapping') ?? 0,
  });
  return mappingOf('gemma3n_text', decoder, NAMES);
}

/** The text part of the models that see and hear: `model_type` gemma3n. */
export function mapGemma3n(config: ConfigReader): ModelMapping {
  const { config: decoder } = mapGemma3nText(readTextConfig(config));
  return mappingOf('gemma3n', decoder, NAMES);
}

function readTypedAttention(
  values: ConfigReader,
  layerType: AttentionType,
  sharedKeys: Attention['sharedKeys'],
): Attention {
  const norm = readRmsNorm(values);
  const thetaKey = layerType === 'full_attention' ? 'rope_theta' : 'rope_local_base_freq';
  return readAttention(values, {
    sharedKeys,
    qkNorm: { norm, span: 'head', afterRope: false },
    vNorm: sharedKeys === null ? { ...norm, weight: false } : null,
    rope: readRope(values, { ...readHeads(values), layerType, thetaKey }),
    window: readWindow(values, layerType),
    scale: 1,
  });
}

/** `altup_coef_clip` bounds coefficients in training only. */
function readAltUp(values: ConfigReader): AltUp {
  const nStreams = values.size('altup_num_inputs', MAX.nStreams);
  return {
    nStreams,
    active: values.count('altup_active_idx', nStreams - 1),
    outputScale: values.flag('altup_correct_scale'),
    norm: readRmsNorm(values),
  };
}

const isShare = (item: unknown) =>
  typeof item === 'number' && item < 1 && (item <= 0 || (item >= 1e-9 && item <= 1 - 1e-9));

/**
 * How sparse each layer's gates are made, as the deviations that a normal distribution's so large share stays below. Left
 * out, it is 0.95 for the first ten of more layers than that.
 */
function readCutoffs(values: ConfigReader): Mlp['cutoff'][] {
  const nLayers = values.size('num_hidden_layers', MAX.nLayers);
  const ofConverter = values.optionalList('activation_sparsity_scale', nLayers); // deviations already
  if (ofConverter !== null) {
    if (!ofConverter.every((item) => typeof item === 'number' && item < 100)) {
      throw values.bad('activation_sparsity_scale', 'numbers below 100');
    }
    return ofConverter.map((item) => ((item as number) < -100 ? null : { deviations: item as number }));
  }
  const isSparse = (layer: number) => nLayers > 10 && layer < 10;
  const shares =
    values.optionalList('activation_sparsity_pattern', nLayers) ??
    ofEachLayer(values, (layer) => (isSparse(layer) ? 0.95 : 0));
  if (!shares.every(isShare)) throw values.bad('activation_sparsity_pattern', 'shares from 0 to below 1');
  return shares.map((share) =>
    (share as number) > 0 ? { deviations: normalQuantile(share as number) } : null,
  );
}
