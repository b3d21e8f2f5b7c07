// sotto/ai-sdk: what a call of the SDK becomes, what it is warned of, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sotto, UnsupportedPartError } from 'sotto/ai-sdk';
import { AnswerParts } from '../../build/web/adapters/ai-sdk/answer-parts.js';
import { chatModel } from '../api/chat-model.mjs';
import { load, sottoError } from '../api/support.mjs';
import { scripted, testWithEach } from './ai-sdk-support.mjs';

const HELLO = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }];

/** Asks a model that says 'Hi', and tells what it was asked and what came. */
async function ask(t, call, settings) {
  const model = await scripted(await load(t, chatModel()), ['Hi']);
  const result = await sotto(model, settings).doGenerate({ prompt: HELLO, ...call });
  return { ...model.calls[0], result };
}

test('every kind of message that a template can show', async (t) => {
  const output = (type, value) => ({
    type: 'tool-result',
    toolCallId: 'c1',
    toolName: 'f',
    output: { type, ...value },
  });
  const results = [
    output('text', { value: 'a' }),
    output('json', { value: { b: [1] } }),
    output('error-text', { value: 'c' }),
    output('error-json', { value: null }),
    output('execution-denied', { reason: 'No.' }),
    output('execution-denied', {}),
    output('content', {
      value: [
        { type: 'text', text: 'd' },
        { type: 'text', text: 'e' },
      ],
    }),
  ];
  const prompt = [
    { role: 'system', content: 'Be brief.' },
    ...HELLO,
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm. ' },
        { type: 'reasoning', text: 'Yes.' },
        { type: 'text', text: 'Wait.' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: { x: 1 } },
        { type: 'custom', kind: 'other.part' },
      ],
    },
    { role: 'tool', content: results },
  ];
  const { messages, result } = await ask(t, { prompt });
  assert.deepEqual(messages.slice(0, 3), [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    {
      role: 'assistant',
      content: [{ type: 'text', text: 'Wait.' }],
      reasoning_content: 'Hm. Yes.',
      tool_calls: [{ type: 'function', id: 'c1', function: { name: 'f', arguments: { x: 1 } } }],
    },
  ]);
  assert.deepEqual(
    messages.slice(3).map(({ role, tool_call_id, name, content }) => [role, tool_call_id, name, content]),
    ['a', '{"b":[1]}', 'c', 'null', 'No.', 'The user did not allow this call.', 'de'].map((text) => [
      'tool',
      'c1',
      'f',
      text,
    ]),
  );
  assert.deepEqual(
    result.warnings.map(({ type, feature }) => [type, feature]),
    [['unsupported', 'message part custom']],
  );
});

testWithEach('a picture is an error that the SDK knows', async (t, ai) => {
  const model = sotto(await load(t, chatModel()));
  const image = { type: 'image', image: new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]) };
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] }];
  const asked = ai.generateText({ model, messages, maxRetries: 0 });
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof UnsupportedPartError);
    assert.ok(ai.UnsupportedFunctionalityError.isInstance(error));
    assert.match(error.functionality, /image/);
    return sottoError('bad-option', /prompt\[0\].*text alone/)(error);
  });
});

test('settings have our names; a call wins over settings, and none is given twice', async (t) => {
  const settings = { minP: 0.05, maxNewTokens: 7, topK: 5 };
  const call = {
    maxOutputTokens: 9,
    temperature: 0.5,
    topP: 0.9,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    seed: 4,
    stopSequences: ['x'],
    providerOptions: { sotto: { repetitionPenalty: 1.1, topK: 8 }, openai: { user: 'u' } },
  };
  const { options } = await ask(t, call, settings);
  assert.deepEqual(options, {
    minP: 0.05,
    maxNewTokens: 9,
    temperature: 0.5,
    topP: 0.9,
    topK: 8,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    seed: 4,
    stop: ['x'],
    repetitionPenalty: 1.1,
  });
  const greedy = await ask(t, { temperature: 0, topP: 0.9, topK: 3, maxOutputTokens: 9 }, settings);
  assert.deepEqual(greedy.options, { maxNewTokens: 9, temperature: 0 });
  assert.deepEqual(
    greedy.result.warnings.map(({ type, feature }) => `${type}: ${feature}`),
    ['unsupported: topP', 'unsupported: topK'],
  );
  const twice = { temperature: 1, providerOptions: { sotto: { temperature: 0 } } };
  await assert.rejects(ask(t, twice), sottoError('bad-option', /temperature.*one of them/));
  const taken = { providerOptions: { sotto: { signal: AbortSignal.timeout(1) } } };
  await assert.rejects(ask(t, taken), sottoError('bad-option', /abortSignal/));
  const model = await load(t, chatModel());
  assert.throws(() => sotto(model, { numReturnSequences: 2 }), sottoError('bad-option', /several times/));
  assert.throws(() => sotto(model, { tools: [] }), sottoError('bad-option', /settings\.tools/));
  assert.throws(() => sotto(model, { specificationVersion: 'v5' }), sottoError('bad-option', /'v3' or 'v4'/));
  for (const wrong of [null, undefined, 'owner/name', {}, 3])
    assert.throws(() => sotto(wrong), sottoError('bad-option', /LanguageModel\.load/));
});

test('nothing is left out in silence', async (t) => {
  const tools = [
    { type: 'provider', id: 'other.search', name: 'search', args: {} },
    { type: 'function', name: 'f', inputSchema: { type: 'object' }, inputExamples: [{ input: {} }] },
  ];
  const responseFormat = { type: 'json', schema: { type: 'object' }, name: 'child', description: 'A child.' };
  const model = await scripted(await load(t, chatModel()), ['{}', '{}', '{}']);
  const call = { prompt: HELLO, tools, responseFormat, reasoning: 'none', toolChoice: { type: 'auto' } };
  const { warnings } = await sotto(model).doGenerate(call);
  assert.deepEqual(
    warnings.map(({ type, feature }) => `${type}: ${feature}`),
    [
      'unsupported: name and description of the output',
      'unsupported: provider-defined tool other.search',
      'unsupported: input examples of the tool f',
      'compatibility: reasoning',
    ],
  );
  const [{ options }] = model.calls;
  assert.deepEqual(options.tools, [{ name: 'f', parameters: { type: 'object' } }]);
  assert.deepEqual(options.templateOptions, { enable_thinking: false });

  const own = { providerOptions: { sotto: { templateOptions: { enable_thinking: false, effort: 'low' } } } };
  await sotto(model).doGenerate({ prompt: HELLO, reasoning: 'high', ...own });
  assert.deepEqual(model.calls[1].options.templateOptions, { enable_thinking: false, effort: 'low' });

  const { stream } = await sotto(model).doStream({ ...call, reasoning: 'provider-default' });
  const parts = [];
  for await (const part of stream) parts.push(part);
  assert.equal(parts[0].type, 'stream-start');
  assert.equal(parts[0].warnings.length, 3);
  assert.equal(parts[1].type, 'response-metadata');
});

test('a call has the id that the model gave, unless it was there before', () => {
  const parts = new AnswerParts(['a']);
  const ids = ['a', 'b', 'b', null].map((id) => {
    const toolCall = { id, name: 'f', arguments: {} };
    return parts.next({ kind: 'tool-call', text: '', tokenIds: [1], toolCall }).at(-1).toolCallId;
  });
  assert.equal(ids[1], 'b');
  assert.equal(new Set([...ids, 'a']).size, 5);
});

test('pieces pass through as raw parts where they are asked for', async (t) => {
  const model = await scripted(await load(t, chatModel()), ['Hi']);
  const { stream } = await sotto(model, { specificationVersion: 'v4' }).doStream({
    prompt: HELLO,
    includeRawChunks: true,
  });
  const types = [];
  for await (const { type } of stream) types.push(type);
  const [start, metadata, ...others] = types;
  assert.deepEqual([start, metadata], ['stream-start', 'response-metadata']);
  assert.equal(others[0], 'raw');
  assert.deepEqual(
    others.filter((type) => type !== 'raw'),
    ['text-start', 'text-delta', 'text-end', 'finish'],
  );
});
