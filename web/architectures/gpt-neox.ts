import type { ConfigReader } from './config-reader.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readLayerNorm,
  readMlp,
} from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  optionalPrefixes: ['gpt_neox.'],
  ofModel: { embed_in: 'token_embedding', final_layer_norm: 'final_norm', embed_out: 'head' },
  layerPrefix: 'layers.',
  ofLayer: {
    input_layernorm: 'mixer_norm',
    'attention.query_key_value': 'attention.qkv',
    'attention.dense': 'attention.output',
    post_attention_layernorm: 'mlp_norm',
    'mlp.dense_h_to_4h': 'mlp.up',
    'mlp.dense_4h_to_h': 'mlp.down',
  },
  skippedInLayer: ['attention.bias'], // the causal mask, which old files carry as a tensor
  qkvByHead: true,
};

/** GPT-NeoX, Pythia, RedPajama: `model_type` gpt_neox. */
export function mapGptNeoX(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'gelu',
    max_position_embeddings: 2048,
    layer_norm_eps: 1e-5,
    partial_rotary_factor: 0.25,
    attention_bias: true,
    use_parallel_residual: true,
  });
  const norm = readLayerNorm(values);
  const rope = readRope(values, { ...readHeads(values), partial: true });
  const mlp = readMlp(values, { gated: false, bias: true });
  const layer = preNormLayer(norm, readAttention(values, { rope }), mlp, {
    parallel: values.flag('use_parallel_residual'),
  });
  return mappingOf(
    'gpt_neox',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    NAMES,
  );
}
