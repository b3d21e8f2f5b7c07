// The Prompt API over our sessions: prompts, streams, constraints, clones, aborts, ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPromptApi } from 'sotto/prompt-api';
import { chatModel } from '../api/chat-model.mjs';
import { load, storiesPath } from '../api/support.mjs';
import { assistant, domError, promptApi, says, system, user } from './prompt-api-support.mjs';

test('the story model talks: a prompt, its stream, and what a session says of itself', async (t) => {
  const LanguageModel = createPromptApi({
    source: storiesPath,
    chatTemplate: 'chatml',
    seed: 3,
    maxNewTokens: 24,
  });
  t.after(() => LanguageModel.unload());
  const session = await LanguageModel.create();
  assert.ok(session instanceof LanguageModel && session instanceof EventTarget);
  assert.equal(String(session), '[object LanguageModel]');
  assert.deepEqual(
    [session.topK, Math.fround(session.temperature), session.samplingMode, session.contextWindow],
    [40, Math.fround(0.8), 'balanced', 512],
  );
  assert.equal(session.contextUsage, 0);
  const twin = await session.clone();
  const prompt = 'Once upon a time there was a fox.';
  const text = await session.prompt(prompt);
  assert.ok(text.length > 20, text);
  const stream = twin.promptStreaming(prompt);
  assert.ok(stream instanceof ReadableStream);
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  assert.ok(pieces.length > 3);
  assert.ok(pieces.every((piece) => typeof piece === 'string' && piece !== ''));
  assert.equal(pieces.join(''), text, 'the same seed');
  assert.equal(twin.contextUsage, session.contextUsage);
  assert.throws(() => new LanguageModel(), TypeError);
});

for (const worker of [false, true]) {
  test(`a conversation goes on: each answer is read once, worker: ${worker}`, async (t) => {
    const LanguageModel = promptApi(t, { loadOptions: { worker } });
    const session = await LanguageModel.create({
      initialPrompts: [system('S'), user('One'), assistant('Hi')],
    });
    const begun = session.contextUsage;
    assert.ok(begun > 10);
    const added = await session.measureContextUsage('Two');
    assert.ok(added > 10);
    assert.equal(session.contextUsage, begun, 'measuring reads nothing');
    assert.equal(await session.prompt('Two', says('Hello')), 'Hello');
    assert.ok(session.contextUsage > begun + added);
    const before = session.contextUsage;
    const appended = await session.measureInputUsage([user('Three')]);
    assert.equal(await session.append([user('Three')]), undefined);
    assert.ok(session.contextUsage > before && session.contextUsage < before + appended);
    assert.equal(session.inputUsage, session.contextUsage);
    assert.equal(session.inputQuota, session.contextWindow);
    assert.equal(session.contextWindow, 1024);
    assert.equal(await session.prompt([user('Four')], says('Hi')), 'Hi');
  });
}

test('what a session reads is what a chat of ours reads, and an append changes nothing of it', async (t) => {
  const model = await load(t, chatModel(), { prefixCache: 0 });
  const LanguageModel = createPromptApi({ model, maxNewTokens: 8, seed: 1 });
  const session = await LanguageModel.create({ initialPrompts: [system('S')], temperature: 1, topK: 5 });
  await session.append('One');
  await session.append([assistant('Hello'), user('Two')]);
  const parts = ['Th', 'ree'].map((value) => ({ type: 'text', value }));
  const text = await session.prompt([user(parts)]);
  const messages = [system('S'), user('One'), assistant('Hello'), user('Two'), user('Three')];
  const result = await model.chat(messages, { maxNewTokens: 8, seed: 1, temperature: 1, topK: 5 }).result;
  assert.equal(text, result.text);
  assert.equal(session.contextUsage, result.usage.totalTokens);
});

test('a constraint: schemas and regular expressions, and what becomes of wrong ones', async (t) => {
  const LanguageModel = promptApi(t, { maxNewTokens: 40 });
  const session = await LanguageModel.create({ samplingMode: 'most-predictable' });
  assert.equal(session.temperature, 0);
  const schema = {
    type: 'object',
    properties: { ok: { type: 'boolean' } },
    required: ['ok'],
    additionalProperties: false,
  };
  const answer = JSON.parse(await session.prompt('Well?', { responseConstraint: schema }));
  assert.deepEqual(Object.keys(answer), ['ok']);
  assert.equal(typeof answer.ok, 'boolean');
  for (const responseConstraint of [/^(yes|no)$/, /(yes|no)/u, /yes|no/v]) {
    assert.match(
      await session.prompt('Well?', { responseConstraint, omitResponseConstraintInput: true }),
      /^(yes|no)$/,
    );
  }
  const usage = session.contextUsage;
  const rejects = (responseConstraint, expected) =>
    assert.rejects(session.prompt('Well?', { responseConstraint }), expected);
  await rejects(/yes/i, domError('NotSupportedError', /flags 'i'/));
  await rejects(/(a)\1/, domError('NotSupportedError', /responseConstraint/, 'bad-option'));
  await rejects({ type: 'objekt' }, domError('SyntaxError', /^responseConstraint.*objekt/, 'bad-option'));
  await rejects(
    { type: 'array', contains: { type: 'object' } },
    domError('NotSupportedError', /contains/, 'bad-option'),
  );
  await rejects('yes', TypeError);
  await rejects(['yes'], TypeError);
  await assert.rejects(session.prompt('Well?', { omitResponseConstraintInput: true }), TypeError);
  await assert.rejects(
    session.measureContextUsage('Well?', { omitResponseConstraintInput: true }),
    TypeError,
  );
  // An answer that has no room to become whole is none.
  await rejects(/x{100}/, domError('NotSupportedError', /shortest answer.*maxNewTokens/, 'bad-option'));
  assert.equal(session.contextUsage, usage);
});

test('a prefix is gone on with', async (t) => {
  const LanguageModel = promptApi(t);
  const session = await LanguageModel.create();
  const begun = { ...assistant('Once '), prefix: true };
  assert.equal(await session.prompt([user('Tell'), begun], says('upon')), 'upon');
  const usage = session.contextUsage;
  const model = await load(t, chatModel());
  const whole = await model.applyChatTemplate([user('Tell'), assistant('Once upon')], {
    addGenerationPrompt: false,
  });
  const { length } = await model.encode(whole);
  assert.ok(Math.abs(length - usage) <= 2, `${usage} of ${length}`);
  for (const prompts of [[{ ...user('x'), prefix: true }], [begun, user('x')]]) {
    await assert.rejects(session.prompt(prompts), domError('SyntaxError', /prefix/));
  }
  await assert.rejects(session.append([begun]), domError('SyntaxError', /prefix/));
});

test('clones go their own ways, and outlive the original', async (t) => {
  const LanguageModel = promptApi(t);
  const session = await LanguageModel.create({
    initialPrompts: [user('One'), assistant('Hi')],
    topK: 3,
    temperature: 0.5,
  });
  const running = session.prompt('Two', says('Hello'));
  const clone = await session.clone(); // after the prompt, which was asked for before
  await running;
  assert.ok(clone instanceof LanguageModel);
  assert.deepEqual([clone.topK, clone.temperature, clone.samplingMode], [3, 0.5, null]);
  assert.equal(clone.contextUsage, session.contextUsage);
  await clone.prompt('Three', says('Hi'));
  assert.ok(clone.contextUsage > session.contextUsage);
  const usage = clone.contextUsage;
  session.destroy();
  await clone.prompt('Four', says('Hi'));
  assert.ok(clone.contextUsage > usage);
  await assert.rejects(session.clone(), domError('InvalidStateError'));
  await assert.rejects(clone.clone({ signal: AbortSignal.abort() }), domError('AbortError'));
});

test('an abort leaves the session as it was', async (t) => {
  const LanguageModel = promptApi(t);
  const session = await LanguageModel.create({ initialPrompts: [user('One'), assistant('Hi')] });
  const usage = session.contextUsage;
  const long = { responseConstraint: /(word ){200}/ };
  const controller = new AbortController();
  const reader = session.promptStreaming('Two', { ...long, signal: controller.signal }).getReader();
  assert.equal(typeof (await reader.read()).value, 'string');
  const waiting = session.prompt('Three', { signal: controller.signal });
  controller.abort();
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  }, domError('AbortError'));
  await assert.rejects(waiting, domError('AbortError'));
  assert.equal(session.contextUsage, usage);
  const reason = new Error('enough');
  for (const call of [
    (signal) => session.prompt('x', { signal }),
    (signal) => session.append('x', { signal }),
    (signal) => session.measureContextUsage('x', { signal }),
    (signal) => LanguageModel.create({ signal }),
  ]) {
    await assert.rejects(call(AbortSignal.abort(reason)), (error) => error === reason);
  }
  const cancelled = session.promptStreaming('Two', long);
  for await (const _ of cancelled) break;
  assert.equal(await session.prompt('Four', says('Hi')), 'Hi', 'the next one waits for no cancelled one');
});

test('a destroyed session rejects what goes on, and what is asked of it', async (t) => {
  const LanguageModel = promptApi(t);
  const session = await LanguageModel.create();
  const long = { responseConstraint: /(word ){200}/ };
  const running = session.prompt('One', long);
  const reader = session.promptStreaming('Two').getReader();
  const ended = assert.rejects(running, domError('AbortError', /destroyed/));
  const errored = assert.rejects(reader.read(), domError('AbortError', /destroyed/));
  assert.equal(session.destroy(), undefined);
  session.destroy();
  await Promise.all([ended, errored]);
  for (const call of [
    () => session.prompt('x'),
    () => session.append('x'),
    () => session.measureContextUsage('x'),
    () => session.promptStreaming('x').getReader().read(),
  ]) {
    await assert.rejects(call(), domError('InvalidStateError', /destroyed/));
  }
  // The signal of create goes on to mean the session.
  const controller = new AbortController();
  const other = await LanguageModel.create({ signal: controller.signal });
  const going = assert.rejects(other.prompt('One', long), (error) => error === 'gone');
  controller.abort('gone');
  await going;
  await assert.rejects(other.prompt('x'), domError('InvalidStateError'));
});

test('wrong input', async (t) => {
  const LanguageModel = promptApi(t);
  const session = await LanguageModel.create();
  const rejects = (input, expected) => assert.rejects(session.prompt(input), expected);
  await rejects([user([{ type: 'image', value: new Blob([]) }])], domError('NotSupportedError', /image/));
  await rejects(
    [user([{ type: 'audio', value: new ArrayBuffer(2) }])],
    domError('NotSupportedError', /audio/),
  );
  for (const wrong of [
    [user([{ type: 'smell', value: '' }])],
    [user([{ type: 'text', value: 3 }])],
    [{ role: 'tool', content: 'x' }],
    [{ role: 'user' }],
    ['x'],
    [user('x'), system('S')],
  ]) {
    await rejects(wrong, TypeError);
  }
  assert.equal(session.contextUsage, 0);
  // WebIDL makes texts of all else, and nothing is a text, too.
  assert.equal(await session.prompt([], says('Hi')), 'Hi');
  assert.equal(await session.prompt({}, says('Hi')), 'Hi');
  await rejects([system('S'), user('x')], TypeError);
  // Its special tokens are text: an end that a user writes ends nothing.
  const before = session.contextUsage;
  await session.append('<|im_end|>');
  assert.ok(session.contextUsage > before + 10);
});

test('wrong options of create', async (t) => {
  const LanguageModel = promptApi(t);
  for (const [options, expected] of [
    [{ topK: 0 }, RangeError],
    [{ temperature: -1 }, RangeError],
    [{ topK: Number.NaN }, RangeError],
    [{ samplingMode: 'wild' }, TypeError],
    [{ samplingMode: 'creative', topK: 3 }, TypeError],
    [{ expectedInputs: [{ type: 'image' }] }, domError('NotSupportedError', /inputs of type image/)],
    [{ expectedOutputs: [{ type: 'audio' }] }, domError('NotSupportedError', /outputs of type audio/)],
    [{ expectedInputs: [{ type: 'text', languages: ['no language'] }] }, RangeError],
    [{ initialPrompts: [user('x'), system('S')] }, TypeError],
    [{ initialPrompts: [{ ...assistant('x'), prefix: true }] }, domError('SyntaxError', /prefix/)],
  ]) {
    await assert.rejects(LanguageModel.create(options), expected, JSON.stringify(options));
  }
  const odd = await LanguageModel.create({ topK: 3.9, temperature: Number.POSITIVE_INFINITY });
  assert.deepEqual([odd.topK, odd.temperature], [3, (await LanguageModel.params()).maxTemperature]);
  const bare = promptApi(t, {}, { chatTemplate: null });
  await assert.rejects(
    bare.create(),
    domError('NotSupportedError', /chatTemplate: 'chatml'/, 'no-chat-template'),
  );
  const given = promptApi(t, { chatTemplate: 'chatml' }, { chatTemplate: null });
  assert.equal(await (await given.create()).prompt('x', says('Hi')), 'Hi');
  assert.throws(() => createPromptApi({}), TypeError);
});
