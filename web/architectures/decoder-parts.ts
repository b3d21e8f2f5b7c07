// The parts of a decoder as most families have them; a family says what differs.
import type { SottoError } from '../results/errors.js';
import type { ConfigKey } from './config-keys.js';
import type { ConfigReader } from './config-reader.js';
import type { Attention, DecoderConfig, LayerKind, Mlp, Norm } from './decoder-config.js';
import { layersOf, ofEachLayer } from './layer-types.js';
import { MAX } from './max-sizes.js';
import { readRope } from './rope.js';

/** transformers' names of activations; gelu-tanh has several. */
export const ACTIVATIONS: Readonly<Record<string, Mlp['activation']>> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_accurate: 'gelu-tanh',
  gelu_python_tanh: 'gelu-tanh',
  relu: 'relu',
  relu2: 'relu2',
  quick_gelu: 'quick-gelu',
  tanh: 'tanh',
};

export function readRmsNorm(values: ConfigReader, changes: Partial<Norm> = {}): Norm {
  const epsilon = values.fraction('rms_norm_eps');
  return { type: 'rms', epsilon, weight: true, bias: false, ...changes };
}

export function readLayerNorm(values: ConfigReader, changes: Partial<Norm> = {}): Norm {
  const epsilon = values.fraction('layer_norm_eps');
  return { type: 'layer', epsilon, weight: true, bias: true, ...changes };
}

/**
 * The heads of an attention: `num_key_value_heads` null means as many as there are of queries, `head_dim` null that
 * queries are as wide as the hidden rows.
 *
 * @param kvKey Where the heads of keys and values stand; null there means as many as `num_key_value_heads`.
 * @throws SottoError 'bad-config' when heads do not divide.
 */
export function readHeads(
  values: ConfigReader,
  kvKey: 'num_key_value_heads' | 'num_global_key_value_heads' = 'num_key_value_heads',
): Pick<Attention, 'nHeads' | 'nKvHeads' | 'headDim'> {
  const nHeads = values.size('num_attention_heads', MAX.nHeads);
  const key = values.raw(kvKey) === null ? 'num_key_value_heads' : kvKey;
  const nKvHeads = values.optionalSize(key, MAX.nHeads) ?? nHeads;
  if (nHeads % nKvHeads !== 0) throw contradiction(values, 'num_attention_heads', key);
  const headDim = values.optionalSize('head_dim', MAX.headDim);
  if (headDim !== null) return { nHeads, nKvHeads, headDim };
  const hiddenSize = values.size('hidden_size', MAX.hiddenSize);
  if (hiddenSize % nHeads !== 0) throw contradiction(values, 'hidden_size', 'num_attention_heads');
  return { nHeads, nKvHeads, headDim: hiddenSize / nHeads };
}

function contradiction(values: ConfigReader, key: ConfigKey, divisor: ConfigKey): SottoError {
  return values.bad(key, `a multiple of ${values.nameOf(divisor)}, ${values.raw(divisor)}`);
}

/** Full attention with rotary positions; `attention_bias` gives all four products one. */
export function readAttention(values: ConfigReader, changes: Partial<Attention> = {}): Attention {
  const heads = readHeads(values);
  const bias = values.flag('attention_bias');
  return {
    type: 'attention',
    ...heads,
    qkvBias: bias,
    outputBias: bias,
    gate: false,
    valuesAreKeys: false,
    sharedKeys: null,
    qkNorm: null,
    vNorm: null,
    rope: 'rope' in changes ? null : readRope(values, heads),
    queryScaling: null,
    window: 0,
    softcap: 0,
    scale: 1 / Math.sqrt(heads.headDim),
    ...changes,
  };
}

/** The width of each layer's MLP: one for all of them, or a list. */
export function readIntermediateSizes(values: ConfigReader): number[] {
  const key = 'intermediate_size';
  const list = Array.isArray(values.raw(key))
    ? values.optionalList(key, values.size('num_hidden_layers', MAX.nLayers))
    : null;
  const isSize = (item: unknown) =>
    Number.isInteger(item) && (item as number) >= 1 && (item as number) <= MAX.intermediateSize;
  if (list === null) return ofEachLayer(values, () => values.size(key, MAX.intermediateSize));
  if (list.every(isSize)) return list as number[];
  throw values.bad(key, `integers from 1 to ${MAX.intermediateSize}`);
}

/** Gated, without biases. */
export function readMlp(values: ConfigReader, changes: Partial<Mlp> = {}): Mlp {
  return {
    gated: true,
    activation: changes.activation ?? values.choice('hidden_act', ACTIVATIONS),
    intermediateSize: changes.intermediateSize ?? values.size('intermediate_size', MAX.intermediateSize),
    bias: false,
    gateScale: 1,
    cutoff: null,
    ...changes,
  };
}

/** A layer with norms of one form, before mixer and MLP. */
export function preNormLayer(
  norm: Norm,
  mixer: LayerKind['mixer'],
  mlp: Mlp | null,
  changes: Partial<LayerKind> = {},
): LayerKind {
  return {
    mixer,
    beside: null,
    mlp,
    mixerNorm: norm,
    mixerPostNorm: null,
    mlpNorm: mlp === null ? null : norm,
    mlpPostNorm: null,
    parallel: false,
    mixerScale: 1,
    mlpScale: 1,
    laurel: null,
    perLayerInput: null,
    outputScale: false,
    ...changes,
  };
}

/** Norms behind mixer and MLP instead of before. */
export function postNorms(norm: Norm): Partial<LayerKind> {
  return { mixerNorm: null, mixerPostNorm: norm, mlpNorm: null, mlpPostNorm: norm };
}

/** @param layers The kind of each. */
export function readDecoder(
  values: ConfigReader,
  layers: readonly LayerKind[],
  finalNorm: Norm,
  changes: Partial<DecoderConfig> = {},
): DecoderConfig {
  return {
    vocabSize: values.size('vocab_size', MAX.vocabSize),
    contextLength: values.size('max_position_embeddings', MAX.contextLength),
    hiddenSize: values.size('hidden_size', MAX.hiddenSize),
    positionTable: false,
    embeddingScale: 1,
    embeddingNorm: null,
    ...layersOf(layers),
    finalNorm,
    perLayerInputs: null,
    altUp: null,
    tiedHead: values.flag('tie_word_embeddings'),
    headBias: false,
    logitScale: 1,
    logitSoftcap: 0,
    ...changes,
  };
}
