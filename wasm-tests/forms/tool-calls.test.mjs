// Calls of tools under a form: whatever the model, they are calls of the tools that there are, by their schemas.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { answerFormatOf } from '../../build/web/text/answer/answer-format.js';
import { EXAMPLES } from '../text/answer-examples.mjs';
import { makeRandom } from './random-model.mjs';
import { answerByChance, formOf, makeChat, partsOf, shown } from './tool-support.mjs';

const templates = new URL('../../../shared/models/data/templates/', import.meta.url);
const isThere = existsSync(templates);
const ROUNDS = Number(process.env.SOTTO_ROUNDS ?? 12);

/** Syntaxes whose calls are held to no grammar. */
const FREE = ['channels', 'recipients', 'gemma', 'dsml', 'function-call-role'];

const TOOLS = [
  {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string' },
        days: { type: 'integer', minimum: 1, maximum: 14 },
        unit: { enum: ['C', 'F'] },
      },
      required: ['city'],
      additionalProperties: false,
    },
  },
  {
    name: 'get',
    parameters: {
      type: 'object',
      properties: {
        deep: {
          type: 'object',
          properties: { flag: { type: 'boolean' }, none: { type: 'null' } },
          required: ['flag', 'none'],
        },
        list: { type: 'array', items: { $ref: '#/$defs/size' }, maxItems: 3 },
        size: { $ref: '#/$defs/size' },
      },
      required: ['size'],
      additionalProperties: false,
      $defs: { size: { type: 'number', minimum: 0, maximum: 100 } },
    },
  },
  { name: 'now', parameters: { type: 'object', properties: {} } },
];

const ajv = new Ajv2020({ strict: false });
const validators = new Map(TOOLS.map(({ name, parameters }) => [name, ajv.compile(parameters)]));

/** Checks that all of an answer is calls; returns their names. */
function checkCalls(chat, ids) {
  const parts = partsOf(chat, ids, TOOLS);
  const calls = parts.filter(({ kind }) => kind === 'tool-call');
  const text = JSON.stringify(shown(chat, ids));
  for (const part of parts) {
    if (part.kind === 'text') assert.equal(part.text.trim(), '', `${part.reason}: ${text}`);
  }
  assert.ok(calls.length > 0, text);
  for (const { toolCall } of calls) {
    const validate = validators.get(toolCall.name);
    assert.ok(validate, `${toolCall.name} in ${text}`);
    assert.ok(validate(toolCall.arguments), `${text}: ${ajv.errorsText(validate.errors)}`);
  }
  return calls.map(({ toolCall }) => toolCall.name);
}

function sources() {
  const files = isThere ? readdirSync(templates) : [];
  return files.map((file) => ({ file, template: readFileSync(new URL(file, templates), 'utf8') }));
}

/** The markers of a syntax, as tokens of a vocabulary. */
function markersOf(name, template) {
  const { thinking } = answerFormatOf(template);
  const ofCalls = EXAMPLES.filter((example) => example.name === name).flatMap(({ specials }) => specials);
  const ofThoughts = thinking === null ? [] : [thinking.begin, thinking.end];
  return [...new Set([...ofCalls, ...ofThoughts])].filter(
    (marker) => marker === 'x' || template.includes(marker),
  );
}

const VOCABULARIES = [
  ['special tokens', true],
  ['tokens that are text', false],
  ['text', null],
];

for (const { file, template } of sources()) {
  const { toolCalls: syntax } = answerFormatOf(template);
  const name = file.replace('.jinja', '');
  if (syntax === null || FREE.includes(syntax.name)) {
    test(`${name}: no call can be asked for`, async () => {
      const chat = makeChat(template);
      const refused = { code: 'bad-option', message: /toolChoice/ };
      await assert.rejects(formOf(chat, TOOLS, 'required'), refused);
      assert.equal(await formOf(chat, TOOLS, 'auto'), null);
    });
    continue;
  }
  for (const [how, isSpecial] of VOCABULARIES) {
    const markers = isSpecial === null ? [] : markersOf(syntax.name, template);
    test(`${name} (${syntax.name}), markers are ${how}: calls that must come are calls`, async () => {
      const random = makeRandom(name.length);
      const chat = makeChat(template, { markers, isSpecial });
      const form = await formOf(chat, TOOLS, 'required');
      const seen = new Set();
      let nComplete = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const { ids, isComplete } = await answerByChance(chat, form, random);
        if (!isComplete) continue;
        nComplete++;
        for (const called of checkCalls(chat, ids)) seen.add(called);
      }
      assert.ok(nComplete > ROUNDS / 8, `${nComplete} of ${ROUNDS} came to an end`);
      assert.ok(seen.size > 1, 'several tools are called');
      const named = await formOf(chat, TOOLS, { name: 'get' });
      for (let round = 0; round < ROUNDS / 4; round++) {
        const { ids, isComplete } = await answerByChance(chat, named, random);
        if (isComplete) assert.deepEqual(checkCalls(chat, ids), ['get']);
      }
    });
    test(`${name} (${syntax.name}), markers are ${how}: calls that begin by themselves are calls`, async () => {
      const random = makeRandom(name.length + 1);
      const chat = makeChat(template, { markers, isSpecial });
      const form = await formOf(chat, TOOLS, 'auto');
      const begin = beginOf(chat, template);
      if (form === null) return assert.equal(isSpecial, null, 'nothing is held');
      let nCalls = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const { ids, isComplete } = await answerByChance(chat, form, random, { begin });
        if (isComplete) nCalls += checkCallsWithin(chat, ids);
      }
      assert.ok(nCalls > 0);
    });
  }
}

/** The tokens that the first call begins with. */
function beginOf(chat, template) {
  const { begins, name } = answerFormatOf(template).toolCalls;
  if (name === 'bare') return template.includes('"parameters": dict') ? chat.tokenizer.encode('{"name"') : [];
  const written = {
    deepseek: '<｜tool▁calls▁begin｜>',
    kimi: '<|tool_calls_section_begin|>',
    solar: '<|tool_calls|>',
  };
  return chat.tokenizer.encode(written[name] ?? begins.at(-1), { isContinuation: true });
}

/** Checks the calls of an answer that may be other things, too; returns how many there are. */
function checkCallsWithin(chat, ids) {
  const parts = partsOf(chat, ids, TOOLS);
  const text = JSON.stringify(shown(chat, ids));
  for (const { reason } of parts) assert.equal(reason, undefined, text);
  const calls = parts.filter(({ kind }) => kind === 'tool-call');
  for (const { toolCall } of calls) {
    const validate = validators.get(toolCall.name);
    assert.ok(validate?.(toolCall.arguments), `${JSON.stringify(toolCall)}: ${text}`);
  }
  return calls.length;
}
