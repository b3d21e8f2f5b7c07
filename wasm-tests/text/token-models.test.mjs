import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BpeModel } from '../../build/web/text/tokenizer/bpe.js';
import { ScoredBpeModel } from '../../build/web/text/tokenizer/scored-bpe.js';
import { StepBudget } from '../../build/web/text/tokenizer/step-budget.js';
import { UnigramModel } from '../../build/web/text/tokenizer/unigram.js';
import { WordPieceModel } from '../../build/web/text/tokenizer/word-piece.js';
import { makeRandom } from './tiny-tokenizers.mjs';

const vocabulary = (tokens) => ({ ids: new Map(tokens.map((token, id) => [token, id])), tokens });

function encode(model, word) {
  const ids = [];
  model.encodeWord(word, ids, new StepBudget(word.length));
  return ids;
}

const bpe = (tokens, merges, options = {}) =>
  new BpeModel({
    ...vocabulary(tokens),
    merges,
    unkId: undefined,
    fuseUnk: false,
    byteFallback: false,
    ignoreMerges: false,
    continuingSubwordPrefix: '',
    endOfWordSuffix: '',
    ...options,
  });

/** The definition: over and over, the leftmost pair of the lowest rank. */
function mergeByDefinition(merges, word) {
  const symbols = Array.from(word);
  for (;;) {
    const ranks = symbols.map((symbol, i) => {
      const rank = merges.findIndex(([a, b]) => a === symbol && b === symbols[i + 1]);
      return rank < 0 ? Infinity : rank;
    });
    const least = Math.min(...ranks);
    if (least === Infinity) return symbols;
    const at = ranks.indexOf(least);
    symbols.splice(at, 2, symbols[at] + symbols[at + 1]);
  }
}

/** The definition: over and over, the leftmost pair of those whose token has the highest score. */
function mergeByScores(scores, word) {
  const symbols = Array.from(word);
  for (;;) {
    const joined = symbols.map((symbol, i) => scores.get(symbol + symbols[i + 1]) ?? -Infinity);
    const highest = Math.max(...joined);
    if (highest === -Infinity) return symbols;
    const at = joined.indexOf(highest);
    symbols.splice(at, 2, symbols[at] + symbols[at + 1]);
  }
}

test('byte-pair encoding by scores merges as its definition says', () => {
  const random = makeRandom(3);
  for (let i = 0; i < 300; i++) {
    const scores = new Map(['a', 'b', '\u{1F600}'].map((token) => [token, -100]));
    for (let j = 0; j < 14; j++) {
      const known = Array.from(scores.keys());
      // Few different scores, so that many are the same; some tokens are made of what is none: "c".
      const token = known[random(known.length)] + (random(6) === 0 ? 'c' : known[random(known.length)]);
      if (token.length <= 8 && !scores.has(token)) scores.set(token, -random(4));
    }
    const tokens = Array.from(scores.keys());
    const unkId = tokens.length;
    const model = new ScoredBpeModel({
      ...vocabulary(tokens),
      scores: Float32Array.from(scores.values()),
      byteIds: null,
      unkId,
    });
    for (let j = 0; j < 10; j++) {
      const word = Array.from({ length: 1 + random(20) }, () => ['a', 'b', 'c', '\u{1F600}'][random(4)]).join(
        '',
      );
      const ids = mergeByScores(scores, word).map((token) =>
        scores.has(token) ? tokens.indexOf(token) : unkId,
      );
      const expected = ids.filter((id, at) => id !== unkId || ids[at - 1] !== unkId); // one for all in a row
      assert.deepEqual(encode(model, word), expected, word);
    }
  }
});

test('byte-pair encoding merges as its definition says', () => {
  const random = makeRandom(1);
  for (let i = 0; i < 300; i++) {
    const tokens = ['a', 'b', 'c'];
    const merges = [];
    for (let j = 0; j < 12; j++) {
      const pair = [tokens[random(tokens.length)], tokens[random(tokens.length)]];
      const merged = pair.join('');
      if (merged.length > 8 || merges.some(([a, b]) => a === pair[0] && b === pair[1])) continue;
      if (!tokens.includes(merged)) tokens.push(merged);
      merges.push(pair);
    }
    const model = bpe(tokens, merges);
    for (let j = 0; j < 10; j++) {
      const word = Array.from({ length: 1 + random(20) }, () => 'abc'[random(3)]).join('');
      const expected = mergeByDefinition(merges, word);
      assert.deepEqual(
        encode(model, word).map((id) => tokens[id]),
        expected,
        `${word} by ${merges.join(' ')}`,
      );
    }
  }
});

test('byte-pair encoding: what is unknown, prefixes, suffixes, whole words', () => {
  const tokens = ['<unk>', 'a', 'b', '<0xC3>', '<0xA9>', 'ab'];
  const merges = [['a', 'b']];
  assert.deepEqual(encode(bpe(tokens, merges), 'xab'), [5], 'left out');
  assert.deepEqual(encode(bpe(tokens, merges, { unkId: 0 }), 'xyab'), [0, 0, 5]);
  assert.deepEqual(encode(bpe(tokens, merges, { unkId: 0, fuseUnk: true }), 'xyaxz'), [0, 1, 0]);
  assert.deepEqual(encode(bpe(tokens, merges, { unkId: 0, byteFallback: true }), 'éaß'), [3, 4, 1, 0]);
  assert.throws(() => encode(bpe(tokens, merges, { unkId: null }), 'ax'), { code: 'unsupported-tokenizer' });
  assert.deepEqual(encode(bpe(['a', 'b', 'ab'], [], { ignoreMerges: true }), 'ab'), [2]);
  const parts = ['a', '##b', 'a##b', 'ab', 'b</w>', 'ab</w>'];
  assert.deepEqual(encode(bpe(parts, [['a', '##b']], { continuingSubwordPrefix: '##' }), 'ab'), [3]);
  assert.deepEqual(encode(bpe(parts, [['a', 'b</w>']], { endOfWordSuffix: '</w>' }), 'ab'), [5]);
  assert.throws(() => bpe(['a', 'b'], [['a', 'b']]), { code: 'bad-file', message: /needs the token "ab"/ });
});

/** All ways to write a word as tokens, an unknown character at a time where it is none. */
function* ways(word, tokens) {
  if (word === '') yield [];
  const [first] = word;
  const beginnings = tokens.filter((token) => word.startsWith(token));
  for (const token of beginnings)
    for (const rest of ways(word.slice(token.length), tokens)) yield [token, ...rest];
  if (word !== '' && !beginnings.includes(first)) {
    for (const rest of ways(word.slice(first.length), tokens)) yield ['?', ...rest];
  }
}

/** Neighbours that are unknown are one token, 0. */
function idsOf(way, tokens) {
  const fused = way.filter((token, i) => token !== '?' || way[i - 1] !== '?');
  return fused.map((token) => (token === '?' ? 0 : tokens.indexOf(token)));
}

test('unigram takes the way of the greatest sum', () => {
  const random = makeRandom(2);
  for (let i = 0; i < 60; i++) {
    const tokens = ['<unk>', 'a', 'b', 'ab', 'ba', 'aab', 'bb', '👍a'].filter(
      (_, j) => j === 0 || random(4) > 0,
    );
    const scores = tokens.map((_, j) => -(1 + random(1000) / 100 + j / 1e6));
    const model = new UnigramModel(
      tokens.map((token, id) => [token, scores[id]]),
      0,
    );
    const unkScore = Math.min(...scores) - 10;
    for (let j = 0; j < 10; j++) {
      const word = Array.from({ length: 1 + random(7) }, () => ['a', 'b', '👍'][random(3)]).join('');
      const sum = (way) =>
        way.reduce((s, token) => s + (token === '?' ? unkScore : scores[tokens.indexOf(token)]), 0);
      const all = [...ways(word, tokens)];
      const greatest = Math.max(...all.map(sum));
      const best = all.filter((way) => sum(way) > greatest - 1e-9).map((way) => idsOf(way, tokens).join());
      assert.ok(
        best.includes(encode(model, word).join()),
        `${word} in ${tokens}: ${encode(model, word)}, not ${best}`,
      );
    }
  }
  assert.throws(() => encode(new UnigramModel([['a', -1]], null), 'b'), { code: 'unsupported-tokenizer' });
});

test('word pieces are the longest, and one that is unknown makes the word unknown', () => {
  const tokens = ['[UNK]', 'un', '##aff', '##able', '##a', 'u', '##👍'];
  const options = { ...vocabulary(tokens), unkId: 0, continuingSubwordPrefix: '##', maxInputCharsPerWord: 9 };
  const model = new WordPieceModel(options);
  const cases = [
    ['unaffable', [1, 2, 3]],
    ['unaffablea', [0]], // ten characters
    ['una', [1, 4]],
    ['u👍', [5, 6]],
    ['unx', [0]],
    ['able', [0]],
  ];
  for (const [word, ids] of cases) assert.deepEqual(encode(model, word), ids, word);
  assert.throws(() => encode(new WordPieceModel({ ...options, unkId: null }), 'x'), {
    code: 'unsupported-tokenizer',
  });
});

test('a long word takes time in proportion to its length', () => {
  const tokens = Array.from({ length: 8 }, (_, i) => 'a'.repeat(1 << i));
  const models = {
    'byte pairs': bpe(
      tokens,
      tokens.slice(0, -1).map((token) => [token, token]),
    ),
    unigram: new UnigramModel(
      tokens.map((token) => [token, -1]),
      null,
    ),
    'unknown to unigram': new UnigramModel([['<unk>', -1]], 0),
    'word pieces': new WordPieceModel({
      ...vocabulary(tokens),
      unkId: null,
      continuingSubwordPrefix: '',
      maxInputCharsPerWord: 2 ** 30,
    }),
  };
  for (const [name, model] of Object.entries(models)) {
    const begin = performance.now();
    const ids = encode(model, 'a'.repeat(1 << 18));
    assert.equal(ids.length, name.startsWith('unknown') ? 1 : 1 << 11, name);
    assert.ok(performance.now() - begin < 5000, name);
  }
});
