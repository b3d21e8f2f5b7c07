// The matrix products of a model, which benchmarks measure alone, and the sizes of its layers that they follow from.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What each layer mixes its tokens with, as transformers calls it; 'full_attention' where the config does not say. */
export const layerTypes = ({ num_hidden_layers: nLayers, layer_types: types }) =>
  types ?? new Array(nLayers).fill('full_attention');

const RECURRENT = ['linear_attention', 'mamba', 'conv'];

/** Whether some layers keep a state in place of keys and values. */
export const isRecurrent = (config) => layerTypes(config).some((type) => RECURRENT.includes(type));

/** Gemma 4's last layers take keys and values of an earlier one, and their feed-forward parts may be twice as wide. */
export const sharesKeys = (config, layer) =>
  layer >= config.num_hidden_layers - (config.num_kv_shared_layers ?? 0);

/** @returns {{ headDim: number, queries: number, keys: number }} rows of all heads; the values are as many as the keys */
export function attentionSizes(config, layer) {
  const ownDim = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const isGlobal = layerTypes(config)[layer] === 'full_attention';
  const headDim = isGlobal ? (config.global_head_dim ?? ownDim) : ownDim;
  return {
    headDim,
    queries: config.num_attention_heads * headDim,
    keys: config.num_key_value_heads * headDim,
  };
}

/** Of Qwen 3.5. `convolved`: queries, keys and values. */
export function gatedDeltaSizes(config) {
  const keys = config.linear_num_key_heads * config.linear_key_head_dim;
  const values = config.linear_num_value_heads * config.linear_value_head_dim;
  return { values, convolved: 2 * keys + values, heads: config.linear_num_value_heads };
}

/** Of Granite 4. `convolved`: x, B and C. */
export function stateSpaceSizes(config) {
  const inner = config.mamba_expand * config.hidden_size;
  const convolved = inner + 2 * config.mamba_n_groups * config.mamba_d_state;
  return { inner, convolved, heads: config.mamba_n_heads };
}

/** LFM2 gives what two thirds of are rounded up. */
export function feedForwardSize(config, layer) {
  if (config.model_type === 'granitemoehybrid') return config.shared_intermediate_size;
  const size = config.intermediate_size;
  if (config.model_type === 'lfm2' && config.block_auto_adjust_ff_dim) {
    const step = config.block_multiple_of;
    return step * Math.ceil(Math.trunc(config.block_ffn_dim_multiplier * Math.trunc((2 * size) / 3)) / step);
  }
  return config.use_double_wide_mlp && sharesKeys(config, layer) ? 2 * size : size;
}

/** @returns {number[][]} query, gate, key and value are one product */
function attentionProducts(config, layer) {
  const { queries, keys } = attentionSizes(config, layer);
  const gates = config.model_type === 'qwen3_5_text' ? queries : 0;
  const ownKeys = sharesKeys(config, layer) ? 0 : 2 * keys;
  return [
    [queries + gates + ownKeys, config.hidden_size],
    [config.hidden_size, queries],
  ];
}

function mixerProducts(config, layer) {
  const width = config.hidden_size;
  switch (layerTypes(config)[layer]) {
    case 'linear_attention': {
      const { values, convolved, heads } = gatedDeltaSizes(config);
      return [
        [convolved + values + 2 * heads, width],
        [width, values],
      ];
    }
    case 'mamba': {
      const { inner, convolved, heads } = stateSpaceSizes(config);
      return [
        [inner + convolved + heads, width],
        [width, inner],
      ];
    }
    case 'conv':
      return [
        [3 * width, width],
        [width, width],
      ];
    default:
      return attentionProducts(config, layer);
  }
}

/** Llama and all that names its sizes alike. Gate and up are one product. */
function layerProducts(config, layer) {
  const { hidden_size: width, hidden_size_per_layer_input: perLayer } = config;
  const inner = feedForwardSize(config, layer);
  const products = [...mixerProducts(config, layer), [2 * inner, width], [width, inner]];
  if (perLayer) products.push([perLayer, width], [width, perLayer]);
  return products;
}

function gpt2Products({ n_embd: width, n_inner: inner }) {
  const wide = inner ?? 4 * width;
  return [
    [3 * width, width],
    [width, width],
    [wide, width],
    [width, wide],
  ];
}

/** @returns {{ products: number[][], head: number[] }} each product as [rows, columns], in their order; `products`: of all layers */
export function shapeOf(config) {
  if (config.model_type === 'gpt2') {
    const products = new Array(config.n_layer).fill(gpt2Products(config)).flat();
    return { products, head: [config.vocab_size, config.n_embd] };
  }
  const { num_hidden_layers: nLayers, hidden_size: width, hidden_size_per_layer_input: perLayer } = config;
  const products = Array.from({ length: nLayers }, (_, layer) => layerProducts(config, layer)).flat();
  if (perLayer) products.unshift([nLayers * perLayer, width]);
  return { products, head: [config.vocab_size, width] };
}

/** Of the model in a folder. */
export async function modelShape(folder) {
  return shapeOf(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
}
