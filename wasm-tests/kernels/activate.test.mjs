import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEveryCase } from './cases.mjs';
import { assertSameBits, assertWithin, EXP_ERROR, gamma, UNIT_ROUNDOFF } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { geluTanh, normalCdf, sigmoid } from './references.mjs';

const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
const u = UNIT_ROUNDOFF;

/**
 * How far an f32 v / (1 + exp(t)) may be from the exact one of the same v, where t takes so many roundings.
 *
 *   t:           |t^ - t| <= gamma(roundings) |t|
 *   exp(t^):     exp(t) (1 + e), |e| <= E := exp(gamma(roundings) |t|) (1 + EXP_ERROR) - 1
 *   1 + exp(t^): relative to 1 + exp(t) off by at most D := exp(t) E / (1 + exp(t)), and rounded once
 *   quotient:    relative error <= (1 + u) / ((1 - D) (1 - u)) - 1
 *
 * In f32 exp(t) is infinite from 2^128 on, where the result is below 2^-127 |v| and becomes 0; exp(t) below 2^-126
 * becomes 0 too, which 1 + exp(t) does not feel (it stays under u). A subnormal quotient rounds by 2^-150 at most.
 */
function logisticBound(v, t, roundings) {
  const size = Math.min(t, 200); // beyond 200 everything is in the absolute term
  const exact = Math.exp(size);
  const largest = Math.exp(size + gamma(roundings) * Math.abs(size)) * (1 + EXP_ERROR);
  const denominatorError = (largest - exact) / (1 + exact) + u;
  const relative = (1 + u) / (1 - denominatorError) / (1 - u) - 1;
  return (Math.abs(v) / (1 + exact)) * relative + Math.abs(v) * 2 ** -127 + 2 ** -150;
}

/** Of a function of base/math.h that is within so many units in the last place, each at most 2u of the value. */
const unitsBound = (exact, units) => units * Math.max(2 * u * Math.abs(exact), 2 ** -149);

/** The exact function, the bound of its error, and results to the bit of [0, -0, 1e20, -1e20, infinity]. */
const ACTIVATIONS = {
  'gelu-tanh': {
    exact: geluTanh,
    // t: a square, a product, a constant (each u), an addition, the product with v, that with a constant, and its own.
    bound: (v) => logisticBound(v, -2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3), 7),
    extremes: [0, -0, 1e20, -0, infinity],
  },
  gelu: {
    exact: (v) => v * normalCdf(v),
    bound: (v) => {
      const cdf = normalCdf(v);
      return Math.abs(v) * unitsBound(cdf, 8) * (1 + u) + u * Math.abs(v) * cdf + Math.abs(v) * 2 ** -126;
    },
    extremes: [0, -0, 1e20, -0, infinity],
  },
  silu: {
    exact: (v) => v * sigmoid(v),
    bound: (v) => logisticBound(v, -v, 0),
    extremes: [0, -0, 1e20, -0, infinity],
  },
  relu: { exact: (v) => Math.max(v, 0), bound: () => 0, extremes: [0, -0, 1e20, 0, infinity] },
  relu2: {
    exact: (v) => Math.max(v, 0) ** 2,
    bound: (v) => u * v ** 2 + 2 ** -150,
    extremes: [0, 0, infinity, 0, infinity],
  },
  'quick-gelu': {
    exact: (v) => v * sigmoid(1.702 * v),
    bound: (v) => logisticBound(v, -1.702 * v, 2), // the product, and the constant's own rounding
    extremes: [0, -0, 1e20, -0, infinity],
  },
  tanh: { exact: Math.tanh, bound: (v) => unitsBound(Math.tanh(v), 2), extremes: [0, -0, 1, -1, 1] },
  sigmoid: {
    exact: sigmoid,
    bound: (v) => unitsBound(sigmoid(v), 3) + 2 ** -126,
    extremes: [0.5, 0.5, 1, 0, 1],
  },
};

/** x after the activation of x + bias; no bias where it is null. */
function activate(name, x, rows, columns, bias = null, alignments = [0, 0]) {
  return withHeap((heap) => {
    const block = heap.copy(x, alignments[0]);
    const biasAddress = bias === null ? 0 : heap.input(bias, alignments[1]).address;
    engine.activate(name, block.address, rows, columns, biasAddress);
    return block.f32().slice();
  });
}

test('the logistic form of the reference is the tanh form of the paper', () => {
  for (let v = -8; v <= 8; v += 1 / 64) {
    const w = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);
    const tanhForm = (v / 2) * (1 + Math.tanh(w));
    // Double precision: a few roundings of numbers up to |v|.
    assert.ok(Math.abs(geluTanh(v) - tanhForm) <= 8 * 2 ** -53 * Math.abs(v), `at ${v}`);
  }
});

for (const [name, { exact, bound, extremes }] of Object.entries(ACTIVATIONS)) {
  const assertActivation = (x, rows, columns, bias, alignments, where) => {
    const v = Array.from(x, (value, i) => Math.fround(value + (bias?.[i % columns] ?? -0)));
    const actual = activate(name, x, rows, columns, bias, alignments);
    assertWithin(actual, v.map(exact), v.map(bound), where);
  };

  test(`${name} of every count of columns and rows, at every misalignment`, () => {
    forEveryCase((rows, columns, alignments) => {
      const x = normalFloats(columns, rows * columns, 3);
      const bias = normalFloats(columns + 1, columns);
      assertActivation(x, rows, columns, bias, alignments, `${rows} x ${columns} at ${alignments}`);
    });
  });

  test(`${name} without a bias`, () => {
    for (let columns = 1; columns <= 9; ++columns) {
      assertActivation(normalFloats(columns, 3 * columns, 3), 3, columns, null, [4, 0], `${columns} columns`);
    }
  });

  test(`${name} over its whole range`, () => {
    const x = Float32Array.from({ length: 120001 }, (_, i) => (i - 60000) / 4000); // -15 to 15
    assertActivation(x, 1, x.length, null, undefined, 'from -15 to 15');
    const scales = Float32Array.from({ length: 185 }, (_, i) => 1.1 * 2 ** (i - 125));
    assertActivation(scales, 1, scales.length, null, undefined, 'powers of two');
    const negatives = scales.map((v) => -v);
    assertActivation(negatives, 1, negatives.length, null, undefined, 'their negatives');
  });

  test(`${name} of zeros and extremes`, () => {
    const x = Float32Array.of(0, -0, 1e20, -1e20, infinity, nan);
    const actual = activate(name, x, 1, x.length);
    assertSameBits(actual.subarray(0, 5), extremes, name);
    assert.ok(Number.isNaN(actual[5]));
  });

  test(`${name} gives the same bits at every place in a row`, () => {
    for (const v of [-6, -1.25, -0.1, 0.3, 2, 5.5]) {
      const row = activate(name, new Float32Array(7).fill(v), 1, 7);
      assertSameBits(row, new Float32Array(7).fill(row[0]), `${name}(${v})`);
    }
  });

  test(`${name} as a gate: the activation times up, with one rounding, in place too`, () => {
    for (let columns = 1; columns <= 17; ++columns) {
      const gate = normalFloats(columns, columns, 3);
      const up = normalFloats(columns + 1, columns);
      const expected = activate(name, gate, 1, columns).map((value, i) => value * up[i]);
      for (const at of [0, 4, 8, 12]) {
        const run = (choose) =>
          withHeap((heap) => {
            const blocks = {
              gate: heap.copy(gate, at),
              up: heap.copy(up, (at + 4) % 16),
              out: heap.space(columns, (3 * at) % 16),
            };
            const out = choose(blocks);
            engine.gate(name, blocks.gate.address, blocks.up.address, columns, out.address);
            return out.f32().slice();
          });
        for (const place of ['out', 'gate', 'up']) {
          assertSameBits(
            run((blocks) => blocks[place]),
            expected,
            `${columns} columns at ${at} to ${place}`,
          );
        }
      }
    }
  });
}
