import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answerFormatOf } from '../../build/web/text/answer/answer-format.js';
import { AnswerParser } from '../../build/web/text/answer/answer-parser.js';
import { F, partsOf, split, tokensOf } from './answer-runs.mjs';
import { makeRandom } from './tiny-tokenizers.mjs';

const format = answerFormatOf('<|channel|>analysis<|message|>');
const SPECIALS = ['start', 'end', 'call', 'return', 'channel', 'message', 'constrain'].map(
  (name) => `<|${name}|>`,
);
const PROMPT = '<|start|>user<|message|>Hello<|end|><|start|>assistant';
const random = makeRandom(11);

/** The parts of an answer, which must not depend on how it came. */
function parse(text, prompt = PROMPT) {
  const cuts = [() => 1, () => 1e9, ...Array(6).fill(() => 1 + random(7))];
  const all = cuts.flatMap((cut) =>
    [[], SPECIALS].map((specials) =>
      partsOf(format, split(tokensOf(text, specials), cut), { specials, prompt }),
    ),
  );
  for (const parts of all) assert.deepEqual(parts, all[0], text);
  return all[0];
}

const call = (name, given) => ({ id: null, name, arguments: given });
const thought = '<|channel|>analysis<|message|>Let me see.\n<|end|>';

test('thinking and text', () => {
  assert.deepEqual(parse(`${thought}<|start|>assistant<|channel|>final<|message|>Hi <b>`), [
    { kind: 'thinking', text: 'Let me see.\n' },
    { kind: 'text', text: 'Hi <b>' },
  ]);
  assert.deepEqual(parse('x</', `${PROMPT}<|channel|>analysis<|message|>`), [
    { kind: 'thinking', text: 'x</' },
  ]);
  assert.deepEqual(parse('x</', `${PROMPT}<|channel|>final<|message|>`), [{ kind: 'text', text: 'x</' }]);
});

test('calls, with the recipient before and behind the channel, the last without its end', () => {
  const before = ' to=functions.f<|channel|>commentary json<|message|>{"a": 1}';
  const behind = '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}';
  for (const one of [before, behind]) {
    assert.deepEqual(parse(one), [{ kind: 'tool-call', text: one, toolCall: call('f', { a: 1 }) }]);
    const parts = parse(`${thought}<|start|>assistant${one}<|call|><|start|>assistant${one}`);
    assert.deepEqual(
      parts.map((part) => [part.kind, part.toolCall]),
      [
        ['thinking', undefined],
        ['tool-call', call('f', { a: 1 })],
        ['tool-call', call('f', { a: 1 })],
      ],
    );
  }
});

test('commentary for the user is text', () => {
  const parts = parse(
    '<|channel|>commentary<|message|>I will look.<|end|><|start|>assistant to=functions.g<|channel|>commentary<|message|>{}',
  );
  assert.deepEqual(
    parts.map(({ kind }) => kind),
    ['text', 'tool-call'],
  );
});

test('broken calls and cut ones are text with a reason; what follows goes on', () => {
  const broken = ' to=functions.f<|channel|>commentary json<|message|>{"a": ';
  assert.equal(parse(broken)[0].reason, 'This call is cut off.');
  const parts = parse(`${broken}<|call|><|start|>assistant<|channel|>final<|message|>b`);
  assert.match(parts[0].reason, /^This call cannot be read: it is no JSON/);
  assert.equal(parts[0].text, `${broken}<|call|>`);
  assert.deepEqual(parts[1], { kind: 'text', text: 'b' });
});

test('text without a header is text, and a message of any length streams', () => {
  assert.deepEqual(parse('Hello there'), [{ kind: 'text', text: 'Hello there' }]);
  const long = 'word '.repeat(1000);
  assert.equal(parse(long)[0].text, long);
  const parser = new AnswerParser(format, { tools: [F], prompt: PROMPT, specialTokens: new Set(SPECIALS) });
  parser.push('<|channel|>', true);
  parser.push('final');
  parser.push('<|message|>', true);
  for (const text of ['a', '<', '|', 'end|>']) assert.deepEqual(parser.push(text), [{ kind: 'text', text }]);
});

test('a call that is too long is text', () => {
  const long = 'x'.repeat(2 ** 21);
  const parts = partsOf(format, tokensOf(` to=functions.f<|message|>${long}`), { prompt: PROMPT });
  assert.equal(parts[0].reason, 'This call is too long.');
  assert.ok(
    parts
      .map(({ text }) => text)
      .join('')
      .endsWith(long),
  );
});

test('random sequences of markers and text never throw, however they come', () => {
  const pieces = [
    ...SPECIALS,
    ' to=functions.f',
    'analysis',
    'final',
    '{}',
    '{"a": 1}',
    'x',
    '<|',
    '\n',
    'commentary',
  ];
  for (let i = 0; i < 300; i++)
    parse(Array.from({ length: random(14) }, () => pieces[random(pieces.length)]).join(''));
});
