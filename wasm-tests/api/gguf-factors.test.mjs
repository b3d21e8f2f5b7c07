// GGUF files made of NVIDIA's NVFP4: behind such a weight stands a factor of all of it, and one of what it is multiplied by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { differences, logitsAlong } from '../families/llama-cpp-cases.mjs';
import { writeGguf } from '../formats/gguf-writer.mjs';
import { randomOf } from './block-models.mjs';
import { load, sottoError } from './support.mjs';

const [F32, NVFP4] = [0, 40];
/** Rows of NVFP4 are whole blocks of 64. All else is odd: 5 heads on 1, 3 blocks a row, 37 tokens. */
const SIZES = { hidden: 192, heads: 5, headDim: 64, intermediate: 320, vocab: 37, layers: 2 };
const IDS = [3, 36, 0, 17, 17, 5, 11, 29];

const METADATA = [
  ['general.architecture', 'string', 'llama'],
  ['llama.block_count', 'u32', SIZES.layers],
  ['llama.context_length', 'u32', 64],
  ['llama.embedding_length', 'u32', SIZES.hidden],
  ['llama.feed_forward_length', 'u32', SIZES.intermediate],
  ['llama.attention.head_count', 'u32', SIZES.heads],
  ['llama.attention.head_count_kv', 'u32', 1],
  ['llama.attention.key_length', 'u32', SIZES.headDim],
  ['llama.attention.value_length', 'u32', SIZES.headDim],
  ['llama.attention.layer_norm_rms_epsilon', 'f32', 1e-5],
  ['llama.rope.freq_base', 'f32', 10_000],
];

/** Products of the model by name: [rows, columns]. */
const PRODUCTS = Object.fromEntries([
  ...Array.from({ length: SIZES.layers }, (_, layer) => {
    const { hidden, intermediate, headDim } = SIZES;
    const width = SIZES.heads * headDim;
    return Object.entries({
      attn_q: [width, hidden],
      attn_k: [headDim, hidden],
      attn_v: [headDim, hidden],
      attn_output: [hidden, width],
      ffn_gate: [intermediate, hidden],
      ffn_up: [intermediate, hidden],
      ffn_down: [hidden, intermediate],
    }).map(([name, shape]) => [`blk.${layer}.${name}`, shape]);
  }).flat(),
  ['output', [SIZES.vocab, SIZES.hidden]],
]);

const floats = (values) => new Uint8Array(Float32Array.from(values).buffer);
const vector = (name, values) => ({ name, dims: [values.length], type: F32, bytes: floats(values) });

const E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

/** Random blocks, with values as the format has them, by the words of its description: sixteen of each scale. */
function randomNvfp4(nBlocks, random) {
  const bytes = new Uint8Array(nBlocks * 36);
  const values = new Float32Array(nBlocks * 64);
  for (let block = 0; block < nBlocks; block++) {
    const alike = random() < 0.5; // scales in pairs
    for (let group = 0; group < 4; group++) {
      const isSecond = group % 2 === 1;
      const scale = alike && isSecond ? bytes[block * 36 + group - 1] : 0x28 + Math.floor(random() * 0x20);
      bytes[block * 36 + group] = scale;
      const factor = (1 + (scale & 7) / 8) * 2 ** ((scale >> 3) - 7);
      for (let i = 0; i < 16; i++) {
        const code = Math.floor(random() * 16);
        bytes[block * 36 + 4 + group * 8 + (i % 8)] |= i < 8 ? code : code << 4;
        values[block * 64 + group * 16 + i] = (code & 8 ? -1 : 1) * E2M1[code & 7] * factor;
      }
    }
  }
  return { bytes, values };
}

/** Two files of the same model: with blocks and factors, and with their products as numbers. */
function makeFiles({ factorName = (name) => `${name}.scale`, change = (tensors) => tensors } = {}) {
  const random = randomOf(11);
  const of = (length, size) => Array.from({ length }, () => (random() - 0.5) * size);
  const others = [
    {
      name: 'token_embd.weight',
      dims: [SIZES.hidden, SIZES.vocab],
      type: F32,
      bytes: floats(of(SIZES.vocab * SIZES.hidden, 2)),
    },
    vector('output_norm.weight', Array(SIZES.hidden).fill(1)),
    ...Array.from({ length: SIZES.layers }, (_, layer) =>
      ['attn_norm', 'ffn_norm'].map((name) =>
        vector(`blk.${layer}.${name}.weight`, Array(SIZES.hidden).fill(1)),
      ),
    ).flat(),
  ];
  const [inBlocks, inNumbers] = [[...others], [...others]];
  for (const [name, [rows, columns]] of Object.entries(PRODUCTS)) {
    const { bytes, values } = randomNvfp4((rows * columns) / 64, random);
    const factor = Math.fround(0.01 + 0.03 * random());
    const dims = [columns, rows];
    inBlocks.push(
      { name: `${name}.weight`, dims, type: NVFP4, bytes },
      vector(factorName(name), [factor]),
      vector(`${name}.input_scale`, [0.125]),
    );
    inNumbers.push({ name: `${name}.weight`, dims, type: F32, bytes: floats(values.map((x) => x * factor)) });
  }
  return [change(inBlocks), inNumbers].map((tensors) => writeGguf({ metadata: METADATA, tensors }));
}

async function logitsOf(model) {
  const session = await model.createSession();
  const rows = [];
  for (const id of IDS) {
    await session.append([id]);
    rows.push(await session.logits());
  }
  return rows;
}

for (const [label, factorName] of [
  ['.scale', (name) => `${name}.scale`],
  ['.weight.scale', (name) => `${name}.weight.scale`],
]) {
  test(`weights in NVFP4 are multiplied by ${label}: in f32 to the bit`, async (t) => {
    const [blocks, numbers] = makeFiles({ factorName });
    const model = await load(t, blocks, { weights: 'f32' });
    const plain = await load(t, numbers, { weights: 'f32' });
    assert.deepEqual(await logitsOf(model), await logitsOf(plain));
    assert.deepEqual(
      model.info.skippedTensors,
      Object.keys(PRODUCTS).map((name) => `${name}.input_scale`),
    );
  });
}

/**
 * What llama.cpp 0.7.0 chooses behind IDS for the file with blocks: `withLlamaServer` of tools/fixtures/llama-server.mjs asks it.
 */
const IDS_OF_LLAMA_CPP = [
  5, 26, 5, 26, 5, 26, 5, 16, 5, 13, 23, 11, 16, 5, 13, 25, 29, 5, 13, 25, 6, 5, 18, 26,
];

test("llama.cpp's choices for such a file are ours, but where two are as good", async (t) => {
  const model = await load(t, makeFiles()[0], { weights: 'f32' });
  const rows = await logitsAlong(model, IDS, IDS_OF_LLAMA_CPP);
  const differing = differences(IDS_OF_LLAMA_CPP, rows, rows);
  assert.ok(differing.length <= 3 && differing.every(({ gap }) => gap < 0.02), JSON.stringify(differing));
});

test("'auto' keeps them as q8, near their values, in the memory that the estimate tells", async (t) => {
  const [blocks, numbers] = makeFiles();
  const model = await load(t, blocks);
  const plain = await load(t, numbers, { weights: 'f32' });
  const [near, exact] = [await logitsOf(model), await logitsOf(plain)];
  const range = Math.max(...exact.flatMap((row) => [...row])) - Math.min(...exact.flatMap((row) => [...row]));
  for (const [i, row] of near.entries()) {
    const largest = row.reduce((most, x, id) => Math.max(most, Math.abs(x - exact[i][id])), 0);
    assert.ok(largest < 0.04 * range, `${largest} of ${range}, position ${i}`);
  }
  const nProducts = Object.values(PRODUCTS).reduce((sum, [rows, columns]) => sum + rows * columns, 0);
  const { weightTypes, weightBytes } = model.info;
  assert.ok(weightTypes.q8 > nProducts && weightTypes.q8 < 1.2 * nProducts, JSON.stringify(weightTypes));
  for (const weights of ['auto', 'f32', 'q4']) {
    const estimate = await LanguageModel.estimate(blocks, { weights });
    const loaded = weights === 'auto' ? model : await load(t, blocks, { weights });
    assert.equal(estimate.memory.weights, loaded.info.weightBytes, weights);
    assert.equal(loaded === model, loaded.info.weightBytes === weightBytes, weights);
  }
});

const without = (name) => (tensors) => tensors.filter((tensor) => tensor.name !== name);
const behindOthers = (name) => (tensors) => [
  ...without(name)(tensors),
  tensors.find((tensor) => tensor.name === name),
];
const replaced = (name, values) => (tensors) =>
  tensors.map((tensor) => (tensor.name === name ? vector(name, values) : tensor));

for (const [label, change, code, message] of [
  [
    'that does not stand behind its weight',
    behindOthers('blk.0.ffn_up.scale'),
    'unsupported-model',
    /^m\.gguf: tensor "blk\.0\.ffn_up\.scale" is a factor .* "blk\.0\.ffn_up\.weight" does not stand right before it/,
  ],
  [
    'of a weight in another type',
    (tensors) => [...tensors.slice(0, 1), vector('token_embd.scale', [2]), ...tensors.slice(1)],
    'unsupported-model',
    /^m\.gguf: tensor "token_embd\.scale" is a factor .*Q4_K_M or Q8_0\.$/,
  ],
  [
    'of several numbers',
    replaced('output.scale', [1, 2]),
    'unsupported-model',
    /tensor "output\.scale" is a factor .* it is F32 \[2\]/,
  ],
  [
    'that is no number',
    replaced('blk.1.attn_k.scale', [Number.NaN]),
    'bad-file',
    /"blk\.1\.attn_k\.scale" is NaN/,
  ],
  ['of 0', replaced('blk.1.attn_k.scale', [0]), 'bad-file', /"blk\.1\.attn_k\.scale" is 0;/],
]) {
  test(`a factor ${label} is refused, not passed over`, async () => {
    const [blocks] = makeFiles({ change });
    const source = new File([blocks], 'm.gguf');
    await assert.rejects(LanguageModel.load(source), sottoError(code, message));
    if (code !== 'unsupported-model') return;
    await assert.rejects(LanguageModel.estimate(source), sottoError(code, message)); // before weights are fetched
  });
}

test('a factor in a layer that is not computed is passed over with the layer', async (t) => {
  const name = 'blk.99.attn_q.scale';
  const [blocks, numbers] = makeFiles({ change: (tensors) => [...tensors, vector(name, [3])] });
  const model = await load(t, blocks, { weights: 'f32' });
  const plain = await load(t, numbers, { weights: 'f32' });
  assert.deepEqual(await logitsOf(model), await logitsOf(plain));
  assert.ok(model.info.skippedTensors.includes(name));
});
