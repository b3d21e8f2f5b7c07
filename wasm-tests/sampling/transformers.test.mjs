// The chain against transformers' logits warpers: wasm-tests/fixtures/README.md describes the file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NEUTRAL_SAMPLER_OPTIONS } from '../../build/web/options/sampler-options.js';
import { assertWithin, EXP_ERROR, gamma, UNIT_ROUNDOFF } from '../kernels/compare.mjs';
import { softmax } from './references.mjs';
import { processed, survivors } from './run-sampler.mjs';

const folder = new URL('../fixtures/sampling/', import.meta.url);
const reference = JSON.parse(readFileSync(new URL('reference.json', folder), 'utf8'));
const floats = new Float32Array(new Uint8Array(readFileSync(new URL('reference.bin', folder))).buffer);

function rowOf(block) {
  assert.equal(block.rows, 1);
  return floats.subarray(block.offset, block.offset + block.columns);
}

/**
 * How far two f32 computations of the same probabilities may be apart. `scaled` are the logits that are left, divided by
 * the temperature. Whether the largest is subtracted before or after the division, and with a temperature that is
 * rounded to f32, an argument of exp is off by at most u (|scaled| + |max| + 3 |scaled - max|), which is a relative error
 * of the weight, and exp adds EXP_ERROR. A probability has the error of its own weight, the mean error of all the
 * weights, and gamma(n) of their sum and the division by it.
 */
function probabilityBound(probabilities, scaled) {
  const max = scaled.reduce((a, b) => Math.max(a, b));
  const weightErrors = scaled.map(
    (x) => UNIT_ROUNDOFF * (Math.abs(x) + Math.abs(max) + 3 * (max - x)) + EXP_ERROR,
  );
  const meanError = weightErrors.reduce((sum, error, i) => sum + probabilities[i] * error, 0);
  return probabilities.map(
    (probability, i) =>
      2 * probability * (weightErrors[i] + meanError + gamma(probabilities.length)) + 2 ** -126,
  );
}

/**
 * Processors change a logit by one or two f32 operations, each of which torch may round in another way: by u of what is
 * added, subtracted or multiplied.
 */
function assertProcessed(actual, logits, { changedIds, changed }, where) {
  const values = changed === null ? [] : rowOf(changed);
  const expected = logits.slice();
  for (const [i, id] of changedIds.entries()) expected[id] = values[i];
  const ruledOut = (row) => Array.from(row.keys()).filter((id) => row[id] === Number.NEGATIVE_INFINITY);
  assert.deepEqual(ruledOut(actual), ruledOut(expected), where);
  const finite = Array.from(logits.keys()).filter((id) => expected[id] > Number.NEGATIVE_INFINITY);
  const bound = finite.map(
    (id) =>
      (changedIds.includes(id) ? 6 : 0) *
      UNIT_ROUNDOFF *
      (Math.abs(logits[id]) + Math.abs(expected[id]) + 10),
  );
  const only = (row) => finite.map((id) => row[id]);
  assertWithin(only(actual), only(expected), bound, where);
}

function assertCase(example) {
  const { vector, options: given, keptIds, probabilities, cutsTies } = example;
  const where = JSON.stringify({ ...given, history: example.history });
  const { endTokens, ...history } = reference.histories[example.history];
  const options = { ...given, endTokens, logitBias: new Map(given.logitBias) };
  const raw = rowOf(reference.vectors[vector].logits);
  const logits = processed(options, history, raw);
  assertProcessed(logits, raw, example, where);

  const kept = survivors(options, logits);
  const ascending = kept.ids
    .map((id, i) => ({ id, logit: kept.logits[i] }))
    .filter(({ logit }) => logit > Number.NEGATIVE_INFINITY)
    .sort((a, b) => a.id - b.id);
  const ids = ascending.map(({ id }) => id);
  const expectedIds = keptIds ?? Array.from(logits.keys());
  // Where any ids of a value may stand for each other, compare logits and probabilities in order of size.
  const inOrder = (values) => (cutsTies ? values.sort((a, b) => a - b) : values);
  if (cutsTies) {
    const logitsOf = (some) => inOrder(some.map((id) => logits[id] + 0)); // -0 + 0 is 0
    assert.deepEqual(logitsOf(ids), logitsOf(expectedIds), where);
  } else {
    assert.deepEqual(ids, expectedIds, where);
  }

  const scaled = inOrder(ids.map((id) => logits[id] / (given.temperature ?? 1)));
  const actual = softmax(inOrder(ascending.map(({ logit }) => logit)));
  assertWithin(actual, inOrder(Array.from(rowOf(probabilities))), probabilityBound(actual, scaled), where);
}

for (const [index, { name }] of reference.vectors.entries()) {
  test(`the chain leaves what transformers leaves: ${name}`, () => {
    const cases = reference.cases.filter(({ vector }) => vector === index);
    assert.ok(cases.length > 0);
    for (const example of cases) assertCase(example);
  });
}

test('the cases cover every option, alone and with others', () => {
  const cases = reference.cases.filter(({ options }) => Object.keys(options).length > 0);
  for (const name of Object.keys(NEUTRAL_SAMPLER_OPTIONS)) {
    const having = cases.filter(({ options }) => options[name] !== undefined);
    const isAlone = ({ options }) => Object.keys(options).length === 1;
    assert.ok(having.some(isAlone), `${name} alone`);
    if (name !== 'forcedTokens')
      assert.ok(having.filter((each) => !isAlone(each)).length > 2, `${name} with others`);
    assert.ok(
      having.some(({ keptIds, changedIds }) => keptIds !== null || changedIds.length > 0) ||
        name === 'temperature',
      `${name} does something`,
    );
  }
  assert.ok(reference.cases.some(({ keptIds }) => keptIds === null));
});
