import { test } from 'node:test';
import { assertAttention, exampleOf, LENGTHS, runAttention } from './attention-support.mjs';
import { assertSameBits, assertWithin, gamma } from './compare.mjs';
import { ROWS } from './data.mjs';
import { attentionOutput } from './references.mjs';

const HEAD_DIMS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 22, 32, 33, 64, 80];
const HEAD_COUNTS = [
  [1, 1],
  [3, 3],
  [4, 2],
  [6, 2],
  [3, 1],
  [5, 1],
  [12, 2],
]; // nHeads, nKvHeads

test('attention of one row: every head size, across page borders, with and without grouped heads', () => {
  for (const headDim of HEAD_DIMS) {
    for (const length of LENGTHS) {
      for (const [nHeads, nKvHeads] of HEAD_COUNTS) {
        const name = `${nHeads}/${nKvHeads} heads of ${headDim}, ${length} positions`;
        assertAttention(exampleOf({ nHeads, nKvHeads, headDim, length }), name);
      }
    }
  }
});

test('attention of several rows: from the start, within a page and across borders', () => {
  for (const headDim of [7, 12, 33]) {
    for (const nRows of [...ROWS, 33, 70]) {
      for (const before of [0, 1, 30, 31, 32, 33]) {
        const example = exampleOf({ nHeads: 2, nKvHeads: 1, headDim, length: before + nRows, nRows });
        assertAttention(example, `heads of ${headDim}, ${nRows} rows after ${before}`);
      }
    }
  }
});

const LENGTHS_AND_ROWS = [
  [8, 8],
  [33, 5],
  [70, 70],
  [100, 3],
];

test('attention gives a head the same bits alone as among others', () => {
  for (const headDim of [5, 16]) {
    const example = exampleOf({ nHeads: 6, nKvHeads: 3, headDim, length: 70, nRows: 4 });
    const alone = runAttention(example);
    for (const headsAtOnce of [2, 4, 6]) {
      assertSameBits(runAttention({ ...example, headsAtOnce }), alone, `${headsAtOnce} heads of ${headDim}`);
    }
  }
});

for (const window of [0, 1, 5, 40]) {
  test(`attention gives a row the same bits alone as among others, window ${window}`, () => {
    for (const headDim of HEAD_DIMS) {
      for (const [length, nRows] of LENGTHS_AND_ROWS) {
        const example = exampleOf({ nHeads: 4, nKvHeads: 2, headDim, length, nRows, window });
        const together = runAttention(example);
        const rowFloats = 4 * headDim;
        for (let row = 0; row < nRows; ++row) {
          // Alone, the row is the last: keys and values after it are NaN.
          const nVisible = length - nRows + row + 1;
          const alone = { ...example, nRows: 1, length: nVisible, q: [example.q[row]] };
          const expected = runAttention(alone);
          assertSameBits(
            together.subarray(row * rowFloats, (row + 1) * rowFloats),
            expected,
            `heads of ${headDim}, ${length} positions, row ${row} of ${nRows}`,
          );
        }
      }
    }
  });
}

test('attention with scores far apart takes the value of the largest, exactly', () => {
  for (const headDim of [1, 4, 7, 64]) {
    for (const length of LENGTHS) {
      for (const winner of new Set([0, Math.floor(length / 2), length - 1])) {
        const example = exampleOf({ nHeads: 1, nKvHeads: 1, headDim, length, scale: 1 });
        // One nonzero element makes the scores exactly 1e4 and -1e4.
        example.q[0][0] = new Float32Array(headDim).fill(0, 1).fill(100, 0, 1);
        example.k = example.k.map((_, position) => [
          new Float32Array(headDim).fill(position === winner ? 100 : -100, 0, 1),
        ]);
        const where = `heads of ${headDim}, position ${winner} of ${length}`;
        assertSameBits(runAttention(example), example.v[winner][0], where);
      }
    }
  }
});

test('attention with scores that rise or fall by much from position to position', () => {
  for (const length of LENGTHS) {
    for (const slope of [-200, -3, 3, 200]) {
      const example = exampleOf({ nHeads: 1, nKvHeads: 1, headDim: 5, length, scale: 1 });
      example.q[0][0] = Float32Array.of(1, 0, 0, 0, 0);
      example.k = example.k.map((_, position) => [
        Float32Array.of((position - length / 2) * slope, 1, 1, 1, 1),
      ]);
      assertAttention(example, `slope ${slope} over ${length} positions`);
    }
  }
});

test('attention with equal scores is the mean of the values, to the rounding of 1 / n', () => {
  for (const headDim of [1, 3, 8, 33]) {
    for (const length of LENGTHS) {
      for (const score of [0, 1e4, -1e4]) {
        const example = exampleOf({ nHeads: 1, nKvHeads: 1, headDim, length, scale: 1 });
        example.q[0][0] = new Float32Array(headDim).fill(score / 100, 0, 1);
        example.k = example.k.map(() => [new Float32Array(headDim).fill(100, 0, 1)]);
        // Whole numbers: their sum is exact, and so is the sum of weights that are all exp(0) = 1.
        example.v = example.v.map(([vector]) => [vector.map((value) => Math.round(value * 100))]);
        const mean = attentionOutput(
          new Array(length).fill(1 / length),
          example.v.map(([vector]) => vector),
        );
        assertWithin(
          runAttention(example),
          mean,
          mean.map((value) => gamma(2) * Math.abs(value) + 2 ** -40), // the mean itself is rounded too
          `heads of ${headDim}, ${length} scores of ${score}`,
        );
      }
    }
  }
});

test('attention of a single position is its value, exactly', () => {
  for (const headDim of HEAD_DIMS) {
    const example = exampleOf({ nHeads: 2, nKvHeads: 1, headDim, length: 1 });
    const value = example.v[0][0];
    assertSameBits(runAttention(example), [...value, ...value], `heads of ${headDim}`);
  }
});
