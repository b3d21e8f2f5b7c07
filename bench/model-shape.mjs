// The matrix products of a model, which benchmarks measure alone.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @returns {{ layers: number, products: number[][], head: number[] }} each product as [rows, columns]; `products`: of a layer */
function gpt2Shape({ n_layer: layers, n_embd: width, n_inner: inner, vocab_size: vocabulary }) {
  const wide = inner ?? 4 * width;
  const products = [
    [3 * width, width],
    [width, width],
    [wide, width],
    [width, wide],
  ];
  return { layers, products, head: [vocabulary, width] };
}

/** Llama and all that names its sizes alike. Query, key and value are one product, gate and up another. */
function llamaShape(config) {
  const { num_hidden_layers: layers, hidden_size: width, intermediate_size: inner } = config;
  const headDim = config.head_dim ?? width / config.num_attention_heads;
  const queries = config.num_attention_heads * headDim;
  const products = [
    [queries + 2 * config.num_key_value_heads * headDim, width],
    [width, queries],
    [2 * inner, width],
    [width, inner],
  ];
  return { layers, products, head: [config.vocab_size, width] };
}

/** Of the model in a folder. */
export async function modelShape(folder) {
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  return config.model_type === 'gpt2' ? gpt2Shape(config) : llamaShape(config);
}
