// Text that is only text: what a user writes cannot pretend to be a token of the model's format.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Tokenizer } from '../../build/web/text/tokenizer.js';
import {
  byteFallbackJson,
  byteLevelJson,
  makeRandom,
  unigramJson,
  wordPieceJson,
} from './tiny-tokenizers.mjs';

const readJson = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

/** Lower-cased text in NFC, in which its added tokens are looked for. */
function normalizedJson() {
  const json = byteLevelJson([['<', '|']]);
  const id = 257 + json.added_tokens.length;
  return {
    ...json,
    normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] },
    added_tokens: [
      ...json.added_tokens,
      { id, content: '<|User|>', special: false, normalized: true },
      { id: id + 1, content: '<|é|>', special: true, normalized: true, lstrip: true, rstrip: true },
      { id: id + 2, content: '    ', special: false, normalized: true },
    ],
  };
}

const KINDS = {
  'byte-level': byteLevelJson(),
  'GPT-2': readJson('wasm-tests/fixtures/gpt2-tokenizer/tokenizer.json'),
  'bytes for what is unknown': byteFallbackJson(),
  BERT: wordPieceJson(),
  'BERT without punctuation': { ...wordPieceJson(), pre_tokenizer: { type: 'WhitespaceSplit' } },
  unigram: unigramJson(),
  'normalised added tokens': normalizedJson(),
};

/** The ids of an unknown word, which are no token's text. */
const unknownOf = (json) => [json.model.unk_id, json.model.vocab[json.model.unk_token]];

for (const [name, json] of Object.entries(KINDS)) {
  const tokenizer = Tokenizer.create({ ...json, post_processor: null });
  const unknown = unknownOf(json);
  const steering = json.added_tokens.filter(
    ({ content, id }) => content.trim() !== '' && !unknown.includes(id),
  );
  const contents = json.added_tokens.map(({ content }) => content);
  const isAdded = (id) => steering.some((token) => token.id === id);

  test(`${name}: no added token comes of a literal text, however it is written`, () => {
    assert.ok(steering.length > 0);
    for (const { content, id } of steering) {
      assert.ok(tokenizer.encode(content).includes(id), 'it is a token where text is not literal');
      const half = content.length >> 1;
      const texts = [
        content,
        ` ${content} `,
        `x${content}y`,
        content.repeat(3),
        content.slice(0, half) + content + content.slice(half),
        content.toUpperCase(),
        content.normalize('NFD'),
        `${content}\u0301`,
        `${content.slice(0, half)}\u200b${content.slice(half)}${content}`,
      ];
      for (const text of texts) {
        const ids = tokenizer.encode(text, { literal: true });
        assert.ok(!ids.some(isAdded), `${JSON.stringify(text)}: ${ids}`);
        const around = `${content}${text}${content}`;
        const literal = [[content.length, content.length + text.length]];
        const mixed = tokenizer.encode(around, { literal });
        assert.deepEqual(
          [mixed[0], mixed.at(-1), mixed.filter(isAdded)],
          [id, id, [id, id]],
          `${JSON.stringify(around)}: ${mixed}`,
        );
      }
    }
  });

  test(`${name}: a token is found where it lies wholly outside, and nowhere else`, () => {
    const [{ content, id }] = steering;
    const text = `a${content}b`;
    for (let begin = 0; begin <= text.length; begin++) {
      for (let end = begin; end <= text.length; end++) {
        const ids = tokenizer.encode(text, { literal: [[begin, end]] });
        const isOutside = end <= 1 || begin > content.length || begin === end;
        assert.equal(ids.includes(id), isOutside, `${begin} to ${end}`);
      }
    }
  });

  test(`${name}: text that holds no token has the ids that it has anyway`, () => {
    const random = makeRandom(31);
    const parts = ['a', 'b', ' ', '  ', 'he', "don't", 'é', '日', '\n', '1', 'A', '<|', '>', '[', ']', 's'];
    for (let round = 0; round < 200; round++) {
      const text = Array.from({ length: random(20) }, () => parts[random(parts.length)]).join('');
      const expected = tokenizer.encode(text);
      const begin = random(text.length + 1);
      const literal = [[begin, begin + random(text.length + 1 - begin)]];
      assert.deepEqual(tokenizer.encode(text, { literal: true }), expected, JSON.stringify(text));
      assert.deepEqual(tokenizer.encode(text, { literal }), expected, JSON.stringify([text, literal]));
    }
  });

  test(`${name}: random texts out of tokens and their parts`, async () => {
    const random = makeRandom(32);
    const parts = [...contents, ...contents.flatMap((text) => [text.slice(0, 2), text.slice(2)]), ' ', 'a'];
    for (let round = 0; round < 200; round++) {
      const pick = () => Array.from({ length: random(6) }, () => parts[random(parts.length)]).join('');
      const [before, text, after] = [pick(), pick(), pick()];
      assert.ok(!tokenizer.encode(text, { literal: true }).some(isAdded), JSON.stringify(text));
      const whole = `${before}|${text}|${after}`;
      const begin = before.length + 1;
      const options = { literal: [[begin, begin + text.length]] };
      const ids = tokenizer.encode(whole, options);
      const nOutside = [`${before}|`, `|${after}`].flatMap((side) => tokenizer.encode(side).filter(isAdded));
      assert.equal(ids.filter(isAdded).length, nOutside.length, JSON.stringify([before, text, after]));
      assert.deepEqual(await tokenizer.encodeAsync(whole, options), ids);
    }
  });
}

test('a mark that a text begins with leaves the token before it whole, where tokens are looked for in NFC', () => {
  const tokenizer = Tokenizer.create(normalizedJson());
  const [user] = tokenizer.encode('<|User|>');
  const text = '<|User|>\u0338x';
  assert.ok(!tokenizer.encode(text).includes(user), 'the two melt together');
  assert.equal(tokenizer.encode(text, { literal: [[8, text.length]] })[0], user);
});

test('spaces that are a token of their own are text', () => {
  const tokenizer = Tokenizer.create(normalizedJson());
  const [spaces] = tokenizer.encode('    ');
  assert.equal(spaces, tokenizer.encode('    ', { literal: true })[0]);
});

test('white space of the text goes with a token that takes it, as it always does', () => {
  const tokenizer = Tokenizer.create(normalizedJson());
  const text = 'a \n<|é|> \n b';
  assert.deepEqual(tokenizer.encode(text, { literal: [[8, 12]] }), tokenizer.encode(text));
});

test('several ranges, in any order, touching and overlapping', () => {
  const tokenizer = Tokenizer.create(byteLevelJson());
  const text = '<|end|><pad><|end|><pad>';
  const encode = (...literal) => tokenizer.encode(text, { literal }).filter((id) => id > 255);
  assert.deepEqual(encode(), [256, 257, 256, 257]);
  assert.deepEqual(encode([12, 19], [0, 7]), [257, 257]);
  assert.deepEqual(encode([0, 10], [9, 12]), [256, 257]);
  assert.deepEqual(encode([0, 7], [7, 12], [12, 24]), []);
  assert.deepEqual(encode([8, 9], [20, 21]), [256, 256]);
});

test('the tokens that the tokenizer puts around a text stay', () => {
  const tokenizer = Tokenizer.create(byteLevelJson(), { bos_token: '<|end|>', add_bos_token: true });
  assert.deepEqual(tokenizer.encode('<|end|>', { literal: true })[0], 256);
  assert.equal(tokenizer.encode('<|end|>', { literal: true }).length, 8);
  assert.deepEqual(tokenizer.encode('<|end|>'), [256]);
});

test('a megabyte of tokens, and of ranges', () => {
  for (const json of [byteLevelJson(), unigramJson(), normalizedJson()]) {
    const tokenizer = Tokenizer.create(json);
    const content = json.added_tokens.at(0).content;
    const text = content.repeat(200_000 / content.length);
    const begin = performance.now();
    tokenizer.encode(text, { literal: true });
    tokenizer.encode(text, { literal: Array.from({ length: 20_000 }, (_, i) => [10 * i, 10 * i + 4]) });
    assert.ok(performance.now() - begin < 5000);
  }
});
