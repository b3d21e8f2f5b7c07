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
 * How far two f32 computations of the same probabilities may be apart. `scaled` are the logits that are left, divided by
 * the temperature. Whether the largest is subtracted before or after the division, and with a temperature that is
 * rounded to f32, an argument of exp is off by at most u (|scaled| + |max| + 3 |scaled - max|), which is a relative error
 * of the weight, and exp adds EXP_ERROR. A probability has the error of its own weight, the mean error of all the
 * weights, and gamma(n) of their sum and the division by it.
 */
function probabilityBound(probabilities, scaled) {
  const max = scaled.reduce((a, b) => Math.max(a, b));
  const weightErrors = scaled.map(
    (x) => UNIT_ROUNDOFF * (Math.abs(x) + Math.abs(max) + 3 * (max - x)) + EXP_ERROR,
  );
  const meanError = weightErrors.reduce((sum, error, i) => sum + probabilities[i] * error, 0);
  return probabilities.map(
    (probability, i) =>
      2 * probability * (weightErrors[i] + meanError + gamma(probabilities.length)) + 2 ** -126,
  );
}

function assertCase({ vector, temperature, topK, topP, keptIds, probabilities, cutsTies }) {
  const logits = rowOf(reference.vectors[vector].logits);
  const where = `temperature ${temperature}, top-k ${topK}, top-p ${topP}`;
  const kept = survivors({ temperature, topK, topP }, logits);
  const ascending = kept.ids.map((id, i) => ({ id, logit: kept.logits[i] })).sort((a, b) => a.id - b.id);
  const ids = ascending.map(({ id }) => id);
  const expectedIds = keptIds ?? Array.from(logits.keys());
  // Where any ids of a value may stand for each other, compare logits and probabilities in order of size.
  const inOrder = (values) => (cutsTies ? values.sort((a, b) => a - b) : values);
  if (cutsTies) {
    const logitsOf = (some) => inOrder(some.map((id) => logits[id] + 0)); // -0 + 0 is 0
    assert.deepEqual(logitsOf(ids), logitsOf(expectedIds), where);
  } else {
    assert.deepEqual(ids, expectedIds, where);
  }

  const scaled = inOrder(ids.map((id) => logits[id] / temperature));
  const actual = softmax(inOrder(ascending.map(({ logit }) => logit)));
  assertWithin(actual, inOrder(Array.from(rowOf(probabilities))), probabilityBound(actual, scaled), where);
}

for (const [index, { name }] of reference.vectors.entries()) {
  test(`the chain leaves what transformers leaves: ${name}`, () => {
    const cases = reference.cases.filter(({ vector }) => vector === index);
    assert.ok(cases.length > 0);
    for (const example of cases) assertCase(example);
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
