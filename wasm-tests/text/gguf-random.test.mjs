// Random texts get the ids that llama.cpp gives them: with small vocabularies of our own, behind every pre-tokenizer that there
// is, and with published vocabularies where they are (tools/fixtures/make_gguf_vocabularies.py).
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { readGgufVocabulary } from '../../build/web/text/gguf-vocabulary.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { readGgufMetadata } from './gguf-metadata.mjs';
import { hashOfIds, randomIds, randomTexts } from './random-texts.mjs';

const fixtures = new URL('../fixtures/gguf-vocabulary/', import.meta.url);
const published = new URL('../../../shared/models/data/vocab-gguf/', import.meta.url);
const table = JSON.parse(readFileSync(new URL('hashes.json', fixtures), 'utf8'));
const readMetadata = (url) => readGgufMetadata(readFileSync(url));
const withoutPublished = existsSync(published) ? false : `needs ${published.pathname}`;

function makeTokenizer(metadata) {
  const { json, config } = readGgufVocabulary(metadata);
  return Tokenizer.create(json, config);
}

function assertHashes(tokenizer, expected) {
  const texts = randomTexts(expected.length * table.perHash, table.seed);
  for (const [i, hash] of expected.entries()) {
    const some = Array.from({ length: table.perHash }, () => texts.next().value);
    const ids = some.map((text) => tokenizer.encode(text, { isContinuation: true }));
    assert.equal(hashOfIds(ids), hash, `texts from number ${i * table.perHash} on`);
  }
}

for (const [name, hashes] of Object.entries(table.small)) {
  test(`a small ${name} vocabulary: random texts`, () => {
    assertHashes(makeTokenizer(readMetadata(new URL(`${name}.gguf`, fixtures))), hashes);
  });
}

for (const [name, hashes] of Object.entries(table.preTokenizers)) {
  test(`words as ${name} splits them: random texts`, () => {
    const metadata = readMetadata(new URL('gpt2.gguf', fixtures));
    metadata.set('tokenizer.ggml.pre', name);
    assertHashes(makeTokenizer(metadata), hashes);
  });
}

for (const [name, hashes] of Object.entries(table.published)) {
  test(`${name}: ${hashes.length * table.perHash} random texts`, { skip: withoutPublished }, () => {
    assertHashes(makeTokenizer(readMetadata(new URL(`ggml-vocab-${name}.gguf`, published))), hashes);
  });
}

/** Where the tokens of bytes begin, in the vocabularies that have them. */
const FIRST_BYTES = { llama: 3, gemma4: 4, 'llama-spm': 3 };
const ROWS_OF_IDS = 2000;

/** llama.cpp's pieces keep the space that a vocabulary by scores has before a text's first word. */
function assertDecodes(name, metadata, expected) {
  const tokenizer = makeTokenizer(metadata);
  const nTokens = metadata.get('tokenizer.ggml.tokens').length;
  const stripsSpace = metadata.get('tokenizer.ggml.model') === 'llama';
  const before = stripsSpace ? [metadata.get('tokenizer.ggml.tokens').indexOf('\u2581')] : [];
  const codePoints = (ids) =>
    Array.from(tokenizer.decode([...before, ...ids]), (character) => character.codePointAt(0));
  const rows = randomIds(ROWS_OF_IDS, 4, nTokens, FIRST_BYTES[name] ?? null);
  const single = Array.from({ length: nTokens }, (_, id) => codePoints([id]));
  assert.equal(hashOfIds(single), expected.single, 'of single tokens');
  assert.equal(hashOfIds(Array.from(rows, codePoints)), expected.rows, 'of rows of tokens');
}

for (const [name, hashes] of Object.entries(table.decodedSmall)) {
  test(`a small ${name} vocabulary: every token and random rows of them are decoded`, () => {
    assertDecodes(name, readMetadata(new URL(`${name}.gguf`, fixtures)), hashes);
  });
}

for (const [name, hashes] of Object.entries(table.decodedPublished)) {
  test(`${name}: every token and random rows are decoded`, { skip: withoutPublished }, () => {
    assertDecodes(name, readMetadata(new URL(`ggml-vocab-${name}.gguf`, published)), hashes);
  });
}
