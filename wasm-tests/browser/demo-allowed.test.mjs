// What the demo claims of the settings: which of the likeliest tokens they let through, held against all logits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedOf } from '../../demo/write/allowed.js';

const VOCABULARY = 300;
const N_KNOWN = 8;

/** Tokens that the settings let through, by the definitions of docs/sampling.md. */
function trulyAllowed(logprobs, { temperature, topK, topP }) {
  if (temperature === 0) return new Set([0]);
  const order = [...logprobs.keys()].sort((a, b) => logprobs[b] - logprobs[a]);
  const kept = topK === 0 ? order : order.slice(0, topK);
  const weights = kept.map((id) => Math.exp(logprobs[id] / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const allowed = new Set();
  for (let before = 0, at = 0; at < kept.length && (at === 0 || before / total < topP); at++) {
    allowed.add(kept[at]);
    before += weights[at];
  }
  return allowed;
}

/** Numbers that look random, the same each time. */
function* randoms(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('what is claimed of the settings is true, and mostly something is', () => {
  const random = randoms(7);
  const next = () => random.next().value;
  let [claimed, left] = [0, 0];
  for (let round = 0; round < 600; round++) {
    const sharpness = 1 + 12 * next();
    const logits = Array.from({ length: VOCABULARY }, () => sharpness * (next() + next() + next()));
    const norm = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const logprobs = logits.map((logit) => logit - norm).sort((a, b) => b - a);
    const settings = {
      temperature: [0, 0.4, 0.8, 1, 1.5][round % 5],
      topK: [0, 1, 5, 8, 40][(round >> 2) % 5],
      topP: [0.3, 0.9, 0.95, 1][(round >> 3) % 4],
    };
    const truth = trulyAllowed(logprobs, settings);
    const known = logprobs.slice(0, N_KNOWN).map((logprob) => ({ logprob }));
    for (const [place, isAllowed] of allowedOf(known, settings, VOCABULARY).entries()) {
      if (isAllowed === null) left++;
      else {
        claimed++;
        assert.equal(isAllowed, truth.has(place), `${place} with ${JSON.stringify(settings)}`);
      }
    }
  }
  assert.ok(claimed > 5 * left, `${claimed} claims, ${left} left open`);
});

test('at temperature 0 only the likeliest is possible', () => {
  const likeliest = [-0.1, -3, -4].map((logprob) => ({ logprob }));
  assert.deepEqual(allowedOf(likeliest, { temperature: 0 }, 100), [true, false, false]);
});
