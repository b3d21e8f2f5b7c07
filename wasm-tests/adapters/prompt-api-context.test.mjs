// The Prompt API when the context is full: what is let go, what stays, who hears of it; and tools, whose calls are run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPromptApi } from 'sotto/prompt-api';
import { says as answers, chatModel, TOKENS } from '../api/chat-model.mjs';
import { load } from '../api/support.mjs';
import { assistant, domError, plainModel, says, system, user } from './prompt-api-support.mjs';

const X20 = 'x'.repeat(20);

/** An API with little context, and what its sessions' messages are when they answer. */
async function withLittleContext(t, { n_positions = 200, ...options } = {}) {
  const model = await load(t, plainModel({ n_positions }), { prefixCache: 0 });
  const seen = [];
  const spied = spyOn(model, (session, chat) => async (messages, given) => {
    seen.push((await session.messages()).map(({ content }) => content));
    return chat(messages, given);
  });
  return { LanguageModel: createPromptApi({ model: spied, maxNewTokens: 8, ...options }), seen, model };
}

/** A stand-in for a model whose sessions', and their forks', chats go through a function that is waited for. */
function spyOn(model, makeChat) {
  const spied = (session) => {
    const { chat, fork } = session;
    const watched = makeChat(session, chat);
    session.chat = (messages, options) => later(watched(messages, options));
    session.fork = async () => spied(await fork());
    return session;
  };
  return Object.create(model, { createSession: { value: async () => spied(await model.createSession()) } });
}

/** A generation that is still to come. */
function later(promise) {
  const result = promise.then((generation) => generation.result);
  result.catch(() => {});
  return {
    result,
    async *[Symbol.asyncIterator]() {
      yield* await promise;
    },
  };
}

test('the oldest exchanges go, whole; what the session began with stays', async (t) => {
  const { LanguageModel, seen } = await withLittleContext(t);
  const session = await LanguageModel.create({ initialPrompts: [system('Sys'), user('E'), assistant('A')] });
  const events = [];
  session.oncontextoverflow = (event) => events.push([event.type, event.target === session]);
  session.onquotaoverflow = (event) => events.push([event.type]);
  session.addEventListener('contextoverflow', () => events.push(['listener']));
  const begun = session.contextUsage;
  let n = 0;
  while (events.length === 0) {
    assert.ok(n < 20);
    await session.prompt(`${n++}${X20}`, says('Hi'));
    assert.ok(session.contextUsage <= session.contextWindow);
  }
  assert.deepEqual(events, [['contextoverflow', true], ['listener'], ['quotaoverflow']]);
  const last = seen.at(-1);
  assert.deepEqual(last.slice(0, 3), ['Sys', 'E', 'A']);
  assert.equal(last.at(-1), `${n - 1}${X20}`);
  assert.ok(!last.includes(`0${X20}`), 'the first exchange has gone');
  assert.equal(last.filter((content) => content === 'Hi').length, (last.length - 4) / 2, 'with its answer');
  assert.ok(seen.at(-2).includes(`0${X20}`), 'and not before it had to');

  // What does not fit even alone changes nothing, and fires nothing.
  const usage = session.contextUsage;
  await assert.rejects(session.prompt('y'.repeat(400)), (error) => {
    assert.ok(error instanceof DOMException);
    assert.equal(error.name, 'QuotaExceededError');
    assert.equal(error.quota, 200);
    assert.ok(error.requested > begun + 400 && error.requested < begun + 440, String(error.requested));
    return true;
  });
  assert.equal(events.length, 3);
  assert.equal(session.contextUsage, usage);
  const clone = await session.clone();
  await clone.append('y'.repeat(100));
  assert.equal(events.length, 3, "a clone's events are its own");
});

test('a system message of the first prompt stays too; without one all may go', async (t) => {
  for (const first of [[system('Sys'), user('First')], [user('First')]]) {
    const { LanguageModel, seen } = await withLittleContext(t, { n_positions: 150 });
    const session = await LanguageModel.create();
    let hasOverflowed = false;
    session.addEventListener('quotaoverflow', () => {
      hasOverflowed = true;
    });
    await session.prompt(first, says('Hi'));
    await session.append('z'.repeat(118));
    assert.ok(hasOverflowed);
    const left = ['z'.repeat(118)];
    assert.deepEqual(seen.at(-1), first.length === 2 ? ['Sys', ...left] : left);
  }
});

test('initial prompts that are too long', async (t) => {
  const { LanguageModel } = await withLittleContext(t);
  const initialPrompts = [system('y'.repeat(300))];
  await assert.rejects(LanguageModel.create({ initialPrompts }), domError('QuotaExceededError', /holds 200/));
});

test('measuring is exact, and an abort does not bring back what went', async (t) => {
  const { LanguageModel, seen } = await withLittleContext(t, { maxNewTokens: 1 });
  const session = await LanguageModel.create();
  const measured = await session.measureContextUsage('Hello you');
  await session.prompt('Hello you');
  assert.equal(session.contextUsage, measured + 1);
  await session.append(X20.repeat(7));
  const usage = session.contextUsage;
  const controller = new AbortController();
  session.oncontextoverflow = () => controller.abort();
  await assert.rejects(session.prompt(X20, { signal: controller.signal }), domError('AbortError'));
  assert.ok(session.contextUsage < usage - 20, `${session.contextUsage} of ${usage}`);
  session.oncontextoverflow = () => assert.fail('there is room now');
  const next = await session.measureContextUsage(X20);
  const before = session.contextUsage;
  await session.prompt(X20);
  assert.equal(session.contextUsage, before + next + 1);
  assert.deepEqual(seen.at(-1), [X20.repeat(7), X20], 'what was aborted is not there');
});

test('templates that want a user before they say anything are read later', async (t) => {
  const wants = "{% if messages[-1].role == 'system' %}{{ raise_exception('no user') }}{% endif %}";
  const source = plainModel();
  const { chat_template } = JSON.parse(new TextDecoder().decode(source['tokenizer_config.json']));
  const model = await load(t, source);
  const LanguageModel = createPromptApi({ model, chatTemplate: wants + chat_template });
  const session = await LanguageModel.create({ initialPrompts: [system('Sys')] });
  assert.equal(session.contextUsage, 0);
  assert.ok((await session.measureContextUsage('x')) > 20, 'with what is not read yet');
  assert.equal(await session.prompt('x', says('Hi')), 'Hi');
  const broken = await createPromptApi({ model, chatTemplate: '{{ raise_exception("no") }}' }).create();
  await assert.rejects(broken.prompt('x'), domError('UnknownError', /no/, 'bad-template'));
});

test('tools are run, and the model goes on with what they gave', async (t) => {
  const model = await load(t, chatModel(), { prefixCache: 0 });
  const call = (name) => `<tool_call>\n{"name": "${name}", "arguments": {"a": 2}}\n</tool_call>`;
  const script = [`Hi ${call('add')}`, call('fail'), 'Hello'];
  const seen = [];
  const spied = spyOn(model, (session, chat) => async (messages, options) => {
    if (options.addGenerationPrompt !== false) seen.push((await session.messages()).at(-1));
    const forced = script.length > 0 ? await answers(model, script.shift()) : {};
    return chat(messages, { ...options, ...forced });
  });
  assert.ok(TOKENS['<tool_call>'] > 0);
  const LanguageModel = createPromptApi({ model: spied });
  const given = [];
  const tool = (name, execute) => ({ name, description: 'a tool', inputSchema: { type: 'object' }, execute });
  const tools = [
    tool('add', async (args) => {
      given.push(args);
      return 'sum';
    }),
    tool('fail', async () => {
      throw new Error('broken');
    }),
  ];
  const options = {
    tools,
    temperature: 0,
    expectedInputs: [{ type: 'tool-response' }],
    expectedOutputs: [{ type: 'tool-call' }],
  };
  const session = await LanguageModel.create(options);
  assert.equal(await session.prompt('x'), 'Hi Hello');
  assert.deepEqual(given, [{ a: 2 }]);
  assert.deepEqual(
    seen.map(({ role, content }) => [role, content]),
    [
      ['user', 'x'],
      ['tool', 'sum'],
      ['tool', 'Error: broken'],
    ],
  );
  const open = [{ ...tools[0], execute: undefined }];
  await assert.rejects(LanguageModel.create({ tools: open }), domError('NotSupportedError', /execute/));
  await assert.rejects(LanguageModel.create({ tools: [{ name: 'x' }] }), TypeError);
  assert.equal(await LanguageModel.availability({ tools: open }), 'unavailable');
  assert.equal(await LanguageModel.availability({ tools }), 'available');
});
