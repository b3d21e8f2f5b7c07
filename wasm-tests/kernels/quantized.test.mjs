// Products with quantised weights: every kernel of kernels.inc gives the bits of the reference.
import '../optimised-node-20.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import {
  dequantize,
  finiteF16,
  nearestF16,
  quantizedProduct,
  quantizeWeights,
} from './quantized-references.mjs';

const TYPES = ['q8', 'q4'];
const FORMS = ['pairs', 'quads'];
const COLUMNS = [1, 7, 31, 32, 33, 60, 64, 96, 130, 768];
const X_ROWS = [1, 2, 3, 4, 5, 8, 9];

const list = engine.panelKernels();
const kernels = Array.from({ length: list.size() }, (_, i) => {
  const [name, type] = list.get(i).split(' ');
  return { name, type };
}).filter(({ type }) => !type.includes('_k')); // those are k-quants.test.mjs's

function panelProduct(kernel, x, xRows, w, rows, columns) {
  return withHeap((heap) => {
    const yStride = rows + 3;
    const y = heap.space(xRows * yStride, 4);
    engine.panelProduct({
      kernel,
      weights: heap.input(w, 4).address,
      columns,
      x: heap.input(x, 8).address,
      nXRows: xRows,
      y: y.address,
      yStride,
      nY: rows,
    });
    const all = y.f32();
    return Float32Array.from(
      { length: xRows * rows },
      (_, i) => all[Math.floor(i / rows) * yStride + (i % rows)],
    );
  });
}

/** Weights and activations that reach every edge of their integers. */
const EXTREMES = {
  'the largest of one sign': (i) => (i % 2 ? 1 : 127 / 128),
  'the largest of both signs': (i) => (i % 3 ? -1 : 1),
  zeros: () => 0,
  'one among zeros': (i) => Number(i % 37 === 5),
  'very small': (i) => ((i % 7) - 3) * 2 ** -30,
  'smaller than any inverse': (i) => ((i % 7) - 3) * 2 ** -130,
  large: (i) => ((i % 9) - 4) * 2 ** 16,
};

test('the list has kernels for both types', () => {
  assert.deepEqual(new Set(kernels.map(({ type }) => type)), new Set(TYPES));
});

for (const { name, type } of kernels) {
  test(`${name} gives the reference's bits for every size`, () => {
    for (const columns of COLUMNS) {
      for (const rows of [1, 3, 7, 8]) {
        const w = normalFloats(columns * 10 + rows, rows * columns);
        const x = normalFloats(columns + rows, 9 * columns, 3);
        const expected = quantizedProduct(type, x, 9, w, rows, columns);
        for (const xRows of X_ROWS) {
          const actual = panelProduct(name, x.slice(0, xRows * columns), xRows, w, rows, columns);
          assertSameBits(
            actual,
            expected.subarray(0, xRows * rows),
            `${rows} x ${columns}, ${xRows} rows of x`,
          );
        }
      }
    }
  });

  test(`${name} is exact at the extremes`, () => {
    const [rows, columns, xRows] = [8, 96, 5];
    for (const [wName, weight] of Object.entries(EXTREMES)) {
      for (const [xName, activation] of Object.entries(EXTREMES)) {
        const w = Float32Array.from({ length: rows * columns }, (_, i) => weight(i));
        const x = Float32Array.from({ length: xRows * columns }, (_, i) => activation(i));
        const expected = quantizedProduct(type, x, xRows, w, rows, columns);
        assertSameBits(
          panelProduct(name, x, xRows, w, rows, columns),
          expected,
          `weights: ${wName}, x: ${xName}`,
        );
      }
    }
  });
}

test('the form that is set is the one that products use, of its type alone', () => {
  const names = (type) => [1, 2, 3, 128].map((rows) => engine.panelKernelFor(type, rows));
  const expected = {
    q8: {
      pairs: ['q8_simd', 'q8_rows_simd', 'q8_rows_pairs', 'q8_rows_pairs'],
      quads: ['q8_quads', 'q8_rows_quads', 'q8_rows_quads', 'q8_rows_quads'],
    },
    q4: {
      pairs: ['q4_pairs', 'q4_pairs', 'q4_rows_pairs', 'q4_rows_pairs'],
      quads: ['q4_quads', 'q4_quads', 'q4_rows_quads', 'q4_rows_quads'],
    },
  };
  assert.deepEqual({ q8: names('q8'), q4: names('q4') }, { q8: expected.q8.pairs, q4: expected.q4.pairs });
  for (const q8 of FORMS) {
    for (const q4 of FORMS) {
      engine.setDotForm('q8', q8);
      engine.setDotForm('q4', q4);
      assert.deepEqual({ q8: names('q8'), q4: names('q4') }, { q8: expected.q8[q8], q4: expected.q4[q4] });
    }
  }
});

for (const type of TYPES) {
  const withMatrix = (w, rows, columns, parts, body) => {
    const matrix = new engine.Matrix(rows, columns, type);
    try {
      for (const [begin, end] of parts) {
        const part = w.slice(begin * columns, end * columns);
        const isTaken = withHeap((heap) => matrix.addRows(begin, end - begin, heap.input(part, 4).address));
        assert.ok(isTaken);
      }
      return body(matrix);
    } finally {
      matrix.delete();
    }
  };
  const multiply = (matrix, x, xRows, rows) =>
    withHeap((heap) => {
      const y = heap.space(xRows * rows, 8);
      matrix.multiply(heap.input(x, 4).address, xRows, y.address);
      return y.f32().slice();
    });

  test(`${type}: a matrix in parts of any size gives the reference's bits, for one row and for many`, () => {
    for (const [rows, columns] of [
      [1, 5],
      [8, 32],
      [17, 60],
      [43, 96],
      [1003, 60],
    ]) {
      const w = normalFloats(rows + columns, rows * columns);
      const x = normalFloats(rows, 9 * columns);
      const middle = Math.ceil(rows / 3);
      const expected = quantizedProduct(type, x, 9, w, rows, columns);
      const parts = [
        [middle, rows],
        [0, middle],
      ].filter(([begin, end]) => end > begin);
      withMatrix(w, rows, columns, parts, (matrix) => {
        for (const form of FORMS) {
          engine.setDotForm(type, form);
          for (const xRows of X_ROWS) {
            const actual = multiply(matrix, x.slice(0, xRows * columns), xRows, rows);
            assertSameBits(
              actual,
              expected.subarray(0, xRows * rows),
              `${rows} x ${columns}, ${xRows} rows of x, ${form}`,
            );
          }
        }
      });
    }
  });

  test(`${type}: a matrix by columns is the same as by rows`, () => {
    for (const [rows, columns] of [
      [1, 5],
      [17, 60],
      [130, 96],
    ]) {
      const w = normalFloats(rows + columns, rows * columns);
      const x = normalFloats(rows, columns);
      const byRows = withMatrix(w, rows, columns, [[0, rows]], (matrix) => multiply(matrix, x, 1, rows));
      const byColumns = withMatrix(w, rows, columns, [], (matrix) => {
        for (let begin = 0; begin < columns; begin += 32) {
          const n = Math.min(32, columns - begin);
          const part = Float32Array.from(
            { length: n * rows },
            (_, i) => w[(i % rows) * columns + begin + Math.floor(i / rows)],
          );
          withHeap((heap) => assert.ok(matrix.addColumns(0, rows, begin, n, heap.input(part, 4).address)));
        }
        return multiply(matrix, x, 1, rows);
      });
      assertSameBits(byColumns, byRows, `${rows} x ${columns}`);
    }
  });

  test(`${type}: a row read back is what it was rounded to`, () => {
    for (const [rows, columns] of [
      [3, 7],
      [9, 60],
      [64, 96],
    ]) {
      const w = normalFloats(rows * columns, rows * columns, 0.3);
      withMatrix(w, rows, columns, [[0, rows]], (matrix) => {
        for (let row = 0; row < rows; ++row) {
          const actual = withHeap((heap) => {
            const out = heap.space(columns, 4);
            matrix.readRow(row, out.address);
            return out.f32().slice();
          });
          const blocks = quantizeWeights(type, w.subarray(row * columns, (row + 1) * columns));
          assertSameBits(actual, dequantize(blocks, columns), `row ${row} of ${rows} x ${columns}`);
        }
      });
    }
  });

  test(`${type}: weights that no scale can hold are refused`, () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e8]) {
      const w = normalFloats(1, 9 * 40);
      w[8 * 40 + 37] = bad;
      const matrix = new engine.Matrix(9, 40, type);
      const isTaken = withHeap((heap) => matrix.addRows(0, 9, heap.input(w).address));
      matrix.delete();
      assert.equal(isTaken, false, String(bad));
    }
  });

  test(`${type}: activations that are not finite make their own row not finite`, () => {
    const [rows, columns] = [9, 40];
    const w = normalFloats(1, rows * columns);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const xRows of [1, 5]) {
        const x = normalFloats(2, xRows * columns);
        x[35] = bad;
        withMatrix(w, rows, columns, [[0, rows]], (matrix) => {
          const y = multiply(matrix, x, xRows, rows);
          y.forEach((value, i) => {
            assert.equal(Number.isFinite(value), i >= rows, `${bad}: [${i}] is ${value}`);
          });
        });
      }
    }
  });

  test(`${type}: memory is the blocks' and comes back`, () => {
    const before = engine.memoryStats().bytesInUse;
    withMatrix(normalFloats(3, 17 * 60), 17, 60, [[0, 17]], (matrix) => {
      assert.equal(matrix.bytes(), 3 * 2 * (type === 'q8' ? 272 : 144)); // panels, blocks
    });
    assert.equal(engine.memoryStats().bytesInUse, before);
  });
}

test('the reference rounds to the nearest f16', () => {
  for (let i = 1; i < finiteF16.length; i += 97) {
    const [low, high] = [finiteF16[i - 1], finiteF16[i]];
    assert.equal(nearestF16(low + (high - low) * 0.49), low);
    assert.equal(nearestF16(low + (high - low) * 0.51), high);
  }
});
