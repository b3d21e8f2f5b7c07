import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWithin, EXP_ERROR, UNIT_ROUNDOFF } from '../kernels/compare.mjs';
import { normalFloats } from '../kernels/data.mjs';
import { logSoftmaxOf } from './run-search.mjs';

const { NEGATIVE_INFINITY: never, POSITIVE_INFINITY: infinity, NaN: nan } = Number;

/** In double precision. */
function exact(logits) {
  const max = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0);
  return Array.from(logits, (logit) => logit - max - Math.log(sum));
}

/**
 * x - max, log(sum) and their difference are rounded once each. A relative error e_j of each term of the sum moves its
 * logarithm by the mean of e_j, weighted by the terms: EXP_ERROR, and u |x_j - max| of the argument's rounding.
 */
function bounds(logits, expected) {
  const max = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0);
  const moved = logits.reduce((total, logit) => total + (max - logit) * Math.exp(logit - max), 0) / sum;
  const ofSum = EXP_ERROR + UNIT_ROUNDOFF * (moved + Math.log(sum));
  return expected.map((y, i) => 1.01 * (ofSum + UNIT_ROUNDOFF * (max - logits[i] + Math.abs(y))));
}

test('log-probabilities of every size and misalignment', () => {
  for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17, 1003, 50257]) {
    for (const [deviation, mean] of [
      [1, 0],
      [8, -80],
      [1e-3, 5],
      [0, 2],
    ]) {
      const logits = normalFloats(size, size, deviation, mean);
      const expected = exact(logits);
      for (const misalignment of [0, 4, 8, 12]) {
        const actual = logSoftmaxOf(logits, misalignment);
        assertWithin(actual, expected, bounds(logits, expected), `${size}, ${deviation}, at ${misalignment}`);
      }
    }
  }
});

test('banned tokens stay banned, and one that is alone is certain', () => {
  assert.deepEqual(logSoftmaxOf([never, 3, never]), Float32Array.of(never, 0, never));
  assert.deepEqual(logSoftmaxOf([-7]), Float32Array.of(0));
  assert.deepEqual(logSoftmaxOf([0, -1e38, 0, 0, 0])[1], Math.fround(-1e38));
});

test('logits without a usable number are refused', () => {
  const refused = [
    [nan],
    [infinity],
    [never],
    [never, never],
    [0, nan, 1],
    [1, 2, 3, nan],
    [1, 2, 3, 4, 5, infinity],
  ];
  for (const logits of refused) assert.equal(logSoftmaxOf(logits), null, String(logits));
});
