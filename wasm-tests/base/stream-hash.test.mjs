import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamHash } from '../../build/web/base/stream-hash.js';
import { makeData, makeRandom } from '../formats/make-safetensors.mjs';

function hashOf(bytes, sizes = [bytes.length]) {
  const hash = new StreamHash();
  for (let begin = 0, i = 0; begin < bytes.length; i++) {
    const end = begin + sizes[i % sizes.length];
    hash.add(bytes.subarray(begin, end));
    begin = end;
  }
  return hash.digest;
}

test('a hash is that of the bytes, however they are cut', () => {
  const random = makeRandom(3);
  for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 1000, 1003]) {
    const bytes = makeData(length);
    for (const sizes of [[1], [2], [3], [5], [1, 4, 2], Array.from({ length: 9 }, () => 1 + random(9))]) {
      assert.equal(hashOf(bytes, sizes), hashOf(bytes), `${length} bytes by ${sizes}`);
    }
  }
});

test('one bit, one byte more or two words swapped give another hash', () => {
  const bytes = makeData(240);
  const seen = new Set([hashOf(bytes), hashOf(bytes.subarray(1)), hashOf(bytes.subarray(0, 239))]);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const other = bytes.slice();
    other[bit >> 3] ^= 1 << (bit & 7);
    seen.add(hashOf(other));
  }
  for (let word = 4; word < 240; word += 4) {
    const other = bytes.slice();
    other.set(bytes.subarray(0, 4), word);
    other.set(bytes.subarray(word, word + 4), 0);
    seen.add(hashOf(other));
  }
  // Signs of two floats at once: what simple sums and products of words do not see.
  for (let first = 3; first < 240; first += 4) {
    for (let second = first + 4; second < 240; second += 4) {
      const other = bytes.slice();
      other[first] ^= 0x80;
      other[second] ^= 0x80;
      seen.add(hashOf(other));
    }
  }
  assert.equal(seen.size, 3 + 8 * 240 + 59 + (60 * 59) / 2);
});
