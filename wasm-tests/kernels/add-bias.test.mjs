import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEveryCase } from './cases.mjs';
import { assertSameBits } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';

/** x after a bias was added, or none where it is null. */
function addBias(x, rows, columns, bias, alignments = [0, 0]) {
  return withHeap((heap) => {
    const block = heap.copy(x, alignments[0]);
    engine.addBias(block.address, rows, columns, bias === null ? 0 : heap.input(bias, alignments[1]).address);
    return block.f32().slice();
  });
}

/** x after a residual was added. */
function addResidual(x, y, rows, columns, bias, scale = 1, alignments = [0, 0, 0]) {
  return withHeap((heap) => {
    const block = heap.copy(x, alignments[0]);
    const yAddress = heap.input(y, alignments[1]).address;
    const biasAddress = bias === null ? 0 : heap.input(bias, alignments[2]).address;
    engine.addResidual(block.address, yAddress, rows, columns, biasAddress, scale);
    return block.f32().slice();
  });
}

test('a bias is added, with one rounding', () => {
  forEveryCase((rows, columns, alignments) => {
    const x = normalFloats(columns, rows * columns);
    const bias = normalFloats(columns + 1, columns, 0.1);
    assertSameBits(
      addBias(x, rows, columns, bias, alignments),
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
    const expected = x.map((value, i) => value + Math.fround(y[i] + bias[i % columns]));
    const actual = addResidual(x, y, rows, columns, bias, 1, alignments);
    assertSameBits(actual, expected, `${rows} x ${columns} at ${alignments}`);
  });
});

test('a residual is scaled: x + (y + bias) scale, with three roundings', () => {
  const { fround } = Math;
  const scale = fround(0.22);
  forEveryCase((rows, columns, alignments) => {
    const x = normalFloats(columns, rows * columns);
    const y = normalFloats(columns + 1, rows * columns);
    const bias = normalFloats(columns + 2, columns, 0.1);
    const expected = x.map((value, i) => value + fround(fround(y[i] + bias[i % columns]) * scale));
    const actual = addResidual(x, y, rows, columns, bias, scale, alignments);
    assertSameBits(actual, expected, `${rows} x ${columns} at ${alignments}`);
  });
});

test('without a bias nothing is added, not to zeros either', () => {
  for (let columns = 1; columns <= 9; ++columns) {
    const x = normalFloats(columns, 2 * columns).fill(-0, 0, columns);
    assertSameBits(addBias(x, 2, columns, null), x, `${columns} columns`);
    const minusZeros = new Float32Array(2 * columns).fill(-0);
    assertSameBits(addResidual(minusZeros, x, 2, columns, null), x, `a residual of ${columns} columns`);
  }
});

test('infinities and NaN pass through the sums of their own column only', () => {
  const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
  const x = Float32Array.of(infinity, 1, nan, 2, -infinity, -0, 3.4e38);
  const bias = Float32Array.of(1, 1, 1, 1, 1, -0, 3.4e38);
  const actual = addBias(x, 1, x.length, bias);
  assertSameBits(actual.subarray(3), [3, -infinity, -0, infinity], 'after the NaN');
  assertSameBits(actual.subarray(0, 2), [infinity, 2], 'before the NaN');
  assert.ok(Number.isNaN(actual[2]));
});
