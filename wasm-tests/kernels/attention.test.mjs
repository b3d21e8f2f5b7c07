import { test } from 'node:test';
import { assertSameBits, assertWithin, EXP_ERROR, gamma, UNIT_ROUNDOFF } from './compare.mjs';
import { normalFloats, ROWS } from './data.mjs';
import { engine, withHeap } from './heap.mjs';
import { attentionOutput, attentionProbabilities, firstVisible } from './references.mjs';

const PAGE_POSITIONS = 32; // kPagePositions
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
const LENGTHS = [1, 2, 3, 4, 5, 31, 32, 33, 64, 65, 100]; // positions that the last row sees

/**
 * One sequence: q for its rows, k and v for its positions, each head's vector by itself. nRows consecutive rows, the
 * last of which stands at the last position.
 */
function exampleOf({ nHeads, nKvHeads, headDim, length, nRows = 1, scale, softcap = 0, window = 0 }) {
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
 * The kernel's output, [nRows, nHeads, headDim]. As in the engine the pages hold more than one layer
 * (`layerOffset`) and a row of q is part of a longer one; all that the kernel must not use is NaN, and a page of which it
 * uses nothing is missing.
 */
function runAttention(example) {
  const { nHeads, nKvHeads, headDim, length, nRows, scale, softcap, window } = example;
  const first = firstVisible(length - nRows, window);
  const headFloats = PAGE_POSITIONS * headDim;
  const layerOffset = 5;
  const pageFloats = layerOffset + 2 * nKvHeads * headFloats;
  const qStride = nHeads * headDim + 2 * nKvHeads * headDim;
  return withHeap((heap) => {
    const pages = [];
    for (let begin = 0; begin < length; begin += PAGE_POSITIONS) {
      if (begin + PAGE_POSITIONS <= first) {
        pages.push(0);
        continue;
      }
      const page = new Float32Array(pageFloats).fill(Number.NaN);
      for (
        let position = Math.max(begin, first);
        position < Math.min(length, begin + PAGE_POSITIONS);
        ++position
      ) {
        for (let head = 0; head < nKvHeads; ++head) {
          const offset = layerOffset + 2 * head * headFloats + (position - begin) * headDim;
          page.set(example.k[position][head], offset);
          page.set(example.v[position][head], offset + headFloats);
        }
      }
      pages.push(heap.input(page, (begin / PAGE_POSITIONS) * 4).address);
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
      isInt8: false,
      layerOffset: 4 * layerOffset,
      headBytes: 8 * headFloats,
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

/** Runs the kernel and compares every row and head with the reference. */
function assertAttention(example, name) {
  const { nHeads, nKvHeads, headDim, length, nRows, scale, softcap, window } = example;
  const actual = runAttention(example);
  for (let row = 0; row < nRows; ++row) {
    const position = length - nRows + row;
    const visible = [firstVisible(position, window), position + 1];
    for (let head = 0; head < nHeads; ++head) {
      const kvHead = Math.floor(head / (nHeads / nKvHeads));
      const q = example.q[row][head];
      const k = example.k.slice(...visible).map((heads) => heads[kvHead]);
      const v = example.v.slice(...visible).map((heads) => heads[kvHead]);
      const { scores, probabilities } = attentionProbabilities(q, k, scale, softcap);
      const expected = attentionOutput(probabilities, v);
      const begin = (row * nHeads + head) * headDim;
      assertWithin(
        actual.subarray(begin, begin + headDim),
        expected,
        attentionBound({ q, k, v, scale, softcap, scores, probabilities, expected }),
        `${name}, row ${row} of ${nRows}, head ${head}`,
      );
    }
  }
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

const WINDOWS = [1, 2, 3, 4, 5, 31, 32, 33, 50];

test('attention through a window: of every size, from every place in a page', () => {
  for (const headDim of [5, 33]) {
    for (const window of WINDOWS) {
      for (const length of [1, 4, 31, 32, 33, 34, 35, 36, 63, 64, 65, 97, 100]) {
        for (const nRows of [1, 3, 8, 40].filter((n) => n <= length)) {
          const example = exampleOf({ nHeads: 6, nKvHeads: 2, headDim, length, nRows, window });
          const name = `heads of ${headDim}, ${nRows} rows of ${length}, window ${window}`;
          assertAttention({ ...example, headsAtOnce: nRows < 6 ? 3 : 1 }, name);
        }
      }
    }
  }
});

test('attention with a softcap, at scores well below it and far beyond it', () => {
  for (const headDim of [4, 7, 64]) {
    for (const softcap of [0.5, 20, 1000]) {
      for (const length of LENGTHS) {
        for (const scale of [0.01, 1, 30]) {
          const example = exampleOf({ nHeads: 2, nKvHeads: 1, headDim, length, scale, softcap, window: 33 });
          assertAttention(example, `heads of ${headDim}, ${length} positions, ${scale} capped at ${softcap}`);
        }
      }
    }
  }
});

test('attention without a cap or a window that hides anything is that with none', () => {
  const example = exampleOf({ nHeads: 6, nKvHeads: 1, headDim: 12, length: 70, nRows: 4 });
  assertSameBits(runAttention({ ...example, window: 70 }), runAttention(example), 'window 70');
  const hidden = runAttention({ ...example, window: 67 });
  assertSameBits(hidden.subarray(0, 72), runAttention(example).subarray(0, 72), 'window 67, its first row');
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

test('the weights of attention that taps show are those by which it sums', () => {
  for (const length of [1, 3, 33, 70]) {
    for (const window of [0, 1, 5, 33]) {
      for (const softcap of [0, 2]) {
        const example = exampleOf({ nHeads: 1, nKvHeads: 1, headDim: 7, length, window, softcap });
        const { q, k, scale, headDim } = example;
        const first = firstVisible(length - 1, window);
        const keys = Float32Array.from(k.flatMap(([key]) => [...key])).fill(Number.NaN, 0, first * headDim);
        const actual = withHeap((heap) => {
          const out = heap.space(length);
          const [qAddress, kAddress] = [heap.input(q[0][0]).address, heap.input(keys).address];
          engine.attentionWeights(headDim, scale, softcap, window, qAddress, kAddress, length, out.address);
          return out.f32().slice();
        });
        const visible = k.slice(first).map(([key]) => key);
        const { probabilities } = attentionProbabilities(q[0][0], visible, scale, softcap);
        const expected = [...new Array(first).fill(0), ...probabilities];
        // A score errs by gamma(headDim + 7) of at most 8 here, exp and the sum of up to 70 by as many roundings.
        const relative = 2 * 8 * gamma(headDim + 7) + gamma(80);
        const bound = expected.map((p) => p * relative);
        assertWithin(actual, expected, bound, `${length} positions, window ${window}, softcap ${softcap}`);
      }
    }
  }
});
