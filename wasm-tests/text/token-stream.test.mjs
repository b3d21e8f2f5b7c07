import assert from 'node:assert/strict';
import { test } from 'node:test';

import { streamOf } from '../../build/web/text/detokenizer.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { byteFallbackJson, byteLevelJson, makeRandom } from './tiny-tokenizers.mjs';

const byteLevel = Tokenizer.create(byteLevelJson());
const [END, , WORD] = [256, 257, 258];
const byteFallback = Tokenizer.create(byteFallbackJson());
const byteToken = (byte) => 3 + byte;

const bytesOf = (text) => [...new TextEncoder().encode(text)];

function stream(tokenizer, ids) {
  const detokenizer = streamOf(tokenizer);
  const pieces = ids.map((id) => detokenizer.push(id));
  return [...pieces, detokenizer.finish()];
}

test('an emoji over four tokens comes whole with the last', () => {
  assert.deepEqual(stream(byteLevel, bytesOf('a👍b')), ['a', '', '', '', '👍', 'b', '']);
  const family = '👩‍👩‍👧';
  const pieces = stream(byteLevel, bytesOf(family));
  assert.equal(pieces.join(''), family);
  for (const piece of pieces) assert.doesNotMatch(piece, /[\uFFFD\p{Surrogate}]/u);
});

test('a special token in the midst of a character has no part in it', () => {
  assert.deepEqual(stream(byteLevel, [0xe2, END, 0x82, 1_000_000, 0xac]), ['', '', '', '', '€', '']);
});

test('an added word is text of its own', () => {
  assert.deepEqual(stream(byteLevel, [WORD, 0x61]), ['é  ñ', 'a', '']);
  assert.equal(stream(byteLevel, [0xe2, 0x82, WORD]).join(''), '\uFFFDé  ñ');
});

test('what is not whole at the end is dropped', () => {
  for (let length = 1; length < 4; length++) {
    assert.equal(stream(byteLevel, [0x61, ...bytesOf('👍').slice(0, length)]).join(''), 'a');
  }
});

test('bytes that are no UTF-8 become U+FFFD as soon as that is certain', () => {
  assert.deepEqual(stream(byteLevel, [0xff, 0x61]), ['\uFFFD', 'a', '']);
  assert.deepEqual(stream(byteLevel, [0xf0, 0x9f, 0x61]), ['', '', '\uFFFDa', '']);
  assert.deepEqual(stream(byteLevel, [0xed, 0xa0, 0x80]).join(''), '\uFFFD\uFFFD\uFFFD'); // a surrogate
  assert.deepEqual(stream(byteLevel, bytesOf('\uFEFFa\uFEFF')).join(''), '\uFEFFa\uFEFF');
});

test('any bytes: the same text as TextDecoder gives at once, but for an unfinished end', () => {
  const random = makeRandom(21);
  const interesting = [
    0x61, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xc0, 0xe0, 0xe2, 0xed, 0xef, 0xbb, 0xf0, 0xf4, 0xf5, 0xff,
  ];
  for (let round = 0; round < 3000; round++) {
    const bytes = Array.from({ length: random(12) }, () => interesting[random(interesting.length)]);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const expected = decoder.decode(Uint8Array.from(bytes), { stream: true });
    const pieces = stream(byteLevel, bytes);
    assert.equal(pieces.join(''), expected, bytes.join());
    for (const piece of pieces) assert.doesNotMatch(piece, /\p{Surrogate}/u);
  }
});

test('another tokenizer: spaces between words depend on the token before', () => {
  const ids = [262, 263, 262, 261, 259, 259, 260]; // ▁a ▁b ▁a b ▁ ▁ a
  assert.deepEqual(stream(byteFallback, ids), ['a', ' b', ' a', 'b', ' ', ' ', 'a', '']);
  assert.deepEqual(stream(byteFallback, [1, 262, 1, 1, 1, 1, 1, 1, 263]).join(''), 'a b');
});

test('another tokenizer: characters over several tokens', () => {
  const thumb = bytesOf('👍').map(byteToken);
  assert.deepEqual(stream(byteFallback, [262, ...thumb, 263]), ['a', '', '', '', '👍', ' b', '']);
  assert.equal(stream(byteFallback, [262, ...thumb, ...thumb, ...thumb, 261]).join(''), 'a👍👍👍b');
  assert.equal(stream(byteFallback, [262, ...thumb.slice(0, 3)]).join(''), 'a');
  assert.equal(stream(byteFallback, [262, byteToken(0xe2), 263]).join(''), 'a\uFFFD b');
});

test('another tokenizer: text before an unfinished character is kept at the end', () => {
  const texts = ['ab', 'x\uFFFD'];
  const tokenizer = {
    isByteLevel: false,
    hasText: () => true,
    decode: (ids) => ids.map((id) => texts[id]).join(''),
  };
  assert.deepEqual(stream(tokenizer, [0, 1]), ['ab', '', 'x']);
  assert.deepEqual(stream(tokenizer, [0, 1, 0]), ['ab', '', 'x\uFFFDab', '']);
});

test('another tokenizer: texts come out as they went in', () => {
  const random = makeRandom(22);
  const parts = ['a', 'b', ' ', 'ab', 'é', '日', '👍', '\n', 'z'];
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: 1 + random(30) }, () => parts[random(parts.length)]).join('');
    const pieces = stream(byteFallback, byteFallback.encode(text));
    assert.equal(pieces.join(''), text, JSON.stringify(text));
  }
});

test('another tokenizer: the window stays small, whatever comes', () => {
  let longest = 0;
  const counting = {
    isByteLevel: false,
    hasText: (id) => byteFallback.hasText(id),
    tokenBytes: (id) => byteFallback.tokenBytes(id),
    decode: (ids) => {
      longest = Math.max(longest, ids.length);
      return byteFallback.decode(ids);
    },
  };
  const random = makeRandom(23);
  stream(
    counting,
    Array.from({ length: 5000 }, () => random(265)),
  );
  stream(counting, Array(1000).fill(byteToken(0xff)));
  assert.ok(longest <= 8, `${longest} tokens at once`);
});
