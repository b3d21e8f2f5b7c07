import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answerFormatOf } from '../../build/web/text/answer/answer-format.js';
import { AnswerParser } from '../../build/web/text/answer/answer-parser.js';
import { F, partsOf, split, tokensOf } from './answer-runs.mjs';
import { makeRandom } from './tiny-tokenizers.mjs';

const THINK = ['<think>', '</think>'];
const qwen = answerFormatOf('<think> </think> <tool_call>');
const random = makeRandom(3);

/** Kind and text of each part, which must not depend on how the answer came. */
function parse(text, options = {}, format = qwen) {
  const tokens = tokensOf(text, options.specials);
  const cuts = [() => 1, () => 1e9, ...Array(6).fill(() => 1 + random(5))];
  const all = cuts.map((cut) => partsOf(format, split(tokens, cut), options));
  for (const parts of all) assert.deepEqual(parts, all[0], text);
  return all[0].map((part) => [part.kind, part.text]);
}

for (const specials of [[], THINK]) {
  const kind = specials.length > 0 ? 'special' : 'plain';
  test(`thinking without its padding, ${kind} markers`, () => {
    const expected = [
      ['thinking', 'a\n\nb'],
      ['text', 'c\n'],
    ];
    assert.deepEqual(parse('<think>\na\n\nb\n</think>\n\nc\n', { specials }), expected);
    assert.deepEqual(parse('<think>a\n\nb</think>c\n', { specials }), expected);
    for (const prompt of ['<think>\n', '<|im_start|>assistant\n<think>', 'x<think>\n\n']) {
      assert.deepEqual(parse('\na\n\nb\n</think>\n\nc\n', { specials, prompt }), expected);
    }
  });

  test(`thinking more than once, or never, or without an end, ${kind} markers`, () => {
    assert.deepEqual(parse('<think>a</think>\nb <think>\nc\n</think>d', { specials }), [
      ['thinking', 'a'],
      ['text', 'b '],
      ['thinking', 'c'],
      ['text', 'd'],
    ]);
    assert.deepEqual(parse('<think>\n\n</think>\n\nd', { specials }), [['text', 'd']]);
    assert.deepEqual(parse('a\n\n', { specials, prompt: '<think>\n' }), [['thinking', 'a\n\n']]);
    assert.deepEqual(parse('a </think', { specials, prompt: '<think>' }), [['thinking', 'a </think']]);
    assert.deepEqual(parse('d', { specials, prompt: '<think>\n\n</think>\n\n' }), [['text', 'd']]);
    assert.deepEqual(parse('d', { specials, prompt: 'Write <think> please<|im_end|>' }), [['text', 'd']]);
  });
}

test('markers of special tokens count only as such', () => {
  const tokens = [{ text: '<think>a</think>b', isSpecial: false }];
  assert.deepEqual(partsOf(qwen, tokens, { specials: THINK }), [{ kind: 'text', text: '<think>a</think>b' }]);
  const inside = [
    { text: '<think>', isSpecial: true },
    { text: 'a </think> b', isSpecial: false },
    { text: '</think>', isSpecial: true },
  ];
  assert.deepEqual(partsOf(qwen, inside, { specials: THINK }), [{ kind: 'thinking', text: 'a </think> b' }]);
});

test('special tokens that are no marker give no text', () => {
  const specials = ['<|pad|>', '<think>', '</think>'];
  assert.deepEqual(parse('a<|pad|>b<think>c<|pad|>d</think><|pad|>\n\ne', { specials }), [
    ['text', 'ab'],
    ['thinking', 'cd'],
    ['text', 'e'],
  ]);
});

test('the markers of each format', () => {
  const answers = [
    ['<|START_THINKING|>', '<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>'],
    ['[THINK]', '[THINK]a[/THINK]b'],
    ['<seed:think>', '<seed:think>a</seed:think>b'],
    ["'<|inner_prefix|>'", '<|inner_prefix|>a<|inner_suffix|>b'],
    ['<|channel>', '<|channel>thought\na\n<channel|>b'],
    ['</think>', '<think>a</think>b'],
  ];
  for (const [template, answer] of answers) {
    const specials = answer.match(/<[^>]*>|\[[^\]]*\]/g);
    const format = answerFormatOf(template);
    assert.deepEqual(
      parse(answer, { specials }, format),
      [
        ['thinking', 'a'],
        ['text', 'b'],
      ],
      template,
    );
  }
  const apriel = answerFormatOf('[BEGIN FINAL RESPONSE]');
  assert.deepEqual(
    parse('a\n[BEGIN FINAL RESPONSE]\nb', { prompt: 'Here are my reasoning steps:\n' }, apriel),
    [
      ['thinking', 'a'],
      ['text', 'b'],
    ],
  );
});

test('a marker of a token and a word: what is another word is no part of it', () => {
  const gemma = answerFormatOf('<|channel>');
  const specials = ['<|channel>', '<channel|>'];
  for (const word of ['the', 'thoug', 't', 'x', 'thinking thought']) {
    const expected = [
      ['thinking', word],
      ['text', 'b'],
    ];
    const prompt = '<|channel>thought\n<channel|>';
    assert.deepEqual(parse(`<|channel>${word}<channel|>b`, { specials, prompt }, gemma), expected);
    assert.deepEqual(parse(`<|channel>thought\n${word}<channel|>b`, { specials, prompt }, gemma), expected);
    assert.deepEqual(
      parse(`${word}<channel|>b`, { specials, prompt: '<|channel>thought\n' }, gemma),
      expected,
    );
    assert.deepEqual(parse(`<|channel>${word}`, { specials }, gemma), [['thinking', word]]);
  }
});

test('the header of a further message gives no text', () => {
  const solar = answerFormatOf('<|tool_call:begin|>');
  const specials = ['<|think|>', '<|end|>', '<|begin|>', '<|content|>'];
  for (const some of [specials, []]) {
    assert.deepEqual(
      parse('<|think|>a<|end|><|begin|>assistant<|content|>assist', { specials: some }, solar),
      [
        ['thinking', 'a'],
        ['text', 'assist'],
      ],
    );
  }
});

test('tags around what follows thinking give no text', () => {
  const granite = answerFormatOf('between <think></think> and between <response></response>');
  const hunyuan = answerFormatOf("{{ '<think>' }} {{ '<answer>' }}");
  const expected = [
    ['thinking', 'a'],
    ['text', 'b <re'],
  ];
  assert.deepEqual(parse('<think>a</think>\n<response>b <re</response>', {}, granite), expected);
  assert.deepEqual(parse('<think>\na\n</think>\n<answer>\nb <re</answer>', {}, hunyuan), expected);
  assert.deepEqual(parse('<response>b', {}), [['text', '<response>b']]);
});

test('text that cannot be the beginning of a marker comes out at once', () => {
  const parser = new AnswerParser(qwen, { tools: [F], prompt: '', specialTokens: new Set() });
  const texts = ['a', '<', 'b', '<th', 'i', 'x', '<think', '>', '\n', 'c', '\n', '\nd</', 'e'];
  const shown = texts.map((text) =>
    parser
      .push(text)
      .map((part) => part.text)
      .join(''),
  );
  assert.deepEqual(shown, ['a', '', '<b', '', '', '<thix', '', '', '', 'c', '', '\n\nd', '</e']);
  assert.deepEqual(parser.finish(), []);
});

test('with markers of special tokens nothing of a text is held', () => {
  const specialTokens = new Set([...THINK, '<tool_call>', '</tool_call>']);
  const parser = new AnswerParser(qwen, { tools: [F], prompt: '', specialTokens });
  for (const text of '<think><tool_call>') assert.deepEqual(parser.push(text), [{ kind: 'text', text }]);
});

test('random texts of pieces of markers: nothing plain is lost, nothing throws, pieces do not matter', () => {
  const templates = [
    '<tool_call> <think>',
    '<tool_call><function= <think>',
    '<arg_key>',
    '[TOOL_CALLS]',
    '<|python_tag|>',
  ];
  templates.push(
    '<|tool_call_start|>',
    '<|tool_call>',
    '<function=',
    'functools[',
    '<|tool_call|>',
    '｜DSML｜',
    '<｜tool▁call▁begin｜>',
  );
  const pieces = [
    '<think>',
    '</think>',
    '<tool_call>',
    '</tool_call>',
    '[TOOL_CALLS]',
    '[ARGS]',
    '<function=',
    '</function>',
  ];
  pieces.push(
    '<parameter=a>',
    '</parameter>',
    '{"name": "f", "arguments": {}}',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '\n',
    ' ',
    'x',
  );
  pieces.push(
    'functools[',
    '<|tool_call|>',
    '[f(a=1)]',
    '<|tool_call>',
    '<tool_call|>',
    'call:f{',
    '<',
    '>',
    ';',
    '(',
    '<|"|>',
  );
  pieces.push(
    '<arg_key>',
    '</arg_key>',
    '<arg_value>',
    '</arg_value>',
    '<|tool_call_start|>',
    '<|tool_call_end|>',
    '<|python_tag|>',
  );
  pieces.push(
    '<｜DSML｜function_calls>',
    '<｜tool▁call▁begin｜>',
    '<｜tool▁sep｜>',
    '<｜tool▁call▁end｜>',
    ',',
    ':',
    'é😀',
  );
  for (let i = 0; i < 3000; i++) {
    const format = answerFormatOf(templates[random(templates.length)]);
    const text = Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join('');
    const specials = random(2) === 0 ? [] : pieces.filter((piece) => piece.length > 4 && random(2) === 0);
    const options = { specials, tools: random(4) > 0, prompt: random(4) === 0 ? '<think>\n' : '' };
    const tokens = tokensOf(text, specials);
    const whole = partsOf(format, tokens, options);
    assert.deepEqual(
      partsOf(
        format,
        split(tokens, () => 1 + random(4)),
        options,
      ),
      whole,
      text,
    );
    // White space may be dropped, and markers: the rest stands in the parts as it came, in turn.
    const shown = whole.map((part) => part.text).join('');
    const bare = (all) => all.replace(/\s/g, '');
    let at = 0;
    for (const unit of bare(text).split('')) if (bare(shown)[at] === unit) at++;
    assert.equal(at, bare(shown).length, `${text} → ${shown}`);
    const { thinking, toolCalls } = format;
    const markers = [
      thinking?.begin,
      thinking?.end,
      ...toolCalls.begins,
      ...(toolCalls.hidden ?? []),
      ...specials,
    ];
    const isPlain = !markers.some((marker) => marker !== undefined && text.includes(marker));
    if (isPlain && options.prompt === '' && toolCalls.name !== 'bare') assert.equal(shown, text);
  }
});
