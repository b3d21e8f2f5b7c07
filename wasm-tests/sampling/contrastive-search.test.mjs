import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrastiveCases, describe, rowsOf } from '../api/search-support.mjs';
import { normalFloats, uniformRandom } from '../kernels/data.mjs';
import { engine } from '../kernels/heap.mjs';
import { softmax } from './references.mjs';
import { ContrastiveSearch } from './run-search.mjs';
import { contrastiveScores } from './search-references.mjs';

const { NEGATIVE_INFINITY: never, POSITIVE_INFINITY: infinity, NaN: nan } = Number;

/** Scores this near may change places: f32 cosines of up to 70 values and f32 probabilities are off by less. */
const NEAR = 1e-5;

function withSearch(options, body) {
  const search = new ContrastiveSearch(options);
  try {
    return body(search);
  } finally {
    search.delete();
  }
}

const flat = (rows) => Float32Array.from(rows.flatMap((row) => Array.from(row)));

for (const name of ['odd-8', 'odd-42']) {
  test(`${name}: tokens are those of the paper's formula, on the reference's hidden states`, () => {
    const cases = contrastiveCases(name).filter(({ hidden }) => hidden !== undefined);
    assert.ok(cases.length >= 4);
    for (const { penaltyAlpha, topK, tokenIds, ...blocks } of cases) {
      const logits = rowsOf(blocks.logits);
      const candidateHidden = rowsOf(blocks.candidateHidden);
      const k = candidateHidden.length / logits.length;
      withSearch({ penaltyAlpha, topK, hiddenSize: blocks.hidden.columns }, (search) => {
        search.addContext(flat(rowsOf(blocks.hidden)));
        const chosen = logits.map((row, step) => {
          const tokens = search.candidates(row);
          return tokens[search.choose(flat(candidateHidden.slice(step * k, (step + 1) * k)))];
        });
        const where = describe({ penaltyAlpha, topK, tokenIds, ...blocks });
        assert.deepEqual(chosen, tokenIds.slice(0, logits.length), where);
      });
    }
  });
}

test('the choice has the best score, for 2000 random steps of odd sizes, over a growing context', () => {
  const random = uniformRandom(5);
  const integer = (least, most) => least + Math.floor(random() * (most - least + 1));
  for (let i = 0; i < 50; i++) {
    const options = { penaltyAlpha: integer(0, 4) / 4, topK: integer(1, 9), hiddenSize: integer(1, 70) };
    const vocabSize = integer(1, 40);
    withSearch(options, (search) => {
      const context = [];
      const states = (seed, n) =>
        Array.from({ length: n }, (_, row) => normalFloats(seed * 100 + row, options.hiddenSize));
      const add = (n) => {
        const rows = states(i, n);
        context.push(...rows);
        search.addContext(flat(rows));
      };
      add(integer(1, 80));
      for (let step = 0; step < 40; step++) {
        const logits = normalFloats(i * 1000 + step, vocabSize, 2);
        const byLogit = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a]);
        const expectedTokens = byLogit.slice(0, options.topK);
        assert.deepEqual(search.candidates(logits), expectedTokens);
        const candidateHidden = states(i * 1000 + step + 7, expectedTokens.length);
        const chosen = search.choose(flat(candidateHidden));
        const all = softmax(logits);
        const probabilities = expectedTokens.map((token) => all[token]);
        const scores = contrastiveScores({ ...options, probabilities, context, candidateHidden });
        const best = Math.max(...scores);
        assert.ok(scores[chosen] >= best - NEAR, `${JSON.stringify(options)}: ${scores}, not ${chosen}`);
        context.push(candidateHidden[chosen]);
      }
    });
  }
});

test('alpha 0 takes the likeliest, alpha 1 the least alike', () => {
  const hidden = [1, 0.25, -1, 0, 3, 0.5];
  const choose = (penaltyAlpha) =>
    withSearch({ penaltyAlpha, topK: 3, hiddenSize: 2 }, (search) => {
      search.addContext([2, 0]);
      assert.deepEqual(search.candidates([1, 3, 2, 0]), [1, 2, 0]);
      return search.choose(hidden);
    });
  assert.equal(choose(0), 0);
  assert.equal(choose(1), 1);
});

test('of equal scores the likelier wins, of equal logits the lower id comes first', () => {
  withSearch({ penaltyAlpha: 1, topK: 4, hiddenSize: 3 }, (search) => {
    search.addContext([1, 0, 0]);
    assert.deepEqual(search.candidates([0, 5, 0, 5, 5, 0]), [1, 3, 4, 0]);
    assert.equal(search.choose([0, 1, 0, 0, 2, 0, 0, 0, 3, 0, -4, 0]), 0);
  });
});

test('fewer candidates where tokens are banned or the vocabulary is small', () => {
  withSearch({ penaltyAlpha: 0.6, topK: 8, hiddenSize: 1 }, (search) => {
    assert.deepEqual(search.candidates([never, 2, never, 3, never]), [3, 1]);
    assert.equal(search.choose([1, 1]), 0);
    assert.deepEqual(search.candidates([0, 1, 2]), [2, 1, 0]);
  });
});

test('a state of zeros is like nothing', () => {
  withSearch({ penaltyAlpha: 1, topK: 2, hiddenSize: 2 }, (search) => {
    search.addContext([1, 1, 0, 0]);
    search.candidates([1, 0]);
    assert.equal(search.choose([1, 1, 0, 0]), 1);
  });
});

test('large and small states keep their direction', () => {
  for (const scale of [1e-30, 1e30]) {
    withSearch({ penaltyAlpha: 1, topK: 2, hiddenSize: 2 }, (search) => {
      search.addContext([scale, 0]);
      search.candidates([1, 0]);
      assert.equal(search.choose([3 * scale, 0.1 * scale, scale, scale]), 1);
    });
  }
});

test('numbers that are not finite are refused, and the search goes on without them', () => {
  withSearch({ penaltyAlpha: 0.5, topK: 2, hiddenSize: 2 }, (search) => {
    for (const state of [
      [nan, 1],
      [1, infinity],
      [-infinity, 0],
    ]) {
      assert.throws(() => search.addContext(state), /hidden states are not finite/);
    }
    for (const logits of [
      [nan, 0],
      [0, infinity],
      [never, never],
    ]) {
      assert.throws(() => search.candidates(logits), /logits are not finite/);
    }
    search.candidates([1, 0]);
    assert.throws(() => search.choose([1, 1, nan, 1]), /hidden states are not finite/);
    assert.equal(search.choose([1, 1, 2, 1]), 0);
  });
});

test('a context that does not fit is refused, and what it holds is counted and given back', () => {
  const inUse = () => engine.memoryStats().bytesInUse;
  const before = inUse();
  withSearch({ penaltyAlpha: 0.5, topK: 1, hiddenSize: 1 << 10 }, (search) => {
    search.addContext(new Float32Array(1 << 16).fill(1)); // a block: 64 states of 4 KiB
    const held = inUse() - before;
    assert.ok(held >= 1 << 18 && held < 1.01 * (1 << 18), `${held} bytes`);
    const state = new Float32Array(1 << 10).fill(2);
    engine.setMemoryLimit(inUse() + (1 << 16));
    try {
      assert.throws(() => search.addContext(state), /no memory for contrastive search's context/);
    } finally {
      engine.setMemoryLimit(0);
    }
    assert.equal(inUse() - before, held);
    search.addContext(state);
    assert.ok(inUse() - before >= 2 << 18);
  });
  assert.equal(inUse(), before);
});
