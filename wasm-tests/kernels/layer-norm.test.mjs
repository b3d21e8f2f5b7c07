import { test } from 'node:test';
import { assertSameBits, assertWithin, gamma, UNIT_ROUNDOFF } from './compare.mjs';
import { COLUMNS, normalFloats, ROWS } from './data.mjs';
import { engine, MISALIGNMENTS, withHeap } from './heap.mjs';
import { layerNorm, momentsOf } from './references.mjs';

const EPSILON = Math.fround(1e-5);

/** `weight` and `bias` may be null. */
function runLayerNorm({ x, rows, columns, weight, bias, epsilon = EPSILON }, alignments = [0, 0, 0, 0]) {
  return withHeap((heap) => {
    const y = heap.space(rows * columns, alignments[3]);
    engine.layerNorm(
      heap.input(x, alignments[0]).address,
      rows,
      columns,
      columns,
      weight === null ? 0 : heap.input(weight, alignments[1]).address,
      bias === null ? 0 : heap.input(bias, alignments[2]).address,
      epsilon,
      y.address,
    );
    return y.f32().slice();
  });
}

/**
 * How far an f32 layer norm may be from the exact one, whatever the order of its sums. Hats are computed values, u is
 * the unit roundoff, n the columns, c = x - mean, s = 1 / sqrt(variance + epsilon).
 *
 *   mean:      n - 1 additions and a division:   |mean^ - mean| <= gamma(n) sum|x| / n =: dm
 *   centred:   one subtraction more:             |c^ - c| <= dm + u (|c| + dm) =: dc
 *   variance:  the squares of c^, added, divided:
 *              |var^ - var| <= (sum (2 |c| dc + dc^2) + gamma(n + 1) sum (|c| + dc)^2) / n =: dv
 *   scale:     an addition (u), then the root, which halves a relative error, and its own root and division (2u):
 *              relative error <= r := (1 - dv / (var + epsilon) - u)^(-1/2) (1 + u)^2 - 1, to which 2u^2 is added
 *   result:    c^ s^ w + b, two products and an addition:
 *              |y^ - y| <= |w| ((|c| + dc) s (1 + r) (1 + u)^2 - |c| s) + u (|w| (|c| + dc) s (1 + r) (1 + u)^2 + |b|)
 */
function layerNormBound({ x, rows, columns, weight, bias, epsilon = EPSILON }) {
  const u = UNIT_ROUNDOFF;
  const bound = new Float64Array(rows * columns);
  for (let row = 0; row < rows; ++row) {
    const values = x.subarray(row * columns, (row + 1) * columns);
    const { mean, variance } = momentsOf(values);
    const meanError = (gamma(columns) * values.reduce((sum, value) => sum + Math.abs(value), 0)) / columns;
    const centered = Float64Array.from(values, (value) => Math.abs(value - mean));
    const centeredError = centered.map((c) => meanError + u * (c + meanError));
    let squareError = 0;
    let squares = 0;
    centered.forEach((c, i) => {
      squareError += 2 * c * centeredError[i] + centeredError[i] ** 2;
      squares += (c + centeredError[i]) ** 2;
    });
    const varianceError = (squareError + gamma(columns + 1) * squares) / columns;
    const scale = 1 / Math.sqrt(variance + epsilon);
    const scaleError = (1 + u) ** 2 / Math.sqrt(1 - varianceError * scale ** 2 - u) - 1 + 2 * u ** 2;
    for (let i = 0; i < columns; ++i) {
      const largest = (centered[i] + centeredError[i]) * scale * (1 + scaleError) * (1 + u) ** 2;
      const w = Math.abs(weight[i]);
      bound[row * columns + i] = w * (largest - centered[i] * scale) + u * (w * largest + Math.abs(bias[i]));
    }
  }
  return bound;
}

function assertLayerNorm(example, alignments, where) {
  const { x, rows, columns, weight, bias, epsilon = EPSILON } = example;
  const expected = layerNorm(x, rows, columns, weight, bias, epsilon);
  assertWithin(runLayerNorm(example, alignments), expected, layerNormBound(example), where);
}

function exampleOf(rows, columns, deviation = 1, mean = 0) {
  return {
    rows,
    columns,
    x: normalFloats(rows * 1000 + columns, rows * columns, deviation, mean),
    weight: normalFloats(columns, columns),
    bias: normalFloats(columns + 1, columns),
  };
}

test('layer norm of every count of columns and rows, at every misalignment', () => {
  for (const columns of COLUMNS) {
    for (const rows of ROWS) {
      const example = exampleOf(rows, columns);
      for (const at of MISALIGNMENTS) {
        for (const shift of MISALIGNMENTS) {
          const alignments = [at, (at + shift) % 16, (at + 2 * shift) % 16, (at + 3 * shift) % 16];
          assertLayerNorm(example, alignments, `${rows} x ${columns} at ${alignments}`);
        }
      }
    }
  }
});

test('layer norm keeps its digits where the mean is large', () => {
  for (const columns of [2, 7, 8, 60]) {
    assertLayerNorm(exampleOf(3, columns, 1, 1000), undefined, `${columns} columns around 1000`);
    assertLayerNorm(exampleOf(3, columns, 0.01, -30), undefined, `${columns} columns around -30`);
  }
});

test('layer norm of tiny and of huge rows', () => {
  assertLayerNorm(exampleOf(2, 60, 1e-4), undefined, 'a deviation that epsilon outweighs');
  assertLayerNorm({ ...exampleOf(2, 60, 1e-4), epsilon: Math.fround(1e-12) }, undefined, 'a small epsilon');
  assertLayerNorm(exampleOf(2, 60, 1e15), undefined, 'squares of 1e30');
});

test('layer norm of a row of zeros is the bias', () => {
  for (const columns of COLUMNS) {
    const example = { ...exampleOf(1, columns), x: new Float32Array(columns) };
    assertSameBits(runLayerNorm(example), example.bias, `${columns} columns`);
  }
});

test('layer norm gives the same bits in place, and for a row alone', () => {
  for (const columns of COLUMNS) {
    const rows = 3;
    const example = exampleOf(rows, columns);
    const expected = runLayerNorm(example);
    const inPlace = withHeap((heap) => {
      const x = heap.copy(example.x);
      const [weight, bias] = [heap.input(example.weight), heap.input(example.bias)];
      engine.layerNorm(x.address, rows, columns, columns, weight.address, bias.address, EPSILON, x.address);
      return x.f32().slice();
    });
    assertSameBits(inPlace, expected, `${columns} columns in place`);
    for (let row = 0; row < rows; ++row) {
      const [begin, end] = [row * columns, (row + 1) * columns];
      const alone = runLayerNorm({ ...example, rows: 1, x: example.x.slice(begin, end) });
      assertSameBits(alone, expected.subarray(begin, end), `${columns} columns, row ${row} alone`);
    }
  }
});

test('layer norm without a bias or a weight is that with a bias of 0 and a weight of 1', () => {
  for (const columns of [1, 3, 4, 7, 60]) {
    const example = exampleOf(2, columns);
    const where = `${columns} columns`;
    const [zeros, ones] = [new Float32Array(columns), new Float32Array(columns).fill(1)];
    assertSameBits(
      runLayerNorm({ ...example, bias: null }),
      runLayerNorm({ ...example, bias: zeros }),
      `${where}, no bias`,
    );
    assertSameBits(
      runLayerNorm({ ...example, weight: null }),
      runLayerNorm({ ...example, weight: ones }),
      `${where}, no weight`,
    );
  }
});

test('layer norm of rows that are part of longer ones leaves the rest alone', () => {
  const [rows, columns, stride] = [3, 7, 12];
  const x = normalFloats(1, rows * stride);
  const { weight, bias } = exampleOf(rows, columns);
  const actual = withHeap((heap) => {
    const block = heap.copy(x, 4);
    const [w, b] = [heap.input(weight).address, heap.input(bias).address];
    engine.layerNorm(block.address, rows, columns, stride, w, b, EPSILON, block.address);
    return block.f32().slice();
  });
  const expected = x.slice();
  for (let begin = 0; begin < rows * stride; begin += stride) {
    const row = x.slice(begin, begin + columns);
    expected.set(runLayerNorm({ x: row, rows: 1, columns, weight, bias }), begin);
  }
  assertSameBits(actual, expected, 'in place');
});
