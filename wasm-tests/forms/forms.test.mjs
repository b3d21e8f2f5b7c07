import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateByChance, makeRandom, tinyForms } from './random-model.mjs';

const made = tinyForms();
const { endTokenIds } = made;

const N = 40;

/** Texts of a form by chance, all of those that came to their end. */
async function samples(format, n = N) {
  const form = await made.forms.compile(format, { endTokenIds });
  const random = makeRandom(1);
  const texts = [];
  for (let i = 0; i < n; i++) {
    const { text, isComplete } = await generateByChance(made, form, random);
    if (isComplete) texts.push(text);
  }
  return texts;
}

test('a JSON answer is an object or an array', async () => {
  const texts = await samples({ type: 'json' });
  assert.ok(texts.length > 0);
  for (const text of texts) assert.equal(typeof JSON.parse(text), 'object', text);
});

test('an answer of a regular expression is matched by it', async () => {
  const patterns = [
    '[a-z]+@[é-ü]{2,3}\\.(com|org)',
    '^[^a-z]{3}$',
    '\\d{4}-\\d\\d',
    '(a|bc)*',
    'x?',
    '[\\x00-\\xff]',
    '\\p{Lu}\\u{1F600}',
  ];
  for (const pattern of patterns) {
    const texts = await samples({ type: 'regex', pattern });
    assert.ok(texts.length > 0, pattern);
    for (const text of texts) assert.match(text, new RegExp(`^(?:${pattern})$`, 'u'));
  }
});

test('an answer of a choice is one of the options', async () => {
  const options = ['yes', 'no', 'yes and no', '', 'é  ñ', '<|end|>', 'no'];
  const texts = await samples({ type: 'choice', options }, 100);
  assert.deepEqual([...new Set(texts)].sort(), [...new Set(options)].sort());
});
