// The chain against transformers' logits warpers: wasm-tests/fixtures/README.md describes the file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertWithin, EXP_ERROR, gamma, UNIT_ROUNDOFF } from '../kernels/compare.mjs';
import { softmax } from './references.mjs';
import { survivors } from './run-sampler.mjs';

const folder = new URL('../fixtures/sampling/', import.meta.url);
const reference = JSON.parse(readFileSync(new URL('reference.json', folder), 'utf8'));
const floats = new Float32Array(new Uint8Array(readFileSync(new URL('reference.bin', folder))).buffer);

function rowOf(block) {
  assert.equal(block.rows, 1);
  return floats.subarray(block.offset, block.offset + block.columns);
}

/**
 * How far two f32 computations of the same probabilities may be apart. `logits` are those that are left, divided by the
 * temperature. Each computation divides once (u |logit|), subtracts the largest (u |logit - max|), takes exp
 * (EXP_ERROR), adds n weights up and divides by the sum: relative errors of exp's argument and result add up.
 */
function probabilityBound(probabilities, logits) {
  const u = UNIT_ROUNDOFF;
  const max = logits.reduce((a, b) => Math.max(a, b));
  return probabilities.map((probability, i) => {
    const argument = u * (Math.abs(logits[i]) + Math.abs(max) + (max - logits[i]));
    return 2 * probability * (argument + EXP_ERROR + gamma(probabilities.length + 1)) + 2 ** -126;
  });
}

for (const [index, { vector, temperature, topK, topP, ...expected }] of reference.cases.entries()) {
  const { name, logits: block } = reference.vectors[vector];
  test(`case ${index}: ${name} at temperature ${temperature}, top-k ${topK}, top-p ${topP}`, () => {
    const logits = rowOf(block);
    const kept = survivors({ temperature, topK, topP }, logits);
    const ascending = kept.ids.map((id, i) => ({ id, logit: kept.logits[i] })).sort((a, b) => a.id - b.id);
    const ids = ascending.map(({ id }) => id);
    const expectedIds = expected.keptIds ?? Array.from(logits.keys());
    if (expected.cutsTies) {
      const logitsOf = (some) => some.map((id) => logits[id]).sort((a, b) => a - b);
      assert.deepEqual(logitsOf(ids), logitsOf(expectedIds));
    } else {
      assert.deepEqual(ids, expectedIds);
    }

    // Where the ids may differ, equal logits have equal probabilities: compare in order of size.
    const keptLogits = ascending.map(({ logit }) => logit);
    let expectedProbabilities = Array.from(rowOf(expected.probabilities));
    if (expected.cutsTies) {
      keptLogits.sort((a, b) => a - b);
      expectedProbabilities = expectedProbabilities.sort((a, b) => a - b);
    }
    const probabilities = softmax(keptLogits);
    assertWithin(
      probabilities,
      expectedProbabilities,
      probabilityBound(probabilities, keptLogits),
      'probabilities',
    );
  });
}

test('the cases cover every filter, alone and together', () => {
  const has = (isWanted) => assert.ok(reference.cases.some(isWanted), String(isWanted));
  has((c) => c.temperature !== 1 && c.topK === 0 && c.topP === 1);
  has((c) => c.temperature === 1 && c.topK > 0 && c.topP === 1);
  has((c) => c.temperature === 1 && c.topK === 0 && c.topP < 1);
  has((c) => c.temperature !== 1 && c.topK > 0 && c.topP < 1);
  has((c) => c.keptIds === null);
});
