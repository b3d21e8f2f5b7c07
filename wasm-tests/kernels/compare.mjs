// Assertions on arrays of floats, and the terms in which error bounds are stated (N. Higham, Accuracy and Stability of
// Numerical Algorithms, 2002, chapters 2 and 3).
import assert from 'node:assert/strict';

/** u: an f32 operation gives its exact result times (1 + d) with |d| <= u. */
export const UNIT_ROUNDOFF = 2 ** -24;

/** Of exp_f32x4: 2 units in the last place, each of which is at most 2u of the value. */
export const EXP_ERROR = 4 * UNIT_ROUNDOFF;

/** Largest relative error of n roundings in a row: (1 + u)^n - 1 and its inverse are both below n u / (1 - n u). */
export function gamma(n) {
  return (n * UNIT_ROUNDOFF) / (1 - n * UNIT_ROUNDOFF);
}

/** Fails unless |actual[i] - expected[i]| <= bound[i] for every i; `where` names the case. */
export function assertWithin(actual, expected, bound, where) {
  assert.equal(actual.length, expected.length, where);
  for (let i = 0; i < expected.length; ++i) {
    const error = Math.abs(actual[i] - expected[i]);
    if (error <= bound[i]) continue; // false for NaN
    assert.fail(`${where}: [${i}] is ${actual[i]}, not ${expected[i]} within ${bound[i]}; off by ${error}`);
  }
}

/** Fails unless both hold the same bits, so that -0 is not 0 and a NaN equals itself. */
export function assertSameBits(actual, expected, where) {
  assert.equal(actual.length, expected.length, where);
  const actualBits = bitsOf(actual);
  const expectedBits = bitsOf(expected);
  for (let i = 0; i < expected.length; ++i) {
    if (actualBits[i] === expectedBits[i]) continue;
    const hex = (bits) => `0x${bits.toString(16).padStart(8, '0')}`;
    assert.fail(
      `${where}: [${i}] is ${actual[i]} (${hex(actualBits[i])}), not ${expected[i]} (${hex(expectedBits[i])})`,
    );
  }
}

function bitsOf(values) {
  if (values instanceof Uint32Array) return values;
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
}
