import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalFloats } from '../kernels/data.mjs';
import { engine, withHeap } from '../kernels/heap.mjs';
import { chiSquared, chiSquaredLimit, Pcg, softmax } from './references.mjs';
import { draw, survivors } from './run-sampler.mjs';

const N_DRAWS = 20000;
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

test('temperature 0 takes the largest logit, the lowest id where several tie', () => {
  assert.deepEqual(draw({ temperature: 0 }, [1, 5, 2, 5, 5]), [1]);
  assert.deepEqual(draw({ temperature: 0 }, [-3, -3, -3]), [0]);
  assert.deepEqual(draw({ temperature: 0 }, [-2, -0, 0]), [1]);
  assert.deepEqual(draw({ temperature: 0 }, [-infinity, -infinity, -1e38]), [2]);
  for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 9, 1003]) {
    const logits = normalFloats(size, size);
    const largest = logits.indexOf(Math.max(...logits));
    assert.deepEqual(draw({ temperature: 0 }, logits, 3), [largest, largest, largest], `of ${size}`);
  }
});

test('temperature 0 is not changed by a filter or a seed', () => {
  const logits = [0, 2, 1, 2];
  for (const options of [{ topK: 1 }, { topK: 3 }, { topP: 0.01 }, { topK: 2, topP: 0.5, seed: 77 }]) {
    assert.deepEqual(draw({ temperature: 0, ...options }, logits), [1]);
  }
});

test('a temperature next to 0 takes the largest logit too, and overflows nothing', () => {
  for (const temperature of [1e-6, 1e-30, 1e-38, 1e-45]) {
    assert.deepEqual(draw({ temperature }, [1, 20, 2], 3), [1, 1, 1], `at ${temperature}`);
    assert.deepEqual(draw({ temperature }, [-3e38, -50, -51], 3), [1, 1, 1], `at ${temperature}`);
    assert.deepEqual(
      draw({ temperature, topK: 2, topP: 0.9 }, [3e38, -3e38, 1], 3),
      [0, 0, 0],
      `at ${temperature}`,
    );
  }
});

test('logits without a usable number are refused', () => {
  const refused = [
    [nan],
    [nan, nan, nan],
    [infinity],
    [0, infinity, 1],
    [infinity, infinity],
    [-infinity, -infinity],
  ];
  for (const logits of refused) {
    for (const options of [{ temperature: 0 }, {}, { topK: 1 }, { topP: 0.5 }, { topK: 2, topP: 0.5 }]) {
      assert.deepEqual(draw(options, logits), [-1], `${logits} with ${JSON.stringify(options)}`);
    }
  }
});

test('a NaN among the logits is refused wherever it stands', () => {
  for (let place = 0; place < 6; ++place) {
    const logits = [1, 0.5, 2, -1, 0, 1.5];
    logits[place] = nan;
    for (const options of [{ temperature: 0 }, {}, { topK: 1 }, { topK: 3 }, { topP: 0.5 }]) {
      assert.deepEqual(draw(options, logits), [-1], `${logits} with ${JSON.stringify(options)}`);
    }
  }
});

test('a seed gives the same tokens again, another seed others', () => {
  const logits = normalFloats(3, 1003);
  for (const seed of [0, 1, 2 ** 32 + 5, 2 ** 53 - 1]) {
    assert.deepEqual(draw({ seed }, logits, 50), draw({ seed }, logits, 50), `seed ${seed}`);
  }
  const sequences = [0, 1, 5, 2 ** 32 + 5, 2 ** 53 - 1].map((seed) => draw({ seed }, logits, 50).join());
  assert.equal(new Set(sequences).size, sequences.length);
});

test('a draw is the first token at which the running sum passes a uniform share of the total', () => {
  const examples = [
    [{ seed: 11 }, normalFloats(1, 17)],
    [{ seed: 12, temperature: 0.6 }, normalFloats(2, 1003)],
    [{ seed: 13, topK: 40 }, normalFloats(3, 1003, 2)],
    [{ seed: 2 ** 40 + 14, temperature: 1.3, topK: 50, topP: 0.9 }, normalFloats(4, 50257)],
  ];
  for (const [options, logits] of examples) {
    const { ids, logits: kept } = survivors(options, logits);
    const max = kept.reduce((a, b) => Math.max(a, b));
    const weights = expOf(kept.map((logit) => logit - max));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const random = new Pcg(options.seed);
    const expected = Array.from({ length: 20 }, () => {
      const target = random.uniform() * total;
      let sum = 0;
      return ids.find((_, i) => {
        sum += weights[i];
        return target < sum;
      });
    });
    assert.deepEqual(draw(options, logits, 20), expected, JSON.stringify(options));
  }
});

/** The engine's own exp: its bits decide on which side of a border a draw falls. */
function expOf(values) {
  return withHeap((heap) => {
    const out = heap.space(values.length);
    engine.exp(heap.input(values).address, values.length, out.address);
    return out.f32().slice();
  });
}

/** Draws from `logits` and compares the counts with `probabilities`, which sum to 1. */
function assertDistribution(options, logits, probabilities, where) {
  const counts = new Array(logits.length).fill(0);
  for (const id of draw(options, logits, N_DRAWS)) ++counts[id];
  const degreesOfFreedom = probabilities.filter((probability) => probability > 0).length - 1;
  const statistic = chiSquared(counts, probabilities);
  const limit = chiSquaredLimit(degreesOfFreedom);
  assert.ok(statistic < limit, `${where}: chi squared is ${statistic}, more than ${limit}`);
}

test('draws are distributed as the softmax says', () => {
  const harmonic = Array.from({ length: 30 }, (_, i) => -Math.log(i + 1));
  for (const seed of [1, 2024, 2 ** 45 + 3]) {
    assertDistribution({ seed }, new Float32Array(10), new Array(10).fill(0.1), `equal, seed ${seed}`);
    assertDistribution({ seed }, harmonic, softmax(harmonic), `harmonic, seed ${seed}`);
    assertDistribution({ seed }, [0, 3], softmax([0, 3]), `peaked, seed ${seed}`);
    assertDistribution({ seed }, [-1e4, -1e4], [0.5, 0.5], `far below 0, seed ${seed}`);
  }
});

test('draws after temperature, top-k and top-p are distributed as the renormalised softmax says', () => {
  const logits = [0.4, 0.05, 0.3, 0.1, 0.15].map(Math.log);
  const hot = softmax(logits.map((logit) => logit / 2));
  assertDistribution({ seed: 5, temperature: 2 }, logits, hot, 'temperature 2');
  assertDistribution({ seed: 6, topK: 2 }, logits, [4 / 7, 0, 3 / 7, 0, 0], 'top 2');
  assertDistribution({ seed: 7, topP: 0.8 }, logits, [8 / 17, 0, 6 / 17, 0, 3 / 17], 'top 0.8');
  assertDistribution({ seed: 8, topK: 3, topP: 0.8 }, logits, [4 / 7, 0, 3 / 7, 0, 0], 'top 3, then 0.8');
});

test('draws after each other filter are distributed as the renormalised softmax of what it keeps says', () => {
  const probabilities = [0.4, 0.05, 0.3, 0.1, 0.15];
  const logits = probabilities.map(Math.log);
  const only = (...ids) => {
    const total = ids.reduce((sum, id) => sum + probabilities[id], 0);
    return probabilities.map((p, id) => (ids.includes(id) ? p / total : 0));
  };
  assertDistribution({ seed: 15, minP: 0.3 }, logits, only(0, 2, 4), 'min-p');
  assertDistribution({ seed: 16, epsilonCutoff: 0.12 }, logits, only(0, 2, 4), 'epsilon');
  // The entropy is 1.39, and min(0.5, 0.71 exp(-1.39)) = 0.177.
  assertDistribution({ seed: 17, etaCutoff: 0.5 }, logits, only(0, 2), 'eta');
  // Distances of the surprises from it: 0.48, 1.6, 0.19, 0.91, 0.51; 0.3 and 0.4 do not reach 0.8, with 0.15 they do.
  assertDistribution({ seed: 18, typicalP: 0.8 }, logits, only(0, 2, 4), 'typical');
});

test('draws after whole chains are distributed as transformers leaves them', () => {
  const logits = [2, 1, 0.5, 0, -1, 3, -0.5, 1.5];
  const history = { prompt: [5, 0], generated: [0, 7, 7] };
  const penalised = logits.slice();
  for (const id of [5, 0, 7]) penalised[id] /= 1.25; // positive ones
  penalised[0] -= 0.3 + 0.2;
  penalised[7] -= 2 * 0.3 + 0.2;
  penalised[3] = -infinity;
  penalised[2] += 0.75;
  const options = {
    logitBias: { 2: 0.75 },
    repetitionPenalty: 1.25,
    frequencyPenalty: 0.3,
    presencePenalty: 0.2,
    suppressTokens: [3],
    temperature: 1.5,
  };
  // The history grows with each draw: each has a sampler of its own here, and a seed.
  const counts = new Array(logits.length).fill(0);
  for (let seed = 0; seed < 3000; ++seed) ++counts[draw({ ...options, seed }, logits, 1, history)[0]];
  const expected = softmax(penalised.map((logit) => logit / 1.5));
  const limit = chiSquaredLimit(expected.filter((p) => p > 0).length - 1);
  assert.ok(chiSquared(counts, expected) < limit, `${counts}`);

  // Without penalties a sampler draws from the same distribution each time.
  const steady = { logitBias: { 2: 0.75 }, suppressTokens: [3], topK: 6, topP: 0.95, minP: 0.1, seed: 21 };
  const biased = logits.map((logit, id) => (id === 2 ? 1.25 : id === 3 ? -infinity : logit));
  // Six: 5, 0, 7, 2, 1, and 6 at -0.5, which has a 33rd of the largest; the others reach 0.95 without it.
  const kept = softmax(biased.map((logit, id) => ([5, 0, 7, 2, 1].includes(id) ? logit : -infinity)));
  assertDistribution(steady, logits, kept, 'bias, suppression, top-k, top-p, min-p');
});

test('a token of no probability is never drawn, wherever it stands', () => {
  const logits = [-infinity, 0, -200, 1, -infinity];
  const drawn = new Set(draw({ seed: 9 }, logits, N_DRAWS));
  assert.deepEqual([...drawn].sort(), [1, 3]);
});
