// Attention over keys and values that were rounded to int8.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits, assertWithin } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { roundToEven } from './quantized-references.mjs';
import { attentionOutput, attentionProbabilities, firstVisible } from './references.mjs';

const PAGE_POSITIONS = 32;
const { fround } = Math;
const padded = (headDim) => Math.ceil(headDim / 8) * 8;

/** The int8 values of a vector and their scale, as the cache keeps them. */
function quantize(vector) {
  const largest = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const inverse = largest === 0 ? 0 : fround(127 / largest);
  return { scale: fround(largest / 127), q: Array.from(vector, (x) => roundToEven(fround(x * inverse))) };
}
const restore = ({ scale, q }) => q.map((integer) => scale * integer);

/** Random vectors [n][nHeads][headDim]. */
const vectors = (seed, n, nHeads, headDim) =>
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: nHeads }, (_, head) => normalFloats(seed + 7919 * i + 104729 * head, headDim)),
  );

function exampleOf({ nHeads, nKvHeads, headDim, length, nRows = 1, softcap = 0, window = 0 }) {
  return {
    nHeads,
    nKvHeads,
    headDim,
    length,
    nRows,
    scale: fround(1 / Math.sqrt(headDim)),
    softcap,
    window,
    q: vectors(1, nRows, nHeads, headDim),
    k: vectors(2, length, nKvHeads, headDim),
    v: vectors(3, length, nKvHeads, headDim),
  };
}

/**
 * Runs the kernel over pages that the engine's own stores fill: [nRows, nHeads, headDim]. What no row sees through the
 * window is NaN, or its page is missing.
 */
function runAttention(example) {
  const { nHeads, nKvHeads, headDim, length, nRows, scale, softcap, window } = example;
  const first = firstVisible(length - nRows, window);
  const hidden = new Float32Array(headDim).fill(Number.NaN);
  const headBytes = 2 * PAGE_POSITIONS * (padded(headDim) + 4);
  const layerOffset = 16;
  return withHeap((heap) => {
    const pages = [];
    for (let begin = 0; begin < length; begin += PAGE_POSITIONS) {
      if (begin + PAGE_POSITIONS <= first) {
        pages.push(0);
        continue;
      }
      const page = heap.copy(new Uint8Array(layerOffset + nKvHeads * headBytes)).address;
      pages.push(page);
      for (let position = begin; position < Math.min(length, begin + PAGE_POSITIONS); ++position) {
        for (let head = 0; head < nKvHeads; ++head) {
          const [k, v] = [example.k, example.v].map(
            (all) => heap.input(position < first ? hidden : all[position][head], 4).address,
          );
          engine.storeInt8(k, v, headDim, position - begin, page + layerOffset + head * headBytes);
        }
      }
    }
    const q = Float32Array.from(example.q.flatMap((heads) => heads.flatMap((head) => [...head])));
    const out = heap.space(nRows * nHeads * headDim, 4);
    engine.attention({
      isInt8: true,
      nHeads,
      nKvHeads,
      headDim,
      scale,
      softcap,
      window,
      pages: heap.input(Uint32Array.from(pages)).address,
      layerOffset,
      headBytes,
      headsAtOnce: example.headsAtOnce ?? 1,
      q: heap.input(q, 8).address,
      qStride: nHeads * headDim,
      nRows,
      firstPosition: length - nRows,
      out: out.address,
    });
    return out.f32().slice();
  });
}

/**
 * Attention in double precision over the rounded keys and values. What the kernel rounds besides: a query to 1/8190 of
 * its largest element, which moves a score by at most scale |k|_1 max|q| / 8190 and a probability by twice that (a softcap does not widen
 * it); and a weight to 1/65534 of its page's largest, which 32 values of at most max|v| share.
 */
function assertAttention(example, where) {
  const { nHeads, nKvHeads, headDim, length, nRows, scale, softcap, window } = example;
  const k = example.k.map((heads) => heads.map((head) => restore(quantize(head))));
  const v = example.v.map((heads) => heads.map((head) => restore(quantize(head))));
  const expected = [];
  const bound = [];
  for (let row = 0; row < nRows; ++row) {
    const position = length - nRows + row;
    const visible = [firstVisible(position, window), position + 1];
    for (let head = 0; head < nHeads; ++head) {
      const kvHead = Math.floor(head / (nHeads / nKvHeads));
      const q = example.q[row][head];
      const keys = k.slice(...visible).map((heads) => heads[kvHead]);
      const values = v.slice(...visible).map((heads) => heads[kvHead]);
      const { probabilities } = attentionProbabilities(q, keys, scale, softcap);
      expected.push(...attentionOutput(probabilities, values));
      const sumOfKey = Math.max(...keys.map((key) => key.reduce((sum, x) => sum + Math.abs(x), 0)));
      const largestQ = Math.max(...q.map(Math.abs));
      const largestV = Math.max(...values.flat().map(Math.abs));
      const scoreError = (scale * sumOfKey * largestQ) / 8190;
      const relative = 2 * scoreError + PAGE_POSITIONS / 65534 + 1e-5;
      bound.push(...new Array(headDim).fill(relative * largestV));
    }
  }
  assertWithin(runAttention(example), expected, bound, where);
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
        assertAttention(
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
    assertAttention(
      exampleOf({ nHeads: 2, nKvHeads: 1, headDim: 12, length, nRows }),
      `${nRows} of ${length}`,
    );
  }
});

test('int8 attention through a window, with and without a softcap', () => {
  for (const window of [1, 2, 3, 4, 5, 31, 32, 33, 50]) {
    for (const length of [1, 4, 31, 32, 33, 34, 35, 36, 63, 64, 65, 97, 100]) {
      for (const nRows of [1, 3, 40].filter((n) => n <= length)) {
        const softcap = window % 2 === 0 ? 0 : 2;
        assertAttention(
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
    const together = runAttention(example);
    const width = 2 * 20;
    for (let row = 0; row < nRows; ++row) {
      const n = length - nRows + row + 1;
      const alone = runAttention({
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
  const alone = runAttention(example);
  for (const headsAtOnce of [2, 4, 6]) {
    assertSameBits(runAttention({ ...example, headsAtOnce }), alone, `${headsAtOnce} heads`);
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
      for (const value of runAttention(changed))
        assert.ok(Number.isFinite(value), `${which} times ${factor}: ${value}`);
    }
  }
});

test('a NaN in a query, a key or a value is not lost', () => {
  for (const which of ['q', 'k', 'v']) {
    const example = exampleOf({ nHeads: 1, nKvHeads: 1, headDim: 8, length: 3 });
    example[which][0][0][3] = Number.NaN;
    assert.ok(runAttention(example).some(Number.isNaN), which);
  }
});
