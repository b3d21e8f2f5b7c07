// The library that parts come from has a whole tokenizer, too: where it does what the reference does, ids are the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { Tokenizer as LibraryTokenizer } from '../../build/web/vendor/tokenizers.js';
import {
  byteFallbackJson,
  byteLevelJson,
  makeRandom,
  unigramJson,
  wordPieceJson,
} from './tiny-tokenizers.mjs';

const root = new URL('../../', import.meta.url);
const readJson = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

const LLAMA_3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const O200K =
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const DEEPSEEK = [
  '\\p{N}{1,3}',
  '[一-龥぀-ゟ゠-ヿ]+',
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
];

/** The demo's vocabulary behind another way to split. */
function splitBy(regexes, normalizer = null) {
  const json = readJson('demo/models/tiny-stories/tokenizer.json');
  const splits = regexes.map((Regex) => ({
    type: 'Split',
    pattern: { Regex },
    behavior: 'Isolated',
    invert: false,
  }));
  const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  return { ...json, normalizer, pre_tokenizer: { type: 'Sequence', pretokenizers: [...splits, bytes] } };
}

const KINDS = {
  'GPT-2': readJson('wasm-tests/fixtures/gpt2-tokenizer/tokenizer.json'),
  'bytes for what is unknown': byteFallbackJson(),
  'Llama 3': splitBy([LLAMA_3]),
  'GPT-4o': splitBy([O200K], { type: 'NFC' }),
  DeepSeek: splitBy(DEEPSEEK),
  'digits one by one': {
    ...byteLevelJson(),
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Digits', individual_digits: true }, { type: 'ByteLevel' }],
    },
  },
  BERT: wordPieceJson(),
  unigram: unigramJson(),
};

const PARTS = [
  'the',
  ' world',
  "don't",
  "I'LL",
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\t',
  '1',
  '1234',
  'é',
  'e\u0301',
  '日本',
  '👍🏽',
  '!',
  '...',
  ' -',
  'Hello',
  'WORLD',
  '<|endoftext|>',
  '</s>',
  '[SEP]',
  'a\u00a0b',
  '/',
  '_',
  'ﬁ',
  'ʰ',
  '"x',
  '\r\n',
  'ab ab',
];

for (const [name, json] of Object.entries(KINDS)) {
  test(`${name}: random texts get the ids, and ids the text, that the library gives`, async () => {
    const tokenizer = Tokenizer.create(json);
    const library = new LibraryTokenizer({ normalizer: null, post_processor: null, ...json }, {});
    const random = makeRandom(11);
    for (let i = 0; i < 150; i++) {
      const text = Array.from({ length: random(25) }, () => PARTS[random(PARTS.length)]).join('');
      const { ids } = library.encode(text);
      assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
      assert.deepEqual(await tokenizer.encodeAsync(text), ids);
      const kept = ids.filter((id) => tokenizer.hasText(id));
      if (kept.length === 0) continue;
      const decoded = library.decode(kept, { clean_up_tokenization_spaces: false });
      assert.equal(tokenizer.decode(ids), decoded, JSON.stringify(text));
    }
  });
}
