// Calls in thoughts: those that an answer ends with, in a thought that never ends, are calls.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answerFormatOf } from '../../build/web/text/answer/answer-format.js';
import { AnswerParser } from '../../build/web/text/answer/answer-parser.js';
import { F, partsOf, split, tokensOf } from './answer-runs.mjs';
import { makeRandom } from './tiny-tokenizers.mjs';

const qwen = answerFormatOf('<think> </think> <tool_call>');
const random = makeRandom(7);
const CALL = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>';
const SPECIALS = ['<think>', '</think>', '<tool_call>', '</tool_call>'];

/** Kind and text of each part, which must not depend on how the answer came. */
function parse(text, options = {}, format = qwen) {
  const tokens = tokensOf(text, options.specials);
  const cuts = [() => 1, () => 1e9, ...Array(6).fill(() => 1 + random(5))];
  const all = cuts.map((cut) => partsOf(format, split(tokens, cut), { prompt: '<think>\n', ...options }));
  for (const parts of all) assert.deepEqual(parts, all[0], text);
  return all[0].map((part) => [part.kind, part.text]);
}

for (const specials of [[], SPECIALS]) {
  const kind = specials.length > 0 ? 'special' : 'plain';
  test(`calls that end an answer within a thought, ${kind} markers`, () => {
    const expected = [
      ['thinking', 'I call f.'],
      ['tool-call', CALL],
    ];
    assert.deepEqual(parse(`I call f.\n${CALL}`, { specials }), expected);
    assert.deepEqual(parse(`<think>I call f.\n\n${CALL}\n`, { specials, prompt: '' }), expected);
    assert.deepEqual(parse(`I call f.\n${CALL}\n${CALL}`, { specials }), [...expected, ['tool-call', CALL]]);
    assert.deepEqual(parse(CALL, { specials }), expected.slice(1));
  });

  test(`without tools, or where more follows, a call in a thought is thought, ${kind} markers`, () => {
    const shown = specials.reduce((text, special) => text.replaceAll(special, ''), CALL);
    const thought = [['thinking', `a\n${shown}`]];
    assert.deepEqual(parse(`a\n${CALL}`, { specials, tools: false }), thought);
    const withWords = [['thinking', `a\n${shown}\nNo.`]];
    assert.deepEqual(parse(`a\n${CALL}\nNo.`, { specials }), withWords);
    assert.deepEqual(parse(`a\n${CALL}\n</think>\n\nb`, { specials }), [
      ['thinking', `a\n${shown}`.trimEnd()],
      ['text', 'b'],
    ]);
    assert.deepEqual(parse(`a\n${CALL}\nNo.\n${CALL}`, { specials }), [...withWords, ['tool-call', CALL]]);
  });

  test(`cut and broken calls in a thought are thought, ${kind} markers`, () => {
    for (const text of [
      'a <tool_call>\n{"name": "f"',
      'a <tool_call>{"name": }</tool_call>',
      'a <tool_call>',
    ]) {
      const shown = specials.reduce((rest, special) => rest.replaceAll(special, ''), text);
      assert.deepEqual(parse(text, { specials }), [['thinking', shown]]);
    }
  });
}

test('in the formats of other models', () => {
  const kimi = answerFormatOf('<think> <|tool_call_begin|>');
  const section = '<|tool_calls_section_begin|>';
  const call = '<|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{}<|tool_call_end|>';
  const specials = [section, section.replace('begin', 'end')];
  specials.push('<|tool_call_begin|>', '<|tool_call_argument_begin|>', '<|tool_call_end|>');
  for (const some of [specials, []]) {
    const text = `a${section}${call}${section.replace('begin', 'end')}`;
    assert.deepEqual(parse(text, { specials: some }, kimi), [
      ['thinking', 'a'],
      ['tool-call', call],
    ]);
  }
  const mistral = answerFormatOf('[THINK] [TOOL_CALLS]');
  assert.deepEqual(parse('a[TOOL_CALLS]f[ARGS]{}', { prompt: '[THINK]' }, mistral), [
    ['thinking', 'a'],
    ['tool-call', '[TOOL_CALLS]f[ARGS]{}'],
  ]);
});

test('a thought goes on as it comes behind what is no call', () => {
  const parser = new AnswerParser(qwen, { tools: [F], prompt: '<think>\n', specialTokens: new Set() });
  const push = (text) => parser.push(text).map((part) => [part.kind, part.text]);
  assert.deepEqual(push('a <tool_call>'), [['thinking', 'a ']]);
  assert.deepEqual(push('x</tool_call>'), [['thinking', '<tool_call>x</tool_call>']]);
  assert.deepEqual(push('b'), [['thinking', 'b']]);
  assert.deepEqual(push(`\n${CALL}\n`), []);
  assert.deepEqual(push('c'), [['thinking', `\n${CALL}\nc`]]);
  assert.deepEqual(parser.finish(), []);
});
