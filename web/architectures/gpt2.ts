import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readLayerNorm, readMlp } from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  optionalPrefixes: ['transformer.'], // files of the bare model lack it
  ofModel: {
    wte: 'token_embedding',
    wpe: 'position_embedding',
    ln_f: 'final_norm',
    lm_head: 'head',
  },
  layerPrefix: 'h.',
  ofLayer: {
    ln_1: 'mixer_norm',
    'attn.c_attn': 'attention.qkv',
    'attn.c_proj': 'attention.output',
    ln_2: 'mlp_norm',
    'mlp.c_fc': 'mlp.up',
    'mlp.c_proj': 'mlp.down',
  },
  skippedInLayer: ['attn.bias'], // the causal mask, which old files carry as a tensor
  transposed: true, // every matrix of a layer is a Conv1D
};

/** GPT-2 and its fine-tunes and distillates: `model_type` gpt2. */
export function mapGpt2(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'gelu_new',
    layer_norm_eps: 1e-5,
    scale_attn_weights: true,
    tie_word_embeddings: true,
  });
  values.requireOff('add_cross_attention');
  const norm = readLayerNorm(values);
  const hiddenSize = values.size('hidden_size', MAX.hiddenSize);
  const intermediateSize = values.size('intermediate_size', MAX.intermediateSize, 4 * hiddenSize);
  const mlp = readMlp(values, { gated: false, bias: true, intermediateSize });
  const attention = readAttention(values, { qkvBias: true, outputBias: true, rope: null });
  const scale = values.flag('scale_attn_weights') ? attention.scale : 1;
  const isDivided = values.flag('scale_attn_by_inverse_layer_idx');
  const layers = ofEachLayer(values, (layer) =>
    preNormLayer(norm, { ...attention, scale: isDivided ? scale / (layer + 1) : scale }, mlp),
  );
  return mappingOf('gpt2', readDecoder(values, layers, norm, { positionTable: true }), NAMES);
}
