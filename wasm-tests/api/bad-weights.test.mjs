import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { makeFile } from '../formats/make-safetensors.mjs';
import { takeApart } from './make-weights.mjs';
import { filesOf, fixturePath, load, sottoError } from './support.mjs';

const folder = fixturePath('odd-60');
const weights = new Uint8Array(await readFile(`${folder}model.safetensors`));

/** The weights with a changed header. */
function withHeader(change) {
  const { header, data } = takeApart(weights);
  change(header);
  return makeFile(header, data);
}

/** The weights without a tensor, and without its bytes. */
function without(name) {
  const { header, data } = takeApart(weights);
  const [begin, end] = header[name].data_offsets;
  delete header[name];
  for (const { data_offsets } of Object.values(header)) {
    if (data_offsets?.[0] >= end) for (const i of [0, 1]) data_offsets[i] -= end - begin;
  }
  const rest = new Uint8Array(data.length - (end - begin));
  rest.set(data.subarray(0, begin));
  rest.set(data.subarray(end), begin);
  return makeFile(header, rest);
}

function withHeaderLength(length) {
  const bytes = weights.slice();
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

const wte = 'transformer.wte.weight';
const badWeights = [
  ['empty', new Uint8Array(), 'bad-file', /model\.safetensors/],
  ['cut within the length of the header', weights.slice(0, 5), 'bad-file', /model\.safetensors/],
  ['cut within the header', weights.slice(0, 300), 'bad-file', /model\.safetensors/],
  ['cut within the tensors', weights.slice(0, -1000), 'bad-file', /model\.safetensors/],
  [
    'with bytes behind the tensors',
    Uint8Array.from([...weights, 0, 0, 0, 0]),
    'bad-file',
    /model\.safetensors/,
  ],
  ['with a header of length 0', withHeaderLength(0n), 'bad-file', /header/],
  ['with a header longer than the file', withHeaderLength(BigInt(weights.length)), 'bad-file', /header/],
  ['with a header of 2^64 - 1 bytes', withHeaderLength(2n ** 64n - 1n), 'bad-file', /header/],
  ['with a header that is no JSON', withHeaderLength(500n), 'bad-file', /header|JSON/],
  ['with offsets behind the end', withHeader((h) => h[wte].data_offsets.fill(2 ** 50)), 'bad-file', /wte/],
  [
    'with offsets that overlap',
    withHeader((h) => {
      h[wte].data_offsets = h['transformer.wpe.weight'].data_offsets;
    }),
    'bad-file',
    /wte|wpe/,
  ],
  [
    'with a shape that overflows',
    withHeader((h) => {
      h[wte].shape = [2 ** 40, 2 ** 40];
    }),
    'bad-file',
    /wte/,
  ],
  [
    'with a shape that is not that of the bytes',
    withHeader((h) => {
      h[wte].shape = [1003, 61];
    }),
    'bad-file',
    /wte/,
  ],
  [
    'with a tensor of another shape',
    withHeader((h) => h[wte].shape.reverse()),
    'bad-tensor',
    /wte\.weight \[60, 1003\].*1003, 60/,
  ],
  [
    'with a tensor of a type that is no weight type',
    withHeader((h) => {
      h[wte].dtype = 'I32';
    }),
    'unsupported-model',
    /wte.*I32.*F32/,
  ],
  [
    'without a tensor',
    without('transformer.h.1.mlp.c_fc.weight'),
    'missing-tensor',
    /lack transformer\.h\.1\.mlp\.c_fc\.weight \(tensor layers\.1\.mlp\.up\.weight \[/,
  ],
  [
    'with a tensor that does not belong there',
    withHeader((h) => {
      h['transformer.h.1.ln_3.weight'] = h['transformer.ln_f.weight'];
      delete h['transformer.ln_f.weight'];
    }),
    'unsupported-model',
    /h\.1\.ln_3/,
  ],
  [
    'with a tensor of a layer that is not counted instead of another',
    withHeader((h) => {
      h['transformer.h.7.ln_1.weight'] = h['transformer.ln_f.weight'];
      delete h['transformer.ln_f.weight'];
    }),
    'missing-tensor',
    /lack transformer\.ln_f\.weight .*h\.7\.ln_1\.weight were not needed/,
  ],
];
for (const [what, bytes, code, message] of badWeights) {
  test(`weights ${what} are refused`, async () => {
    const loading = LanguageModel.load(filesOf(folder, { 'model.safetensors': bytes }));
    await assert.rejects(loading, sottoError(code, message));
  });
}

test('weights that hold NaN are refused when they give no logits', async (t) => {
  const { header, data } = takeApart(weights.slice());
  const [begin] = header['transformer.ln_f.weight'].data_offsets;
  data.set([0, 0, 0xc0, 0x7f], begin);
  const model = await load(t, filesOf(folder, { 'model.safetensors': makeFile(header, data) }));
  await assert.rejects(model.generate([1]).result, sottoError('bad-file', /finite/));
  await assert.rejects(model.generate([1], { temperature: 1 }).result, sottoError('bad-file', /finite/));
  assert.equal((await model.memory()).kvPages, 0);
});
