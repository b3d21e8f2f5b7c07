// The engine's logits, its log-softmax and its beam search against transformers' generate.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logSoftmaxOf, runBeamSearch } from '../sampling/run-search.mjs';
import { processRow } from '../sampling/search-references.mjs';
import { loadIntoEngine } from './engine-support.mjs';
import { beamCases, describe } from './search-support.mjs';
import { fixtureNames } from './support.mjs';

/**
 * Relative. A sum of 22 log-probabilities is rounded 22 times, which makes 1.3e-6 of it, and the logits of two f32
 * engines differ by as much again.
 */
const MOST_SCORE_ERROR = 5e-6;

/** Beam search over forked sessions. */
function search(model, options) {
  const { promptIds } = options;
  let sessions = [model.createSession()];
  sessions[0].append(promptIds);
  const rowsOf = (beams) =>
    beams.map((tokenIds, beam) => {
      const row = logSoftmaxOf(sessions[beam].logits());
      processRow(row, [...promptIds, ...tokenIds], tokenIds.length, options);
      return row;
    });
  const sequences = runBeamSearch(options, rowsOf, (moves) => {
    const next = moves.map(({ parent, token }) => {
      const session = sessions[parent].fork();
      session.step(token);
      return session;
    });
    for (const session of sessions) session.dispose();
    sessions = next;
  });
  for (const session of sessions) session.dispose();
  return sequences;
}

for (const name of fixtureNames) {
  test(`${name}: beams are those of transformers, with their scores`, async (t) => {
    const { engine, model } = await loadIntoEngine(t, name);
    for (const example of beamCases(name)) {
      const sequences = search(model, example);
      const where = describe(example);
      assert.deepEqual(
        sequences.map(({ tokenIds }) => tokenIds),
        example.tokenIds,
        where,
      );
      sequences.forEach(({ tokenIds, score, endedByEndToken }, i) => {
        assert.equal(endedByEndToken, example.endTokenIds.includes(tokenIds.at(-1)), where);
        if (example.scores === null) return; // of greedy search, which gives none
        const expected = example.scores[i];
        const error = Math.abs(score - expected);
        assert.ok(error <= MOST_SCORE_ERROR * Math.abs(expected), `${where}: ${score}, not ${expected}`);
      });
    }
    assert.equal(engine.memory().kvPages, 0);
  });
}

test('the cases cover what beam search is asked for, and an option that differs makes a difference', () => {
  const cases = fixtureNames.flatMap(beamCases);
  const count = (isWanted) => cases.filter(isWanted).length;
  const least = (n, isWanted) => assert.ok(count(isWanted) >= n, `${count(isWanted)}: ${isWanted}`);
  for (let n = 1; n <= 5; n++) least(4, (c) => c.numBeams === n);
  for (const n of [0, 1, 2, -0.5]) least(5, (c) => c.lengthPenalty === n);
  for (const value of [true, 'never']) least(3, (c) => c.earlyStopping === value);
  for (const n of [0, 1, 3]) least(5, (c) => c.endTokenIds.length === n);
  for (const c of cases) assert.equal(c.scores?.length, c.numBeams > 1 ? c.tokenIds.length : undefined);
  least(5, (c) => c.numReturnSequences > 1 && c.numReturnSequences === c.numBeams);
  least(10, (c) => c.repetitionPenalty !== undefined && c.noRepeatNgramSize !== undefined);
  least(10, (c) => c.minNewTokens !== undefined);
  least(10, (c) => c.tokenIds.some((ids) => ids.length < c.maxNewTokens));
  least(5, (c) => new Set(c.tokenIds.map((ids) => ids.length)).size > 1);
});
