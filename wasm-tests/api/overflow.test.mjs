// What happens when the context is full: 'stop', 'error', and 'slide' against a reference that reads everything anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbortError } from 'sotto';
import { loadIntoEngine } from './engine-support.mjs';
import { randomModel } from './make-weights.mjs';
import { assertSameBits, Random, Reference } from './session-reference.mjs';
import { aborted, fixturePath, fixtureReference, load, sottoError } from './support.mjs';

const CONTEXT = 61; // odd-42
const VOCABULARY = 517;

/** A model, and what its tokens must be when the context slides: each time that it is full, read anew from what is kept. */
async function loadSliding(t, weights = 'f32') {
  const model = await load(t, fixturePath('odd-42'), { weights });
  const parts = await loadIntoEngine(t, 'odd-42', { weights });
  const slid = (ids, keepTokens) => {
    const nLatest = Math.floor((CONTEXT - keepTokens) / 2);
    return [...ids.slice(0, keepTokens), ...ids.slice(ids.length - nLatest)];
  };
  const expected = (prompt, { keepTokens, maxNewTokens, ...options }) => {
    const sampler = parts.engine.createSampler({ ...options, endTokens: model.info.eosTokenIds });
    let session = parts.model.createSession();
    let held = prompt.length < CONTEXT ? [...prompt] : slid(prompt, keepTokens);
    sampler.begin(held);
    session.append(held);
    const tokenIds = [];
    let nSlides = 0;
    for (;;) {
      const id = sampler.sample(session);
      tokenIds.push(id);
      if (tokenIds.length === maxNewTokens || model.info.eosTokenIds.includes(id)) break;
      if (session.length === CONTEXT) {
        held = slid(held, keepTokens);
        session.dispose();
        session = parts.model.createSession();
        session.append(held);
        nSlides++;
      }
      session.step(id);
      held.push(id);
    }
    session.dispose();
    sampler.dispose();
    return { tokenIds, nSlides };
  };
  return { model, parts, expected, slid };
}

const prompt = new Random(1).ids(20, VOCABULARY);

for (const weights of ['f32', 'q8']) {
  for (const keepTokens of [0, 1, 4, 40, CONTEXT - 2]) {
    test(`${weights}: a context that slides and keeps ${keepTokens} equals one that is read anew`, async (t) => {
      const { model, expected } = await loadSliding(t, weights);
      const strategies = [
        { temperature: 0 },
        { temperature: 1.2, seed: 3 },
        { temperature: 1, seed: 5, repetitionPenalty: 1.4 },
      ];
      let nSlides = 0;
      for (const strategy of strategies) {
        for (const length of [1, 20, 41, 59, 60]) {
          const options = { ...strategy, keepTokens, maxNewTokens: 100 };
          const ids = new Random(length).ids(length, VOCABULARY);
          const reference = expected(ids, options);
          nSlides += reference.nSlides;
          const result = await model.generate(ids, { ...options, overflow: 'slide' }).result;
          assert.deepEqual(
            result.tokenIds,
            reference.tokenIds,
            `${length} tokens, ${JSON.stringify(strategy)}`,
          );
          assert.notEqual(result.finishReason, 'context-full');
        }
      }
      assert.ok(nSlides > 5, `${nSlides} slides`);
    });
  }
}

test('4 tokens are kept by default', async (t) => {
  const { model, expected } = await loadSliding(t);
  const options = { temperature: 1, seed: 8, maxNewTokens: 150 };
  const reference = expected(prompt, { ...options, keepTokens: 4 });
  const { tokenIds } = await model.generate(prompt, { ...options, overflow: 'slide' }).result;
  assert.deepEqual(tokenIds, reference.tokenIds);
});

test('a prompt that is longer than the context slides, or is refused', async (t) => {
  const { model, expected } = await loadSliding(t);
  for (const length of [CONTEXT, CONTEXT + 1, 100, 1000]) {
    const ids = new Random(length).ids(length, VOCABULARY);
    for (const overflow of ['stop', 'error']) {
      const refused = model.generate(ids, { overflow }).result;
      await assert.rejects(
        refused,
        sottoError('prompt-too-long', new RegExp(`${length}.*${CONTEXT}.*slide`)),
      );
    }
    for (const keepTokens of [0, 4, 30]) {
      const options = { temperature: 0.9, seed: length, keepTokens, maxNewTokens: 70 };
      const { tokenIds, usage } = await model.generate(ids, { ...options, overflow: 'slide' }).result;
      assert.deepEqual(tokenIds, expected(ids, options).tokenIds, `${length}, ${keepTokens}`);
      assert.equal(usage.promptTokens, length, 'all of the prompt counts');
    }
  }
});

test("'stop' ends the text, 'error' rejects with what there is", async (t) => {
  const model = await load(t, fixturePath('odd-42'));
  const reference = fixtureReference('odd-42');
  const one = reference.cases.find(({ promptIds, greedy }) => {
    return (
      promptIds.length > 1 &&
      promptIds.length < CONTEXT &&
      greedy.endTokenIndex === null &&
      greedy.tokenIds.length < 32
    );
  });
  const room = CONTEXT - one.promptIds.length;
  const expected = one.greedy.tokenIds.slice(0, room);
  for (const options of [{}, { overflow: 'stop' }]) {
    const result = await model.generate(one.promptIds, { temperature: 0, ...options }).result;
    assert.deepEqual([result.finishReason, result.tokenIds], ['context-full', expected]);
  }
  const generation = model.generate(one.promptIds, { temperature: 0, overflow: 'error' });
  const error = await generation.result.catch((reason) => reason);
  sottoError('context-full', /maxNewTokens.*slide/)(error);
  assert.deepEqual([error.result.tokenIds, error.result.finishReason], [expected, 'context-full']);
  assert.ok(!(error instanceof AbortError));
  await assert.rejects(generation.text(), sottoError('context-full'));
  const enough = { temperature: 0, overflow: 'error', maxNewTokens: room };
  assert.equal(
    (await model.generate(one.promptIds, enough).result).finishReason,
    'length',
    'full, but not too full',
  );
});

test('a batch in which one text overflows', async (t) => {
  const { model, expected } = await loadSliding(t);
  const prompts = [2, 30, 60].map((length) => new Random(length).ids(length, VOCABULARY));
  const options = { temperature: 1, seed: 4, maxNewTokens: 35 };
  const sliding = model.generateBatch(prompts, { ...options, overflow: 'slide', keepTokens: 2 });
  for (const [i, { result }] of sliding.entries()) {
    const reference = expected(prompts[i], { ...options, keepTokens: 2 });
    assert.deepEqual((await result).tokenIds, reference.tokenIds, `prompt ${i}`);
  }
  const strict = model.generateBatch(prompts, { ...options, overflow: 'error' });
  const outcomes = await Promise.allSettled(strict.map(({ result }) => result));
  assert.equal(outcomes[0].status, 'fulfilled');
  assert.equal(outcomes[2].reason.code, 'context-full');
});

test('a session slides with its answer, and holds what the last slide left', async (t) => {
  const { model, parts, slid } = await loadSliding(t);
  const reference = new Reference(parts);
  const session = await model.createSession();
  await session.append(prompt);
  let held = [...prompt];
  for (const [round, maxNewTokens] of [30, 20, 41, 5, 90].entries()) {
    const options = { temperature: 1, seed: round, maxNewTokens, overflow: 'slide', keepTokens: 3 };
    const { tokenIds } = await session.generate(options).result;
    for (const id of tokenIds) {
      if (held.length === CONTEXT) held = slid(held, 3);
      held.push(id);
    }
    assert.deepEqual([...(await session.tokens())], held, `round ${round}`);
    assert.equal(session.length, held.length);
    assertSameBits(await session.logits(), reference.logits(held), `round ${round}`);
  }
});

test('a full session stops, refuses, or slides before it goes on', async (t) => {
  const { model, expected } = await loadSliding(t);
  const ids = new Random(9).ids(CONTEXT, VOCABULARY);
  const session = await model.createSession();
  await session.append(ids);
  for (const overflow of ['stop', 'error']) {
    await assert.rejects(session.generate({ overflow }).result, sottoError('prompt-too-long'));
  }
  await assert.rejects(session.append([1]), sottoError('prompt-too-long', /truncate/));
  assert.deepEqual([...(await session.tokens())], ids);
  const options = { temperature: 1, seed: 1, maxNewTokens: 20, keepTokens: 4 };
  const { tokenIds } = await session.generate({ ...options, overflow: 'slide' }).result;
  assert.deepEqual(tokenIds, expected(ids, options).tokenIds);
});

test("a session's generation that overflows with 'error' leaves it as it was", async (t) => {
  const model = await load(t, fixturePath('odd-8')); // without end tokens
  const session = await model.createSession();
  await session.append([1, 2, 3]);
  const options = { temperature: 1, seed: 2, overflow: 'error' };
  const error = await session.generate(options).result.catch((reason) => reason);
  sottoError('context-full')(error);
  assert.equal(error.result.tokenIds.length, 30);
  assert.deepEqual([session.length, ...(await session.tokens())], [3, 1, 2, 3]);
  const stopped = await session.generate({ ...options, overflow: 'stop' }).result;
  assert.deepEqual(stopped.tokenIds, error.result.tokenIds);
  assert.equal(session.length, 33);
});

test('sliding can be aborted', async (t) => {
  const config = { n_positions: 600, n_embd: 16, n_head: 2, n_layer: 1, vocab_size: 30 };
  const model = await load(t, randomModel(config, new Random(1)), { prefixCache: 0 });
  const ids = new Random(2).ids(598, 30);
  const session = await model.createSession();
  await session.append(ids);
  for (const source of [model, session]) {
    const options = { temperature: 1, seed: 1, maxNewTokens: 2000, overflow: 'slide' };
    let nTokens = 0;
    const onToken = () => {
      if (++nTokens === 2) setTimeout(() => generation.abort(), 0); // in the middle of the slide
    };
    const generation =
      source === model
        ? model.generate(ids, { ...options, onToken })
        : session.generate({ ...options, onToken });
    const { tokenIds } = await aborted(generation);
    assert.ok(tokenIds.length >= 2 && tokenIds.length < 2000);
  }
  assert.ok(session.length <= 600);
  await session.dispose();
  assert.equal((await model.memory()).kvPages, 0);
});

test('what does not fit together is refused', async (t) => {
  const model = await load(t, fixturePath('odd-42'));
  const refused = (options, message) =>
    assert.throws(() => model.generate(prompt, options), sottoError('bad-option', message));
  refused({ overflow: 'wrap' }, /overflow is "wrap"/);
  refused({ keepTokens: 4 }, /overflow: 'slide'/);
  refused({ overflow: 'stop', keepTokens: 4 }, /overflow: 'slide'/);
  refused({ overflow: 'slide', keepTokens: CONTEXT - 1 }, /at most 59/);
  refused({ overflow: 'slide', keepTokens: -1 }, /keepTokens/);
  refused({ overflow: 'slide', numBeams: 2 }, /beam search/);
});
