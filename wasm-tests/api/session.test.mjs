// What web/page/session.ts promises, on the page's side.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { loadIntoEngine } from './engine-support.mjs';
import { randomModel } from './make-weights.mjs';
import { assertSameBits, Random, Reference } from './session-reference.mjs';
import { aborted, assertStillWorks, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const greedy = { temperature: 0, maxNewTokens: 12 };
const longContext = { n_positions: 1024, n_embd: 32, n_head: 4, n_layer: 2, vocab_size: 60 };

test('a session reads text, goes on with it, and continues like generate with the same prompt', async (t) => {
  const model = await load(t, storiesPath);
  const session = await model.createSession();
  assert.equal(session.length, 0);
  await session.append('Once upon');
  await session.append(' a time');
  const prompt = await model.encode('Once upon a time');
  assert.equal(session.length, prompt.length, 'one begin token, at the beginning');
  assert.deepEqual([...(await session.tokens())], prompt);
  const expected = await model.generate('Once upon a time', greedy).result;
  const found = await session.generate(greedy).result;
  assert.deepEqual([found.text, found.tokenIds], [expected.text, expected.tokenIds]);
  assert.equal(session.length, prompt.length + 12);
  assert.deepEqual([...(await session.tokens())], [...prompt, ...expected.tokenIds]);
  const more = await session.generate(greedy).result;
  const long = await model.generate('Once upon a time', { ...greedy, maxNewTokens: 24 }).result;
  assert.deepEqual([...expected.tokenIds, ...more.tokenIds], long.tokenIds);
  assert.equal(more.usage.promptTokens, prompt.length + 12);
  assert.equal(more.usage.cachedTokens, prompt.length + 12, 'nothing is read twice');
});

test('branches of a session go their own ways', async (t) => {
  const model = await load(t, storiesPath);
  const session = await model.createSession();
  await session.append('Once upon a time');
  const branches = await Promise.all([session.fork(), session.fork()]);
  const run = (one, seed) => one.generate({ seed, temperature: 1, maxNewTokens: 20 }).result;
  const results = await Promise.all([run(session, 1), run(branches[0], 2), run(branches[1], 1)]);
  const alone = await model.generate('Once upon a time', { seed: 2, temperature: 1, maxNewTokens: 20 })
    .result;
  assert.deepEqual(results[1].tokenIds, alone.tokenIds);
  assert.deepEqual(results[2].tokenIds, results[0].tokenIds);
  await session.dispose();
  assert.equal((await branches[0].tokens()).length, branches[0].length, 'a fork outlives what it comes from');
});

test('what is asked of a session happens in that order', async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const reference = new Reference(await loadIntoEngine(t, 'odd-60'));
  const session = await model.createSession();
  const answers = await Promise.all([
    session.append([1, 2, 3]),
    session.logits(),
    session.append([4]),
    session.tokens(),
    session.truncate(2),
    session.tokens(),
    session.fork(),
    session.append([7]),
    session.generate({ maxNewTokens: 2, temperature: 0 }).result,
    session.tokens(),
    session.dispose(),
  ]);
  assertSameBits(answers[1], reference.logits([1, 2, 3]), 'logits');
  assert.deepEqual([...answers[3]], [1, 2, 3, 4]);
  assert.deepEqual([...answers[5]], [1, 2]);
  assert.deepEqual([...(await answers[6].tokens())], [1, 2]);
  assert.deepEqual([...answers[9]], [1, 2, 7, ...answers[8].tokenIds]);
});

test('wrong input is refused, and the session is what it was', async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const session = await model.createSession();
  await assert.rejects(session.logits(), sottoError('empty-prompt'));
  await assert.rejects(session.generate().result, sottoError('empty-prompt', /append/));
  await session.append([1, 2, 3]);
  const logits = await session.logits();
  const refused = (promise, code, message) => assert.rejects(promise, sottoError(code, message));
  await refused(session.append([]), 'empty-prompt');
  await refused(session.append('text'), 'no-tokenizer');
  await refused(session.append([1003]), 'bad-token', /input\[0\] is 1003/);
  await refused(session.append(7), 'bad-option');
  await refused(session.append([1], { onprefillprogress() {} }), 'unknown-option', /onPrefillProgress/);
  await refused(session.append(new Array(75).fill(0)), 'prompt-too-long', /77 tokens; 3 .* 75/);
  for (const length of [-1, 4, 1.5, Number.NaN, '2']) await refused(session.truncate(length), 'bad-option');
  for (const layer of [-1, 3, 0.5, undefined]) await refused(session.kv(layer), 'bad-option', /layer/);
  await refused(session.tap('hidden'), 'bad-option', /array/);
  await refused(session.tap(['hiddn']), 'bad-option', /hidden/);
  await refused(session.generate({ numReturnSequences: 2, temperature: 1 }).result, 'bad-option', /fork/);
  assert.throws(() => session.generate({ topk: 1 }), sottoError('unknown-option'));
  assert.deepEqual([...(await session.tokens())], [1, 2, 3]);
  assertSameBits(await session.logits(), logits, 'logits');
});

test('a disposed session, and those of a disposed model, say so', async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const session = await model.createSession();
  await session.append([1, 2]);
  await session.dispose();
  await session.dispose();
  const calls = [
    () => session.append([1]),
    () => session.truncate(0),
    () => session.fork(),
    () => session.tokens(),
    () => session.logits(),
    () => session.kv(0),
    () => session.tap(['hidden']),
    () => session.taps(),
    () => session.save(),
  ];
  for (const call of calls)
    await assert.rejects(call(), sottoError('disposed', /this session/), String(call));
  assert.throws(() => session.generate(), sottoError('disposed', /this session/));
  assert.equal((await model.memory()).kvPages, 0);
  const other = await model.createSession();
  await model.dispose();
  await assert.rejects(other.tokens(), sottoError('disposed', /the model/));
  await assert.rejects(model.createSession(), sottoError('disposed', /the model/));
  await other.dispose(); // there is nothing left to do, and so it does not fail
});

test('an aborted append leaves the session as it was', async (t) => {
  const model = await load(t, randomModel(longContext, new Random(2)));
  const session = await model.createSession();
  await session.append([1, 2, 3]);
  const logits = await session.logits();
  const ids = new Random(3).ids(900, 60);
  const controller = new AbortController();
  const progress = [];
  const { signal } = controller;
  const onPrefillProgress = (one) => {
    progress.push(one);
    if (progress.length === 2) controller.abort(new Error('enough'));
  };
  await assert.rejects(session.append(ids, { signal, onPrefillProgress }), /enough/);
  assert.deepEqual(
    progress,
    [128, 256].map((processedTokens) => ({ processedTokens, totalTokens: 900 })),
  );
  assert.deepEqual([session.length, (await session.tokens()).length], [3, 3]);
  assertSameBits(await session.logits(), logits, 'logits');
  await assert.rejects(session.append(ids, { signal }), /enough/, 'a signal that was aborted before');
  const own = new Error('own');
  const failing = () => {
    throw own;
  };
  await assert.rejects(session.append(ids, { onPrefillProgress: failing }), (error) => error === own);
  const atEnd = ({ processedTokens, totalTokens }) => {
    if (processedTokens === totalTokens) throw own;
  };
  await assert.rejects(session.append(ids, { onPrefillProgress: atEnd }), (error) => error === own);
  assert.deepEqual([session.length, (await session.tokens()).length], [3, 3]);
  assertSameBits(await session.logits(), logits, 'logits');
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('an aborted generation leaves in the session what there was of the answer', async (t) => {
  const model = await load(t, storiesPath);
  const session = await model.createSession();
  await session.append('Once upon a time');
  const { length } = session;
  const generation = session.generate({ ...greedy, maxNewTokens: 200, onToken: () => generation.abort() });
  const { tokenIds } = await aborted(generation);
  assert.ok(tokenIds.length > 0 && tokenIds.length < 100);
  assert.deepEqual([...(await session.tokens())].slice(length), tokenIds);
  assert.equal(session.length, length + tokenIds.length);
  const next = (await session.generate(greedy).result).tokenIds;
  const all = await model.generate('Once upon a time', { ...greedy, maxNewTokens: 200 }).result;
  assert.deepEqual(next, all.tokenIds.slice(tokenIds.length, tokenIds.length + 12));
});

test('a generation that fails, or ends before its first token, leaves the session as it was', async (t) => {
  const model = await load(t, storiesPath);
  const session = await model.createSession();
  await session.append('Once upon a time, there was');
  await session.truncate(4); // its last logits are forgotten
  const tokens = await session.tokens();
  const own = new Error('own');
  const stopWhen = () => {
    throw own;
  };
  await assert.rejects(session.generate({ ...greedy, logitsProcessor: 'file:///nowhere.js' }).result);
  assert.deepEqual(await session.tokens(), tokens);
  const strategies = [{ temperature: 0 }, { numBeams: 3 }, { penaltyAlpha: 0.6, topK: 4 }];
  for (const strategy of strategies) {
    const result = await session.generate({ ...strategy, maxTime: 1e-9 }).result;
    assert.deepEqual([result.tokenIds, result.finishReason], [[], 'max-time'], JSON.stringify(strategy));
    assert.deepEqual(await session.tokens(), tokens, JSON.stringify(strategy));
    assert.equal(session.length, 4);
  }
  const failing = session.generate({ ...greedy, stopWhen });
  await assert.rejects(failing.result, (error) => error === own);
  const prompt = await session.tokens();
  assert.equal(prompt.length, 5, 'with the token that stopWhen was asked about');
  assert.equal(session.length, 5);
  const { tokenIds } = await model.generate(prompt, greedy).result;
  assert.deepEqual((await session.generate(greedy).result).tokenIds, tokenIds);
  await assertStillWorks(model);
});

test('fork takes no time and no memory but for its list of tokens: 900 of them', async (t) => {
  const { engine, model } = await loadIntoEngine(t, randomModel(longContext, new Random(2)));
  const session = model.createSession();
  session.append(new Random(4).ids(900, 60));
  const before = engine.memory();
  const forks = [];
  const times = Array.from({ length: 101 }, () => {
    const start = performance.now();
    forks.push(session.fork());
    return performance.now() - start;
  });
  const median = times.sort((a, b) => a - b)[50];
  assert.ok(median < 5, `${median} ms`);
  assert.equal(engine.memory().kvPages, before.kvPages);
  const ofFork = (engine.memory().bytesInUse - before.bytesInUse) / 101;
  assert.ok(ofFork < 4 * 900 + (4 << 10), `${ofFork} bytes: the tokens' ids, and what a session is`);
  forks[0].step(1);
  assert.equal(engine.memory().kvPages, before.kvPages + 1, 'only the page that is written to is copied');
  const page = await load(t, randomModel(longContext, new Random(2)));
  const ours = await page.createSession();
  await ours.append(new Random(4).ids(900, 60));
  const { bytesInUse } = await page.memory();
  await ours.fork();
  assert.ok((await page.memory()).bytesInUse - bytesInUse < 64 << 10);
});

test('sessions work in a worker too', async (t) => {
  const model = await load(t, storiesPath, { worker: true });
  const session = await model.createSession();
  await session.append('Once upon a time');
  const expected = await model.generate('Once upon a time', greedy).result;
  assert.deepEqual((await session.generate(greedy).result).tokenIds, expected.tokenIds);
  const restored = await model.restoreSession(await session.save());
  assert.deepEqual(await restored.tokens(), await session.tokens());
});
