// GGUF vocabularies that are damaged, or of a kind that is not run: typed errors that name the key.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readGgufVocabulary } from '../../build/web/text/gguf-vocabulary.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { makeRandom } from './tiny-tokenizers.mjs';

const BYTES = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);

/** A vocabulary of each kind, with some keys changed; undefined takes a key away. */
function metadataOf(kind, changes = {}) {
  const byScores = {
    tokens: ['<unk>', '<s>', '</s>', ...BYTES, 'a', 'b', 'ab', '\u2581'],
    unknown_token_id: 0,
  };
  const byMerges = { tokens: ['<s>', '</s>', '<unk>', 'a', 'b', 'ab', ' '], merges: ['a b'] };
  const keys = kind === 'llama' ? byScores : byMerges;
  const nTokens = keys.tokens.length;
  const all = {
    model: kind,
    ...keys,
    token_type: Int32Array.from(keys.tokens, (token) =>
      token === '<unk>' ? 2 : /^<.?s>$/.test(token) ? 3 : token.startsWith('<0x') ? 6 : 1,
    ),
    ...(kind === 'llama' && { scores: Float32Array.from({ length: nTokens }, (_, id) => -id) }),
    bos_token_id: keys.tokens.indexOf('<s>'),
    eos_token_id: keys.tokens.indexOf('</s>'),
    ...changes,
  };
  const entries = Object.entries(all).filter(([, value]) => value !== undefined);
  return new Map(entries.map(([key, value]) => [`tokenizer.ggml.${key}`, value]));
}

function read(kind, changes) {
  const files = readGgufVocabulary(metadataOf(kind, changes));
  return Tokenizer.create(files.json, files.config);
}

const tokens = metadataOf('llama').get('tokenizer.ggml.tokens');
const n = tokens.length;

/** For each: kind, what is changed, what the message names. */
const DAMAGED = [
  ['llama', { model: undefined }, /tokenizer\.ggml\.model is absent/],
  ['llama', { model: 3 }, /tokenizer\.ggml\.model is 3/],
  ['llama', { tokens: undefined }, /tokenizer\.ggml\.tokens is absent/],
  ['llama', { tokens: 'a' }, /tokenizer\.ggml\.tokens is "a"/],
  ['llama', { tokens: [] }, /tokenizer\.ggml\.tokens is a list of 0/],
  ['llama', { tokens: ['a', 3] }, /tokenizer\.ggml\.tokens .*entry 1/],
  ['llama', { tokens: new Int32Array(5) }, /tokenizer\.ggml\.tokens is a list of 5/],
  [
    'llama',
    { token_type: new Int32Array(3) },
    /tokenizer\.ggml\.token_type is a list of 3, and there are 263 tokens/,
  ],
  ['llama', { token_type: 'a' }, /tokenizer\.ggml\.token_type is "a"/],
  ['llama', { token_type: tokens }, /tokenizer\.ggml\.token_type/],
  [
    'llama',
    { token_type: new Int32Array(n).fill(7) },
    /tokenizer\.ggml\.token_type\[0\], of the token "<unk>", is 7/,
  ],
  ['llama', { token_type: new Float32Array(n).fill(1.5) }, /tokenizer\.ggml\.token_type\[0\].* is 1\.5/],
  ['llama', { scores: undefined }, /tokenizer\.ggml\.scores is absent/],
  [
    'llama',
    { scores: new Float32Array(n + 1) },
    /tokenizer\.ggml\.scores is a list of 264, and there are 263 tokens/,
  ],
  ['llama', { scores: new BigInt64Array(n) }, /tokenizer\.ggml\.scores/],
  ['llama', { scores: new Float32Array(n).fill(Number.NaN, 5) }, /tokenizer\.ggml\.scores\[5\]/],
  [
    'llama',
    { tokens: tokens.map((token) => (token === '<0x0A>' ? 'c' : token)) },
    /tokenizer\.ggml\.tokens.*<0x0A>/,
  ],
  ['llama', { bos_token_id: n }, /tokenizer\.ggml\.bos_token_id is 263, and there are 263 tokens/],
  ['llama', { eos_token_id: 1.5 }, /tokenizer\.ggml\.eos_token_id is 1\.5/],
  ['llama', { unknown_token_id: 'a' }, /tokenizer\.ggml\.unknown_token_id is "a"/],
  ['llama', { padding_token_id: -7 }, /tokenizer\.ggml\.padding_token_id is -7/],
  ['llama', { add_bos_token: 1 }, /tokenizer\.ggml\.add_bos_token is 1/],
  ['llama', { add_space_prefix: 'yes' }, /tokenizer\.ggml\.add_space_prefix is "yes"/],
  ['gpt2', { merges: undefined }, /tokenizer\.ggml\.merges is absent/],
  ['gpt2', { merges: ['ab'] }, /tokenizer\.ggml\.merges\[0\] is "ab"/],
  ['gpt2', { merges: ['a b', 'a c'] }, /tokenizer\.ggml\.merges\[1\], "a c", needs the token "c"/],
  ['gpt2', { merges: ['b a'] }, /needs the token "ba"/],
  ['gpt2', { merges: ['a <s>'] }, /needs the token "<s>"/],
  ['gpt2', { merges: [7] }, /tokenizer\.ggml\.merges/],
  ['gpt2', { pre: 7 }, /tokenizer\.ggml\.pre is 7/],
  ['gpt2', { add_bos_token: true, bos_token_id: undefined }, /tokenizer\.ggml\.bos_token_id is absent/],
  ['gpt2', { add_eos_token: true, eos_token_id: undefined }, /tokenizer\.ggml\.eos_token_id is absent/],
  [
    'gemma4',
    { tokens: ['<s>', '</s>', '<unk>', 'a', 'b', 'ab', '<0x00>'] },
    /tokenizer\.ggml\.tokens.*<0x01>/,
  ],
  ['gemma4', { bos_token_id: undefined }, /tokenizer\.ggml\.bos_token_id is absent/],
  [
    'gpt2',
    { tokens: ['<s>', '</s>', '<unk>', 'a', 'b', 'ab', 'x'.repeat(5000)] },
    /tokenizer\.ggml\.tokens\[6\], "x+/,
  ],
];

for (const [kind, changes, message] of DAMAGED) {
  const shown = Object.entries(changes).map(
    ([key, value]) => `${key} ${String(value?.slice?.(0, 3) ?? value)}`,
  );
  test(`damaged, ${kind}: ${shown.join(', ').slice(0, 60)} (${message.source.slice(0, 50)})`, () => {
    assert.throws(() => read(kind, changes), { name: 'SottoError', code: 'bad-file', message });
  });
}

test('neither bytes nor a token for the unknown', () => {
  const without = ['<s>', '</s>', 'a'];
  const changes = {
    tokens: without,
    token_type: undefined,
    scores: new Float32Array(3),
    unknown_token_id: undefined,
  };
  const keys = { bos_token_id: 0, eos_token_id: 1 };
  assert.throws(() => read('llama', { ...changes, ...keys }), {
    code: 'bad-file',
    message: /unknown_token_id/,
  });
});

test('kinds and names that are not known are refused with what is', () => {
  for (const model of ['bert', 't5', 'rwkv', 'plamo2', 'hybriddna', '']) {
    assert.throws(() => read('llama', { model }), {
      code: 'unsupported-tokenizer',
      message: new RegExp(`tokenizer\\.ggml\\.model is "${model}"; only gpt2, llama and gemma4`),
    });
  }
  assert.throws(() => read('gpt2', { pre: 'of-tomorrow' }), {
    code: 'unsupported-tokenizer',
    message: /tokenizer\.ggml\.pre is "of-tomorrow".*default, gpt-2.*qwen2/,
  });
});

test('no tokenizer is none', () => {
  assert.equal(readGgufVocabulary(new Map([['general.name', 'x']])), null);
  assert.equal(readGgufVocabulary(new Map([['tokenizer.ggml.model', 'no_vocab']])), null);
});

test('ids that stand for none', () => {
  for (const none of [-1, 0xffff_ffff]) assert.equal(read('gpt2', { bos_token_id: none }).bosTokenId, null);
});

test('of tokens that are the same a text becomes the last, and all have the text', () => {
  const doubled = ['<s>', '</s>', '<unk>', 'a', 'b', 'ab', 'ab', '', '__proto__', '</s>'];
  const types = [3, 3, 2, 1, 1, 1, 1, 5, 1, 3];
  const tokenizer = read('gpt2', { tokens: doubled, token_type: types, pre: 'gpt-2', unknown_token_id: 2 });
  assert.deepEqual(tokenizer.encode('ab'), [6]);
  assert.deepEqual(
    Array.from(doubled, (_, id) => tokenizer.decode([id])),
    ['', '', '', 'a', 'b', 'ab', 'ab', '', '__proto__', ''],
  );
  assert.equal(tokenizer.eosTokenId, 1); // the one that the key names
  assert.deepEqual(tokenizer.encode('</s>'), [1]);
});

test('what is in no token is bytes, or the unknown, once for all in a row', () => {
  const plain = { isContinuation: true };
  assert.deepEqual(read('llama', { add_space_prefix: false }).encode('aé', plain), [259, 3 + 0xc3, 3 + 0xa9]);
  const few = ['<unk>', '<s>', '</s>', 'a', '\u2581'];
  const changes = { tokens: few, token_type: [2, 3, 3, 1, 1], scores: new Float32Array(5) };
  assert.deepEqual(read('llama', changes).encode('aéüa é', plain), [4, 3, 0, 3, 4, 0]);
});

/** A value that a file may have in the place of another. */
function otherValue(random, value) {
  const some = [
    () => undefined,
    () => random(2) === 0,
    () => random(300) - 20,
    () => BigInt(random(10)),
    () => random(100) / 7,
    () => Number.NaN,
    () =>
      ['', 'a', 'ab', '<s>', '</s>', 'llama', 'gpt2', 'gemma4', 'qwen2', '__proto__', '\u2581', '<0x41>'][
        random(12)
      ],
    () => [],
    () => [['a']],
    () => new Uint8Array(random(10)),
    () => new Float32Array(value?.length ?? 3).fill(random(9)),
    () => new BigUint64Array(value?.length ?? 3),
    () => new Array(value?.length ?? 3).fill('a'),
  ];
  if (value?.length > 0 && typeof value !== 'string' && random(2) === 0) {
    const changed = Array.from(value);
    for (let i = 0; i < 3; i++) changed[random(changed.length)] = otherValue(random, undefined);
    return changed;
  }
  return some[random(some.length)]();
}

test('whatever stands under the keys, there is a tokenizer or a typed error', () => {
  const random = makeRandom(17);
  let nMade = 0;
  for (let i = 0; i < 4000; i++) {
    const kind = ['llama', 'gpt2', 'gemma4'][random(3)];
    const metadata = metadataOf(kind);
    const keys = Array.from(metadata.keys());
    const others = ['add_bos_token', 'add_eos_token', 'add_space_prefix', 'remove_extra_whitespaces', 'pre'];
    for (let j = 0; j <= random(3); j++) {
      const key =
        random(3) > 0 ? keys[random(keys.length)] : `tokenizer.ggml.${others[random(others.length)]}`;
      metadata.set(key, otherValue(random, metadata.get(key)));
    }
    try {
      const files = readGgufVocabulary(metadata);
      if (files === null) continue;
      const tokenizer = Tokenizer.create(files.json, files.config);
      tokenizer.decode(tokenizer.encode('ab <s>a b</s>\n\u2581é<0x41>'));
      nMade++;
    } catch (error) {
      const codes = ['bad-file', 'unsupported-tokenizer'];
      assert.ok(
        codes.includes(error.code),
        `${error.stack}\n${JSON.stringify(Array.from(metadata.entries(), String))}`,
      );
      assert.match(error.message, /tokenizer\.ggml\.|The tokenizer has no token/);
    }
  }
  assert.ok(nMade > 400, `${nMade}`);
});
