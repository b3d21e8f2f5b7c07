import { test } from 'node:test';
import { forEveryCase } from './cases.mjs';
import { assertSameBits, assertWithin, gamma, UNIT_ROUNDOFF } from './compare.mjs';
import { COLUMNS, normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { rmsNorm } from './references.mjs';

const EPSILON = Math.fround(1e-6);

/** `weight` may be null. */
function runRmsNorm({ x, rows, columns, weight, offset = 0, epsilon = EPSILON }, alignments = [0, 0, 0]) {
  return withHeap((heap) => {
    const y = heap.space(rows * columns, alignments[2]);
    const input = heap.input(x, alignments[0]).address;
    const weights = weight === null ? 0 : heap.input(weight, alignments[1]).address;
    engine.rmsNorm(input, rows, columns, columns, weights, offset, epsilon, y.address);
    return y.f32().slice();
  });
}

/**
 * How far an f32 RMS norm y = x s f may be from the exact one, whatever the order of its sum: s = 1 / sqrt(m + epsilon),
 * f = offset + weight, u the unit roundoff, n the columns.
 *
 *   m:      n squares, n - 1 additions, a division, all of one sign: relative error gamma(n + 1)
 *   s:      an addition, the root, which halves a relative error, its own rounding and the division:
 *           relative error <= (1 - gamma(n + 2))^(-1/2) (1 + u)^2 - 1, to which 2u^2 is added
 *   result: two products, and the addition in f: |y^ - y| <= |y| ((1 + s) (1 + u)^3 - 1)
 */
function assertRmsNorm(example, alignments, where) {
  const { x, rows, columns, weight, offset = 0, epsilon = EPSILON } = example;
  const factors = Float64Array.from({ length: columns }, (_, i) =>
    weight === null ? 1 : offset + weight[i],
  );
  const expected = rmsNorm(x, rows, columns, factors, epsilon);
  const u = UNIT_ROUNDOFF;
  const relative = ((1 + u) ** 2 / Math.sqrt(1 - gamma(columns + 2)) + 2 * u ** 2) * (1 + u) ** 3 - 1;
  assertWithin(
    runRmsNorm(example, alignments),
    expected,
    expected.map((y) => Math.abs(y) * relative),
    where,
  );
}

function exampleOf(rows, columns, deviation = 1, mean = 0) {
  return {
    rows,
    columns,
    x: normalFloats(rows * 1000 + columns, rows * columns, deviation, mean),
    weight: normalFloats(columns, columns),
  };
}

test('rms norm of every count of columns and rows, at every misalignment', () => {
  forEveryCase((rows, columns, alignments) => {
    assertRmsNorm(exampleOf(rows, columns), alignments, `${rows} x ${columns} at ${alignments}`);
  });
});

test('rms norm with weights that are kept as their distance from 1, and without weights', () => {
  for (const columns of COLUMNS) {
    const example = exampleOf(2, columns);
    assertRmsNorm({ ...example, offset: 1 }, undefined, `${columns} columns, 1 + w`);
    assertRmsNorm({ ...example, weight: null }, undefined, `${columns} columns, no weight`);
    assertRmsNorm(
      { ...example, weight: null, offset: 1 },
      undefined,
      `${columns} columns, no weight of 1 + w`,
    );
  }
});

test('rms norm of tiny and of huge rows, and of those far from zero', () => {
  assertRmsNorm(exampleOf(2, 60, 1e-4), undefined, 'squares below epsilon');
  assertRmsNorm({ ...exampleOf(2, 60, 1e-4), epsilon: Math.fround(1e-12) }, undefined, 'a small epsilon');
  assertRmsNorm(exampleOf(2, 60, 1e15), undefined, 'squares of 1e30');
  assertRmsNorm(exampleOf(2, 60, 1, 1000), undefined, 'around 1000');
});

test('rms norm of a row of zeros is zero', () => {
  for (const columns of COLUMNS) {
    const zeros = new Float32Array(columns);
    const example = { x: zeros, rows: 1, columns, weight: new Float32Array(columns).fill(2) };
    assertSameBits(runRmsNorm(example), zeros, `${columns} columns`);
  }
});

test('rms norm of heads in longer rows: the same bits in place, alone, and the rest left alone', () => {
  for (const columns of COLUMNS.slice(0, 14)) {
    const [rows, stride] = [3, columns + 5];
    const x = normalFloats(columns, rows * stride);
    const { weight } = exampleOf(rows, columns);
    const inPlace = withHeap((heap) => {
      const block = heap.copy(x, 4);
      const weights = heap.input(weight, 8).address;
      engine.rmsNorm(block.address, rows, columns, stride, weights, 1, EPSILON, block.address);
      return block.f32().slice();
    });
    const expected = x.slice();
    for (let begin = 0; begin < rows * stride; begin += stride) {
      const row = x.slice(begin, begin + columns);
      expected.set(runRmsNorm({ x: row, rows: 1, columns, weight, offset: 1 }), begin);
    }
    assertSameBits(inPlace, expected, `${columns} columns`);
  }
});
