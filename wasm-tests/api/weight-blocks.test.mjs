// Tensors that come as blocks of Q8_0 and Q4_0 keep their values, whatever quantised them, and may stand beside others.
import '../relaxed-simd.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { exactDotForms } from '../../build/web/engine/relaxed-probe.js';
import { blockConfig, blockTensors, bytesOf, logitsOf, randomOf, VOCAB, write } from './block-models.mjs';

const HIDDEN = 64;
const CONFIG = blockConfig(HIDDEN, 96);
const TENSORS = blockTensors(HIDDEN, 96);

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
