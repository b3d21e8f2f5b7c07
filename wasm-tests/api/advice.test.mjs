// Advice in messages can be followed, in contexts of any size: what it names is tried.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zeroModel } from './make-weights.mjs';
import { load, sottoError } from './support.mjs';

const modelOf = (t, n_positions) =>
  load(t, zeroModel({ n_positions, n_embd: 8, n_head: 2, n_layer: 1, vocab_size: 20 }), { worker: false });
const ids = (count) => new Array(count).fill(3);
const errorOf = async (run) => {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
};

test('a context of one token: no answer fits, and no advice says how', async (t) => {
  const model = await modelOf(t, 1);
  const isRefused = sottoError(
    'prompt-too-long',
    /context is a single token, which leaves no room for an answer/,
  );
  for (const options of [
    {},
    { overflow: 'slide' },
    { overflow: 'slide', keepTokens: 0 },
    { overflow: 'error' },
  ]) {
    for (const strategy of [
      {},
      ...(options.overflow === 'slide' ? [] : [{ numBeams: 2 }, { penaltyAlpha: 0.5, topK: 2 }]),
    ]) {
      await assert.rejects(model.generate([1], { ...options, ...strategy }).result, isRefused);
    }
  }
  assert.equal((await model.score([1])).tokens.length, 1, 'what the message says');
  const session = await model.createSession();
  await session.append([1]);
  assert.equal((await session.logits()).length, 20, 'what the message says');
  await assert.rejects(session.generate().result, isRefused);
  const full = await errorOf(() => session.append([1]));
  sottoError('prompt-too-long', /truncate\(\) the session first$/)(full);
});

for (const context of [2, 3, 4, 5, 6, 9]) {
  test(`a context of ${context}: what messages advise works`, async (t) => {
    const model = await modelOf(t, context);
    const tooLong = await errorOf(() => model.generate(ids(context)).result);
    sottoError('prompt-too-long')(tooLong);
    const [, least] = /shorten the prompt to (one token|\d+ tokens or less)/.exec(tooLong.message);
    const fitting = least === 'one token' ? 1 : Number.parseInt(least, 10);
    assert.ok(fitting > 0);
    assert.equal((await model.generate(ids(fitting)).result).tokenIds.length, 1);
    assert.match(tooLong.message, /overflow: 'slide'/);
    const slid = await model.generate(ids(context), { overflow: 'slide', maxNewTokens: 7 }).result;
    assert.equal(slid.tokenIds.length, 7);
    for (const strategy of [{ numBeams: 2 }, { penaltyAlpha: 0.5, topK: 2 }]) {
      const error = await errorOf(() => model.generate(ids(context), strategy).result);
      assert.doesNotMatch(error.message, /slide/, 'which these refuse');
    }

    const wide = await errorOf(
      async () => model.generate([1], { overflow: 'slide', keepTokens: context }).result,
    );
    const most = Number(/must be at most (-?\d+)/.exec(wide.message)[1]);
    const kept = { overflow: 'slide', keepTokens: most, maxNewTokens: 9 };
    assert.equal((await model.generate([1], kept).result).tokenIds.length, 9);
    await assert.rejects(
      async () => model.generate([1], { ...kept, keepTokens: most + 1 }).result,
      sottoError('bad-option'),
    );

    const filled = await errorOf(() => model.generate([1], { overflow: 'error', maxNewTokens: 99 }).result);
    sottoError('context-full', /^(?!.*shorten the prompt).*maxNewTokens.*'slide'/)(filled);
    const { tokenIds } = filled.result;
    const less = { overflow: 'error', maxNewTokens: tokenIds.length };
    assert.equal((await model.generate([1], less).result).finishReason, 'length');
    const beams = await errorOf(
      () => model.generate([1], { numBeams: 2, overflow: 'error', maxNewTokens: 99 }).result,
    );
    sottoError('context-full', /^(?!.*slide)/)(beams);
  });

  test(`a context of ${context}: what messages advise works, in sessions`, async (t) => {
    const model = await modelOf(t, context);
    const session = await model.createSession();
    const empty = await errorOf(() => session.append(ids(context + 1)));
    sottoError('prompt-too-long', new RegExp(`give at most ${context}$`))(empty);
    await session.append(ids(context));
    const full = await errorOf(() => session.generate().result);
    const [, least] = /truncate\(\) the session to (one token|\d+ tokens or less)/.exec(full.message);
    await session.truncate(least === 'one token' ? 1 : Number.parseInt(least, 10));
    const more = await errorOf(() => session.append(ids(2)));
    sottoError('prompt-too-long', /give at most 1, or truncate\(\) the session first$/)(more);
    assert.equal((await session.generate({ maxNewTokens: 1 }).result).tokenIds.length, 1);
  });
}
