import { SottoError } from '../errors.js';
import type { ConfigReader } from './config-reader.js';
import type { DecoderConfig, LayerKind, Norm } from './decoder-config.js';
import type { ModelMapping } from './model-mapping.js';
import { place, type TensorPlacement } from './placement.js';
import { MAX } from './size-bounds.js';
import { findTensor, type TensorTable } from './tensor-table.js';

// Every matrix of a layer is a Conv1D, stored as [in, out].
const TENSORS: TensorTable = {
  optionalPrefix: 'transformer.', // files of the bare model lack it
  layerPrefix: 'h.',
  ofModel: new Map([
    ['wte.weight', place('token_embedding.weight')],
    ['wpe.weight', place('position_embedding.weight')],
    ['ln_f.weight', place('final_norm.weight')],
    ['ln_f.bias', place('final_norm.bias')],
    ['lm_head.weight', place('head.weight')],
  ]),
  ofLayer: new Map<string, TensorPlacement | 'skip'>([
    ['ln_1.weight', place('mixer_norm.weight')],
    ['ln_1.bias', place('mixer_norm.bias')],
    ['attn.c_attn.weight', place('attention.qkv.weight', { transposed: true })],
    ['attn.c_attn.bias', place('attention.qkv.bias')],
    ['attn.c_proj.weight', place('attention.output.weight', { transposed: true })],
    ['attn.c_proj.bias', place('attention.output.bias')],
    ['attn.bias', 'skip'], // the causal mask, which old files carry as a tensor
    ['attn.masked_bias', 'skip'],
    ['ln_2.weight', place('mlp_norm.weight')],
    ['ln_2.bias', place('mlp_norm.bias')],
    ['mlp.c_fc.weight', place('mlp.up.weight', { transposed: true })],
    ['mlp.c_fc.bias', place('mlp.up.bias')],
    ['mlp.c_proj.weight', place('mlp.down.weight', { transposed: true })],
    ['mlp.c_proj.bias', place('mlp.down.bias')],
  ]),
};

// Three names of one formula.
const ACTIVATIONS = {
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
} as const;

/** GPT-2 and its fine-tunes and distillates: `model_type` gpt2 of Hugging Face transformers. */
export function mapGpt2(values: ConfigReader): ModelMapping {
  values.requireOff('scale_attn_by_inverse_layer_idx');
  values.requireOff('add_cross_attention');
  const hiddenSize = values.size('n_embd', MAX.hiddenSize);
  const nHeads = values.size('n_head', MAX.nHeads);
  const headDim = hiddenSize / nHeads;
  if (!Number.isInteger(headDim)) {
    throw new SottoError(
      'bad-config',
      `config.json: n_embd ${hiddenSize} is no multiple of n_head ${nHeads}`,
    );
  }
  const norm: Norm = {
    type: 'layer',
    epsilon: values.positive('layer_norm_epsilon', 1, 1e-5),
    weight: true,
    bias: true,
  };
  const kind: LayerKind = {
    mixer: {
      type: 'attention',
      nHeads,
      nKvHeads: nHeads,
      headDim,
      qkvBias: true,
      outputBias: true,
      gate: false,
      qkNorm: null,
      rope: null,
      queryScaling: null,
      window: 0,
      softcap: 0,
      scale: values.flag('scale_attn_weights', true) ? 1 / Math.sqrt(headDim) : 1,
    },
    mlp: {
      gated: false,
      activation: values.choice('activation_function', ACTIVATIONS, 'gelu_new'),
      intermediateSize: values.size('n_inner', MAX.intermediateSize, 4 * hiddenSize),
      bias: true,
    },
    mixerNorm: norm,
    mixerPostNorm: null,
    mlpNorm: norm,
    mlpPostNorm: null,
    parallel: false,
    residualScale: 1,
  };
  const nLayers = values.size('n_layer', MAX.nLayers);
  const config: DecoderConfig = {
    vocabSize: values.size('vocab_size', MAX.vocabSize),
    contextLength: values.size('n_positions', MAX.contextLength),
    hiddenSize,
    positionTable: true,
    embeddingScale: 1,
    embeddingNorm: null,
    kinds: [kind],
    layers: new Array(nLayers).fill(0),
    finalNorm: norm,
    tiedHead: values.flag('tie_word_embeddings', true),
    headBias: false,
    logitScale: 1,
    logitSoftcap: 0,
  };
  return { architecture: 'gpt2', config, tensor: (fileName) => findTensor(TENSORS, fileName, config) };
}
