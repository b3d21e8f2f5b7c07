// tokenizer.json and tokenizer_config.json with anything in any place: a tokenizer that works, or an error that says why not.
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

const fromField = (name) => {
  const file = new URL(`../../../shared/faults/field/${name}/tokenizer.json`, import.meta.url);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null; // that data is not everywhere
  }
};

const split = (Regex) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });
const replace = (found, content) => ({ type: 'Replace', pattern: { String: found }, content });
const sequence = (key, parts) => ({ type: 'Sequence', [key]: parts });
const withSteps = {
  ...byteLevelJson([['h', 'e']]),
  normalizer: sequence('normalizers', [
    { type: 'NFC' },
    replace('x', 'y'),
    { type: 'Strip', strip_left: true },
  ]),
  pre_tokenizer: sequence('pretokenizers', [
    split('\\p{N}{1,3}'),
    { type: 'Digits', individual_digits: true },
    { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
    { type: 'ByteLevel', add_prefix_space: true },
  ]),
  post_processor: { type: 'BertProcessing', sep: ['x', 3], cls: ['y', 4] },
};
const BASES = [
  byteLevelJson([['h', 'e']]),
  byteFallbackJson(),
  wordPieceJson(),
  unigramJson(),
  withSteps,
  ...['base', '56-split-merged-with-next', '58-string-and-array-merges'].map(fromField).filter(Boolean),
];

function nested(depth) {
  let value = {};
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { type: 'Sequence', normalizers: [value] };
  return value;
}

const VALUES = [
  null, true, false, 0, 1, -1, 1.5, 3, 1e308, 2 ** 31, 2 ** 53, '', 'a', 'e', ' ', '▁', '\ud83d', '__proto__', 'constructor',
  'Sequence', 'ByteLevel', 'Replace', 'BPE', 'a'.repeat(2000), [], {}, [null], [[]], [['a', 'b']], [['a', -1]], { type: 'Sequence' },
  { type: 'ByteLevel' }, { type: 'Metaspace' }, { type: 'Fuse' }, { type: 'FixedLength', length: 1 }, { String: '' }, { Regex: '' },
  { Regex: '(?:(?:a+)+)+b' }, { Regex: '(a|a)*$' }, { Regex: '(?<!a*)[a-z]' }, { Regex: '[[:alpha:]&&[^a]]+|.' }, { Regex: '(' },
  { Regex: '\\p{Nothing}' }, { Regex: '(?:a{99}){99}' }, { Regex: '\\s+(?!\\S)|\\bx' }, split('(?i:a|b)++'), replace('a', 'aaaa'), replace('', 'x'),
  { Sequence: { id: 'A' } }, { SpecialToken: { id: 'a' } }, nested(40), nested(500), Array(300).fill(replace('a', 'aa')),
  Array(20).fill(replace('a', 'aa')),
]; // biome-ignore format: a list to be read as one

/** All places in a value, up to some depth and number: what holds them, and under which key. */
function placesIn(value, places = [], depth = 0) {
  if (typeof value !== 'object' || value === null || depth > 6) return places;
  for (const key of Object.keys(value).slice(0, 12)) {
    places.push([value, key]);
    placesIn(value[key], places, depth + 1);
  }
  return places;
}

function mutate(json, random) {
  const pick = (list) => list[random(list.length)];
  const places = placesIn(json);
  if (places.length === 0) return;
  const [holder, key] = pick(places);
  switch (random(6)) {
    case 0:
      delete holder[key];
      break;
    case 1: {
      const [other, otherKey] = pick(places);
      holder[key] = structuredClone(other[otherKey]);
      break;
    }
    case 2:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[key]));
      else holder[`${key}x`] = holder[key];
      break;
    case 3:
      if (Array.isArray(holder[key]))
        holder[key] = Array(1 + random(80))
          .fill(holder[key])
          .flat()
          .slice(0, 3000);
      else if (typeof holder[key] === 'number') holder[key] += pick([1, -1, 0.5, 1e9]);
      else if (typeof holder[key] === 'string')
        holder[key] += pick(['a', ' ', '+', '*', '(', '\udc4d', '\\']);
      break;
    default:
      holder[key] = structuredClone(pick(VALUES));
  }
}

const TEXTS = [
  '',
  'a',
  'he the world',
  `Hello ${'a'.repeat(3000)}!`,
  "don't 123456 \n\n  x",
  'é日本👍🏽e\u0301\u0323',
  '▁<s></s>[SEP]',
  ' '.repeat(500),
];
const CODES = ['bad-file', 'unsupported-tokenizer'];

/** Runs it; an error has to be one of sotto's that says something. */
function attempt(what, run) {
  const begin = performance.now();
  try {
    return run();
  } catch (error) {
    assert.equal(error.name, 'SottoError', `${what()}: ${error.stack}`);
    assert.ok(CODES.includes(error.code), `${what()}: ${error.code} ${error.message}`);
    assert.match(error.message, /^(tokenizer(_config)?\.json|The tokenizer (has|makes) )/, what());
    assert.doesNotMatch(error.message, /undefined|\[object|TypeError|RangeError|failed/, what());
    assert.ok(error.message.length < 600, `${what()}: ${error.message.length} characters`);
    return null;
  } finally {
    assert.ok(performance.now() - begin < 4000, `${what()} took ${performance.now() - begin} ms`);
  }
}

test('a tokenizer of mutated files works, or says what is wrong', () => {
  const random = makeRandom(2026);
  const end = performance.now() + 12_000;
  let nWorking = 0;
  let nRefused = 0;
  for (let i = 0; i < 4000 && performance.now() < end; i++) {
    const mutated = structuredClone(BASES[i % BASES.length]);
    const config = { bos_token: '<s>', eos_token: { content: '</s>' }, add_bos_token: random(3) === 0 };
    const nMutations = 1 + random(4);
    for (let j = 0; j < nMutations; j++) mutate(random(8) === 0 ? config : mutated, random);
    const json = JSON.parse(JSON.stringify(mutated)); // without what JSON has not: gaps in lists
    const what = () => `${i}: ${JSON.stringify(json).slice(0, 3000)} ${JSON.stringify(config).slice(0, 300)}`;
    const tokenizer = attempt(what, () => Tokenizer.create(json, config));
    if (tokenizer === null) {
      nRefused++;
      continue;
    }
    nWorking++;
    for (const text of TEXTS) {
      const ids = attempt(what, () => tokenizer.encode(text)) ?? [];
      assert.ok(
        ids.every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 31),
        what(),
      );
      assert.equal(typeof (attempt(what, () => tokenizer.decode(ids)) ?? ''), 'string', what());
    }
    attempt(what, () => tokenizer.decode(Array.from({ length: 200 }, () => random(400))));
  }
  assert.ok(nWorking > 100 && nRefused > 100, `${nWorking} work, ${nRefused} are refused`);
});
