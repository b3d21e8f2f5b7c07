// min-p, typical-p, epsilon and eta cutoff against their definitions, written out in double precision.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBits } from '../kernels/compare.mjs';
import { normalFloats } from '../kernels/data.mjs';
import { MISALIGNMENTS } from '../kernels/heap.mjs';
import { softmax } from './references.mjs';
import { survivors } from './run-sampler.mjs';

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 1003, 50257];
const { NEGATIVE_INFINITY } = Number;

/** Nearer to a threshold than this, relative to it, rounding decides. */
const BORDER = 1e-5;

const maxOf = (values) => values.reduce((a, b) => Math.max(a, b));
const entropyOf = (probabilities) =>
  -probabilities.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);

/** The least probability that each filter keeps; the most likely tokens stay in any case. */
const THRESHOLDS = {
  minP: (minP, probabilities) => minP * maxOf(probabilities),
  epsilonCutoff: (epsilon) => epsilon,
  etaCutoff: (eta, probabilities) => Math.min(eta, Math.sqrt(eta) * Math.exp(-entropyOf(probabilities))),
};

const VALUES = {
  minP: [1e-9, 0.01, 0.3, 1],
  epsilonCutoff: [1e-9, 3e-4, 0.02, 0.999],
  etaCutoff: [1e-9, 3e-4, 0.02, 0.999],
};

for (const [name, thresholdOf] of Object.entries(THRESHOLDS)) {
  test(`${name} keeps the tokens that reach its threshold, in their order`, () => {
    for (const size of SIZES) {
      for (const logits of [normalFloats(size, size, 3), normalFloats(size + 1, size, 0.01, -90)]) {
        const probabilities = softmax(logits);
        const largest = maxOf(logits);
        for (const value of VALUES[name].map(Math.fround)) {
          const threshold = thresholdOf(value, probabilities);
          const kept = survivors({ [name]: value }, logits, MISALIGNMENTS[size % 4]);
          const where = `${value} of ${size}`;
          assertSameBits(
            kept.logits,
            kept.ids.map((id) => logits[id]),
            where,
          );
          assert.ok(
            kept.ids.every((id, i) => i === 0 || id > kept.ids[i - 1]),
            `${where}: not in their order`,
          );
          const isKept = new Set(kept.ids);
          for (const [id, p] of probabilities.entries()) {
            const shouldStay = p >= threshold || logits[id] === largest;
            if (isKept.has(id) === shouldStay) continue;
            assert.ok(
              Math.abs(p / threshold - 1) < BORDER,
              `${where}: ${id} has ${p}, and ${threshold} is needed`,
            );
          }
        }
      }
    }
  });

  test(`${name} keeps all of equal logits, one of one, and all that tie for the first place`, () => {
    for (const value of VALUES[name]) {
      assert.deepEqual(survivors({ [name]: value }, [-5]).ids, [0]);
      assert.deepEqual(survivors({ [name]: value }, new Float32Array(17).fill(2.5)).ids.length, 17);
    }
    const strictest = maxOf(VALUES[name]);
    assert.deepEqual(survivors({ [name]: strictest }, [1, 9, 0, 9, 8.9, 9]).ids, [1, 3, 5]);
  });

  test(`${name} drops tokens of no probability`, () => {
    const logits = [NEGATIVE_INFINITY, 1, NEGATIVE_INFINITY, 1.5, -300];
    assert.deepEqual(survivors({ [name]: 1e-9 }, logits).ids, [1, 3]);
  });
}

test('min-p is a share of the largest probability', () => {
  const logits = [0.4, 0.19, 0.21, 0.2].map(Math.log);
  assert.deepEqual(survivors({ minP: 0.49 }, logits).ids, [0, 2, 3]);
  assert.deepEqual(survivors({ minP: 0.51 }, logits).ids, [0, 2]);
});

test('eta is the smaller of epsilon and sqrt(epsilon) exp(-entropy)', () => {
  // 100 equal ones: the entropy is log 100, so that 0.04 becomes min(0.04, 0.2 / 100) = 0.002; each has 0.0099.
  const flat = new Float32Array(101);
  flat[100] = Math.log(0.15); // 0.0015
  assert.ok(!survivors({ etaCutoff: 0.04 }, flat).ids.includes(100));
  assert.ok(survivors({ etaCutoff: 0.01 }, flat).ids.includes(100), 'min(0.01, 0.1 / 100) is 0.001');
});

/** The typical set, by its definition; null where a border is so near that rounding decides. */
function typicalIds(logits, mass) {
  const probabilities = softmax(logits);
  const entropy = entropyOf(probabilities);
  const distances = probabilities.map((p) => Math.abs(-Math.log(p) - entropy));
  const order = probabilities
    .map((_, id) => id)
    .filter((id) => probabilities[id] > 0)
    .sort((a, b) => distances[a] - distances[b] || a - b);
  let sum = 0;
  let last = -1;
  do sum += probabilities[order[++last]];
  while (sum < mass && last + 1 < order.length);
  const cut = distances[order[last]];
  const isNear = (id) => logits[id] !== logits[order[last]] && Math.abs(distances[id] - cut) < 2e-5;
  const isAtBorder = Math.abs(sum - mass) < 1e-6 || Math.abs(sum - probabilities[order[last]] - mass) < 1e-6;
  if (isAtBorder || order.some(isNear)) return null;
  return order.filter((id) => distances[id] <= cut + 1e-9).sort((a, b) => a - b);
}

test('typical-p keeps the tokens whose surprise is nearest to the entropy, until they reach p', () => {
  let nCompared = 0;
  for (const size of SIZES) {
    const tied = normalFloats(size, size, 2).map((logit) => Math.round(logit * 4) / 4);
    for (const logits of [normalFloats(size, size, 3), tied, normalFloats(size, size, 1, -200)]) {
      for (const typicalP of [1e-6, 0.1, 0.5, 0.9, 0.999].map(Math.fround)) {
        const expected = typicalIds(logits, typicalP);
        if (expected === null) continue;
        ++nCompared;
        const kept = survivors({ typicalP }, logits, MISALIGNMENTS[size % 4]);
        assert.deepEqual(kept.ids, expected, `${typicalP} of ${size}`);
      }
    }
  }
  assert.ok(nCompared > 150, `${nCompared} compared`);
});

test('typical-p can drop the most likely token', () => {
  // One token has 0.41, with a surprise of 0.89; 1,000 share the rest, with one of 7.4 each, and the entropy is 4.7.
  const logits = new Float32Array(1001);
  logits[7] = Math.log(700);
  const { ids } = survivors({ typicalP: 0.3 }, logits);
  assert.ok(!ids.includes(7));
  assert.equal(ids.length, 1000, 'they all tie');
});

test('typical-p of equal logits keeps them all, of one the one, and nothing of no probability', () => {
  assert.equal(survivors({ typicalP: 0.1 }, new Float32Array(19)).ids.length, 19);
  assert.deepEqual(survivors({ typicalP: 0.1 }, [3]).ids, [0]);
  assert.deepEqual(survivors({ typicalP: 0.99 }, [NEGATIVE_INFINITY, 1, NEGATIVE_INFINITY, 1.5]).ids, [1, 3]);
});

test('typical-p beyond its range keeps something, and reads nothing that is not there', () => {
  for (const typicalP of [0, 7e-46, 1e-45, 1e-38, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const size of SIZES) {
      for (const logits of [
        normalFloats(size, size, 3),
        normalFloats(size, size, 1e-3),
        normalFloats(size, size, 1e37),
      ]) {
        const { ids } = survivors({ typicalP }, logits);
        assert.ok(ids.length > 0 && ids.every((id) => id < size), `${typicalP} of ${size}`);
      }
    }
  }
  const peaked = new Float32Array(1000).fill(-50);
  peaked[3] = 0;
  peaked[5] = -1e-3; // the entropy is far from both ends, so that the first bucket is empty
  assert.ok(survivors({ typicalP: 0 }, peaked).ids.length > 0);
});

test('the later filters run in the order top-p, min-p, typical-p, epsilon, eta', () => {
  const logits = [0.4, 0.3, 0.2, 0.1].map(Math.log);
  // What an earlier one leaves is renormalised: 0.57 and 0.43.
  for (const earlier of [{ topP: 0.6 }, { minP: 0.7 }]) {
    assert.deepEqual(
      survivors({ ...earlier, epsilonCutoff: 0.42 }, logits).ids,
      [0, 1],
      JSON.stringify(earlier),
    );
    // min(0.9, sqrt(0.9) exp(-0.68)) = 0.48; of all four it is sqrt(0.9) exp(-1.28) = 0.26.
    assert.deepEqual(survivors({ ...earlier, etaCutoff: 0.9 }, logits).ids, [0], JSON.stringify(earlier));
  }
  // Typical-p leaves 0.3 and 0.2, renormalised 0.6 and 0.4.
  assert.deepEqual(survivors({ typicalP: 0.45, epsilonCutoff: 0.35 }, logits).ids, [1, 2]);
  assert.deepEqual(survivors({ typicalP: 0.45, epsilonCutoff: 0.42 }, logits).ids, [1]);
  assert.deepEqual(survivors({ epsilonCutoff: 0.42 }, logits).ids, [0]);
  assert.deepEqual(survivors({ etaCutoff: 0.9 }, logits).ids, [0, 1]);
});
