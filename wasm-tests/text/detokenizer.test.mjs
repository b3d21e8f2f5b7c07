import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Detokenizer } from '../../build/web/text/detokenizer.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { byteLevelJson, makeRandom } from './tiny-tokenizers.mjs';

const MERGES = [
  ['a', 'E'],
  ['N', 'D'],
  ['b', 'c'],
  ['E', 'N'],
];
const [A_E, ND, BC, EN, END] = [256, 257, 258, 259, 260];
const tokenizer = Tokenizer.create(byteLevelJson(MERGES));
const id = (character) => character.charCodeAt(0);

/** The pieces of some tokens, up to a stop string, and then what is left. */
function assemble(stops, ids, endTokenId) {
  const assembler = new Detokenizer(tokenizer, stops);
  const pieces = [];
  for (const tokenId of ids) {
    const { piece, stopped } = assembler.push({ id: tokenId });
    if (piece !== null) pieces.push([piece.text, piece.tokens.map(({ id }) => id)]);
    if (stopped) break;
  }
  const last = assembler.finish(endTokenId === undefined ? undefined : { id: endTokenId });
  return { pieces, last: last === null ? null : [last.text, last.tokens.map(({ id }) => id)] };
}

test('one piece for each token where nothing is held', () => {
  const { pieces, last } = assemble([], [id('x'), BC]);
  assert.deepEqual(pieces, [
    ['x', [id('x')]],
    ['bc', [BC]],
  ]);
  assert.equal(last, null);
});

test('the tokens of a shared character come with it', () => {
  const { pieces, last } = assemble([], [id('x'), 0xf0, 0x9f, 0x91, 0x8d]);
  assert.deepEqual(pieces, [
    ['x', [id('x')]],
    ['👍', [0xf0, 0x9f, 0x91, 0x8d]],
  ]);
  assert.equal(last, null);
});

test('a token comes with the beginning of its text, the held rest of it later', () => {
  const { pieces, last } = assemble(['END'], [A_E, id('x'), EN, id('y')]);
  assert.deepEqual(pieces, [
    ['a', [A_E]],
    ['Ex', [id('x')]],
    ['ENy', [EN, id('y')]],
  ]);
  assert.equal(last, null);
});

test('a piece that is only the held rest of a token has no token of its own', () => {
  const { pieces } = assemble(['END'], [A_E, EN, id('y')]);
  assert.deepEqual(pieces, [
    ['a', [A_E]],
    ['E', []],
    ['ENy', [EN, id('y')]],
  ]);
});

test('a token whose text is still held does not come before it', () => {
  const { pieces, last } = assemble(['bcbcx'], [BC, BC, BC]);
  assert.deepEqual(pieces, [['bc', [BC]]]);
  assert.deepEqual(last, ['bcbc', [BC, BC]]);
});

test('a stop string: its tokens come at the end, its text never', () => {
  assert.deepEqual(assemble(['END'], [id('x'), A_E, ND, id('z')]), {
    pieces: [
      ['x', [id('x')]],
      ['a', [A_E]],
    ],
    last: ['', [ND]],
  });
  assert.deepEqual(assemble(['ED'], [A_E, id('D')]).last, ['', [id('D')]]);
});

test('the end token has an id and no text, special or not', () => {
  assert.deepEqual(assemble([], [id('x')], END).last, ['', [END]]);
  assert.deepEqual(assemble([], [id('x')], id('y')).last, ['', [id('y')]]);
  assert.deepEqual(assemble(['END'], [EN], END).last, ['EN', [EN, END]]);
});

test('an unfinished character is dropped, its tokens are not', () => {
  assert.deepEqual(assemble([], [id('x'), 0xf0, 0x9f], END).last, ['', [0xf0, 0x9f, END]]);
});

test('without a tokenizer every token is a piece', () => {
  const assembler = new Detokenizer(null, []);
  assert.deepEqual(assembler.push({ id: 7, logprob: -1 }), {
    piece: { text: '', tokens: [{ id: 7, logprob: -1 }] },
    stopped: null,
  });
  assert.deepEqual(assembler.finish({ id: 3 }), { text: '', tokens: [{ id: 3 }] });
  assert.equal(new Detokenizer(null, []).finish(), null);
});

test('any tokens: together the pieces hold every token once, in order, and exactly the text', () => {
  const random = makeRandom(41);
  const alphabet = [A_E, ND, BC, EN, END, id('a'), id('E'), id('b'), 0xf0, 0x9f, 0x91, 0x8d, 0xe2];
  for (let round = 0; round < 5000; round++) {
    const ids = Array.from({ length: random(12) }, () => alphabet[random(alphabet.length)]);
    const stops = [['END'], ['bcbcb', 'Eb'], ['👍'], []][random(4)];
    const { pieces, last } = assemble(stops, ids);
    const all = last === null ? pieces : [...pieces, last];
    const text = all.map(([piece]) => piece).join('');
    const given = all.flatMap(([, tokenIds]) => tokenIds);
    assert.deepEqual(given, ids.slice(0, given.length));
    const whole = tokenizer.decode(given).replace(/\uFFFD+$/, '');
    const isStopped = stops.some((stop) => whole.includes(stop));
    if (isStopped) assert.ok(whole.startsWith(text) && !stops.some((stop) => text.includes(stop)));
    else assert.equal(text.replace(/\uFFFD+$/, ''), whole);
    if (!isStopped) assert.equal(given.length, ids.length);
    for (const [piece, tokenIds] of pieces) assert.ok(piece !== '' && Array.isArray(tokenIds));
  }
});
