import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits, assertWithin, gamma } from './compare.mjs';
import { normalFloats, ROWS as X_ROWS } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { matrixProduct } from './references.mjs';

const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17, 1003];
const COLUMNS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 42, 60, 768];
const PANEL_ROWS = 8; // kReadableRows: a block with fewer cannot give its rows back
const MOST_X_ROWS = Math.max(...X_ROWS);

/**
 * Runs `body(matrix)` with a matrix made of the given blocks: [begin, end) rows of w, packed in that order and dropped
 * before the first product.
 */
function withMatrix({ w, rows, columns, blocks = [[0, rows]] }, body) {
  const matrix = new engine.Matrix(rows, columns, 'f32');
  try {
    for (const [begin, end] of blocks) {
      const part = w.slice(begin * columns, end * columns);
      withHeap((heap) => matrix.addRows(begin, end - begin, heap.input(part, 4).address));
    }
    return body(matrix);
  } finally {
    matrix.delete();
  }
}

/** '8-17 0-8' to the blocks [8, 17) and [0, 8), in this order. */
function parseBlocks(text) {
  return text.split(' ').map((block) => block.split('-').map(Number));
}

/** y = x W^T: [xRows, rows]. */
function multiply(matrix, x, xRows, rows) {
  return withHeap((heap) => {
    const y = heap.space(xRows * rows, 8);
    matrix.multiply(heap.input(x, 4).address, xRows, y.address);
    return y.f32().slice();
  });
}

function readRow(matrix, row, columns) {
  return withHeap((heap) => {
    const out = heap.space(columns, 4);
    matrix.readRow(row, out.address);
    return out.f32().slice();
  });
}

function exampleOf(rows, columns) {
  return {
    rows,
    columns,
    w: normalFloats(rows * 1000 + columns, rows * columns),
    x: normalFloats(rows + columns, MOST_X_ROWS * columns),
  };
}

/**
 * Products with every number of rows of x. Each element is `columns` products added up in some order, at most
 * `columns` roundings for each of them: |y^ - y| <= gamma(columns) sum|x w|.
 */
function assertProducts(matrix, { w, x, rows, columns }, where) {
  const { y, magnitude } = matrixProduct(x, MOST_X_ROWS, w, rows, columns);
  const bound = magnitude.map((sum) => gamma(columns) * sum);
  for (const xRows of X_ROWS) {
    assertWithin(
      multiply(matrix, x.slice(0, xRows * columns), xRows, rows),
      y.subarray(0, xRows * rows),
      bound.subarray(0, xRows * rows),
      `${where}, ${xRows} rows of x`,
    );
  }
}

test(`matrix product of every size`, () => {
  for (const rows of ROWS) {
    for (const columns of COLUMNS) {
      const example = { ...exampleOf(rows, columns) };
      withMatrix(example, (matrix) => assertProducts(matrix, example, `${rows} x ${columns}`));
    }
  }
});

test(`matrix of several blocks with odd borders, packed in any order`, () => {
  for (const text of ['0-8 8-17', '9-18 0-9', '20-43 0-1 1-20', '33-1003 0-15 15-33']) {
    const blocks = parseBlocks(text);
    const rows = Math.max(...blocks.map(([, end]) => end));
    for (const columns of [1, 7, 60]) {
      const example = { ...exampleOf(rows, columns), blocks };
      withMatrix(example, (matrix) => assertProducts(matrix, example, `${text} x ${columns}`));
    }
  }
});

test(`matrix gives back every row of a block that has ${PANEL_ROWS} or more`, () => {
  for (const text of ['0-8', '0-9', '0-15', '0-1003', '0-11 11-19', '17-40 0-17']) {
    const blocks = parseBlocks(text);
    const rows = Math.max(...blocks.map(([, end]) => end));
    for (const columns of COLUMNS) {
      const example = { ...exampleOf(rows, columns), blocks };
      withMatrix(example, (matrix) => {
        for (let row = 0; row < rows; ++row) {
          const expected = example.w.subarray(row * columns, (row + 1) * columns);
          const where = `row ${row} of ${text} x ${columns}`;
          assertSameBits(readRow(matrix, row, columns), expected, where);
        }
      });
    }
  }
});

test('matrix product gives a row of x the same bits alone as among others', () => {
  for (const rows of ROWS) {
    for (const columns of COLUMNS) {
      const example = exampleOf(rows, columns);
      const together = withMatrix(example, (matrix) => multiply(matrix, example.x, MOST_X_ROWS, rows));
      withMatrix(example, (matrix) => {
        for (let row = 0; row < MOST_X_ROWS; ++row) {
          const alone = multiply(matrix, example.x.slice(row * columns, (row + 1) * columns), 1, rows);
          const among = together.subarray(row * rows, (row + 1) * rows);
          assertSameBits(alone, among, `${rows} x ${columns}, row ${row}`);
        }
      });
    }
  }
});

test('matrix product adds in ascending order of the columns', () => {
  // Blocks below a panel of 8 rows go to another of XNNPACK's kernels, which adds four partial sums.
  for (const rows of ROWS.filter((n) => n >= PANEL_ROWS)) {
    for (const columns of COLUMNS) {
      const { w, x } = exampleOf(rows, columns);
      const expected = Float32Array.from({ length: rows }, (_, row) => {
        let sum = 0;
        for (let k = 0; k < columns; ++k) sum = Math.fround(sum + Math.fround(x[k] * w[row * columns + k]));
        return sum;
      });
      const actual = withMatrix({ w, rows, columns }, (matrix) =>
        multiply(matrix, x.slice(0, columns), 1, rows),
      );
      assertSameBits(actual, expected, `${rows} x ${columns}`);
    }
  }
});

test('matrix product of zeros and of exact numbers', () => {
  const [rows, columns] = [17, 42];
  const w = Float32Array.from({ length: rows * columns }, (_, i) => (i % 61) - 30);
  const x = Float32Array.from({ length: columns }, (_, i) => 2 ** ((i % 9) - 4));
  withMatrix({ w, rows, columns }, (matrix) => {
    // Every product and sum is a multiple of 1/16 below 2^20: there is nothing to round.
    assertSameBits(multiply(matrix, x, 1, rows), matrixProduct(x, 1, w, rows, columns).y, 'exact');
    assertSameBits(multiply(matrix, new Float32Array(columns), 1, rows), new Float32Array(rows), 'zeros');
  });
});

test('a NaN in a row of weights, or in a row of x, stays in its own row of the product', () => {
  for (const rows of [3, 8, 9, 17]) {
    const columns = 5;
    const { w, x } = exampleOf(rows, columns);
    const clean = withMatrix({ w, rows, columns }, (matrix) => multiply(matrix, x, MOST_X_ROWS, rows));
    const [badRow, badXRow] = [rows - 1, 2];
    w[badRow * columns + 3] = Number.NaN;
    x[badXRow * columns] = Number.NaN;
    const actual = withMatrix({ w, rows, columns }, (matrix) => multiply(matrix, x, MOST_X_ROWS, rows));
    for (let i = 0; i < actual.length; ++i) {
      const isBad = i % rows === badRow || Math.floor(i / rows) === badXRow;
      const where = `[${Math.floor(i / rows)}, ${i % rows}] of ${rows} rows`;
      assert.ok(isBad ? Number.isNaN(actual[i]) : actual[i] === clean[i], where);
    }
  }
});

test('matrix memory is counted while it lives, and comes back', () => {
  const [rows, columns] = [1003, 60];
  const example = {
    ...exampleOf(rows, columns),
    blocks: parseBlocks('0-500 500-1003'),
  };
  withMatrix(example, () => {}); // what is made once and stays
  const before = engine.memoryStats();
  const inUse = withMatrix(example, (matrix) => {
    assert.ok(matrix.bytes() >= rows * columns * 4, 'the weights themselves');
    // Each block may pad its last panel to 8 rows, and has a bias for each row and room for an over-read.
    assert.ok(matrix.bytes() <= (rows + 2 * 8) * (columns + 1) * 4 + 2 * 256, 'and little more');
    return engine.memoryStats().bytesInUse - before.bytesInUse - matrix.bytes();
  });
  assert.ok(inUse >= 0 && inUse <= 4096, `${inUse} bytes besides the weights`);
  assert.equal(engine.memoryStats().bytesInUse, before.bytesInUse);
});

test('matrix after matrix fits into the same heap', () => {
  const example = exampleOf(1003, 768); // 3 MiB
  withMatrix(example, () => {});
  const { heapBytes } = engine.memoryStats();
  for (let i = 0; i < 20; ++i) withMatrix(example, () => {});
  assert.equal(engine.memoryStats().heapBytes, heapBytes);
});
