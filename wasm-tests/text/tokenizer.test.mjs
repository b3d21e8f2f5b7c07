import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { byteFallbackJson, byteLevelJson } from './tiny-tokenizers.mjs';

const MERGES = [
  ['h', 'e'],
  ['Ġ', 'he'],
  ['Ã', '©'],
];
const [HE, SPACE_HE, E_ACUTE, END, PAD, WORD] = [256, 257, 258, 259, 260, 261];
const byteLevel = Tokenizer.create(byteLevelJson(MERGES));
const bytesOf = (text) => [...new TextEncoder().encode(text)];

test('text to ids: merges, added tokens, nothing', () => {
  assert.deepEqual(byteLevel.encode('he he'), [HE, SPACE_HE]);
  assert.deepEqual(byteLevel.encode('é'), [E_ACUTE]);
  assert.deepEqual(byteLevel.encode('he<|end|>hé  ñ'), [HE, END, ...bytesOf('h'), WORD]);
  assert.deepEqual(byteLevel.encode('\0\n\x7f'), [0, 10, 127]);
  assert.deepEqual(byteLevel.encode('👍'), bytesOf('👍'));
  assert.deepEqual(byteLevel.encode(''), []);
});

test('every byte comes back', () => {
  const text = String.fromCodePoint(...Array.from({ length: 0x900 }, (_, i) => i), 0xd7ff, 0xe000, 0x10ffff);
  assert.equal(byteLevel.decode(byteLevel.encode(text)), text);
});

test('ids to text: special tokens are left out, added words are kept', () => {
  assert.equal(byteLevel.decode([HE, END, SPACE_HE, PAD, WORD]), 'he heé  ñ');
  assert.equal(byteLevel.decode(new Set([END, PAD])), '');
  assert.equal(byteLevel.decode([]), '');
  assert.equal(byteLevel.decode(Int32Array.of(SPACE_HE)), ' he');
  assert.equal(byteLevel.decode(bytesOf(" don 't , ok .")), " don 't , ok ."); // no spaces tidied away
  assert.equal(byteLevel.decode(bytesOf('\uFEFFx')), '\uFEFFx'); // a byte order mark is text here
});

test('broken bytes become U+FFFD, as in TextDecoder', () => {
  const broken = [0x61, 0xf0, 0x9f, 0x62, 0xff, 0xe2, 0x82];
  assert.equal(byteLevel.decode(broken), new TextDecoder().decode(Uint8Array.from(broken)));
  assert.equal(byteLevel.decode([0xe2, END, 0x82, 0xac]), '€'); // a special token has no bytes
  assert.equal(byteLevel.decode([0xe2, WORD]), '\uFFFDé  ñ');
});

test('a learnt token that is not of the byte alphabet is its own text', () => {
  const json = byteLevelJson();
  json.model.vocab['x é'] = 1000;
  assert.equal(Tokenizer.create(json).decode([0x61, 1000, 0x62]), 'ax éb');
});

test('white space is what Unicode says, wherever the pre-tokenizer stands', () => {
  const json = byteLevelJson([["'", 's']]);
  const sequence = { type: 'Sequence', pretokenizers: [{ type: 'Digits' }, json.pre_tokenizer] };
  for (const pre_tokenizer of [json.pre_tokenizer, sequence]) {
    const tokenizer = Tokenizer.create({ ...json, pre_tokenizer });
    assert.deepEqual(tokenizer.encode("\u0085's"), [0xc2, 0x85, 256]);
    assert.deepEqual(tokenizer.encode("'\ufeff's"), [0x27, 0xef, 0xbb, 0xbf, 0x27, 0x73]);
  }
});

test('ids that the tokenizer does not have stand for no text', () => {
  assert.equal(byteLevel.decode([HE, 1_000_000, HE]), 'hehe');
  const byteFallback = Tokenizer.create(byteFallbackJson());
  assert.equal(byteFallback.decode([262, 1_000_000, 263]), 'a b');
  assert.equal(byteFallback.decode([1_000_000]), '');
});

test('a tokenizer that is not byte-level', () => {
  const tokenizer = Tokenizer.create(byteFallbackJson());
  const cases = [
    ['a b ab', [262, 263, 262, 261]],
    ['é 👍 a', [259, 198, 172, 259, 243, 162, 148, 144, 262]],
    ['  a', [259, 259, 262]],
  ]; // by the reference, the Rust library tokenizers 0.23.2
  for (const [text, ids] of cases) {
    assert.deepEqual(tokenizer.encode(text), ids);
    assert.equal(tokenizer.decode(ids), text);
    assert.equal(tokenizer.decode([1, ...ids]), text);
  }
  assert.equal(tokenizer.decode(tokenizer.encode("a . b n't")), "a . b n't"); // no spaces tidied away
});

test('beginning and end come from tokenizer_config.json, as text or as an object', () => {
  assert.deepEqual([byteLevel.bosTokenId, byteLevel.eosTokenId], [null, null]);
  const config = { bos_token: '<|end|>', eos_token: { content: '<pad>', lstrip: false } };
  const tokenizer = Tokenizer.create(byteLevelJson(MERGES), config);
  assert.deepEqual([tokenizer.bosTokenId, tokenizer.eosTokenId], [END, PAD]);
  for (const bos_token of ['absent', null, 3, {}, ['<|end|>']]) {
    assert.equal(Tokenizer.create(byteLevelJson(), { bos_token }).bosTokenId, null);
  }
  assert.deepEqual(
    [...tokenizer.addedTokens.values()].map(({ content, special }) => [content, special]),
    [
      ['<|end|>', true],
      ['<pad>', true],
      ['é  ñ', false],
    ],
  );
});

test('add_bos_token puts the beginning before every text, once', () => {
  const bos_token = '<|end|>';
  const encode = (json, config) => Tokenizer.create(json, config).encode('he');
  assert.deepEqual(encode(byteLevelJson(MERGES), { bos_token, add_bos_token: true }), [END, HE]);
  const tokenizer = Tokenizer.create(byteLevelJson(MERGES), { bos_token, add_bos_token: true });
  assert.deepEqual(tokenizer.encode('<|end|>he'), [END, HE], 'a text that brings its own beginning');
  assert.deepEqual(encode(byteLevelJson(MERGES), { bos_token, add_bos_token: false }), [HE]);
  assert.deepEqual(encode(byteLevelJson(MERGES), { bos_token }), [HE]);
  const template = byteLevelJson(MERGES);
  template.post_processor = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<|end|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<|end|>': { id: '<|end|>', ids: [END], tokens: ['<|end|>'] } },
  };
  assert.deepEqual(encode(template, { bos_token, add_bos_token: true }), [END, HE]);
  assert.deepEqual(encode(template, {}), [END, HE]);
  for (const bos_token of [undefined, null, 'absent']) {
    assert.throws(() => Tokenizer.create(byteLevelJson(), { bos_token, add_bos_token: true }), {
      name: 'SottoError',
      code: 'bad-file',
      message: /add_bos_token is true/,
    });
  }
});

test('parts that a tokenizer.json may leave out', () => {
  const { model, decoder, pre_tokenizer } = byteLevelJson(MERGES);
  assert.deepEqual(Tokenizer.create({ model, decoder, pre_tokenizer }).encode('he'), [HE]);
  assert.deepEqual(Tokenizer.create({ model, decoder, pre_tokenizer, added_tokens: null }).encode('he'), [
    HE,
  ]);
  const { type: _, ...untyped } = model; // as in the oldest files of GPT-2
  assert.deepEqual(Tokenizer.create({ model: untyped, decoder, pre_tokenizer }).encode('he'), [HE]);
});

test('a text that the vocabulary has no token for', () => {
  const model = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab: { a: 0 } };
  const tokenizer = Tokenizer.create({ model, pre_tokenizer: { type: 'Whitespace' } });
  assert.deepEqual(tokenizer.encode('a a'), [0, 0]);
  assert.throws(() => tokenizer.encode('a z'), { name: 'SottoError', code: 'unsupported-tokenizer' });
});

const good = byteLevelJson();
const withVocab = (changes) => ({
  ...good,
  model: { ...good.model, vocab: { ...good.model.vocab, ...changes } },
});
const withAdded = (token) => ({ ...good, added_tokens: [token] });
const DAMAGED = {
  null: null,
  'a text': '{}',
  'a list': [good],
  'an empty object': {},
  'no model': { ...good, model: undefined },
  'a model of the wrong kind': { ...good, model: [] },
  'merges of the wrong form': { ...good, model: { ...good.model, merges: [1, 2] } },
  'an id that is text': withVocab({ x: '12' }),
  'an id that is null': withVocab({ x: null }),
  'a negative id': withVocab({ x: -1 }),
  'a fractional id': withVocab({ x: 1.5 }),
  'an id beyond all bounds': withVocab({ x: 2 ** 31 }),
  'added tokens of the wrong kind': { ...good, added_tokens: {} },
  'an added token that is null': withAdded(null),
  'an added token without content': withAdded({ id: 256 }),
  'an added token that is empty': withAdded({ id: 256, content: '' }),
  'an added token without an id': withAdded({ content: 'x' }),
  'an added token with a bad id': withAdded({ content: 'x', id: 1e12 }),
};

for (const [name, json] of Object.entries(DAMAGED)) {
  test(`refuses a tokenizer.json with ${name} as damaged`, () => {
    const expected = { name: 'SottoError', code: 'bad-file', message: /^tokenizer.json is damaged: / };
    assert.throws(() => Tokenizer.create(json), expected);
  });
}

test('refuses a tokenizer_config.json that is no object', () => {
  for (const config of [null, 3, 'x', []]) {
    assert.throws(() => Tokenizer.create(good, config), {
      code: 'bad-file',
      message: /tokenizer_config.json/,
    });
  }
});

const UNKNOWN = {
  model: { ...good, model: { ...good.model, type: 'WordLevel' } },
  'model without a name': { ...good, model: { vocab: good.model.vocab } },
  'pre-tokenizer': { ...good, pre_tokenizer: { type: 'Guess' } },
  decoder: { ...good, decoder: { type: 'Guess' } },
  normalizer: { ...good, normalizer: { type: 'Guess' } },
};

for (const [part, json] of Object.entries(UNKNOWN)) {
  test(`refuses an unknown ${part} as unsupported`, () => {
    const expected = { name: 'SottoError', code: 'unsupported-tokenizer', message: /are token ids/ };
    assert.throws(() => Tokenizer.create(json), expected);
  });
}
