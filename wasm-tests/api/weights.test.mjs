// How weights are kept: the option, what it does to memory, and what cannot be rounded.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { makeFile } from '../formats/make-safetensors.mjs';
import { takeApart } from './make-weights.mjs';
import { filesOf, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const BYTES = { f32: 4, q8: 34 / 32, q4: 18 / 32 };

for (const [weights, kvCache] of [
  ['f32', 'f32'],
  ['q8', 'int8'],
  ['q4', 'int8'],
]) {
  test(`${weights}: is what info says, takes as little memory, and loads in little more`, async (t) => {
    const model = await load(t, storiesPath, { weights });
    const { info } = model;
    assert.equal(info.weights, weights);
    assert.equal(info.kvCache, kvCache);
    // Positions, norms and biases stay f32: a few per cent of this model.
    const least = info.nParameters * BYTES[weights];
    assert.ok(info.weightBytes > least && info.weightBytes < least + (1 << 20), `${info.weightBytes} bytes`);
    const { peakBytes, bytesInUse } = await model.memory();
    const loading = peakBytes - bytesInUse;
    assert.ok(loading < 4 << 20, `${loading} bytes more while loading`);
    assert.equal((await model.generate('Once upon a time', { maxNewTokens: 8 }).result).tokenIds.length, 8);
  });
}

test("'auto', the default, keeps a small model as it is", async (t) => {
  for (const options of [{}, { weights: 'auto' }, { weights: undefined }]) {
    assert.equal((await load(t, fixturePath('odd-42'), options)).info.weights, 'f32');
  }
});

test('other types are refused', async () => {
  for (const weights of ['q5', 'Q8', '', 8, null, {}]) {
    await assert.rejects(
      LanguageModel.load(storiesPath, { weights }),
      sottoError('bad-option', /weights is .*"auto" or "f32" or "q8" or "q4"/),
    );
  }
});

/** odd-60 with one weight of a tensor replaced: a matrix that is stored transposed, or the embedding. */
async function filesWith(tensor, value) {
  const { header, data } = takeApart(
    new Uint8Array(await readFile(`${fixturePath('odd-60')}model.safetensors`)),
  );
  const bytes = data.slice();
  new DataView(bytes.buffer).setFloat32(header[tensor].data_offsets[0] + 4 * 77, value, true);
  return filesOf(fixturePath('odd-60'), { 'model.safetensors': makeFile(header, bytes) });
}

for (const [tensor, name] of [
  ['transformer.h.1.mlp.c_fc.weight', 'layers.1.mlp.up.weight'],
  ['transformer.wte.weight', 'token_embedding.weight'],
]) {
  test(`${tensor} with numbers that cannot be rounded is refused, with its name`, async (t) => {
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, 1e9]) {
      const files = await filesWith(tensor, value);
      for (const weights of ['q8', 'q4']) {
        await assert.rejects(
          LanguageModel.load(files, { weights }),
          sottoError('bad-file', new RegExp(`${name.replaceAll('.', '\\.')} .*weights: 'f32'`)),
        );
      }
      if (Number.isFinite(value)) assert.equal((await load(t, files)).info.weights, 'f32');
    }
  });
}
