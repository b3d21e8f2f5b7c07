import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits } from './compare.mjs';
import { floatsBetween, largestError } from './float-ranges.mjs';
import { engine, withHeap } from './heap.mjs';

const LOWEST = Math.fround(-87.33654); // below it the result is 0
const HIGHEST = Math.fround(88.72283); // above it the result is infinite

function expOf(values) {
  return withHeap((heap) => {
    const input = heap.input(Float32Array.from(values));
    const out = heap.space(values.length);
    engine.exp(input.address, values.length, out.address);
    return out.f32().slice();
  });
}

// Math.exp is exact next to an f32.
function assertAccurate(inputs) {
  const worst = largestError(inputs, expOf(inputs), Math.exp);
  assert.ok(worst.error <= 2, `exp(${worst.x}) is off by ${worst.error} units in the last place`);
}

test('exp is within 2 units in the last place over its whole range', () => {
  // The step is prime, so that no bit of the fraction stays the same.
  assertAccurate(floatsBetween(0, HIGHEST, 1009));
  assertAccurate(floatsBetween(-0, LOWEST, 1009));
});

test('exp is within 2 units where the power of two changes, and next to its ends', () => {
  const borders = Array.from({ length: 254 }, (_, i) => (i - 126 + 0.5) * Math.LN2);
  for (const border of [...borders, LOWEST, HIGHEST]) {
    const nearby = [];
    for (let i = -64; i <= 64; ++i) nearby.push(border * (1 + i * 2 ** -23));
    assertAccurate(Float32Array.from(nearby).filter((x) => x >= LOWEST && x <= HIGHEST));
  }
});

test('exp of zeros, subnormals, infinities, NaN and what overflows', () => {
  const cases = [
    [0, 1],
    [-0, 1],
    [2 ** -149, 1],
    [-(2 ** -149), 1],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, 0],
    [88.7229, Number.POSITIVE_INFINITY],
    [3.4028234663852886e38, Number.POSITIVE_INFINITY],
    [-3.4028234663852886e38, 0],
  ];
  assertSameBits(
    expOf(cases.map(([x]) => x)),
    cases.map(([, expected]) => expected),
    'exp',
  );
  assert.ok(Number.isNaN(expOf([Number.NaN])[0]));
  assert.ok(Number.isFinite(expOf([HIGHEST])[0]));
});

test('exp is 0 where the result would be subnormal, and not before', () => {
  const below = floatsBetween(-87.33655, -110, 101);
  assertSameBits(expOf(below), new Float32Array(below.length), 'below');
  assert.ok(expOf([LOWEST])[0] >= 2 ** -126);
});

test('exp gives the same bits in every lane and for a single value', () => {
  for (const x of [-90, LOWEST, -87, -1.5, -0.3466, -0, 0, 1e-30, 0.3466, 1, 10.25, 88, HIGHEST, 89]) {
    const single = expOf([x]); // a count of 1 takes the scalar path
    for (let lane = 0; lane < 4; ++lane) {
      const vector = [-100, 3, Number.NaN, 1e9];
      vector[lane] = x;
      assertSameBits(expOf(vector).subarray(lane, lane + 1), single, `exp(${x}) in lane ${lane}`);
    }
  }
});
