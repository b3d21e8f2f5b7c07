import type { ConfigReader } from './config-reader.js';
import type { ShortConvolution } from './decoder-config.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { readLayerTypes } from './layer-types.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  optionalPrefixes: ['model.'],
  ofModel: { embed_tokens: 'token_embedding', embedding_norm: 'final_norm', lm_head: 'head' },
  layerPrefix: 'layers.',
  ofLayer: {
    operator_norm: 'mixer_norm',
    'conv.in_proj': 'convolution.in',
    'conv.conv': 'convolution.kernel',
    'conv.out_proj': 'convolution.out',
    'self_attn.q_proj': 'attention.q',
    'self_attn.k_proj': 'attention.k',
    'self_attn.v_proj': 'attention.v',
    'self_attn.q_layernorm': 'attention.q_norm',
    'self_attn.k_layernorm': 'attention.k_norm',
    'self_attn.out_proj': 'attention.output',
    ffn_norm: 'mlp_norm',
    'feed_forward.w1': 'mlp.gate',
    'feed_forward.w3': 'mlp.up',
    'feed_forward.w2': 'mlp.down',
  },
};

/** LFM2 and LFM2.5, short convolutions with a few layers of attention between: `model_type` lfm2. */
export function mapLfm2(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    vocab_size: 65_536,
    num_key_value_heads: 8,
    max_position_embeddings: 128_000,
    rms_norm_eps: 1e-5,
    rope_theta: 1e6,
    conv_L_cache: 3,
    block_multiple_of: 256,
    block_ffn_dim_multiplier: 1,
    block_auto_adjust_ff_dim: true,
    tie_word_embeddings: true,
  });
  const norm = readRmsNorm(values);
  const nTaps = values.size('conv_L_cache', MAX.nTaps);
  const convolution: ShortConvolution = { type: 'short-convolution', nTaps, bias: values.flag('conv_bias') };
  const qkNorm = { norm, span: 'head', afterRope: false } as const;
  const attention = readAttention(values, { qkvBias: false, outputBias: false, qkNorm });
  const mlp = readMlp(values, { activation: 'silu', intermediateSize: readIntermediateSize(values) });
  const types = { conv: convolution, full_attention: attention };
  const attentionLayers = values.optionalList('full_attn_idxs');
  const mixers = readLayerTypes<typeof convolution | typeof attention>(values, types, (layer) =>
    attentionLayers === null || attentionLayers.includes(layer) ? attention : convolution,
  );
  const layers = mixers.map((mixer) => preNormLayer(norm, mixer, mlp));
  const tiedHead = values.flag(
    values.raw('tie_embedding') === null ? 'tie_word_embeddings' : 'tie_embedding',
  );
  return mappingOf('lfm2', readDecoder(values, layers, norm, { tiedHead }), NAMES);
}

/** Two thirds of the size given, times a factor, rounded up, unless it is to be taken as it is. */
function readIntermediateSize(values: ConfigReader): number {
  const key = values.raw('block_ff_dim') === null ? 'intermediate_size' : 'block_ff_dim';
  const size = values.size(key, MAX.intermediateSize);
  if (!values.flag('block_auto_adjust_ff_dim')) return size;
  const twoThirds = Math.trunc((2 * size) / 3);
  const factor = values.optionalFactor('block_ffn_dim_multiplier');
  if (factor === null) return twoThirds;
  const step = values.size('block_multiple_of', MAX.intermediateSize);
  return step * Math.ceil(Math.trunc(factor * twoThirds) / step);
}
