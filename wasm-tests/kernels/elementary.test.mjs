// The functions of base/math.h that stand on exp_f32x4.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits } from './compare.mjs';
import { floatsBetween, largestError } from './float-ranges.mjs';
import { engine, withHeap } from './heap.mjs';
import { normalCdf, sigmoid } from './references.mjs';

const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;

/** Units in the last place are those of base/math.h; `special` has pairs of an input and its result to the bit. */
const FUNCTIONS = [
  {
    name: 'sigmoid',
    reference: sigmoid,
    units: 3,
    ranges: [
      [2 ** -149, 100],
      [-(2 ** -149), -87.3],
    ],
    special: [
      [0, 0.5],
      [-0, 0.5],
      [infinity, 1],
      [-infinity, 0],
      [3.4e38, 1],
      [-3.4e38, 0],
    ],
  },
  {
    name: 'softplus',
    reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    units: 4,
    ranges: [
      [2 ** -149, 100],
      [-(2 ** -149), -87.3],
    ],
    special: [
      [0, Math.LN2],
      [infinity, infinity],
      [-infinity, 0],
      [3.4e38, 3.4e38],
      [-88, 0],
    ],
  },
  {
    name: 'tanh',
    reference: Math.tanh,
    units: 2,
    ranges: [
      [2 ** -149, 100],
      [-(2 ** -149), -100],
    ],
    special: [
      [0, 0],
      [-0, -0],
      [2 ** -149, 2 ** -149],
      [infinity, 1],
      [-infinity, -1],
      [3.4e38, 1],
      [-3.4e38, -1],
    ],
  },
  {
    name: 'normalCdf',
    reference: normalCdf,
    units: 8,
    ranges: [
      [2 ** -149, 20],
      [-(2 ** -149), -13],
    ],
    special: [
      [infinity, 1],
      [-infinity, 0],
      [-13.3, 0],
      [3.4e38, 1],
      [-3.4e38, 0],
    ],
  },
];

function apply(name, values) {
  return withHeap((heap) => {
    const out = heap.space(values.length);
    engine[name](heap.input(Float32Array.from(values)).address, values.length, out.address);
    return out.f32().slice();
  });
}

for (const { name, reference, units, ranges, special } of FUNCTIONS) {
  test(`${name} is within ${units} units in the last place over its whole range`, () => {
    for (const [first, last] of ranges) {
      // The step is prime, so that no bit of the fraction stays the same.
      const inputs = floatsBetween(first, last, 1009);
      const worst = largestError(inputs, apply(name, inputs), reference);
      assert.ok(worst.error <= units, `${name}(${worst.x}) is off by ${worst.error} units`);
    }
  });

  test(`${name} of zeros, infinities, NaN and extremes`, () => {
    const inputs = special.map(([x]) => x);
    assertSameBits(
      apply(name, inputs),
      special.map(([, y]) => y),
      name,
    );
    assert.ok(Number.isNaN(apply(name, [nan])[0]));
  });

  test(`${name} gives the same bits in every lane and for a single value`, () => {
    for (const x of [-90, -5, -1.5, -0.625, -0.3, -0, 0, 1e-30, 0.3, 0.6251, 1, 10.25, 90]) {
      const single = apply(name, [x]);
      for (let lane = 0; lane < 4; ++lane) {
        const vector = [-100, 3, nan, 1e9];
        vector[lane] = x;
        assertSameBits(apply(name, vector).subarray(lane, lane + 1), single, `${name}(${x}), lane ${lane}`);
      }
    }
  });
}
