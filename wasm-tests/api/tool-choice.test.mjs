// Tools that have to be called: calls, results that go back, and an answer, whatever the model.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatModel, says, TEMPLATE, TOKENS } from './chat-model.mjs';
import { collect, load, sottoError } from './support.mjs';

const user = (content) => ({ role: 'user', content });
const HELLO = [user('Hello')];
const CITIES = ['Bern', 'Rome'];
const TOOLS = [
  {
    name: 'weather',
    description: 'Tells the weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { enum: CITIES }, days: { type: 'integer', minimum: 1, maximum: 3 } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
  { name: 'now' },
];
/** A model that knows nothing would begin thoughts that never end. */
const templateOptions = { enable_thinking: false };
const DRAWN = { temperature: 1, topK: 0, topP: 1, maxNewTokens: 400, templateOptions };

function checkCall({ name, arguments: given }) {
  if (name === 'now') assert.deepEqual(given, {});
  else {
    assert.equal(name, 'weather');
    assert.ok(CITIES.includes(given.city) && given.days >= 1 && given.days <= 3, JSON.stringify(given));
  }
}

/** What a tool says, as a message. */
const resultOf = ({ id, name }) => ({ role: 'tool', tool_call_id: id, content: `${name}: 3` });

for (const worker of [false, true]) {
  for (const inSession of [false, true]) {
    test(`two calls and an answer, worker: ${worker}, session: ${inSession}`, async (t) => {
      const model = await load(t, chatModel(), { worker });
      const session = inSession ? await model.createSession() : null;
      const messages = [];
      const ask = async (added, options) => {
        messages.push(...added);
        const generation = session ? session.chat(added, options) : model.chat(messages, options);
        const pieces = await collect(generation);
        const result = await generation.result;
        messages.push(result.message);
        return { pieces, result };
      };
      let added = [user('How is the weather?')];
      for (const [round, toolChoice] of ['required', { name: 'weather' }].entries()) {
        const { pieces, result } = await ask(added, { ...DRAWN, tools: TOOLS, toolChoice, seed: round });
        assert.equal(result.finishReason, 'end-token');
        const calls = pieces.flatMap(({ kind, toolCall }) => (kind === 'tool-call' ? [toolCall] : []));
        assert.ok(calls.length > 0);
        calls.forEach(checkCall);
        if (round === 1) assert.deepEqual([calls.length, calls[0].name], [1, 'weather']);
        assert.equal(result.text.trim(), '');
        assert.equal(result.message.tool_calls.length, calls.length);
        added = calls.map(resultOf);
      }
      const said = await says(model, 'Hi');
      const { pieces, result } = await ask(added, { ...said, tools: TOOLS, toolChoice: 'none' });
      assert.equal(result.text, 'Hi');
      assert.ok(pieces.every(({ kind }) => kind === 'text'));
      if (session) assert.deepEqual(await session.messages(), messages);
    });
  }
}

test('whatever draws, or searches, calls are whole', async (t) => {
  const model = await load(t, chatModel());
  const ways = [
    { temperature: 0 },
    { ...DRAWN, numReturnSequences: 3 },
    { numBeams: 3, temperature: 0 },
    { penaltyAlpha: 0.6, topK: 4 },
    { ...DRAWN, promptLookup: {} },
    { ...DRAWN, logprobs: 1 },
  ];
  for (const way of ways) {
    const options = {
      maxNewTokens: 200,
      templateOptions,
      ...way,
      tools: TOOLS,
      toolChoice: { name: 'weather' },
    };
    const { sequences, finishReason } = await model.chat(HELLO, options).result;
    assert.equal(finishReason, 'end-token', JSON.stringify(way));
    for (const { message } of sequences) {
      const [{ function: called }] = message.tool_calls;
      checkCall(called);
    }
  }
});

test("'auto': a call that the model begins is a call; without one, nothing is held", async (t) => {
  const model = await load(t, chatModel());
  const begin = [...(await model.encode('Let me see. ')), TOKENS['<tool_call>']];
  for (let seed = 0; seed < 5; seed++) {
    const options = { ...DRAWN, seed, tools: TOOLS, forcedTokens: begin };
    const { message } = await model.chat(HELLO, options).result;
    assert.match(message.content, /^Let me see\. /);
    checkCall(message.tool_calls[0].function);
  }
  const free = { ...DRAWN, maxNewTokens: 20, seed: 1 };
  const { tokenIds } = await model.chat(HELLO, { ...free, tools: TOOLS, toolChoice: 'auto' }).result;
  assert.equal(tokenIds.length, 20);
});

test("'none': tools are told of, their calls do not begin", async (t) => {
  const model = await load(t, chatModel());
  const logitBias = { [TOKENS['<tool_call>']]: 100 };
  const options = { maxNewTokens: 8, temperature: 0, logitBias, tools: TOOLS };
  const called = await model.chat(HELLO, options).result;
  assert.ok(called.tokenIds.includes(TOKENS['<tool_call>']));
  const { usage, tokenIds } = await model.chat(HELLO, { ...options, toolChoice: 'none' }).result;
  assert.ok(!tokenIds.includes(TOKENS['<tool_call>']));
  assert.equal(usage.promptTokens, called.usage.promptTokens, 'the same prompt');
});

test('a thought comes first where the prompt has begun it', async (t) => {
  const chatTemplate = TEMPLATE.replace('assistant\n{% if enable', 'assistant\n<think>\n{% if enable');
  const model = await load(t, chatModel({ chatTemplate }));
  const forcedTokens = [...(await model.encode('So')), TOKENS['</think>']];
  const options = {
    ...DRAWN,
    templateOptions: {},
    tools: TOOLS,
    toolChoice: { name: 'weather' },
    forcedTokens,
  };
  const { message } = await model.chat(HELLO, options).result;
  assert.equal(message.reasoning_content, 'So');
  checkCall(message.tool_calls[0].function);
  const responseFormat = { type: 'choice', options: ['yes', 'no'] };
  const answered = await model.chat(HELLO, { ...DRAWN, templateOptions: {}, forcedTokens, responseFormat })
    .result;
  assert.equal(answered.message.reasoning_content, 'So');
  assert.match(answered.text, /^(yes|no)$/);
});

test('tools in every form; each way to read them is the same prompt', async (t) => {
  const model = await load(t, chatModel());
  const plain = { name: 'f', description: 'F.', parameters: { type: 'object', properties: {} } };
  const prompts = [];
  for (const tool of [plain, { type: 'function', function: plain }, { type: 'function', ...plain }]) {
    prompts.push(await model.applyChatTemplate(HELLO, { tools: [tool] }));
  }
  assert.match(prompts[0], /\{"type": "function", "function": \{"name": "f", "description": "F\."/);
  assert.deepEqual(new Set(prompts).size, 1);
  const own = { name: 'f', parameter_definitions: {} };
  assert.match(
    await model.applyChatTemplate(HELLO, { tools: [own] }),
    /\{"name": "f", "parameter_definitions"/,
  );
});

test('what contradicts itself is refused', async (t) => {
  const model = await load(t, chatModel());
  const refuses = (options, pattern) =>
    assert.throws(() => model.chat(HELLO, options), sottoError('bad-option', pattern));
  refuses({ toolChoice: 'required' }, /without tools/);
  refuses({ toolChoice: 'none', tools: [] }, /without tools/);
  refuses({ toolChoice: { name: 'nobody' }, tools: TOOLS }, /"?nobody"?.*weather, now/);
  refuses({ toolChoice: 'always', tools: TOOLS }, /'auto', 'none', 'required'/);
  refuses({ toolChoice: {}, tools: TOOLS }, /'auto', 'none', 'required'/);
  const responseFormat = { type: 'json' };
  refuses({ toolChoice: 'required', tools: TOOLS, responseFormat }, /responseFormat/);
  refuses({ toolChoice: 'required', tools: TOOLS, continueFinalMessage: true }, /continueFinalMessage/);
  assert.throws(() => model.chat(HELLO, { tool_choice: 'auto' }), sottoError('unknown-option', /toolChoice/));
  const rejects = (options, pattern) =>
    assert.rejects(model.chat(HELLO, options).result, sottoError('bad-option', pattern));
  await rejects({ toolChoice: 'required', tools: TOOLS, chatTemplate: 'zephyr' }, /no form in which/);
  const bad = { name: 'f', parameters: { type: 'object', properties: { x: { not: {} } } } };
  await rejects({ toolChoice: 'required', tools: [bad] }, /tools\[0\]\.parameters.*not/);
  await rejects(
    { toolChoice: 'required', tools: [{ name: 'f', parameters: { type: 'string' } }] },
    /no object/,
  );
  const { message } = await model.chat(HELLO, { ...(await says(model, 'Hi')), tools: [bad] }).result;
  assert.equal(message.content, 'Hi', "'auto' passes over it");
});
