import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { byteFallbackJson, byteLevelJson } from './tiny-tokenizers.mjs';

const good = byteLevelJson();
const regex = (Regex, rest = {}) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', ...rest });
const replace = (found, content) => ({ type: 'Replace', pattern: { String: found }, content });
const split = (Regex) => ({ ...good, pre_tokenizer: { type: 'Sequence', pretokenizers: [regex(Regex)] } });
const doubling = Array(30).fill(replace('a', 'aa'));
const withModel = (changes) => ({ ...good, model: { ...good.model, ...changes } });
const unigram = (vocab, unk_id = 0) => ({ model: { type: 'Unigram', vocab, unk_id } });
const piece = { Sequence: { id: 'A', type_id: 0 } };
const template = (single, special_tokens = {}) => ({
  ...good,
  post_processor: { type: 'TemplateProcessing', single, pair: [], special_tokens },
});

function nested(depth, inner, key) {
  let part = inner;
  for (let i = 0; i < depth; i++) part = { type: 'Sequence', [key]: [part] };
  return part;
}

/** What a file may hold, and what is said of it when the tokenizer is made. */
const REFUSED = {
  'sequences in sequences': [
    { ...good, normalizer: nested(100_000, { type: 'NFC' }, 'normalizers') },
    'bad-file',
    /normalizer has sequences in sequences, more than 16 deep/,
  ],
  'a long sequence': [
    { ...good, pre_tokenizer: { type: 'Sequence', pretokenizers: Array(2000).fill({ type: 'ByteLevel' }) } },
    'bad-file',
    /pretokenizers is a list of 2000, and should have at most 64 entries/,
  ],
  'a long template': [template(Array(5000).fill(piece)), 'bad-file', /single is a list of 5000/],
  'a template that multiplies': [
    template(Array(5).fill(piece)),
    'bad-file',
    /post_processor writes each text 5 times/,
  ],
  'a template with an unknown token': [
    template([{ SpecialToken: { id: '<s>', type_id: 0 } }]),
    'bad-file',
    /single\[0\] names the special token "<s>", which has no ids/,
  ],
  'a template for two texts': [template([{ Sequence: { id: 'B' } }]), 'bad-file', /no second text/],
  'pieces of no length': [
    { ...good, pre_tokenizer: { type: 'FixedLength', length: 0 } },
    'bad-file',
    /length is 0/,
  ],
  'a regular expression that is none': [
    split('(a'),
    'unsupported-tokenizer',
    /pre_tokenizer\.pretokenizers\[0\]\.pattern is "\(a", which cannot be run: /,
  ],
  'a regular expression that refers back': [split('(a)\\1'), 'unsupported-tokenizer', /refers back/],
  'a huge regular expression': [split('a'.repeat(20_000)), 'bad-file', /at most 4096 characters/],
  'a count beyond bounds': [split('(?:a{1000}){1000}'), 'unsupported-tokenizer', /more than 2000 parts/],
  'a pattern of no kind': [
    { ...good, normalizer: { type: 'Replace', pattern: 'a' } },
    'bad-file',
    /pattern is "a"/,
  ],
  'an added token that grows': [
    {
      ...good,
      normalizer: { type: 'Sequence', normalizers: doubling },
      added_tokens: [{ id: 256, content: 'aaa', normalized: true }],
    },
    'unsupported-tokenizer',
    /more than 64 times as long/,
  ],
  'a long added token': [
    { ...good, added_tokens: [{ id: 256, content: 'a'.repeat(600) }] },
    'bad-file',
    /at most 512 characters/,
  ],
  'added tokens with one id': [
    {
      ...good,
      added_tokens: [
        { id: 256, content: 'x' },
        { id: 256, content: 'y' },
      ],
    },
    'bad-file',
    /"x" and "y" have the same id, 256/,
  ],
  'an added token with two ids': [
    {
      ...good,
      added_tokens: [
        { id: 256, content: 'x' },
        { id: 257, content: 'x' },
      ],
    },
    'bad-file',
    /"x" has the ids 256 and 257/,
  ],
  'two tokens with one id': [
    withModel({ vocab: { a: 0, b: 0 } }),
    'bad-file',
    /"a" and "b" have the same id, 0/,
  ],
  'half a character': [withModel({ vocab: { '\ud83d': 0 } }), 'bad-file', /which is none/],
  'a merge of what is unknown': [withModel({ merges: [['a', 'zzz']] }), 'bad-file', /needs the token "zzz"/],
  'a merge of three': [withModel({ merges: ['a b c'] }), 'bad-file', /merges\[0\] is "a b c"/],
  'no merges': [withModel({ merges: undefined }), 'bad-file', /model\.merges is absent/],
  'an empty unigram vocabulary': [unigram([]), 'bad-file', /from 1 to/],
  'a score that is none': [unigram([['a', null]]), 'bad-file', /score null/],
  'an unknown token beyond the vocabulary': [
    unigram([['a', 0]], 1),
    'bad-file',
    /unk_id is 1, and there are 1/,
  ],
  'a decoder that is a number': [
    { ...good, decoder: 3 },
    'bad-file',
    /decoder is 3, and should be an object/,
  ],
  'a flag that is text': [
    { ...good, pre_tokenizer: { type: 'ByteLevel', use_regex: 'yes' } },
    'bad-file',
    /use_regex is "yes", and should be true or false/,
  ],
  'a type that is a list': [
    { ...good, normalizer: { type: [] } },
    'unsupported-tokenizer',
    /type a list of 0/,
  ],
  "a type of JavaScript's own": [
    { ...good, decoder: { type: '__proto__' } },
    'unsupported-tokenizer',
    /__proto__/,
  ],
};

for (const [name, [json, code, message]] of Object.entries(REFUSED)) {
  test(`refuses ${name}`, () => {
    assert.throws(() => Tokenizer.create(json), { name: 'SottoError', code, message });
  });
}

/** Texts that are long of their kind. */
const LONG = ['a', ' ', '\n', 'a ', '日本', '👍', '_', '7', 'é', '\u0301\u0323'].map((text) =>
  text.repeat(2 ** 15 / text.length),
);

/** Files that ask for what JavaScript's own regular expressions, or a plain loop, would take for ever. */
const HOSTILE = {
  'nested repetitions': split('(?:(?:a+)+)+b'),
  'repeated choices': split('(?:a|a)*b'),
  'three repetitions': split('\\s*\\s*\\s*x'),
  'a pattern that replaces': {
    ...good,
    normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: 'a' },
  },
  'replacements that double': { ...good, normalizer: { type: 'Sequence', normalizers: doubling } },
  'a long replacement': { ...good, normalizer: replace('a', 'x'.repeat(1000)) },
  'a long prefix, often': {
    ...good,
    normalizer: {
      type: 'Sequence',
      normalizers: Array(60).fill({ type: 'Prepend', prepend: 'x'.repeat(1000) }),
    },
  },
  'bytes of bytes': {
    ...good,
    pre_tokenizer: { type: 'Sequence', pretokenizers: Array(60).fill({ type: 'ByteLevel' }) },
  },
  'long added tokens': {
    ...good,
    added_tokens: [
      { id: 256, content: `${'a'.repeat(500)}b` },
      { id: 257, content: '_', lstrip: true, rstrip: true },
    ],
  },
  'a long unigram vocabulary': unigram(Array.from({ length: 2000 }, (_, i) => ['a'.repeat(i + 1), -1])),
  'sorted marks': { ...good, normalizer: { type: 'NFC' } },
};

for (const [name, json] of Object.entries(HOSTILE)) {
  test(`long texts end with ${name}`, () => {
    const tokenizer = Tokenizer.create(json);
    for (const text of LONG) {
      const begin = performance.now();
      try {
        assert.ok(tokenizer.encode(text).every(Number.isInteger));
      } catch (error) {
        assert.equal(error.code, 'unsupported-tokenizer', error.stack);
        assert.match(error.message, /^The tokenizer (makes a text|makes too much work|has no token for)/);
      }
      assert.ok(performance.now() - begin < 5000, `${JSON.stringify(text.slice(0, 2))}…`);
    }
  });
}

test('a decoder that doubles is ended', () => {
  const json = byteFallbackJson();
  json.decoder = { type: 'Sequence', decoders: doubling };
  const tokenizer = Tokenizer.create(json);
  assert.equal(tokenizer.decode([261]), 'b');
  assert.throws(() => tokenizer.decode(Array(10).fill(260)), {
    code: 'unsupported-tokenizer',
    message: /makes a text of 10 characters more than 64 times as long/,
  });
});

test('what a file writes in place of a match has no meaning of its own', () => {
  const json = { ...good, normalizer: { type: 'Replace', pattern: { Regex: '(b)' }, content: '$1$&' } };
  assert.deepEqual(Tokenizer.create(json).encode('abc'), [...Buffer.from('a$1$&c')]);
});

test('half a character counts as U+FFFD', () => {
  const tokenizer = Tokenizer.create(good);
  for (const half of ['\ud83d', '\udc4d']) {
    assert.deepEqual(tokenizer.encode(`a${half}b`), [...Buffer.from('a\ufffdb')]);
  }
});

const gpt2 = Tokenizer.create(
  JSON.parse(readFileSync(new URL('../fixtures/gpt2-tokenizer/tokenizer.json', import.meta.url), 'utf8')),
);

test('encodeAsync lets events through, and gives the ids of encode', async () => {
  const text = 'The quick brown fox — 12345 日本語 <|endoftext|>\n\n  jumps! '.repeat(8000);
  let nEvents = 0;
  const timer = setInterval(() => nEvents++, 1);
  const ids = await gpt2.encodeAsync(text);
  clearInterval(timer);
  assert.ok(nEvents >= 3, `${nEvents} events`);
  assert.deepEqual(ids, gpt2.encode(text));
  assert.deepEqual(await gpt2.encodeAsync('', { isContinuation: true }), []);
});

test('encodeAsync hears an abort, before and meanwhile', async () => {
  const reason = new Error('enough');
  await assert.rejects(gpt2.encodeAsync('a', { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const text = 'no two words alike: '.repeat(1 << 20);
  const begin = performance.now();
  setTimeout(() => controller.abort(reason), 50);
  await assert.rejects(gpt2.encodeAsync(text, { signal: controller.signal }), reason);
  assert.ok(performance.now() - begin < 3000, 'the whole text takes over ten seconds');
  assert.deepEqual(gpt2.encode('Hello'), [15496]);
});
