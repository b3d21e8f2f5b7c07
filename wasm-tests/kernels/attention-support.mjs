// Attention: how it is run, how it is compared, and how far that over f32 keys and values may be from the exact result.
import assert from 'node:assert/strict';
import { assertWithin, EXP_ERROR, gamma, UNIT_ROUNDOFF } from './compare.mjs';
import { normalFloats } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { attentionOutput, attentionProbabilities, firstVisible } from './references.mjs';

export const PAGE_POSITIONS = 32; // kPagePositions

/** Positions that the last row sees. */
export const LENGTHS = [1, 2, 3, 4, 5, 31, 32, 33, 64, 65, 100];

/**
 * One sequence: q for its rows, k and v for its positions, each head's vector by itself. nRows consecutive rows, the
 * last of which stands at the last position.
 */
export function exampleOf({ nHeads, nKvHeads, headDim, length, nRows = 1, scale, softcap = 0, window = 0 }) {
  const vectors = (seed, n, nVectorHeads) =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: nVectorHeads }, (_, head) =>
        normalFloats(seed + 7919 * i + 104729 * head, headDim),
      ),
    );
  return {
    nHeads,
    nKvHeads,
    headDim,
    length,
    nRows,
    scale: Math.fround(scale ?? 1 / Math.sqrt(headDim)),
    softcap,
    window,
    q: vectors(1, nRows, nHeads),
    k: vectors(2, length, nKvHeads),
    v: vectors(3, length, nKvHeads),
  };
}

/**
 * How an example's keys and values come into pages.
 *
 * @typedef {object} Storage
 * @property {boolean} isInt8
 * @property {number} layerOffset bytes before the layer's part of a page: as in the engine, pages hold more than one layer
 * @property {(headDim: number) => number} headBytes of one head in a page
 * @property {(heap: object, example: object, positions: { begin: number, end: number, first: number }) => number} writePage
 *   writes the page that begins at position `begin`, up to `end`, of which those before `first` must not be used
 */

/** @type {Storage} All that the kernel must not use is NaN. */
const F32_PAGES = {
  isInt8: false,
  layerOffset: 20,
  headBytes: (headDim) => 8 * PAGE_POSITIONS * headDim,
  writePage(heap, { nKvHeads, headDim, k, v }, { begin, end, first }) {
    const headFloats = PAGE_POSITIONS * headDim;
    const layerFloats = F32_PAGES.layerOffset / 4;
    const page = new Float32Array(layerFloats + 2 * nKvHeads * headFloats).fill(Number.NaN);
    for (let position = Math.max(begin, first); position < end; ++position) {
      for (let head = 0; head < nKvHeads; ++head) {
        const offset = layerFloats + 2 * head * headFloats + (position - begin) * headDim;
        page.set(k[position][head], offset);
        page.set(v[position][head], offset + headFloats);
      }
    }
    return heap.input(page, (begin / PAGE_POSITIONS) * 4).address;
  },
};

/**
 * The kernel's output, [nRows, nHeads, headDim]. As in the engine a row of q is part of a longer one, NaN here; a page of
 * which the kernel uses nothing is missing.
 */
export function runAttention(example, storage = F32_PAGES) {
  const { nHeads, nKvHeads, headDim, length, nRows, scale, softcap, window } = example;
  const first = firstVisible(length - nRows, window);
  const qStride = nHeads * headDim + 2 * nKvHeads * headDim;
  return withHeap((heap) => {
    const pages = [];
    for (let begin = 0; begin < length; begin += PAGE_POSITIONS) {
      const isHidden = begin + PAGE_POSITIONS <= first;
      const end = Math.min(length, begin + PAGE_POSITIONS);
      pages.push(isHidden ? 0 : storage.writePage(heap, example, { begin, end, first }));
    }
    const q = new Float32Array(nRows * qStride).fill(Number.NaN);
    example.q.forEach((heads, row) => {
      for (const [head, vector] of heads.entries()) q.set(vector, row * qStride + head * headDim);
    });
    const out = heap.space(nRows * nHeads * headDim, 4);
    engine.attention({
      nHeads,
      nKvHeads,
      headDim,
      scale,
      softcap,
      window,
      pages: heap.input(Uint32Array.from(pages)).address,
      isInt8: storage.isInt8,
      layerOffset: storage.layerOffset,
      headBytes: storage.headBytes(headDim),
      headsAtOnce: example.headsAtOnce ?? 1,
      q: heap.input(q, 8).address,
      qStride,
      nRows,
      firstPosition: length - nRows,
      out: out.address,
    });
    return out.f32().slice();
  });
}

/**
 * Compares every row and head of the kernel's output `actual` with attention in double precision over the keys and values
 * of `example`.
 *
 * @param {(found: object) => number[]} boundOf how far each number may be off, by q, k, v (those that the row sees), scores,
 *   probabilities and the expected result
 */
export function assertHeads(actual, example, boundOf, name) {
  const { nHeads, nKvHeads, headDim, length, nRows, scale, softcap, window } = example;
  assert.equal(actual.length, nRows * nHeads * headDim, name);
  for (let row = 0; row < nRows; ++row) {
    const position = length - nRows + row;
    const visible = [firstVisible(position, window), position + 1];
    for (let head = 0; head < nHeads; ++head) {
      const kvHead = Math.floor(head / (nHeads / nKvHeads));
      const q = example.q[row][head];
      const [k, v] = [example.k, example.v].map((all) => all.slice(...visible).map((heads) => heads[kvHead]));
      const { scores, probabilities } = attentionProbabilities(q, k, scale, softcap);
      const expected = attentionOutput(probabilities, v);
      const begin = (row * nHeads + head) * headDim;
      assertWithin(
        actual.subarray(begin, begin + headDim),
        expected,
        boundOf({ q, k, v, scale, softcap, scores, probabilities, expected }),
        `${name}, row ${row} of ${nRows}, head ${head}`,
      );
    }
  }
}

/** Runs the kernel of f32 keys and values, and compares every row and head with the reference. */
export function assertAttention(example, name) {
  assertHeads(runAttention(example), example, attentionBound, name);
}

/**
 * How far f32 online softmax may be from the exact result o = sum p_j v_j. u is the unit roundoff, d the head size, n
 * the positions, P the pages, M the largest score.
 *
 *   score:   d products, d - 1 additions, the scaling: |s^_j - s_j| <= S_j := gamma(d + 1) |scale| sum|q_i k_ji|
 *            a softcap does not widen a distance; its division, tanh (2 units of 2u each) and product add gamma(6) |s_j|
 *   weight:  exp(s^_j - its page's max), then exp(max - next max) for each later page. All arguments are <= 0 and add
 *            up to s^_j - M^, so their roundings add up to u (M^ - s^_j) at most; each exp errs by EXP_ERROR, each
 *            product by u. As a factor on exp(s_j - M): exp(S_j + u gap_j) ((1 + EXP_ERROR) (1 + u))^P,
 *            gap_j = M - s_j + 2 max S
 *   sums:    sum w_j v_j and sum w_j: a product, n + P additions: factor (1 + u)^(n + P + 1). All of it: 1 + E_j
 *   result:  the quotient of two such sums is off by at most B = sum p_j E_j (|v_j| + |o|) / (1 - sum p_j E_j), and the
 *            reciprocal and its product round twice
 *
 * A weight below 2^-126 may become 0, which moves the result by at most 2^-125 (|v_j| + |o|) for each j.
 */
function attentionBound({ q, k, v, scale, softcap, scores, probabilities, expected }) {
  const u = UNIT_ROUNDOFF;
  const headDim = q.length;
  const n = k.length;
  const nPages = Math.ceil(n / PAGE_POSITIONS) + 1; // a window begins within a page
  const scoreErrors = k.map((key, j) => {
    const magnitude = key.reduce((sum, value, i) => sum + Math.abs(q[i] * value), 0);
    const ofCap = softcap === 0 ? 0 : gamma(6) * Math.abs(scores[j]);
    return gamma(headDim + 1) * Math.abs(scale) * magnitude + ofCap;
  });
  const max = Math.max(...scores);
  const largestScoreError = Math.max(...scoreErrors);
  const roundings = ((1 + EXP_ERROR) * (1 + u)) ** nPages * (1 + u) ** (n + nPages + 1);
  const weightErrors = scores.map(
    (score, j) => Math.exp(scoreErrors[j] + u * (max - score + 2 * largestScoreError)) * roundings - 1,
  );
  const total = probabilities.reduce((sum, probability, j) => sum + probability * weightErrors[j], 0);
  return expected.map((o, i) => {
    let quotient = 0;
    for (let j = 0; j < n; ++j) {
      const size = Math.abs(v[j][i]) + Math.abs(o);
      quotient += (probabilities[j] * weightErrors[j] + 2 ** -125) * size;
    }
    quotient /= 1 - total;
    return quotient * (1 + u) ** 2 + Math.abs(o) * ((1 + u) ** 2 - 1);
  });
}
