import type { ConfigReader } from './config-reader.js';
import type { GatedDelta, Norm } from './decoder-config.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { readLayerTypes } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';
import { readTextConfig, TEXT_PREFIXES } from './text-config.js';

const NAMES: TensorNames = {
  ...LLAMA_NAMES,
  optionalPrefixes: TEXT_PREFIXES,
  ofLayer: {
    ...LLAMA_NAMES.ofLayer,
    'linear_attn.in_proj_qkv': 'recurrence.qkv',
    'linear_attn.in_proj_z': 'recurrence.z',
    'linear_attn.in_proj_b': 'recurrence.beta',
    'linear_attn.in_proj_a': 'recurrence.alpha',
    'linear_attn.conv1d': 'recurrence.kernel',
    'linear_attn.norm': 'recurrence.norm',
    'linear_attn.out_proj': 'recurrence.out',
  },
  wholeOfLayer: {
    'linear_attn.dt_bias': 'recurrence.time.bias',
    'linear_attn.A_log': 'recurrence.decay.weight',
  },
};

const LAYER_TYPES = { linear_attention: 'linear_attention', full_attention: 'full_attention' } as const;

/** Qwen 3.5 without images, linear attention with a layer of attention after each three: `model_type` qwen3_5_text. */
export function mapQwen35Text(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 4,
    head_dim: 256,
    hidden_act: 'silu',
    max_position_embeddings: 32_768,
    rms_norm_eps: 1e-6,
    partial_rotary_factor: 0.25,
    full_attention_interval: 4,
    attn_output_gate: true,
    linear_num_key_heads: 16,
    linear_num_value_heads: 32,
    linear_key_head_dim: 128,
    linear_value_head_dim: 128,
    linear_conv_kernel_dim: 4,
  });
  values.requireOff('num_local_experts');
  if (!values.flag('attn_output_gate')) throw values.unsupported('attn_output_gate', ['true']);
  values.choice('hidden_act', { silu: true, swish: true }); // of the convolution, too
  const norm = readRmsNorm(values, { type: 'rms-plus-one' });
  const mlp = readMlp(values);
  const layers = readLayerTypes<keyof typeof LAYER_TYPES>(values, LAYER_TYPES, (layer) =>
    (layer + 1) % values.size('full_attention_interval', MAX.nLayers) === 0
      ? 'full_attention'
      : 'linear_attention',
  ).map((type) => {
    const mixer =
      type === 'linear_attention' ? readGatedDelta(values, readRmsNorm(values)) : readGated(values, norm);
    return preNormLayer(norm, mixer, mlp);
  });
  return mappingOf('qwen3_5_text', readDecoder(values, layers, norm), NAMES);
}

/** The text part of the models that see images and films, as all published ones do: `model_type` qwen3_5. */
export function mapQwen35(config: ConfigReader): ModelMapping {
  const { config: decoder } = mapQwen35Text(readTextConfig(config));
  return mappingOf('qwen3_5', decoder, NAMES);
}

/** Where there are only texts, the three kinds of positions are the same ones. */
function readGated(values: ConfigReader, norm: Norm) {
  return readAttention(values, {
    gate: true,
    qkNorm: { norm, span: 'head', afterRope: false },
    rope: readRope(values, { ...readHeads(values), partial: true }),
  });
}

function readGatedDelta(values: ConfigReader, norm: Norm): GatedDelta {
  const nKeyHeads = values.size('linear_num_key_heads', MAX.nHeads);
  const nValueHeads = values.size('linear_num_value_heads', MAX.nHeads);
  if (nValueHeads % nKeyHeads !== 0) {
    throw values.bad('linear_num_value_heads', `a multiple of ${nKeyHeads} heads of keys`);
  }
  return {
    type: 'gated-delta',
    nKeyHeads,
    nValueHeads,
    keyDim: values.size('linear_key_head_dim', MAX.headDim),
    valueDim: values.size('linear_value_head_dim', MAX.headDim),
    nTaps: values.size('linear_conv_kernel_dim', MAX.nTaps),
    tiled: false,
    logDecay: true,
    norm,
  };
}
