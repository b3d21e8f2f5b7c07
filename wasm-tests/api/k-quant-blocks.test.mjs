// Tensors that come as blocks of GGUF's K types keep them: their values, beside each other and in every build and form.
import '../relaxed-simd.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { exactDotForms } from '../../build/web/engine/relaxed-probe.js';
import { K_TYPES, randomKBlocks } from '../kernels/k-quants-references.mjs';
import { blockConfig, blockTensors, bytesOf, logitsOf, randomOf, VOCAB, write } from './block-models.mjs';
import { CONFIG, HIDDEN, mixed, NAMES, TENSORS, tensorsOf } from './k-quant-model.mjs';

const IDS = [3, 36, 0, 17, 17, 5];
for (const [label, typeOf] of [
  ...NAMES.map((type) => [type, () => type]),
  ['a mix, within q, k and v and within gate and up', mixed],
]) {
  test(`${label}: the values of the blocks, not ones near them`, async (t) => {
    const engine = await Engine.create({ variant: 'simd' });
    t.after(() => engine.dispose());
    const tensors = tensorsOf(typeOf);
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
    // Products round their activations to 8 bits: near, and nearer than any other weights would be.
    const range = Math.max(...exact.logits) - Math.min(...exact.logits);
    const largest = exact.logits.reduce((most, x, i) => Math.max(most, Math.abs(x - blocks.logits[i])), 0);
    assert.ok(largest < 0.04 * range, `${largest} of ${range}`);
    assert.ok(model.weightBytes < plain.weightBytes / 3);
  });
}

test('a mix has the same bits in every build and form of the dot product, which is chosen for each type', async (t) => {
  const run = async (options) => {
    const engine = await Engine.create(options);
    t.after(() => engine.dispose());
    const model = engine.createModel(CONFIG, { weights: 'f32' });
    for (const { tensor, type, data } of tensorsOf(mixed)) write(model, tensor, type, data);
    model.finish();
    return { dotForms: model.dotForms, ...logitsOf(model, IDS) };
  };
  const plain = await run({ variant: 'simd' });
  assert.deepEqual(plain.dotForms, {});
  for (const dotForm of await exactDotForms()) {
    const relaxed = await run({ variant: 'relaxed', dotForm });
    assert.deepEqual(relaxed.dotForms, { q4_k: dotForm, q5_k: dotForm, q6_k: dotForm });
    assert.deepEqual(relaxed.logits, plain.logits);
  }
});

test('no elements become K types, and rows are whole blocks of 256', async (t) => {
  const engine = await Engine.create({ variant: 'simd' });
  t.after(() => engine.dispose());
  for (const weights of NAMES) {
    assert.throws(() => engine.createModel(CONFIG, { weights }), { code: 'bad-option', message: /weights/ });
  }
  const narrow = engine.createModel(blockConfig(64, 96), { weights: 'q8' });
  for (const { fileType } of Object.values(K_TYPES)) {
    assert.throws(() => write(narrow, blockTensors(64, 96)[0], fileType, new Uint8Array(0)), {
      code: 'bad-tensor',
      message: /token_embedding.weight/,
    });
  }
});

test('a scale that is not finite is the fault of the file; then the tensor may begin again', async (t) => {
  const engine = await Engine.create({ variant: 'simd' });
  t.after(() => engine.dispose());
  const model = engine.createModel(CONFIG, { weights: 'q8' });
  const [, rows, columns] = TENSORS[0];
  assert.equal(rows, VOCAB);
  for (const [type, { fileType, bytes, scalesAt }] of Object.entries(K_TYPES)) {
    for (const at of scalesAt) {
      const data = randomKBlocks(type, (rows * columns) / 256, randomOf(1));
      new DataView(data.buffer).setUint16(3 * bytes + at, 0x7c00, true);
      assert.throws(() => write(model, TENSORS[0], fileType, data), {
        code: 'bad-file',
        message: /token_embedding.weight/,
      });
    }
  }
  write(model, TENSORS[0], 'Q6_K', randomKBlocks('q6_k', (rows * columns) / 256, randomOf(1)));
});
