// Makes the model that the benchmarks run: GPT-2 124M's shape with random weights, as f32 safetensors.
//   node bench/random-gpt2.mjs FOLDER

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const CONFIG = {
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
};

/** The tensors in the order of the file: [name, shape, centre, spread]; products spread by 1.4 / sqrt(fan in). */
function* tensors({ vocab_size: vocab, n_positions: context, n_embd: width, n_layer: layers }) {
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

/** Writes config.json and model.safetensors (498 MB) into `folder`, unless they stand there. */
export async function makeRandomGpt2(folder, config = CONFIG) {
  const file = join(folder, 'model.safetensors');
  if (await stat(file).catch(() => null)) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));

  const header = {};
  let offset = 0;
  for (const [name, shape] of tensors(config)) {
    const end = offset + 4 * product(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
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

if (process.argv[1] === import.meta.filename)
  console.log(await makeRandomGpt2(process.argv[2] ?? 'build/bench/gpt2'));
