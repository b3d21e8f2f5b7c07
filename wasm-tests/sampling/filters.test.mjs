import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits, EXP_ERROR, UNIT_ROUNDOFF } from '../kernels/compare.mjs';
import { normalFloats } from '../kernels/data.mjs';
import { softmax, topKIds } from './references.mjs';
import { survivors } from './run-sampler.mjs';

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17, 1003, 50257];
const { NEGATIVE_INFINITY } = Number;

/** Logits with many ties: multiples of 1/4. */
function tiedLogits(seed, size) {
  return normalFloats(seed, size, 2).map((logit) => Math.round(logit * 4) / 4);
}

function idsUpTo(size) {
  return Array.from({ length: size }, (_, id) => id);
}

test('the neutral values keep every token and its logit', () => {
  for (const size of SIZES) {
    const logits = normalFloats(size, size, 3);
    for (const topK of [0, size, size + 1, 2 ** 31 - 1]) {
      const kept = survivors({ temperature: 1, topK, topP: 1 }, logits);
      assert.deepEqual(kept.ids, idsUpTo(size), `top ${topK} of ${size}`);
      assertSameBits(kept.logits, logits, `top ${topK} of ${size}`);
    }
  }
});

test('temperature divides what each logit is below the largest, each step rounded once', () => {
  for (const size of SIZES) {
    for (const temperature of [0.1, 0.7, 1.5, 100].map(Math.fround)) {
      for (const misalignment of [0, 4, 8, 12]) {
        const logits = normalFloats(size, size, 3);
        const max = logits.reduce((a, b) => Math.max(a, b));
        const kept = survivors({ temperature }, logits, misalignment);
        const expected = logits.map((logit) => Math.fround(logit - max) / temperature);
        assertSameBits(kept.logits, expected, `${size} at ${temperature}`);
        assert.deepEqual(kept.ids, idsUpTo(size));
      }
    }
  }
});

test('top-k keeps the k largest, all that tie with the k-th, and their order', () => {
  for (const size of SIZES) {
    const sorted = normalFloats(size, size).sort();
    const examples = [normalFloats(size, size, 3), tiedLogits(size, size), sorted, sorted.slice().reverse()];
    for (const logits of examples) {
      for (const topK of new Set([1, 2, 3, 5, 40, Math.floor(size / 2) || 1, Math.max(1, size - 1)])) {
        const expected = topKIds(logits, topK);
        const kept = survivors({ topK }, logits);
        assert.deepEqual(kept.ids, expected, `top ${topK} of ${size}`);
        assertSameBits(
          kept.logits,
          expected.map((id) => logits[id]),
          `top ${topK} of ${size}`,
        );
      }
    }
  }
});

test('top-k of equal logits keeps them all', () => {
  assert.deepEqual(survivors({ topK: 1 }, new Float32Array(9).fill(-3)).ids, idsUpTo(9));
});

test('top-k counts 0 and -0 as equal, and minus infinity as the least', () => {
  assert.deepEqual(survivors({ topK: 1 }, [-1, -0, 0, -2]).ids, [1, 2]);
  assert.deepEqual(survivors({ topK: 2 }, [NEGATIVE_INFINITY, 5, NEGATIVE_INFINITY, -5]).ids, [1, 3]);
});

/**
 * Asserts that `ids` is the smallest set of most likely tokens whose probabilities reach p, most likely first, except
 * where rounding decides: a weight exp(logit - max) is off by EXP_ERROR and by the rounding of its argument,
 * u |logit - max|, relative to itself. Sums and quotients are in double precision.
 */
function assertNucleus(ids, logits, topP, where) {
  const probabilities = softmax(logits);
  const max = logits.reduce((a, b) => Math.max(a, b));
  const relativeError = (id) => EXP_ERROR + UNIT_ROUNDOFF * (max - logits[id]);
  const isLikelier = (a, b) => logits[a] - logits[b] > relativeError(a) + relativeError(b);

  for (let i = 1; i < ids.length; ++i) {
    const [before, after] = [ids[i - 1], ids[i]];
    const isInOrder = logits[before] === logits[after] ? before < after : !isLikelier(after, before);
    assert.ok(isInOrder, `${where}: ${before} stands before ${after}`);
  }
  const last = ids[ids.length - 1];
  const isKept = new Set(ids);
  for (let id = 0; id < logits.length; ++id) {
    assert.ok(isKept.has(id) || !isLikelier(id, last), `${where}: ${id} is likelier than one that is kept`);
  }
  // The errors of all weights count twice in a share of the total: in the share and in the total.
  const slack =
    2.01 * probabilities.reduce((sum, probability, id) => sum + probability * relativeError(id), 0);
  const mass = ids.reduce((sum, id) => sum + probabilities[id], 0);
  const withoutLast = mass - probabilities[last];
  assert.ok(mass >= topP - slack, `${where}: ${mass} does not reach ${topP}`);
  assert.ok(ids.length === 1 || withoutLast < topP + slack, `${where}: ${withoutLast} is enough for ${topP}`);
}

test('top-p keeps the smallest set that reaches p, most likely first', () => {
  for (const size of SIZES) {
    for (const logits of [
      normalFloats(size, size, 3),
      tiedLogits(size, size),
      new Float32Array(size).fill(2),
    ]) {
      for (const topP of [1e-6, 0.1, 0.5, 0.9, 0.95, 0.999, 1 - 2 ** -24].map(Math.fround)) {
        const kept = survivors({ topP }, logits);
        const where = `top ${topP} of ${size}`;
        assertNucleus(kept.ids, logits, topP, where);
        assertSameBits(
          kept.logits,
          kept.ids.map((id) => logits[id]),
          where,
        );
      }
    }
  }
});

test('top-p takes equal logits by ascending id', () => {
  const logits = new Float32Array(8).fill(1.5); // 1/8 each
  assert.deepEqual(survivors({ topP: 0.25 }, logits).ids, [0, 1]);
  assert.deepEqual(survivors({ topP: 0.5 }, logits).ids, [0, 1, 2, 3]);
  assert.deepEqual(survivors({ topP: 0.51 }, logits).ids, [0, 1, 2, 3, 4]);
  assert.deepEqual(survivors({ topP: 0.5 }, [0, 3, 0, 3, 3]).ids, [1, 3]);
});

test('top-p always keeps the most likely token', () => {
  for (const topP of [1e-45, 1e-20, 1e-6, 0.001]) {
    assert.deepEqual(survivors({ topP }, [0, 1, 4, 2]).ids, [2], `top ${topP}`);
    assert.deepEqual(survivors({ topP }, new Float32Array(999)).ids, [0], `top ${topP} of equal logits`);
    assert.deepEqual(survivors({ topP }, [7]).ids, [0], `top ${topP} of one`);
  }
});

test('top-p leaves out tokens of no probability', () => {
  const logits = [NEGATIVE_INFINITY, 1, NEGATIVE_INFINITY, 1, -200];
  assert.deepEqual(survivors({ topP: 0.999999 }, logits).ids, [1, 3]);
});

test('the chain runs in the order temperature, top-k, top-p', () => {
  // Probabilities 0.4, 0.3, 0.2, 0.1.
  const logits = [0.4, 0.3, 0.2, 0.1].map(Math.log);
  // Top-k first leaves 0.57 and 0.43, of which one reaches 0.5; top-p first would keep two.
  assert.deepEqual(survivors({ topK: 2, topP: 0.5 }, logits).ids, [0]);
  // At temperature 1/4 the first has 0.72 and reaches 0.7 alone; before it, three would be needed.
  assert.deepEqual(survivors({ temperature: 0.25, topP: 0.7 }, logits).ids, [0]);
  // At temperature 4 all come close to 1/4 and 0.7 needs three.
  assert.deepEqual(survivors({ temperature: 4, topP: 0.7 }, logits).ids, [0, 1, 2]);
  assert.deepEqual(survivors({ temperature: 4, topK: 2, topP: 0.6 }, logits).ids, [0, 1]);
});
