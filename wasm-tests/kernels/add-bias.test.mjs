import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits, assertWithin, EXP_ERROR, gamma, UNIT_ROUNDOFF } from './compare.mjs';
import { COLUMNS, normalFloats, ROWS } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';
import { geluTanh } from './references.mjs';

/** Runs `check(rows, columns, alignments)` over every size, and every misalignment of three arrays. */
function forEveryCase(check) {
  for (const columns of COLUMNS) {
    for (const rows of ROWS) {
      for (const at of MISALIGNMENTS) {
        for (const shift of MISALIGNMENTS) {
          check(rows, columns, [at, (at + shift) % 16, (at + 3 * shift) % 16]);
        }
      }
    }
  }
}

/** x after `kernel(x, rows, columns, bias)`. */
function runInPlace(kernel, x, rows, columns, bias, alignments = [0, 0]) {
  return withHeap((heap) => {
    const block = heap.copy(x, alignments[0]);
    kernel(block.address, rows, columns, heap.input(bias, alignments[1]).address);
    return block.f32().slice();
  });
}

test('a bias is added, with one rounding', () => {
  forEveryCase((rows, columns, alignments) => {
    const x = normalFloats(columns, rows * columns);
    const bias = normalFloats(columns + 1, columns, 0.1);
    assertSameBits(
      runInPlace(engine.addBias, x, rows, columns, bias, alignments),
      x.map((value, i) => value + bias[i % columns]),
      `${rows} x ${columns} at ${alignments}`,
    );
  });
});

test('a residual is added: x + (y + bias), with two roundings', () => {
  forEveryCase((rows, columns, alignments) => {
    const x = normalFloats(columns, rows * columns);
    const y = normalFloats(columns + 1, rows * columns);
    const bias = normalFloats(columns + 2, columns, 0.1);
    const actual = withHeap((heap) => {
      const block = heap.copy(x, alignments[0]);
      const yAddress = heap.input(y, alignments[1]).address;
      const biasAddress = heap.input(bias, alignments[2]).address;
      engine.addResidual(block.address, yAddress, rows, columns, biasAddress);
      return block.f32().slice();
    });
    const expected = x.map((value, i) => value + Math.fround(y[i] + bias[i % columns]));
    assertSameBits(actual, expected, `${rows} x ${columns} at ${alignments}`);
  });
});

test('infinities and NaN pass through the sums of their own column only', () => {
  const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
  const x = Float32Array.of(infinity, 1, nan, 2, -infinity, -0, 3.4e38);
  const bias = Float32Array.of(1, 1, 1, 1, 1, -0, 3.4e38);
  const actual = runInPlace(engine.addBias, x, 1, x.length, bias);
  assertSameBits(actual.subarray(3), [3, -infinity, -0, infinity], 'after the NaN');
  assertSameBits(actual.subarray(0, 2), [infinity, 2], 'before the NaN');
  assert.ok(Number.isNaN(actual[2]));
});

/**
 * How far an f32 gelu may be from the exact one of the same v, computed as v / (1 + exp(t)), t = -2u.
 *
 *   t:           square, product, constant (each u), addition, product with v, product with a constant and that
 *                constant's own rounding: |t^ - t| <= gamma(7) |t|
 *   exp(t^):     exp(t) (1 + e), |e| <= E := exp(gamma(7) |t|) (1 + EXP_ERROR) - 1
 *   1 + exp(t^): relative to 1 + exp(t) off by at most D := exp(t) E / (1 + exp(t)), and rounded once
 *   quotient:    relative error <= (1 + u) / ((1 - D) (1 - u)) - 1
 *
 * In f32 exp(t) is infinite from 2^128 on, where gelu is below 2^-127 |v| and becomes 0; exp(t) below 2^-126 becomes
 * 0 too, which 1 + exp(t) does not feel (it stays under u). A subnormal quotient rounds by 2^-150 at most.
 */
function geluBound(v) {
  const u = UNIT_ROUNDOFF;
  const t = -2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);
  const exact = Math.exp(Math.min(t, 200)); // beyond 200 everything is in the absolute term
  const largest = Math.exp(Math.min(t, 200) + gamma(7) * Math.min(Math.abs(t), 200)) * (1 + EXP_ERROR);
  const denominatorError = (largest - exact) / (1 + exact) + u;
  const relative = (1 + u) / (1 - denominatorError) / (1 - u) - 1;
  return Math.abs(geluTanh(v)) * relative + Math.abs(v) * 2 ** -127 + 2 ** -150;
}

function assertGelu(x, rows, columns, bias, alignments, where) {
  const v = Array.from(x, (value, i) => Math.fround(value + bias[i % columns]));
  const actual = runInPlace(engine.addBiasGeluTanh, x, rows, columns, bias, alignments);
  assertWithin(actual, v.map(geluTanh), v.map(geluBound), where);
}

test('the logistic form of the reference is the tanh form of the paper', () => {
  for (let v = -8; v <= 8; v += 1 / 64) {
    const u = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);
    const tanhForm = (v / 2) * (1 + Math.tanh(u));
    // Double precision: a few roundings of numbers up to |v|.
    assert.ok(Math.abs(geluTanh(v) - tanhForm) <= 8 * 2 ** -53 * Math.abs(v), `at ${v}`);
  }
});

test('gelu of every count of columns and rows, at every misalignment', () => {
  forEveryCase((rows, columns, alignments) => {
    const x = normalFloats(columns, rows * columns, 3);
    const bias = normalFloats(columns + 1, columns);
    assertGelu(x, rows, columns, bias, alignments, `${rows} x ${columns} at ${alignments}`);
  });
});

test('gelu over its whole range', () => {
  const x = Float32Array.from({ length: 120001 }, (_, i) => (i - 60000) / 4000); // -15 to 15
  assertGelu(x, 1, x.length, new Float32Array(x.length), undefined, 'from -15 to 15');
  const scales = Float32Array.from({ length: 250 }, (_, i) => 1.1 * 2 ** (i - 125));
  assertGelu(scales, 1, scales.length, new Float32Array(scales.length), undefined, 'powers of two');
  assertGelu(
    scales.map((v) => -v),
    1,
    scales.length,
    new Float32Array(scales.length),
    undefined,
    'their negatives',
  );
});

test('gelu of zeros and extremes', () => {
  const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
  const x = Float32Array.of(0, -0, 1e20, -1e20, 3.4e38, -3.4e38, infinity, nan);
  const actual = runInPlace(engine.addBiasGeluTanh, x, 1, x.length, new Float32Array(x.length).fill(-0));
  assertSameBits(actual.subarray(0, 7), [0, -0, x[2], -0, x[4], -0, infinity], 'extremes');
  assert.ok(Number.isNaN(actual[7]));
});

test('gelu gives the same bits at every place in a row', () => {
  for (const v of [-6, -1.25, -0.1, 0.3, 2, 5.5]) {
    const row = runInPlace(engine.addBiasGeluTanh, new Float32Array(7).fill(v), 1, 7, new Float32Array(7));
    assertSameBits(row, new Float32Array(7).fill(row[0]), `gelu(${v})`);
  }
});
