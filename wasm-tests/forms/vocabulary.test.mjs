import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Forms } from '../../build/web/forms/forms.js';
import { readVocabulary } from '../../build/web/forms/vocabulary.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { generateByChance, makeRandom, tinyForms } from './random-model.mjs';

/** A tokenizer of whole characters and words, without bytes. */
function characterTokenizer(tokens) {
  return Tokenizer.create({
    added_tokens: [{ id: 0, content: '<end>', special: true }],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'BPE',
      unk_token: null,
      vocab: Object.fromEntries(['<end>', ...tokens].map((token, id) => [token, id])),
      merges: [],
    },
  });
}

test('tokens stand in the order of their bytes, with what they share', () => {
  const { tokenizer, vocabSize } = tinyForms();
  const { ids, begins, bytes, shared, firsts, spellable, size } = readVocabulary(tokenizer, vocabSize);
  assert.equal(size, vocabSize);
  assert.equal(spellable, null);
  const textOf = (i) => Buffer.from(bytes.subarray(begins[i], begins[i + 1]));
  for (let i = 1; i < ids.length; i++) {
    assert.ok(Buffer.compare(textOf(i - 1), textOf(i)) <= 0);
    let n = 0;
    while (n < textOf(i).length && textOf(i - 1)[n] === textOf(i)[n]) n++;
    assert.equal(shared[i], n);
  }
  for (let i = 0; i < ids.length; i++) {
    assert.deepEqual([...textOf(i)], [...tokenizer.bytesWithin(ids[i])]);
    assert.ok(i >= firsts[textOf(i)[0]] && i < firsts[textOf(i)[0] + 1]);
  }
});

test('a vocabulary that cannot spell a form is refused, and one that can spell a part of it keeps to that', async () => {
  const tokenizer = characterTokenizer(['a', 'b', 'é', 'ab', '"', '{', '}']);
  const forms = new Forms(tokenizer, 8);
  const endTokenIds = [0];
  const refused = { code: 'unsupported-tokenizer', message: /no token for "c"/ };
  await assert.rejects(forms.compile({ type: 'regex', pattern: 'a+c' }, { endTokenIds }), refused);
  const form = await forms.compile({ type: 'regex', pattern: '[a-zé]{3}(?:x|b)' }, { endTokenIds });
  const random = makeRandom(4);
  for (let i = 0; i < 20; i++) {
    const { text, isComplete } = await generateByChance({ tokenizer, endTokenIds }, form, random);
    assert.ok(isComplete);
    assert.match(text, /^[abé]{3}b$/);
  }
});

test('a tokenizer whose tokens have no bytes of their own is refused', async () => {
  const json = { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, a: 1, '##b': 2 } };
  const tokenizer = Tokenizer.create({
    added_tokens: [],
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: json,
  });
  const forms = new Forms(tokenizer, 3);
  const refused = { code: 'unsupported-tokenizer', message: /byte-level or has byte fallback/ };
  await assert.rejects(forms.compile({ type: 'json' }, { endTokenIds: [0] }), refused);
});
