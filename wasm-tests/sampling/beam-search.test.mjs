import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalFloats, uniformRandom } from '../kernels/data.mjs';
import { runBeamSearch } from './run-search.mjs';
import { beamSearch, logSoftmax } from './search-references.mjs';

const { NEGATIVE_INFINITY: never } = Number;

const plain = {
  numBeams: 2,
  numReturnSequences: 2,
  lengthPenalty: 1,
  earlyStopping: false,
  maxNewTokens: 4,
  endTokenIds: [],
};

/** Log-probabilities that depend on all tokens so far, the same for the same ones. */
function rowAfter(tokenIds, seed, vocabSize, shape) {
  const hash = tokenIds.reduce((sum, token) => (sum * 31 + token + 1) >>> 0, seed);
  return shape(normalFloats(hash, vocabSize, 1.5));
}

/** Sums of multiples of 1/4 are exact, so that many continuations tie. */
const withTies = (logits) => logits.map((logit) => -Math.abs(Math.round(logit * 2) / 4));

function randomOptions(random) {
  const integer = (least, most) => least + Math.floor(random() * (most - least + 1));
  const oneOf = (values) => values[integer(0, values.length - 1)];
  const numBeams = integer(1, 5);
  const nEndTokens = integer(0, 3);
  const vocabSize = integer((1 + Math.max(1, nEndTokens)) * numBeams, 40);
  return {
    numBeams,
    numReturnSequences: integer(1, numBeams),
    lengthPenalty: oneOf([0, 1, -0.5, 2, 0.7]),
    earlyStopping: oneOf([true, false, 'never']),
    maxNewTokens: integer(1, 8),
    endTokenIds: Array.from({ length: nEndTokens }, (_, i) => (i * 7 + integer(0, 6)) % vocabSize),
    vocabSize,
  };
}

for (const [name, shape] of [
  ['apart', logSoftmax],
  ['often equal', withTies],
]) {
  test(`beams are those of the reference, for 3000 random searches whose sums are ${name}`, () => {
    const random = uniformRandom(77);
    let nShort = 0;
    for (let i = 0; i < 3000; i++) {
      const options = randomOptions(random);
      const rowOf = (tokenIds) => rowAfter(tokenIds, i, options.vocabSize, shape);
      const actual = runBeamSearch(options, (beams) => beams.map(rowOf));
      const expected = beamSearch(options, rowOf);
      const where = `${i}: ${JSON.stringify(options)}`;
      assert.deepEqual(
        actual.map(({ tokenIds }) => tokenIds),
        expected.map(({ tokenIds }) => tokenIds),
        where,
      );
      assert.equal(actual.length, options.numReturnSequences, where);
      actual.forEach(({ tokenIds, score, endedByEndToken }, rank) => {
        assert.ok(Math.abs(score - expected[rank].score) <= 1e-6 * Math.abs(score), where);
        assert.equal(endedByEndToken, options.endTokenIds.includes(tokenIds.at(-1)), where);
        nShort += tokenIds.length < options.maxNewTokens ? 1 : 0;
      });
    }
    assert.ok(nShort > 1000, 'many sequences end before their greatest length');
  });
}

test('moves name the beams of the step before, and tokens() follows them', () => {
  const options = { ...plain, numBeams: 4, numReturnSequences: 4, maxNewTokens: 9, endTokenIds: [3] };
  const rowOf = (tokenIds) => rowAfter(tokenIds, 5, 23, logSoftmax);
  let nSteps = 0;
  runBeamSearch(
    options,
    (beams) => beams.map(rowOf),
    (moves, before, search) => {
      if (search.isDone()) return assert.deepEqual(moves, []);
      const after = moves.map(({ parent, token }) => [...before[parent], token]);
      assert.deepEqual(
        after,
        moves.map((_, beam) => search.tokens(beam)),
      );
      assert.equal(moves.length, 4);
      nSteps++;
    },
  );
  assert.ok(nSteps >= 4);
});

test('one beam is greedy search up to the first end token', () => {
  for (let seed = 0; seed < 200; seed++) {
    const rowOf = (tokenIds) => rowAfter(tokenIds, seed, 30, logSoftmax);
    const expected = [];
    while (expected.length < 12 && ![4, 9, 21].includes(expected.at(-1))) {
      const row = rowOf(expected);
      expected.push(row.indexOf(Math.max(...row)));
    }
    for (const earlyStopping of [true, false]) {
      for (const lengthPenalty of [-1, 0, 1]) {
        const options = { ...plain, numBeams: 1, numReturnSequences: 1, lengthPenalty, earlyStopping };
        const [{ tokenIds }] = runBeamSearch(
          { ...options, maxNewTokens: 12, endTokenIds: [4, 9, 21] },
          (beams) => beams.map(rowOf),
        );
        assert.deepEqual(tokenIds, expected);
      }
    }
  }
});

test('equal sums: the lower parent first, then the lower token', () => {
  const steps = [];
  const equal = new Float32Array(9).fill(-2);
  const sequences = runBeamSearch(
    { ...plain, numBeams: 3, numReturnSequences: 3, maxNewTokens: 3 },
    (beams) => beams.map(() => equal),
    (moves) => steps.push(moves.map(({ parent, token }) => [parent, token])),
  );
  assert.deepEqual(steps, [
    [
      [0, 0],
      [0, 1],
      [0, 2],
    ],
    [
      [0, 0],
      [0, 1],
      [0, 2],
    ],
    [],
  ]);
  assert.deepEqual(
    sequences.map(({ tokenIds }) => tokenIds),
    [
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 2],
    ],
  );
});

test('banned tokens are never chosen, and a beam without a way on ends there', () => {
  // After 0 only 1 may come, after 1 nothing, after 2 anything.
  const rowsAfter = [
    [never, -1, never],
    [never, never, never],
    [-1, -1.5, -0.125],
  ];
  const nRunning = [];
  const sequences = runBeamSearch({ ...plain, numBeams: 5, numReturnSequences: 5 }, (beams) => {
    nRunning.push(beams.length);
    return beams.map((tokenIds) => rowsAfter[tokenIds.at(-1) ?? 2]);
  });
  assert.deepEqual(nRunning, [1, 3, 4, 4]); // 2 0 1, 22 20 21 01, 222 220 221 201
  assert.deepEqual(
    sequences.map(({ tokenIds, score }) => [tokenIds.join(''), score * 4]),
    [
      ['2222', -0.5],
      ['2220', -1.375],
      ['2221', -1.875],
      ['2201', -2.25],
    ],
  );
});

test('a forced first token leaves one beam, and the next step fills the others', () => {
  const nRunning = [];
  const forced = new Float32Array(7).fill(never);
  forced[5] = 0;
  const options = { ...plain, numBeams: 3, numReturnSequences: 3, endTokenIds: [1] };
  const rowOf = (tokenIds) => (tokenIds.length === 0 ? forced : rowAfter(tokenIds, 3, 7, logSoftmax));
  const actual = runBeamSearch(options, (beams) => {
    nRunning.push(beams.length);
    return beams.map(rowOf);
  });
  assert.deepEqual(nRunning.slice(0, 3), [1, 1, 3]);
  const expected = beamSearch(options, rowOf); // where the copies at -1e9 lose as well
  assert.deepEqual(
    actual.map(({ tokenIds }) => tokenIds),
    expected.map(({ tokenIds }) => tokenIds),
  );
});

test('where nothing may follow, the search ends with what has ended so far', () => {
  assert.deepEqual(
    runBeamSearch(plain, () => [new Float32Array(5).fill(never)]),
    [],
  );
  assert.deepEqual(
    runBeamSearch(plain, () => [new Float32Array(5).fill(Number.NaN)]),
    [],
  );
  const onlyEnd = [never, never, -1];
  assert.deepEqual(
    runBeamSearch({ ...plain, endTokenIds: [2] }, () => [onlyEnd]),
    [{ tokenIds: [2], score: -1, endedByEndToken: true }],
  );
});

test('a vocabulary smaller than the number of beams', () => {
  const sequences = runBeamSearch(
    { ...plain, numBeams: 5, numReturnSequences: 5, maxNewTokens: 3 },
    (beams) => beams.map(() => [Math.log(0.75), Math.log(0.25)]),
  );
  assert.equal(sequences.length, 5);
  assert.deepEqual(
    sequences.slice(0, 4).map(({ tokenIds }) => tokenIds),
    [
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ],
  );
});

test('large vocabularies: the best few of 5 x 50,257 are found wherever they stand', () => {
  const vocabSize = 50257;
  const sorted = normalFloats(1, vocabSize, 3).sort();
  for (const row of [sorted, sorted.slice().reverse(), normalFloats(2, vocabSize, 3)]) {
    const rowOf = (tokenIds) => logSoftmax(tokenIds.length % 2 === 0 ? row : row.slice().reverse());
    const options = { ...plain, numBeams: 5, numReturnSequences: 5, maxNewTokens: 2 };
    const rows = new Map([0, 1].map((length) => [length, rowOf(new Array(length))]));
    const actual = runBeamSearch(options, (beams) => beams.map(({ length }) => rows.get(length)));
    const best = (values) =>
      Array.from(values.keys())
        .sort((a, b) => values[b] - values[a])
        .slice(0, 5);
    const pairs = best(rows.get(0)).flatMap((first) => best(rows.get(1)).map((second) => [first, second]));
    const sum = ([first, second]) => Math.fround(rows.get(0)[first] + rows.get(1)[second]);
    const expected = pairs.sort((a, b) => sum(b) - sum(a)).slice(0, 5);
    assert.deepEqual(
      actual.map(({ tokenIds }) => tokenIds),
      expected,
    );
  }
});
