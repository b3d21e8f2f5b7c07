// Makes the models that the benchmarks run: published shapes with random weights, as f32 safetensors.
//   node bench/random-model.mjs gpt2|smollm2-135m|qwen3-0.6b [FOLDER]

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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
    bos_token_id: 50256,
    eos_token_id: 50256,
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
    bos_token_id: 50256,
    eos_token_id: 50256,
  },
};

/** The tensors in the order of the file: [name, shape, centre, spread]; products spread by 1.4 / sqrt(fan in). */
function* gpt2Tensors({ vocab_size: vocab, n_positions: context, n_embd: width, n_layer: layers }) {
  yield ['wte.weight', [vocab, width], 0, 0.05];
  yield ['wpe.weight', [context, width], 0, 0.05];
  const inner = 4 * width;
  for (let layer = 0; layer < layers; layer++) {
    const p = `h.${layer}.`;
    yield [`${p}ln_1.weight`, [width], 1, 0.02];
    yield [`${p}ln_1.bias`, [width], 0, 0.02];
    yield [`${p}attn.c_attn.weight`, [width, 3 * width], 0, 1.4 / Math.sqrt(width)];
    yield [`${p}attn.c_attn.bias`, [3 * width], 0, 0.02];
    yield [`${p}attn.c_proj.weight`, [width, width], 0, 1.4 / Math.sqrt(width)];
    yield [`${p}attn.c_proj.bias`, [width], 0, 0.02];
    yield [`${p}ln_2.weight`, [width], 1, 0.02];
    yield [`${p}ln_2.bias`, [width], 0, 0.02];
    yield [`${p}mlp.c_fc.weight`, [width, inner], 0, 1.4 / Math.sqrt(width)];
    yield [`${p}mlp.c_fc.bias`, [inner], 0, 0.02];
    yield [`${p}mlp.c_proj.weight`, [inner, width], 0, 1.4 / Math.sqrt(inner)];
    yield [`${p}mlp.c_proj.bias`, [width], 0, 0.02];
  }
  yield ['ln_f.weight', [width], 1, 0.02];
  yield ['ln_f.bias', [width], 0, 0.02];
}

function* llamaTensors(config) {
  const { vocab_size: vocab, hidden_size: width, intermediate_size: inner } = config;
  const headDim = config.head_dim ?? width / config.num_attention_heads;
  const queries = config.num_attention_heads * headDim;
  const keys = config.num_key_value_heads * headDim;
  const linear = (name, rows, columns) => [`${name}.weight`, [rows, columns], 0, 1.4 / Math.sqrt(columns)];
  const norm = (name, size) => [`${name}.weight`, [size], 1, 0.02];
  yield ['model.embed_tokens.weight', [vocab, width], 0, 0.05];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const p = `model.layers.${layer}.`;
    yield norm(`${p}input_layernorm`, width);
    yield linear(`${p}self_attn.q_proj`, queries, width);
    yield linear(`${p}self_attn.k_proj`, keys, width);
    yield linear(`${p}self_attn.v_proj`, keys, width);
    yield linear(`${p}self_attn.o_proj`, width, queries);
    if (config.model_type === 'qwen3') {
      yield norm(`${p}self_attn.q_norm`, headDim);
      yield norm(`${p}self_attn.k_norm`, headDim);
    }
    yield norm(`${p}post_attention_layernorm`, width);
    yield linear(`${p}mlp.gate_proj`, inner, width);
    yield linear(`${p}mlp.up_proj`, inner, width);
    yield linear(`${p}mlp.down_proj`, width, inner);
  }
  yield norm('model.norm', width);
}

const tensors = (config) => (config.model_type === 'gpt2' ? gpt2Tensors(config) : llamaTensors(config));

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

/** Writes config.json and model.safetensors (0.5 to 2.4 GB) of a name of CONFIGS into `folder`, unless they stand there. */
export async function makeRandomModel(name, folder) {
  const config = CONFIGS[name];
  const file = join(folder, 'model.safetensors');
  if (await stat(file).catch(() => null)) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));

  const header = {};
  let offset = 0;
  for (const [tensor, shape] of tensors(config)) {
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
  for (const [, shape, centre, spread] of tensors(config)) {
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
