// Tensors that come as blocks of Q8_0 and Q4_0 keep their values, whatever quantised them, and may stand beside others.
import '../relaxed-simd.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { exactDotForms } from '../../dist/engine/relaxed-probe.js';

const HIDDEN = 64;
const VOCAB = 37;
const HEADS = { nHeads: 3, nKvHeads: 1, headDim: 8 };
const ATTENTION = {
  type: 'attention',
  ...HEADS,
  qkvBias: false,
  outputBias: false,
  gate: false,
  qkNorm: null,
  rope: { pairing: 'half', dims: 8, theta: 10000, reversed: false, scaling: null },
  queryScaling: null,
  window: 0,
  softcap: 0,
  scale: 8 ** -0.5,
};
const NORM = { type: 'rms', epsilon: 1e-6, weight: false, bias: false };
const CONFIG = {
  vocabSize: VOCAB,
  contextLength: 16,
  hiddenSize: HIDDEN,
  positionTable: false,
  embeddingScale: 1,
  embeddingNorm: null,
  kinds: [
    {
      mixer: ATTENTION,
      mlp: { gated: true, activation: 'silu', intermediateSize: 96, bias: false },
      mixerNorm: NORM,
      mixerPostNorm: null,
      mlpNorm: NORM,
      mlpPostNorm: null,
      parallel: false,
      residualScale: 1,
    },
  ],
  layers: [0],
  finalNorm: NORM,
  tiedHead: true,
  headBias: false,
  logitScale: 1,
  logitSoftcap: 0,
};
// Name, rows, columns, first row.
const TENSORS = [
  ['token_embedding.weight', VOCAB, HIDDEN, 0],
  ['layers.0.attention.qkv.weight', 24, HIDDEN, 0], // q
  ['layers.0.attention.qkv.weight', 8, HIDDEN, 24], // k
  ['layers.0.attention.qkv.weight', 8, HIDDEN, 32], // v
  ['layers.0.attention.output.weight', HIDDEN, 24, 0], // rows of 24 columns: no whole blocks
  ['layers.0.mlp.up.weight', 96, HIDDEN, 0], // gate
  ['layers.0.mlp.up.weight', 96, HIDDEN, 96],
  ['layers.0.mlp.down.weight', HIDDEN, 96, 0],
];

/** A generator whose stream is fixed (mulberry32). */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TYPES = {
  // Integers that no quantiser of ours would choose: their largest magnitude is not 127, and -128 comes, too.
  Q8_0: {
    bytes: 34,
    fill: (view, random, values) => {
      for (let k = 0; k < 32; k++) {
        const q = Math.floor(random() * 256) - 128;
        view.setInt8(2 + k, q);
        values.push(q);
      }
    },
  },
  // Without 0, as the extremes of scales that were searched for.
  Q4_0: {
    bytes: 18,
    fill: (view, random, values) => {
      const q = Array.from({ length: 32 }, () => 1 + Math.floor(random() * 15));
      for (let k = 0; k < 16; k++) view.setUint8(2 + k, q[k] | (q[k + 16] << 4));
      values.push(...q.map((x) => x - 8));
    },
  },
};

/** Random blocks, and the numbers that they stand for. */
function randomBlocks(type, rows, columns, random) {
  const { bytes, fill } = TYPES[type];
  const nBlocks = (rows * columns) / 32;
  const data = new Uint8Array(nBlocks * bytes);
  const values = [];
  for (let block = 0; block < nBlocks; block++) {
    const view = new DataView(data.buffer, block * bytes, bytes);
    // An f16: 2^-11 to 2^-9, with random fractions and signs.
    view.setUint16(
      0,
      (random() < 0.5 ? 0x8000 : 0) | ((4 + Math.floor(random() * 3)) << 10) | Math.floor(random() * 1024),
      true,
    );
    const bits = view.getUint16(0, true);
    const scale = (bits & 0x8000 ? -1 : 1) * 2 ** (((bits >> 10) & 31) - 15) * (1 + (bits & 1023) / 1024);
    const integers = [];
    fill(view, random, integers);
    values.push(...integers.map((q) => Math.fround(scale * q)));
  }
  return { data, values: Float32Array.from(values) };
}

const bytesOf = (floats) => new Uint8Array(floats.buffer);

function write(model, [name, rows, columns, rowOffset], dtype, bytes, chunk = bytes.length) {
  const writer = model.beginTensor({
    name,
    rows,
    columns,
    rowOffset,
    dtype,
    transposed: false,
    regroup: null,
  });
  for (let begin = 0; begin < bytes.length; begin += chunk)
    writer.write(bytes.subarray(begin, begin + chunk));
  writer.end();
}

/** The tensors as blocks where their rows are whole ones, and as the numbers that these stand for. */
function tensorsOf(typeOf, seed) {
  const random = randomOf(seed);
  return TENSORS.map((tensor, index) => {
    const [, rows, columns] = tensor;
    if (columns % 32 === 0) {
      const type = typeOf(index);
      return { tensor, type, ...randomBlocks(type, rows, columns, random) };
    }
    const values = Float32Array.from({ length: rows * columns }, () => (random() - 0.5) * 0.2);
    return { tensor, type: 'F32', data: bytesOf(values), values };
  });
}

function logitsOf(model, ids) {
  const session = model.createSession();
  session.tap(['hidden']);
  session.append(ids, { allLogits: true });
  const result = { logits: session.logits().slice(), hidden: session.taps().hidden.slice() };
  session.dispose();
  return result;
}

const IDS = [3, 36, 0, 17, 17, 5];

for (const [label, typeOf] of [
  ['Q8_0', () => 'Q8_0'],
  ['Q4_0', () => 'Q4_0'],
  ['a mix, within q, k and v and within gate and up', (index) => (index % 2 ? 'Q4_0' : 'Q8_0')],
]) {
  test(`${label}: the values of the blocks, not ones near them`, async (t) => {
    const engine = await Engine.create({ variant: 'simd' });
    t.after(() => engine.dispose());
    const tensors = tensorsOf(typeOf, 5);
    const model = engine.createModel(CONFIG, { weights: 'f32' });
    for (const { tensor, type, data } of tensors) write(model, tensor, type, data, 1000);
    model.finish();
    const plain = engine.createModel(CONFIG, { weights: 'f32' });
    for (const { tensor, values } of tensors) write(plain, tensor, 'F32', bytesOf(values));
    plain.finish();
    const blocks = logitsOf(model, IDS);
    const exact = logitsOf(plain, IDS);
    // The embedding's rows are looked up: to the bit.
    const width = IDS.length * HIDDEN;
    assert.deepEqual(blocks.hidden.subarray(0, width), exact.hidden.subarray(0, width));
    // Products round their activations to 7 or 8 bits: near, and nearer than any other weights would be.
    const range = Math.max(...exact.logits) - Math.min(...exact.logits);
    const largest = exact.logits.reduce((most, x, i) => Math.max(most, Math.abs(x - blocks.logits[i])), 0);
    assert.ok(largest < 0.04 * range, `${largest} of ${range}`);
    assert.ok(model.weightBytes < plain.weightBytes / 2);
  });
}

test('a mix has the same bits in every form of the dot product, which is chosen for each type', async (t) => {
  const run = async (options) => {
    const engine = await Engine.create(options);
    t.after(() => engine.dispose());
    const model = engine.createModel(CONFIG, { weights: 'f32' });
    for (const { tensor, type, data } of tensorsOf((index) => (index % 2 ? 'Q4_0' : 'Q8_0'), 5))
      write(model, tensor, type, data);
    model.finish();
    return { dotForms: model.dotForms, ...logitsOf(model, IDS) };
  };
  const plain = await run({ variant: 'simd' });
  assert.deepEqual(plain.dotForms, {});
  const forms = await exactDotForms();
  assert.ok(forms.includes('pairs'));
  for (const dotForm of forms) {
    const relaxed = await run({ variant: 'relaxed', dotForm });
    assert.deepEqual(relaxed.dotForms, { q8: dotForm, q4: dotForm });
    assert.deepEqual(relaxed.logits, plain.logits);
  }
});

test('what cannot be blocks, and blocks that are damaged', async (t) => {
  const engine = await Engine.create({ variant: 'simd' });
  t.after(() => engine.dispose());
  const model = engine.createModel(CONFIG, { weights: 'q8' });
  const begin = (change) => () =>
    model.beginTensor({
      name: 'token_embedding.weight',
      rows: VOCAB,
      columns: HIDDEN,
      rowOffset: 0,
      dtype: 'Q8_0',
      transposed: false,
      regroup: null,
      ...change,
    });
  assert.throws(begin({ dtype: 'Q9_9' }), { code: 'bad-tensor', message: /F32, F16, BF16, Q8_0, Q4_0/ });
  assert.throws(begin({ name: 'layers.0.attention.output.weight', rows: HIDDEN, columns: 24 }), {
    code: 'bad-tensor',
  });
  assert.throws(begin({ rows: HIDDEN, columns: VOCAB, transposed: true }), { code: 'bad-tensor' });
  // A scale that is not finite; then the tensor may begin again.
  const { data } = randomBlocks('Q8_0', VOCAB, HIDDEN, randomOf(1));
  new DataView(data.buffer).setUint16(34 * 3, 0x7c00, true);
  assert.throws(() => write(model, TENSORS[0], 'Q8_0', data), {
    code: 'bad-file',
    message: /token_embedding.weight/,
  });
  new DataView(data.buffer).setUint16(34 * 3, 0x3c00, true);
  write(model, TENSORS[0], 'Q8_0', data);
});
