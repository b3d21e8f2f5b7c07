// Model folders as people have them, beside what transformers 5.12.1 answers (expected.json in each). They are not in the
// repository; where they are not there, nothing is tested here, and field-weights.test.mjs has fixtures of its own.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LanguageModel } from 'sotto';
import { load, sottoError } from './support.mjs';

const root = fileURLToPath(new URL('../../../shared/faults/field/', import.meta.url));
const isThere = existsSync(root);
const skip = isThere ? false : 'the folders of the field are not here';

/** Numbers of the folders that come out as in transformers, in f32. */
const EQUAL = ['01', '04', '05', '11', '12', '16', '17', '19', '21', '23', '24'];

/** What runs here and is noise there, which takes the names for others: as the base model does. */
const WRAPPED = ['08', '09'];

/** What is refused, there (or noise) and here. */
const REFUSED = {
  '07': ['missing-tensor', /lm_head\.weight/],
  28: ['bad-file', /Git LFS/],
  30: ['bad-file', /zip archive/],
  31: ['file-not-found', /pytorch_model\.bin.*save_pretrained/s],
};

function folderOf(number) {
  return `${root}${readdirSync(root).find((name) => name.startsWith(`${number}-`))}/`;
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

async function assertGreedy(t, folder, expected) {
  const model = await load(t, folder, { weights: 'f32' });
  for (const [i, prompt] of readJson(`${folder}prompts.json`).entries()) {
    const { tokenIds } = await model.generate(prompt, { temperature: 0, maxNewTokens: 12 }).result;
    const { greedy12 } = expected[i];
    const end = greedy12.findIndex((id) => model.info.eosTokenIds.includes(id));
    assert.deepEqual(tokenIds, end < 0 ? greedy12 : greedy12.slice(0, end + 1), `prompt ${i}`);
  }
  return model;
}

for (const number of EQUAL) {
  test(`folder ${number} as transformers`, { skip }, async (t) => {
    const folder = folderOf(number);
    const expected = readJson(`${folder}expected.json`);
    const model = await assertGreedy(t, folder, expected.results);
    const unexpected = expected.loading?.unexpected_keys ?? [];
    for (const name of unexpected) assert.ok(model.info.skippedTensors.includes(name), name);
  });
}

for (const number of [...WRAPPED, '27']) {
  test(`folder ${number} as the base model`, { skip }, async (t) => {
    const same = readJson(`${folderOf('04')}expected.json`);
    await assertGreedy(t, folderOf(number), same.results);
  });
}

for (const [number, [code, message]] of Object.entries(REFUSED)) {
  test(`folder ${number} is refused in words`, { skip }, async () => {
    await assert.rejects(LanguageModel.load(folderOf(number)), sottoError(code, message));
  });
}
