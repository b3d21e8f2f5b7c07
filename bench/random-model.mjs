// Makes the models that the benchmarks run: published shapes with random weights, as f32 safetensors.
//   node bench/random-model.mjs NAME [FOLDER], with a name of CONFIGS

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PUBLISHED } from '../wasm-tests/architectures/published-configs.mjs';
import { tensorsOf } from './random-tensors.mjs';

/** Of the text part. */
function published(name, changes) {
  const { config } = PUBLISHED[name];
  return { ...(config.text_config ?? config), ...changes };
}

/** So many layers of which those are of the second type. */
const typesWith = (n, [most, few], layers) =>
  Array.from({ length: n }, (_, layer) => (layers.includes(layer) ? few : most));

const LAST_OF_GPT2 = { bos_token_id: 50_256, eos_token_id: 50_256 };

/** config.json of each, by name. */
export const CONFIGS = {
  gpt2: {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    vocab_size: 50257,
    n_positions: 1024,
    n_embd: 768,
    n_layer: 12,
    n_head: 12,
    n_inner: null,
    activation_function: 'gelu_new',
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: true,
    ...LAST_OF_GPT2,
  },
  'smollm2-135m': {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: 49152,
    max_position_embeddings: 8192,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 100_000,
    tie_word_embeddings: true,
    bos_token_id: 49151,
    eos_token_id: 49151,
  },
  'qwen3-0.6b': {
    model_type: 'qwen3',
    architectures: ['Qwen3ForCausalLM'],
    vocab_size: 151_936,
    max_position_embeddings: 40_960,
    hidden_size: 1024,
    intermediate_size: 3072,
    num_hidden_layers: 28,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 128,
    hidden_act: 'silu',
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    attention_bias: false,
    use_sliding_window: false,
    tie_word_embeddings: true,
    ...LAST_OF_GPT2,
  },
  'qwen3.5-0.8b': published('Qwen3.5-0.8B', LAST_OF_GPT2),
  'granite-4-h-350m': published('granite-4.0-h-350m', LAST_OF_GPT2),
  'lfm2-350m': published('LFM2-350M', {
    layer_types: typesWith(16, ['conv', 'full_attention'], [2, 5, 8, 10, 12, 14]),
    ...LAST_OF_GPT2,
  }),
  // 14 of E2B's 35 layers: 6 with keys of their own and 8 that share them (15 and 20 there), 3 of them full (7 there); the last
  // own one is full, or llama.cpp finds nothing to share. The vocabulary is so much smaller that the head has its share of a
  // token.
  'gemma-4-e2b-part': published('gemma-4-E2B', {
    num_hidden_layers: 14,
    num_kv_shared_layers: 8,
    layer_types: typesWith(14, ['sliding_attention', 'full_attention'], [5, 9, 13]),
    vocab_size: 98_304,
    vocab_size_per_layer_input: 98_304,
    ...LAST_OF_GPT2,
  }),
};

const product = (shape) => shape.reduce((a, b) => a * b, 1);

/** Uniform values of the given centre and standard deviation, from a 32-bit xorshift (Marsaglia, 2003). */
export function fillRandom(values, centre, spread, state) {
  const scale = (spread * Math.sqrt(12)) / 2 ** 32;
  let x = state;
  for (let i = 0; i < values.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    values[i] = centre + x * scale;
  }
  return x;
}

/** Writes config.json and model.safetensors (0.5 to 5 GB) of a name of CONFIGS into `folder`, unless they stand there. */
export async function makeRandomModel(name, folder) {
  const config = CONFIGS[name];
  const file = join(folder, 'model.safetensors');
  if (await stat(file).catch(() => null)) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));

  const header = {};
  let offset = 0;
  for (const [tensor, shape] of tensorsOf(config)) {
    const end = offset + 4 * product(shape);
    header[tensor] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);

  const out = createWriteStream(`${file}.partial`);
  out.write(length);
  out.write(json);
  let state = 20261123;
  for (const [, shape, centre, spread] of tensorsOf(config)) {
    const values = new Float32Array(product(shape));
    state = fillRandom(values, centre, spread, state);
    if (!out.write(new Uint8Array(values.buffer))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  await rename(`${file}.partial`, file);
  return folder;
}

if (process.argv[1] === import.meta.filename) {
  const [, , name = 'gpt2', folder = `build/bench/${name}`] = process.argv;
  console.log(await makeRandomModel(name, folder));
}
