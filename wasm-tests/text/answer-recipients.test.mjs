// Answers in messages to recipients, as functionary 3.2 writes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answerFormatOf } from '../../build/web/text/answer/answer-format.js';
import { AnswerParser } from '../../build/web/text/answer/answer-parser.js';
import { F, partsOf, split, tokensOf } from './answer-runs.mjs';
import { makeRandom } from './tiny-tokenizers.mjs';

const format = answerFormatOf("'>>>all\\n' + message['content']");
const PROMPT = 'Answer as >>>all\nHi.<|eot_id|>assistant\n\n>>>';
const random = makeRandom(32);

/** The parts of an answer, which must not depend on how it came. */
function parse(text, prompt = PROMPT) {
  const cuts = [() => 1, () => 2, () => 1e9, ...Array(8).fill(() => 1 + random(7))];
  const all = cuts.map((cut) => partsOf(format, split(tokensOf(text), cut), { prompt }));
  for (const parts of all) assert.deepEqual(parts, all[0], text);
  return all[0];
}

const called = (text, name, given) => ({
  kind: 'tool-call',
  text,
  toolCall: { id: null, name, arguments: given },
});
const words = (text) => ({ kind: 'text', text });
const unread = (text, reason) => ({ kind: 'text', text, reason });
const CUT = 'This call is cut off.';

test('text to all, and text that goes on', () => {
  assert.deepEqual(parse('all\nHi there\n'), [words('Hi there\n')]);
  assert.deepEqual(parse(' and on', `${PROMPT}all\nHi`), [words(' and on')]);
  assert.deepEqual(parse('all\na >> b >>> c\n>>> x = 1\n>>>\n>>>'), [
    words('a >> b >>> c\n>>> x = 1\n>>>\n>>>'),
  ]);
});

test('calls, one behind the other, and behind text', () => {
  const f = 'f\n{"a": ">>>all\\n}"}';
  const g = '>>>ns.g-1\n{}';
  const both = [called(f, 'f', { a: '>>>all\n}' }), called(g, 'ns.g-1', {})];
  assert.deepEqual(parse(f), both.slice(0, 1));
  assert.deepEqual(parse(f + g), both);
  assert.deepEqual(parse(`${f}\n${g}\n`), both);
  assert.deepEqual(parse(`${f} ${g}>>>all\nDone.`), [...both, words('Done.')]);
  assert.deepEqual(parse(`all\nLet me see.>>>${f}`), [
    words('Let me see.'),
    called(`>>>${f}`, 'f', { a: '>>>all\n}' }),
  ]);
  assert.deepEqual(parse('f\n\n{\n"a": [1]}'), [called('f\n\n{\n"a": [1]}', 'f', { a: [1] })]);
});

test('what stands behind a call without a recipient is text', () => {
  assert.deepEqual(parse('f\n{} and\n'), [called('f\n{}', 'f', {}), words(' and\n')]);
  assert.deepEqual(parse('f\n{}\n>>> x'), [called('f\n{}', 'f', {}), words('\n>>> x')]);
});

test('an answer without a recipient is text', () => {
  assert.deepEqual(parse('Hello there\n'), [words('Hello there\n')]);
  assert.deepEqual(parse('\nHello'), [words('\nHello')]);
  assert.deepEqual(parse(`${'x'.repeat(200)}\n{}`), [words(`${'x'.repeat(200)}\n{}`)]);
});

test('a broken call is text with a reason, and the next message is read', () => {
  const parts = parse('f\n{"a": }>>>g\n[1]>>>h\n{"a": [1>>>all\nSorry');
  assert.deepEqual(
    parts.map(({ text }) => text),
    ['f\n{"a": }', '>>>g\n[1]', '>>>h\n{"a": [1', 'Sorry'],
  );
  assert.match(parts[0].reason, /^This call cannot be read: it is no JSON/);
  assert.match(parts[1].reason, /the arguments are no object/);
  assert.match(parts[2].reason, /it is no JSON/);
  const [head, rest] = parse('python\nprint(1)');
  assert.match(head.reason, /neither a list nor an object begins here/);
  assert.equal(head.text + rest.text, 'python\nprint(1)');
});

test('an answer that is cut: no half of a call is one', () => {
  const whole = '>>>get_weather\n{"city": "Paris"}';
  for (let length = 4; length < whole.length; length++) {
    const text = whole.slice(0, length);
    assert.deepEqual(parse(`all\nHi${text}`), [words('Hi'), unread(text, CUT)]);
    assert.deepEqual(parse(text.slice(3)), [unread(text.slice(3), CUT)]);
  }
  assert.deepEqual(parse(''), []);
  assert.deepEqual(parse('al'), []);
});

test('text comes out as it comes in', () => {
  const parser = new AnswerParser(format, { tools: [F], prompt: PROMPT, specialTokens: new Set() });
  parser.push('all\n');
  for (const text of ['Hi ', 'you', ' >', '> ']) {
    const [part] = parser.push(text);
    if (text === ' >') assert.deepEqual(part, words(' '), 'a header may begin here');
    else assert.deepEqual(part, words(text === '> ' ? '>> ' : text));
  }
});

test('a special token ends a header and breaks a call', () => {
  const specials = ['<|eom_id|>'];
  const read = (text) => partsOf(format, tokensOf(text, specials), { specials, prompt: PROMPT });
  assert.deepEqual(read('f<|eom_id|>\n{}'), [words('f\n{}')]);
  assert.match(read('f\n{"a": 1<|eom_id|>}')[0].reason, /it is no JSON/);
});

test('random answers lose no text', () => {
  const pieces = ['>', '>>>', '>>>all\n', '>>>f\n', '{"a": 1}', '{', '"', '\n', ' x', '}', '>>>f'];
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: random(9) }, () => pieces[random(pieces.length)]).join('');
    const told = parse(`all\n${text}`)
      .map((part) => part.text)
      .join('');
    const plain = (given) => given.replace(/>>>all\n/g, '').replace(/\s/g, '');
    const cutHeader = /(?:>>>a(?:ll?)?)$/;
    assert.equal(
      plain(told).replace(cutHeader, ''),
      plain(text).replace(cutHeader, ''),
      JSON.stringify(text),
    );
  }
});

test('the time is proportional to the length', () => {
  for (const piece of ['>', '>>>', '>>>f\n{', 'f', '>>>all\n', '{}>>>f\n', ' ']) {
    const parser = new AnswerParser(format, { tools: [F], prompt: PROMPT, specialTokens: new Set() });
    const start = performance.now();
    parser.push('f\n{}');
    for (let i = 0; i < 2e4; i++) parser.push(piece);
    parser.finish();
    assert.ok(performance.now() - start < 5000, piece);
  }
});
