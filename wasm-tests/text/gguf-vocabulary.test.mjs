// Vocabularies of GGUF files: published golden tables, and what the files' flags do.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { streamOf } from '../../build/web/text/detokenizer.js';
import { readGgufEndTokenIds, readGgufVocabulary } from '../../build/web/text/gguf-vocabulary.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { ggufMetadataOf } from './gguf-from-json.mjs';
import { readGgufMetadata } from './gguf-metadata.mjs';
import { readPublished, whyMissing } from './published-tokenizers.mjs';
import { hashOfIds, randomTexts } from './random-texts.mjs';

const fixtures = new URL('../fixtures/gguf-vocabulary/', import.meta.url);
const data = new URL('../../../shared/models/data/', import.meta.url);
const withoutData = existsSync(data) ? false : `needs ${data.pathname}`;

function makeTokenizer(metadata) {
  const { json, config } = readGgufVocabulary(metadata);
  return Tokenizer.create(json, config);
}

const fixture = (name) => readGgufMetadata(readFileSync(new URL(`${name}.gguf`, fixtures)));
const idOf = (metadata, token) => metadata.get('tokenizer.ggml.tokens').indexOf(token);
const published = (name) =>
  readGgufMetadata(readFileSync(new URL(`vocab-gguf/ggml-vocab-${name}.gguf`, data)));

/** The texts of llama.cpp's golden tables, with their ids. */
function* goldenTable(name) {
  const read = (end) => readFileSync(new URL(`golden/ggml-vocab-${name}.gguf.${end}`, data), 'utf8');
  const lines = read('out').split('\n');
  for (const [i, text] of read('inp').split('\n__ggml_vocab_test__\n').entries()) {
    yield { text, ids: (lines[i] ?? '').split(' ').filter(Boolean).map(Number) };
  }
}

function assertGolden(tokenizer, name) {
  let n = 0;
  for (const { text, ids } of goldenTable(name)) {
    assert.deepEqual(tokenizer.encode(text, { isContinuation: true }), ids, JSON.stringify(text));
    n++;
  }
  assert.ok(n > 40);
}

for (const name of ['gpt-2', 'llama-spm', 'falcon', 'deepseek-coder', 'refact']) {
  test(`${name}: the golden table`, { skip: withoutData }, () => {
    assertGolden(makeTokenizer(published(name)), name);
  });
}

/** Tables that other libraries' tests have of the same models, with transformers' ids: kind and name in transformers.js's. */
const TRANSFORMERS_TABLES = {
  'gpt-2': ['gpt2', 'Xenova/gpt2', 'gpt2_encoded_tokens'],
  'llama-spm': ['llama', 'Xenova/llama-tokenizer', 'llama_encoded'],
  falcon: ['falcon', 'tiiuae/falcon-7b', 'falcon_encoded'],
  'deepseek-coder': ['llama', 'Xenova/deepseek-coder-1.3b-instruct', null],
};
const readGolden = (file) => JSON.parse(readFileSync(new URL(`golden/${file}`, data), 'utf8'));

for (const [name, [kind, model, swift]] of Object.entries(TRANSFORMERS_TABLES)) {
  test(`${name}: tables of transformers' ids`, { skip: withoutData }, () => {
    const tokenizer = makeTokenizer(published(name));
    const table = readGolden('transformersjs-tokenization.json')[kind][model];
    assert.ok(table.length > 20);
    for (const { text, ids } of table) assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
    if (swift === null) return;
    const french = readGolden(`swift-${swift}.json`);
    assert.deepEqual(tokenizer.encode(french.text), french.token_ids);
    assert.equal(tokenizer.decode(french.token_ids), french.text);
  });
}

test("BERT's vocabulary is refused by its name", { skip: withoutData }, () => {
  assert.throws(() => readGgufVocabulary(published('bert-bge')), {
    code: 'unsupported-tokenizer',
    message: /"bert"/,
  });
});

/** Published tokenizer.json files, as a converter would write them, under names of which there is a golden table. */
const PACKAGES = [
  { name: 'llama3.2', kind: 'gpt2', pre: 'llama-bpe', golden: 'llama-bpe' },
  { name: 'qwen3', kind: 'gpt2', pre: 'qwen2', golden: 'qwen2' },
  { name: 'gptoss', kind: 'gpt2', pre: 'gpt-4o', golden: null },
  // Gemma 4's learnt tokens are Gemma 3's.
  { name: 'gemma3', kind: 'gemma4', pre: 'default', golden: 'gemma-4' },
];

for (const { name, kind, pre, golden } of PACKAGES) {
  const skip = whyMissing(name) || withoutData;
  test(`${name}'s tokenizer.json as a GGUF vocabulary gives the same ids`, { skip }, () => {
    const { json } = readPublished(name);
    const metadata = ggufMetadataOf(json, kind, pre);
    metadata.set('tokenizer.ggml.bos_token_id', 2); // where the name puts one, to no text here
    const begin = performance.now();
    const tokenizer = makeTokenizer(metadata);
    assert.ok(performance.now() - begin < 10_000); // below one second where nothing else runs
    if (golden !== null) assertGolden(tokenizer, golden);
    // GGUF files do not say whether a text is to be normalised.
    const own = Tokenizer.create({ ...json, normalizer: kind === 'gemma4' ? json.normalizer : null });
    for (const text of randomTexts(300, 11)) {
      const ids = tokenizer.encode(text, { isContinuation: true });
      assert.deepEqual(ids, own.encode(text, { isContinuation: true }), JSON.stringify(text));
    }
  });
}

test('the begin token is put where the kind, the name or the file says', () => {
  const begins = (metadata) =>
    makeTokenizer(metadata).encode('a')[0] === metadata.get('tokenizer.ggml.bos_token_id');
  const withFlag = (name, value, pre) => {
    const metadata = fixture(name);
    if (value === undefined) metadata.delete('tokenizer.ggml.add_bos_token');
    else metadata.set('tokenizer.ggml.add_bos_token', value);
    if (pre !== undefined) metadata.set('tokenizer.ggml.pre', pre);
    return metadata;
  };
  assert.equal(begins(withFlag('llama', undefined)), true);
  assert.equal(begins(withFlag('llama', false)), false);
  assert.equal(begins(withFlag('gemma4', undefined)), true);
  assert.equal(begins(withFlag('gpt2', undefined)), false);
  assert.equal(begins(withFlag('gpt2', true)), true);
  assert.equal(begins(withFlag('gpt2', undefined, 'llama-bpe')), true);
  assert.equal(begins(withFlag('gpt2', undefined, 'tekken')), true);
  assert.equal(begins(withFlag('gpt2', undefined, 'qwen2')), false);
  assert.equal(begins(withFlag('gpt2', false, 'llama-bpe')), false);
  const without = withFlag('gpt2', undefined, 'llama-bpe');
  without.delete('tokenizer.ggml.bos_token_id');
  assert.equal(makeTokenizer(without).bosTokenId, null);
  assert.deepEqual(makeTokenizer(without).encode('a'), makeTokenizer(withFlag('gpt2', false)).encode('a'));
  assert.equal(begins(withFlag('gemma4', false)), true); // as llama.cpp has it: such files are wrong
});

test('the end token is put where the file says', () => {
  const metadata = fixture('llama');
  metadata.set('tokenizer.ggml.add_eos_token', true);
  const tokenizer = makeTokenizer(metadata);
  assert.deepEqual(tokenizer.encode('').slice(-1), [2]);
  assert.deepEqual(tokenizer.encode('a').at(-1), 2);
  assert.equal(makeTokenizer(fixture('llama')).encode('a').includes(2), false);
});

test('a space stands before the first word, and behind a special token, where the file says', () => {
  const metadata = fixture('llama');
  const plain = { isContinuation: true };
  const user = idOf(metadata, '<|user|>');
  const withSpace = makeTokenizer(metadata);
  metadata.set('tokenizer.ggml.add_space_prefix', false);
  const without = makeTokenizer(metadata);
  const word = without.encode(' the', plain);
  assert.deepEqual(withSpace.encode('the', plain), word);
  assert.deepEqual(withSpace.encode('<|user|>the', plain), [user, ...word]);
  assert.notDeepEqual(without.encode('the', plain), word);
  assert.equal(withSpace.decode(word), 'the');
  assert.equal(without.decode(word), ' the');
});

test('white space beyond one is left out where the file says', () => {
  const metadata = fixture('llama');
  const plain = makeTokenizer(metadata);
  metadata.set('tokenizer.ggml.remove_extra_whitespaces', true);
  const tokenizer = makeTokenizer(metadata);
  assert.deepEqual(tokenizer.encode('  the  \n  world ! '), plain.encode('the \n world !'));
  assert.deepEqual(tokenizer.encode('  '), plain.encode(''));
});

test('what a text spells is no control token, and no byte', () => {
  const tokens = [
    '<unk>',
    '<s>',
    '</s>',
    '</',
    's>',
    '<',
    '/',
    's',
    '>',
    '\u2581',
    '<0x',
    '41>',
    '0',
    'x',
    '4',
    '1',
    '<0',
    'x4',
    '1>',
  ];
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  const all = [...tokens, ...bytes];
  const types = all.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < tokens.length ? 1 : 6));
  const tokenizer = makeTokenizer(
    new Map([
      ['tokenizer.ggml.model', 'llama'],
      ['tokenizer.ggml.tokens', all],
      ['tokenizer.ggml.token_type', types],
      ['tokenizer.ggml.scores', Float32Array.from(all, (_, id) => (id < 3 ? 0 : -id))],
      ['tokenizer.ggml.add_space_prefix', false],
    ]),
  );
  // The added token is found before anything is merged; a part of it is not.
  const plain = { isContinuation: true };
  assert.deepEqual(tokenizer.encode('</s>', plain), [2]);
  assert.deepEqual(tokenizer.encode('</ss>', plain), [3, 7, 4]);
  assert.deepEqual(tokenizer.encode('<0x41>', plain), [10, 11]);
  assert.equal(tokenizer.decode([10, 11, tokens.length + 0x41]), '<0x41>A');
});

test('of Phi-3 the tokens take the white space behind them', () => {
  const metadata = fixture('llama');
  metadata.set('general.name', 'Phi-3 mini');
  const user = idOf(metadata, '<|user|>');
  const ids = makeTokenizer(metadata).encode('<|user|> \n the', { isContinuation: true });
  assert.deepEqual(ids, makeTokenizer(fixture('llama')).encode('<|user|>the', { isContinuation: true }));
  assert.equal(ids[0], user);
});

test('lone surrogates are U+FFFD, in every kind', () => {
  for (const name of ['gpt2', 'llama', 'gemma4']) {
    const tokenizer = makeTokenizer(fixture(name));
    for (const text of ['a\uD800b', '\uDC00', '\uD83D the', 'x\uDE00\uD83D']) {
      assert.deepEqual(
        tokenizer.encode(text),
        tokenizer.encode(text.replace(/\p{Surrogate}/gu, '\uFFFD')),
        name,
      );
    }
  }
});

test("the token for a gap takes the space before it in RoBERTa's vocabularies alone", () => {
  const withMask = (name, pre) => {
    const metadata = fixture(name);
    const id = metadata.get('tokenizer.ggml.tokens').length;
    for (const [key, value] of Object.entries({ tokens: '<mask>', token_type: 4, scores: 0 })) {
      const list = metadata.get(`tokenizer.ggml.${key}`);
      if (list !== undefined) metadata.set(`tokenizer.ggml.${key}`, [...list, value]);
    }
    if (pre !== undefined) metadata.set('tokenizer.ggml.pre', pre);
    const tokenizer = makeTokenizer(metadata);
    const encode = (text) => tokenizer.encode(text, { isContinuation: true });
    return { encode, id };
  };
  for (const name of ['gpt2', 'llama', 'gemma4']) {
    const { encode, id } = withMask(name);
    assert.deepEqual(encode('a <mask>'), [...encode('a '), id], name);
    assert.notDeepEqual(encode('a <mask>'), encode('a<mask>'), name);
  }
  for (const pre of ['roberta-bpe', 'jina-v2-code']) {
    const { encode, id } = withMask('gpt2', pre);
    assert.deepEqual(encode('a <mask>'), [...encode('a'), id], pre);
  }
});

test("gemma3's tokenizer.json as a GGUF vocabulary: transformers' ids around special tokens", {
  skip: whyMissing('gemma3'),
}, () => {
  const { json } = readPublished('gemma3');
  const metadata = ggufMetadataOf(json, 'gemma4', 'default');
  metadata.set('tokenizer.ggml.bos_token_id', 2);
  const tokenizer = makeTokenizer(metadata);
  const table = JSON.parse(readFileSync(new URL('../random-tokens.json', fixtures), 'utf8'));
  const { special, idsAlone } = table.tokenizers.gemma3;
  assert.ok(special.includes('<mask>'));
  const hashes = idsAlone.split(' ').slice(0, 20);
  const texts = [...randomTexts(hashes.length * table.perHash, table.seed, [...table.parts, ...special])];
  assert.ok(texts.some((text) => text.includes(' <mask>')));
  for (const [i, hash] of hashes.entries()) {
    const part = texts.slice(i * table.perHash, (i + 1) * table.perHash);
    const ids = part.map((text) => tokenizer.encode(text, { isContinuation: true }));
    assert.equal(hashOfIds(ids), hash, `texts from ${i * table.perHash}`);
  }
});

test('a stream of tokens shows whole characters, and all of the text', () => {
  for (const name of ['gpt2', 'llama', 'gemma4']) {
    const tokenizer = makeTokenizer(fixture(name));
    for (const text of randomTexts(300, 12)) {
      if (text.includes('\uFFFD')) continue;
      const stream = streamOf(tokenizer);
      const ids = tokenizer.encode(text, { isContinuation: true });
      const pieces = ids.map((id) => stream.push(id));
      assert.equal(
        pieces.join('') + stream.finish(),
        tokenizer.decode(ids),
        `${name}: ${JSON.stringify(text)}`,
      );
      for (const piece of pieces) assert.doesNotMatch(piece, /\uFFFD|\p{Surrogate}/u);
    }
  }
});

test('the tokens that a text ends with: those of keys, and those whose text says so', () => {
  const metadata = new Map([
    ['tokenizer.ggml.tokens', ['a', '<|im_end|>', '<|eot_id|>', 'b', '<|end|>', '<|return|>', '<|call|>']],
    ['tokenizer.ggml.eos_token_id', 3],
  ]);
  assert.deepEqual(readGgufEndTokenIds(metadata), [3, 1, 2, 5, 6]); // with channels <|end|> ends a message, no turn
  metadata.get('tokenizer.ggml.tokens').pop();
  assert.deepEqual(readGgufEndTokenIds(metadata), [3, 1, 2, 4, 5]);
  assert.deepEqual(readGgufEndTokenIds(new Map()), []);
});

test('100 KB take below a second, and 1 MB no stack, in every kind, a single word included', {
  timeout: 300_000,
}, () => {
  const texts = [' '.repeat(1e6), 'abcdefgh'.repeat(125_000), '\u0001\u{1F44D}'.repeat(200_000)];
  for (const name of ['gpt2', 'llama', 'gemma4']) {
    const tokenizer = makeTokenizer(fixture(name));
    for (const text of texts) {
      const begin = performance.now();
      assert.ok(tokenizer.encode(text.slice(0, 100_000)).length > 0);
      assert.ok(performance.now() - begin < 10_000, `${name}: ${JSON.stringify(text.slice(0, 10))}`);
      assert.ok(tokenizer.encode(text).length > 0);
    }
  }
});
