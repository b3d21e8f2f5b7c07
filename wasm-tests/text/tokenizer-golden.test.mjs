import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Tokenizer } from '../../build/web/text/tokenizer.js';

const root = new URL('../../', import.meta.url);
const readJson = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

const golden = readJson('wasm-tests/fixtures/tokenizer/golden.json');
const gpt2 = Tokenizer.create(readJson('wasm-tests/fixtures/gpt2-tokenizer/tokenizer.json'));

for (const table of golden.tables) {
  const tokenizer = Tokenizer.create(readJson(table.file));
  test(`${table.name}: every text gets the ids of the reference`, () => {
    assert.ok(table.encode.length > 0);
    for (const { name, text, ids } of table.encode) {
      // Without what tiny-stories puts before a text.
      assert.deepEqual(tokenizer.encode(text, { isContinuation: true }), ids, name);
    }
  });
  test(`${table.name}: all ids get the text of the reference`, () => {
    assert.ok(table.decode.length > 0);
    for (const { name, ids, text } of table.decode) assert.equal(tokenizer.decode(ids), text, name);
  });
}

test('the published ids of a French text', () => {
  const published = readJson('wasm-tests/fixtures/gpt2-tokenizer/gpt2_encoded_tokens.json');
  assert.deepEqual(gpt2.encode(published.text), published.token_ids);
  assert.equal(gpt2.decode(published.token_ids), published.decoded_text);
});

// Computed with the reference (the Rust library tokenizers 0.23.2): where JavaScript's \s is another set.
const WHITE_SPACE = [
  ['a\u0085b', [64, 126, 227, 65]],
  ['a \u0085 b', [64, 1587, 227, 275]],
  ["\u0085's", [126, 227, 338]],
  ['\ufeffHello', [171, 119, 123, 15496]],
  [' \ufeff x', [27332, 119, 123, 2124]],
  ["'\ufeff's", [6, 171, 119, 123, 6, 82]],
  ['a\u00a0b\u2003c', [64, 1849, 65, 447, 225, 66]],
  ['\u180e x', [157, 254, 236, 2124]],
  ['x\u001cy', [87, 216, 88]],
];

test('white space is what Unicode says, not what JavaScript says', () => {
  for (const [text, ids] of WHITE_SPACE) {
    assert.deepEqual(gpt2.encode(text), ids, JSON.stringify(text));
    assert.equal(gpt2.decode(ids), text);
  }
});

test('a long text without a space takes no long time', () => {
  const text = 'abcdefgh'.repeat(40_000);
  const begin = performance.now();
  assert.equal(gpt2.decode(gpt2.encode(text)), text);
  assert.ok(performance.now() - begin < 20_000);
});
