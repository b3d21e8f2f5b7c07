// Attention that does not see everything, or not in full.
import { test } from 'node:test';
import { assertAttention, exampleOf, LENGTHS, runAttention } from './attention-support.mjs';
import { assertSameBits, assertWithin, gamma } from './compare.mjs';
import { engine, withHeap } from './heap.mjs';
import { attentionProbabilities, firstVisible } from './references.mjs';

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
