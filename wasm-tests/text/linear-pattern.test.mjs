import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LinearPattern } from '../../build/web/text/tokenizer/linear-pattern.js';
import { StepBudget } from '../../build/web/text/tokenizer/step-budget.js';
import { makeRandom } from './tiny-tokenizers.mjs';

/** What is found, as begin and end. */
function findAll(source, text) {
  const search = new LinearPattern(new RegExp(source, 'gu').source).search(text, new StepBudget(text.length));
  const found = [];
  while (search.next()) found.push([search.begin, search.end]);
  return found;
}

/** The same by JavaScript. V8 finds empty matches within a character of two units, which ECMAScript does not. */
function reference(source, text) {
  return [...text.matchAll(new RegExp(source, 'gu'))]
    .filter(({ index }) => !(index > 0 && text.codePointAt(index - 1) > 0xffff))
    .map(({ index, 0: match }) => [index, index + match.length]);
}

const ATOMS = ['a', 'b', 'c', '👍', '[ab]', '[^a]', '\\p{L}', '[\\s\\S]', '[^\\n]', '\\u0062', '\\x61'];
const QUANTIFIERS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}'];
const LOOKS = ['(?=', '(?!', '(?<=', '(?<!'];

function randomPattern(random, depth = 0) {
  const part = () => randomPattern(random, depth + 1);
  switch (depth > 3 ? 0 : random(8)) {
    case 1:
      return part() + part();
    case 2:
      return `(?:${part()}|${part()})`;
    case 3:
      return `(?:${part()})${QUANTIFIERS[random(QUANTIFIERS.length)]}`;
    case 4:
      return `${LOOKS[random(LOOKS.length)]}${part()})`;
    case 5:
      return `(${part()}|)${part()}`;
    case 6:
      return `${part()}(?:a+)+`;
    default:
      return ATOMS[random(ATOMS.length)];
  }
}

test('random patterns find in random texts what a RegExp finds', () => {
  const random = makeRandom(6);
  const letters = ['a', 'a', 'b', 'c', '👍', '\n', ' '];
  let nCompared = 0;
  for (let i = 0; i < 3000; i++) {
    const source = randomPattern(random);
    try {
      new LinearPattern(source);
    } catch (error) {
      assert.match(error.message, /repeats a part that may be empty/, source);
      continue;
    }
    for (let j = 0; j < 3; j++) {
      const text = Array.from({ length: random(12) }, () => letters[random(letters.length)]).join('');
      assert.deepEqual(
        findAll(source, text),
        reference(source, text),
        `/${source}/ in ${JSON.stringify(text)}`,
      );
      nCompared++;
    }
  }
  assert.ok(nCompared > 7000, `${nCompared} compared`);
});

/** As the library writes those of published tokenizers: GPT-2, Llama 3 and Qwen, GPT-4o, DeepSeek. */
const PUBLISHED = [
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+",
  "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?:'[sS]|'[tT])?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
];
const WORDS = [
  "don't",
  ' THE',
  ' été',
  '日本',
  '\n\n',
  '  \n ',
  '   ',
  '12345',
  '👍🏽',
  '?!',
  ' x',
  '\t',
  "'S",
  '\u3000',
  'ʰ',
];

test('the patterns of published tokenizers split texts as a RegExp does', () => {
  const random = makeRandom(7);
  for (const source of PUBLISHED) {
    for (let i = 0; i < 100; i++) {
      const text = Array.from({ length: random(40) }, () => WORDS[random(WORDS.length)]).join('');
      assert.deepEqual(
        findAll(source, text),
        reference(source, text),
        `/${source}/ in ${JSON.stringify(text)}`,
      );
    }
  }
});

// In JavaScript: 2^n, n² and n³ steps.
const HOSTILE = ['(?:(?:a+)+)+b', '(?:a|a)*b', '(?:a|b|ab)*c', 'a*a*a*b', 'a+(?![^])|a*b', '(?=(?:a+)+b)a'];

test('patterns that take JavaScript for ever take time in proportion to the text', () => {
  const text = 'a'.repeat(1 << 18);
  for (const source of [...HOSTILE, ...PUBLISHED]) {
    const begin = performance.now();
    findAll(source, text);
    assert.ok(performance.now() - begin < 5000, source);
  }
});

test('what cannot be run in linear time is refused', () => {
  const cases = [
    ['(a)\\1', /refers back/],
    ['(?<x>a)\\k<x>', /refers back/],
    ['(?:a*)*', /repeats a part that may be empty/],
    ['a{1000}b{1001}', /more than 2000 parts/],
    ['(?:a{100}){100}', /more than 2000 parts/],
    [`${'(?:'.repeat(101)}a${')'.repeat(101)}`, /more than 100 groups/],
    ['\\ba', /the assertion \\b/],
  ];
  for (const [source, message] of cases) assert.throws(() => new LinearPattern(source), { message }, source);
});
