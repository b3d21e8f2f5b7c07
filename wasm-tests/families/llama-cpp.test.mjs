// The same GGUF files in llama.cpp: its greedy tokens (fixtures/llama-cpp-ids.json) are ours, but where two are as good.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from '../api/support.mjs';
import {
  differences,
  IDS_PATH,
  llamaCppFiles,
  logitsAlong,
  N_IDS,
  QUANTS,
  WITH_OTHER_RESULTS,
} from './llama-cpp-cases.mjs';

const { files, notLoaded } = JSON.parse(readFileSync(IDS_PATH, 'utf8'));
const idsOf = (name) => files[name].map((row) => row.split(' ').map(Number));

/**
 * How far below the best one a token may be that one of the two chooses, as a share of the range of our logits in f32. With
 * weights that are blocks, llama.cpp rounds what they are multiplied by to 8 bits, in blocks of 32 or 256, and so do we with
 * 'auto', to 7 where they are kept as q8: two roundings then, which differ. The largest distances that were found are half to
 * three quarters of these. Another quantisation of the same model is farther: of 15 types, each with llama.cpp's choices of
 * each other, only F16, BF16 and Q8_0 pass for one another.
 */
const MOST_GAP = { elements: 1e-3, f32: 0.02, auto: 0.04 };

/** Of the choices of a file, all prompts together. */
const LEAST_EQUAL = { elements: 0.98, f32: 0.9, auto: 0.85 };

/** Holds a model's choices against llama.cpp's, each behind the tokens that llama.cpp chose before it. */
async function compare(t, { name, path, isExact, prompts }, weights) {
  const exact = await load(t, path, { weights: 'f32' });
  const model = weights === 'f32' ? exact : await load(t, path, { weights });
  const ids = idsOf(name);
  assert.deepEqual(
    ids.map(({ length }) => length),
    prompts.map(() => N_IDS),
  );
  const differing = [];
  for (const [i, promptIds] of prompts.entries()) {
    const reference = await logitsAlong(exact, promptIds, ids[i]);
    const rows = model === exact ? reference : await logitsAlong(model, promptIds, ids[i]);
    differing.push(...differences(ids[i], rows, reference).map((one) => ({ prompt: i, ...one })));
  }
  const kind = isExact ? 'elements' : weights;
  const nIds = prompts.length * N_IDS;
  return {
    differing,
    isSame:
      differing.every(({ gap }) => gap < MOST_GAP[kind]) &&
      differing.length <= nIds * (1 - LEAST_EQUAL[kind]),
  };
}

const all = llamaCppFiles();

test('every file here was given to llama.cpp, and most it could load', () => {
  for (const { name } of all) {
    assert.equal(Number(name in files) + Number(name in notLoaded), 1, name);
  }
  assert.ok(Object.keys(files).length > 5 * Object.keys(notLoaded).length);
});

test('all quantised files that it was given are there', (t) => {
  if (!existsSync(QUANTS)) return t.skip('there is no ../shared/models/data/gguf-quants');
  const here = all.map(({ name }) => name).filter((name) => name.startsWith('gguf-quants/'));
  assert.deepEqual(
    here,
    Object.keys(files).filter((name) => name.startsWith('gguf-quants/')),
  );
});

for (const file of all.filter(({ name }) => name in files && !(name in WITH_OTHER_RESULTS))) {
  // Elements in F32 are f32 in either.
  for (const weights of file.name.startsWith('families/') ? ['f32'] : ['auto', 'f32']) {
    test(`${file.name}, ${weights}: llama.cpp's choices, but where two are as good`, async (t) => {
      const { differing, isSame } = await compare(t, file, weights);
      assert.ok(isSame, JSON.stringify(differing));
    });
  }
}

for (const [name, why] of Object.entries(WITH_OTHER_RESULTS)) {
  test(`${name}: llama.cpp computes something else (${why})`, async (t) => {
    const { isSame } = await compare(
      t,
      all.find((file) => file.name === name),
      'f32',
    );
    assert.equal(isSame, false);
  });
}

for (const [name, other] of [
  ['families/qwen3-tied', 'families/llama-tied'],
  ['gguf-quants/qwen3-q5_0', 'gguf-quants/qwen3-q8_0'],
]) {
  test(`the choices of ${other} are not taken for those of ${name}`, async (t) => {
    const file = all.find((one) => one.name === name);
    if (file === undefined) return t.skip('there is no ../shared/models/data/gguf-quants');
    const { isSame } = await compare(t, { ...file, name: other }, 'f32');
    assert.equal(isSame, false);
  });
}
