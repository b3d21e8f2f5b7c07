// Attention over keys and values that were rounded to int8.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHeads, exampleOf, PAGE_POSITIONS, runAttention } from './attention-support.mjs';
import { assertSameBits } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { roundToEven } from './quantized-references.mjs';

const { fround } = Math;
const padded = (headDim) => Math.ceil(headDim / 8) * 8;

/** The int8 values of a vector and their scale, as the cache keeps them. */
function quantize(vector) {
  const largest = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const inverse = largest === 0 ? 0 : fround(127 / largest);
  return { scale: fround(largest / 127), q: Array.from(vector, (x) => roundToEven(fround(x * inverse))) };
}
const restore = ({ scale, q }) => q.map((integer) => scale * integer);

/** @type {import('./attention-support.mjs').Storage} By the engine's own stores; what no row sees is NaN. */
const INT8_PAGES = {
  isInt8: true,
  layerOffset: 16,
  headBytes: (headDim) => 2 * PAGE_POSITIONS * (padded(headDim) + 4),
  writePage(heap, { nKvHeads, headDim, k, v }, { begin, end, first }) {
    const headBytes = INT8_PAGES.headBytes(headDim);
    const hidden = new Float32Array(headDim).fill(Number.NaN);
    const page = heap.copy(new Uint8Array(INT8_PAGES.layerOffset + nKvHeads * headBytes)).address;
    for (let position = begin; position < end; ++position) {
      for (let head = 0; head < nKvHeads; ++head) {
        const [key, value] = [k, v].map(
          (all) => heap.input(position < first ? hidden : all[position][head], 4).address,
        );
        const address = page + INT8_PAGES.layerOffset + head * headBytes;
        engine.storeInt8(key, value, headDim, position - begin, address);
      }
    }
    return page;
  },
};

const runInt8 = (example) => runAttention(example, INT8_PAGES);

/**
 * Attention over the rounded keys and values. What the kernel rounds besides: a query to 1/8190 of its largest element,
 * which moves a score by at most scale |k|_1 max|q| / 8190 and a probability by twice that (a softcap does not widen it);
 * and a weight to 1/65534 of its page's largest, which 32 values of at most max|v| share.
 */
function assertInt8(example, where) {
  const { scale, headDim } = example;
  const [k, v] = [example.k, example.v].map((all) =>
    all.map((heads) => heads.map((head) => restore(quantize(head)))),
  );
  const boundOf = ({ q, k: keys, v: values }) => {
    const sumOfKey = Math.max(...keys.map((key) => key.reduce((sum, x) => sum + Math.abs(x), 0)));
    const largestQ = Math.max(...q.map(Math.abs));
    const largestV = Math.max(...values.flat().map(Math.abs));
    const scoreError = (scale * sumOfKey * largestQ) / 8190;
    const relative = 2 * scoreError + PAGE_POSITIONS / 65534 + 1e-5;
    return new Array(headDim).fill(relative * largestV);
  };
  assertHeads(runInt8(example), { ...example, k, v }, boundOf, where);
}

test('int8 attention of one row: every head size, across page borders, with and without grouped heads', () => {
  for (const headDim of [1, 2, 3, 4, 5, 7, 8, 9, 12, 22, 31, 32, 33, 64, 80, 128]) {
    for (const length of [1, 2, 3, 31, 32, 33, 65]) {
      for (const [nHeads, nKvHeads] of [
        [1, 1],
        [4, 2],
        [3, 1],
        [10, 2],
        [6, 1],
      ]) {
        assertInt8(
          exampleOf({ nHeads, nKvHeads, headDim, length }),
          `${nHeads}/${nKvHeads} x ${headDim}, ${length}`,
        );
      }
    }
  }
});

test('int8 attention of several rows: from the start, within a page and across borders, more than a strip', () => {
  for (const [length, nRows] of [
    [5, 5],
    [20, 3],
    [33, 3],
    [70, 40],
    [100, 100],
  ]) {
    assertInt8(exampleOf({ nHeads: 2, nKvHeads: 1, headDim: 12, length, nRows }), `${nRows} of ${length}`);
  }
});

test('int8 attention through a window, with and without a softcap', () => {
  for (const window of [1, 2, 3, 4, 5, 31, 32, 33, 50]) {
    for (const length of [1, 4, 31, 32, 33, 34, 35, 36, 63, 64, 65, 97, 100]) {
      for (const nRows of [1, 3, 40].filter((n) => n <= length)) {
        const softcap = window % 2 === 0 ? 0 : 2;
        assertInt8(
          exampleOf({ nHeads: 3, nKvHeads: 1, headDim: 12, length, nRows, window, softcap }),
          `${nRows} rows of ${length}, window ${window}`,
        );
      }
    }
  }
});

for (const window of [0, 1, 5, 40])
  test(`int8 attention gives a row the same bits alone as among others, window ${window}`, () => {
    const nRows = 45;
    const length = 80;
    const example = exampleOf({ nHeads: 2, nKvHeads: 2, headDim: 20, length, nRows, window });
    const together = runInt8(example);
    const width = 2 * 20;
    for (let row = 0; row < nRows; ++row) {
      const n = length - nRows + row + 1;
      const alone = runInt8({
        ...example,
        q: [example.q[row]],
        k: example.k.slice(0, n),
        v: example.v.slice(0, n),
        length: n,
        nRows: 1,
      });
      assertSameBits(alone, together.subarray(row * width, (row + 1) * width), `row ${row}`);
    }
  });

test('int8 attention gives a head the same bits alone as among others', () => {
  const example = exampleOf({ nHeads: 6, nKvHeads: 3, headDim: 12, length: 70, nRows: 4 });
  const alone = runInt8(example);
  for (const headsAtOnce of [2, 4, 6]) {
    assertSameBits(runInt8({ ...example, headsAtOnce }), alone, `${headsAtOnce} heads`);
  }
});

test('keys and values are stored as integers with one scale', () => {
  const headDim = 11;
  const vector = normalFloats(5, headDim);
  const { scale, q } = quantize(vector);
  withHeap((heap) => {
    const bytes = PAGE_POSITIONS * padded(headDim);
    const page = heap.copy(new Uint8Array(2 * bytes + 8 * PAGE_POSITIONS));
    const x = heap.input(vector, 4).address;
    engine.storeInt8(x, x, headDim, 5, page.address);
    const scales = page.f32().subarray((2 * bytes) / 4);
    assert.equal(scales[5], scale);
    assert.equal(scales[PAGE_POSITIONS + 5], scale);
    const integers = new Int8Array(page.u8());
    q.forEach((integer, i) => {
      assert.equal(integers[4 * padded(headDim) + Math.floor(i / 8) * 32 + 8 + (i % 8)], integer + 0);
      assert.equal(integers[bytes + 2 * 2 * padded(headDim) + 2 * i + 1], integer + 0);
    });
  });
});

test('zeros and very small keys and values', () => {
  for (const factor of [0, 2 ** -130, 2 ** -60]) {
    const example = exampleOf({ nHeads: 1, nKvHeads: 1, headDim: 8, length: 40 });
    for (const which of ['q', 'k', 'v']) {
      const changed = {
        ...example,
        [which]: example[which].map((heads) => heads.map((h) => h.map((x) => x * factor))),
      };
      for (const value of runInt8(changed))
        assert.ok(Number.isFinite(value), `${which} times ${factor}: ${value}`);
    }
  }
});

test('a NaN in a query, a key or a value is not lost', () => {
  for (const which of ['q', 'k', 'v']) {
    const example = exampleOf({ nHeads: 1, nKvHeads: 1, headDim: 8, length: 3 });
    example[which][0][0][3] = Number.NaN;
    assert.ok(runInt8(example).some(Number.isNaN), which);
  }
});
