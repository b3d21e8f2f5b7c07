// Random texts get the ids, and ids the texts, that transformers' AutoTokenizer gives them, with the published
// tokenizers that are here (tools/fixtures/make_random_tokens.py). One block of texts in four; all with SOTTO_ALL=1.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Detokenizer } from '../../build/web/text/detokenizer.js';
import { readGgufVocabulary } from '../../build/web/text/gguf-vocabulary.js';
import { resolveHfTokenizer } from '../../build/web/text/hf/hf-tokenizer.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { ggufMetadataOf } from './gguf-from-json.mjs';
import { publishedNames, readPublished, whyMissing } from './published-tokenizers.mjs';
import { hashOfIds, makeRandom, randomIds, randomTexts } from './random-texts.mjs';

const table = JSON.parse(readFileSync(new URL('../fixtures/random-tokens.json', import.meta.url), 'utf8'));
const STEP = process.env.SOTTO_ALL ? 1 : 4;
const LOW_IDS = 512;
const N_STREAMS = 200;
const MEGABYTE = 2 ** 20;
/** Tokens of a vocabulary that people use. */
const LARGE = 100_000;

const made = new Map();

/** Made once, whoever asks. */
function tokenizerOf(name) {
  if (!made.has(name)) {
    const { json, config } = resolveHfTokenizer(readPublished(name));
    made.set(name, { tokenizer: Tokenizer.create(json, config), json });
  }
  return made.get(name);
}

const codePoints = (text) => Array.from(text, (character) => character.codePointAt(0));

/** Holds blocks of what is computed for each item against hashes; which blocks, `offset` varies. */
function assertBlocks(hashes, items, size, offset, compute, what) {
  const expected = hashes.split(' ');
  assert.equal(expected.length, Math.ceil(items.length / size));
  for (let block = offset % STEP; block < expected.length; block += STEP) {
    const part = items.slice(block * size, (block + 1) * size);
    const hash = hashOfIds(part.map(compute));
    assert.equal(hash, expected[block], `${what} ${block * size} to ${block * size + part.length - 1}`);
  }
}

/** The same rows as make_random_tokens.py makes. */
function tokenRows(count, seed, nTokens) {
  const random = makeRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random(16) }, () =>
      random(random(4) === 0 ? Math.min(LOW_IDS, nTokens) : nTokens),
    ),
  );
}

const someTexts = ({ special }, count) => randomTexts(count, table.seed, [...table.parts, ...special]);
const textsOf = (known) => [...someTexts(known, known.ids.split(' ').length * table.perHash)];

for (const [i, name] of publishedNames.entries()) {
  const known = table.tokenizers[name];
  const skip = whyMissing(name);
  test(`${name}: random texts get the ids of transformers`, { skip }, () => {
    const { tokenizer } = tokenizerOf(name);
    for (const [text, ids] of known.shown)
      assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
    const texts = textsOf(known);
    const alone = { isContinuation: true };
    assertBlocks(known.ids, texts, table.perHash, i, (text) => tokenizer.encode(text), 'texts');
    assertBlocks(
      known.idsAlone,
      texts,
      table.perHash,
      i + 2,
      (text) => tokenizer.encode(text, alone),
      'alone',
    );
  });

  test(`${name}: each token and random rows get the text of transformers`, { skip }, () => {
    const { tokenizer } = tokenizerOf(name);
    const single = Array.from({ length: known.nTokens }, (_, id) => [id]);
    const rows = tokenRows(table.nRows, table.seed, known.nTokens);
    const decoded = (ids) => codePoints(tokenizer.decode(ids));
    assertBlocks(known.single, single, table.tokensPerHash, i, decoded, 'tokens');
    assertBlocks(known.rows, rows, table.perHash, i, decoded, 'rows');
  });
}

/**
 * Where the tokens of bytes begin, in vocabularies of text: only whole characters of them are compared, since a stream
 * shows bytes that are none before the last of them is known.
 */
const firstByteOf = ({ model }) => model.vocab['<0x00>'] ?? null;

for (const name of publishedNames) {
  test(`${name}: what comes token by token is the whole's text`, { skip: whyMissing(name) }, () => {
    const { tokenizer, json } = tokenizerOf(name);
    const known = table.tokenizers[name];
    const firstByte = firstByteOf(json);
    const rows =
      firstByte === null
        ? tokenRows(N_STREAMS, table.seed + 1, known.nTokens)
        : [...randomIds(N_STREAMS, table.seed + 1, known.nTokens, firstByte)];
    const texts = [...someTexts(known, N_STREAMS)].map((text) => tokenizer.encode(text));
    // Behind it, nothing waits for the rest of a character.
    const end = tokenizer.encode('x', { isContinuation: true });
    for (const ids of [...rows, ...texts]) {
      const detokenizer = new Detokenizer(tokenizer, []);
      const all = [...ids, ...end];
      const pieces = [...all.map((id) => detokenizer.push({ id }).piece), detokenizer.finish()];
      const found = pieces.map((piece) => piece?.text ?? '');
      assert.equal(found.join(''), tokenizer.decode(all), `ids ${all}`);
      for (const piece of found) assert.doesNotMatch(piece, /\p{Surrogate}/u, `ids ${all}`);
    }
  });
}

const HALVES = ['\uD83D', '\uDC4D', '\uDBFF', 'a\uD800b', '\uDC00\uD800'];

for (const name of publishedNames.filter((each) => table.tokenizers[each].nTokens > LARGE)) {
  test(`${name}: a half of a character is U+FFFD, and a megabyte is encoded`, {
    skip: whyMissing(name),
  }, () => {
    const { tokenizer } = tokenizerOf(name);
    for (const text of randomTexts(200, table.seed, HALVES)) {
      const ids = tokenizer.encode(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
      assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
    }
    const half = MEGABYTE / 2;
    const text = [...someTexts(table.tokenizers[name], 1000)].join(' ');
    const long = text.repeat(Math.ceil(half / text.length)).slice(0, half) + 'ab'.repeat(half / 2);
    const found = tokenizer.encode(long, { isContinuation: true });
    assert.ok(found.length > half / 16);
    assert.ok(tokenizer.decode(found).endsWith('ab'.repeat(half / 2)));
  });
}

/** As a converter would write them; not Qwen 3, since GGUF files do not say what to normalise. */
const GGUF = [
  { name: 'gpt2', pre: 'gpt-2' },
  { name: 'llama3.2', pre: 'llama-bpe' },
  { name: 'gptoss', pre: 'gpt-4o' },
];

for (const { name, pre } of GGUF) {
  test(`${name} as a GGUF vocabulary: the ids of transformers`, { skip: whyMissing(name) }, () => {
    const known = table.tokenizers[name];
    const metadata = ggufMetadataOf(tokenizerOf(name).json, 'gpt2', pre);
    metadata.set('tokenizer.ggml.bos_token_id', 2); // where the name puts one; to no text here
    const { json, config } = readGgufVocabulary(metadata);
    const tokenizer = Tokenizer.create(json, config);
    const encode = (text) => tokenizer.encode(text, { isContinuation: true });
    assertBlocks(known.idsAlone, textsOf(known), table.perHash, 1, encode, 'texts');
  });
}
