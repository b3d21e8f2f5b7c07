// A mask of the vocabulary for one choice: after all that changes logits, for that choice alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntoEngine } from './engine-support.mjs';
import { sottoError } from './support.mjs';

/** A session with logits, in a model whose vocabulary is no multiple of 32. */
async function sessionOf(t, name = 'odd-60') {
  const { engine, model } = await loadIntoEngine(t, name);
  const session = model.createSession();
  session.append([1, 2, 3]);
  return { engine, session, logits: session.logits().slice() };
}

const maskOf = (nTokens, allowed) => {
  const words = new Uint32Array(Math.ceil(nTokens / 32));
  for (const id of allowed) words[id >>> 5] |= 1 << (id & 31);
  return words;
};

/** Numbers that do not repeat soon, from 0 to below 1. */
const randomFrom = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

test('the most likely of the tokens that a mask leaves is chosen, and then any again', async (t) => {
  const { engine, session, logits } = await sessionOf(t);
  const random = randomFrom(1);
  const sampler = engine.createSampler({ temperature: 0 });
  sampler.begin([1, 2, 3]);
  const best = logits.indexOf(Math.max(...logits));
  for (const share of [0.02, 0.1, 0.5, 0.9, 1]) {
    for (let round = 0; round < 20; round++) {
      const allowed = [...logits.keys()].filter(() => random() < share);
      if (allowed.length === 0) continue;
      sampler.mask(maskOf(logits.length, allowed));
      const expected = allowed.reduce((a, b) => (logits[b] > logits[a] ? b : a));
      assert.equal(sampler.sample(session), expected);
      assert.equal(sampler.sample(session), best, 'the mask is gone');
    }
  }
  for (const [id] of logits.entries()) {
    sampler.mask(maskOf(logits.length, [id]));
    assert.equal(sampler.sample(session), id);
  }
});

test('draws are those of logits in which the others are minus infinity', async (t) => {
  const { engine, session, logits } = await sessionOf(t);
  const random = randomFrom(2);
  const options = { temperature: 1.3, topP: 0.9, repetitionPenalty: 1.2, seed: 5 };
  const masked = engine.createSampler(options);
  const changed = engine.createSampler(options);
  for (const sampler of [masked, changed]) sampler.begin([1, 2, 3]);
  for (let round = 0; round < 100; round++) {
    const allowed = new Set([...logits.keys()].filter(() => random() < 0.3));
    if (allowed.size < 2) continue; // a single one takes no random number
    masked.mask(maskOf(logits.length, allowed));
    const row = changed.process(session);
    for (const id of row.keys()) if (!allowed.has(id)) row[id] = Number.NEGATIVE_INFINITY;
    assert.equal(masked.sample(session), changed.choose());
  }
});

test('a token that is alone takes no random number', async (t) => {
  const { engine, session, logits } = await sessionOf(t);
  const draws = (masked) => {
    const sampler = engine.createSampler({ temperature: 1, seed: 3 });
    sampler.begin([1]);
    return Array.from({ length: 8 }, () => {
      if (masked) {
        sampler.mask(maskOf(logits.length, [logits.length - 1]));
        assert.equal(sampler.sample(session), logits.length - 1);
      }
      return sampler.sample(session);
    });
  };
  assert.deepEqual(draws(true), draws(false));
});

test('it counts after what a caller does to the logits', async (t) => {
  const { engine, session, logits } = await sessionOf(t);
  const sampler = engine.createSampler({ temperature: 0 });
  sampler.begin([1]);
  sampler.mask(maskOf(logits.length, [4, 9]));
  const row = sampler.process(session);
  row.fill(0);
  row[7] = 100;
  row[9] = 1;
  assert.equal(sampler.choose(), 9);
});

test('what leaves nothing, or is no mask of the vocabulary, is refused, and the sampler goes on', async (t) => {
  const { engine, session, logits } = await sessionOf(t);
  const sampler = engine.createSampler({ temperature: 0, suppressTokens: [4] });
  sampler.begin([1]);
  sampler.mask(maskOf(logits.length, [4]));
  assert.throws(
    () => sampler.sample(session),
    sottoError('bad-option', /ruled out by the form of the answer/),
  );
  sampler.mask(maskOf(logits.length, []));
  assert.throws(
    () => sampler.sample(session),
    sottoError('bad-option', /ruled out by the form of the answer/),
  );
  sampler.mask(new Uint32Array(1));
  assert.throws(() => sampler.sample(session), sottoError('bad-option', /the mask has 1 words/));
  for (const wrong of [undefined, [1], new Int32Array(2)]) {
    assert.throws(() => sampler.mask(wrong), sottoError('bad-option', /mask is .*Uint32Array/));
  }
  sampler.mask(maskOf(logits.length, [5]));
  assert.equal(sampler.sample(session), 5);
});
