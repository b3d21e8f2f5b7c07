// Templates of published models, rendered as transformers does. The data lie beside the repository; without them, these
// tests are skipped.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { SottoError } from '../../build/web/results/errors.js';
import { ChatTemplate } from '../../build/web/text/jinja/template.js';

const data = new URL('../../../shared/models/data/', import.meta.url);
const skip = existsSync(data) ? false : 'the published templates are not there';
const readText = (path) => readFileSync(new URL(path, data), 'utf8');
const golden = skip ? null : JSON.parse(readText('golden/chat-rendered.json'));
// What transformers gives with a conversation.
const TOKENS = { bos_token: '<BOS>', eos_token: '<EOS>', tools: null, documents: null };
const now = new Date(2026, 6, 10, 12, 0, 0);

function sourceOf(name) {
  return golden.extra_templates[name] ?? readText(`templates/${name}.jinja`);
}

const badTemplate = (error) => error instanceof SottoError && error.code === 'bad-template';

/** Every occurrence of `mark` lies wholly in a literal range. */
function assertCovered({ text, literal }, mark, name) {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    const isLiteral = literal.some(([begin, end]) => begin <= at && at + mark.length <= end);
    assert.ok(isLiteral, `${name}: at ${at} of ${JSON.stringify(text)}`);
  }
}

test('every rendering of transformers, its errors included', { skip }, () => {
  const wrong = [];
  for (const row of golden.rows) {
    const context = { ...TOKENS, ...golden.conversations[row.case] };
    let rendered;
    try {
      rendered = ChatTemplate.parse(sourceOf(row.template)).render(context, { literal: [], now });
      assert.deepEqual(rendered.literal, []);
    } catch (error) {
      if (!badTemplate(error)) throw error;
      if (row.error === undefined) wrong.push(`${row.template} ${row.case}: ${error.message}`);
      continue;
    }
    if (row.rendered !== rendered.text) {
      wrong.push(`${row.template} ${row.case}: ${row.error ?? row.rendered}\n!= ${rendered.text}`);
    }
  }
  assert.equal(golden.rows.length > 500, true);
  assert.deepEqual(wrong, []);
});

test('what a user writes is literal wherever it comes out', { skip }, () => {
  const mark = '<|im_end|>\u2603<bos>';
  const tag = (value) => {
    if (typeof value === 'string') return value === 'function' ? value : `${value}${mark}`;
    if (Array.isArray(value)) return value.map(tag);
    if (value === null || typeof value !== 'object') return value;
    const roles = (key, item) => (key === 'role' || key === 'type' ? item : tag(item));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, roles(key, item)]));
  };
  let renderings = 0;
  for (const row of golden.rows) {
    const conversation = golden.conversations[row.case];
    const context = { ...TOKENS, ...conversation };
    context.messages = tag(conversation.messages);
    if (conversation.tools) context.tools = tag(conversation.tools);
    try {
      const template = ChatTemplate.parse(sourceOf(row.template));
      const rendered = template.render(context, { literal: ['messages', 'tools'], now });
      assertCovered(rendered, mark, `${row.template} ${row.case}`);
      assert.equal(template.render(context, { literal: [], now }).text, rendered.text);
      if (rendered.text.includes(mark)) renderings++;
    } catch (error) {
      if (!badTemplate(error)) throw error;
    }
  }
  assert.ok(renderings > 400, `${renderings} renderings`);
});

// huggingface.js prints true, null and lists as JSON; Python prints True, None and its own lists.
const spelling = (text) => text.toLowerCase().replaceAll("'", '"').replaceAll('none', 'null');
// And it takes what Python refuses: a number and a text added, the length of a generator, functions in the context,
// the JSON of an undefined value, attributes of undefined values, names for arguments of methods.
const REFUSED = new Set([
  'FOR_LOOP_UNPACKING',
  'FOR_LOOP_OBJECTS',
  'NUMBERS',
  'FUNCTIONS',
  'OBJ_METHODS',
  'REPLACE',
  'FILTER_OPERATOR_4',
  'FILTER_OPERATOR_5',
  'FILTER_OPERATOR_6',
  'FILTER_OPERATOR_7',
  'FILTER_OPERATOR_11',
  'FILTER_OPERATOR_12',
  'OBJECT_OPERATORS_2',
  'MACROS_2',
]);
// In Python, True is equal to 1, and a function of JavaScript is no value.
const OTHERS = new Map([
  ['MEMBERSHIP', '|True|True|True|True|True|False|'],
  ['MEMBERSHIP_NEGATION_1', '|False|False|False|False|False|True|'],
  ['MEMBERSHIP_NEGATION_2', '|False|False|False|False|False|True|'],
  ['IS_OPERATOR_4', '|False|False|False|True|'],
]);

test('the templates of huggingface.js', { skip }, () => {
  const wrong = [];
  for (const { name, template, context, target } of JSON.parse(readText('golden/jinja-templates.json'))) {
    let text;
    try {
      text = ChatTemplate.parse(template).render(context, { literal: [], now }).text;
      if (REFUSED.has(name) || spelling(text) !== spelling(OTHERS.get(name) ?? target)) {
        wrong.push(`${name}: ${template}\n${target}\n!= ${text}`);
      }
    } catch (error) {
      if (!badTemplate(error)) throw error;
      if (!REFUSED.has(name)) wrong.push(`${name}: ${error.message}`);
    }
  }
  assert.deepEqual(wrong, []);
});

// llama.cpp puts a system message before the first of the user where a template takes none.
const WITHOUT_SYSTEM = [
  ...['mistralai/Mistral-7B-Instruct-v0.2 (NOTE', 'google/gemma-7b-it', 'OrionStarAI/Orion-14B-Chat'],
  ...['Phi-3-mini', 'Phi-3-medium', 'yandex/YandexGPT-5-Lite-8B-instruct'],
];

test('the templates of llama.cpp', { skip }, () => {
  const { cases, conversation } = JSON.parse(readText('golden/llamacpp-chat-templates.json'));
  const [system, user, ...rest] = conversation;
  const merged = [{ ...user, content: `${system.content}\n${user.content}` }, ...rest];
  let compared = 0;
  for (const one of cases) {
    // Those of tool calls have another conversation.
    const target = one.expected_output_jinja || one.expected_output;
    if (one.supported_with_jinja === false || one.name.includes('(tool call)')) continue;
    if (!one.template_str || !target) continue;
    const { bos_token = '', eos_token = '' } = one;
    const messages = WITHOUT_SYSTEM.some((name) => one.name.startsWith(name)) ? merged : conversation;
    const context = { bos_token, eos_token, messages, add_generation_prompt: true };
    const { text } = ChatTemplate.parse(one.template_str).render(context, { literal: [], now });
    assert.equal(text, target, one.name);
    compared++;
  }
  assert.ok(compared > 20, `${compared} templates`);
});
