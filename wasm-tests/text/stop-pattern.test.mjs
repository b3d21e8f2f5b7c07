import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StopConditions } from '../../build/web/text/stop-conditions.js';
import { run } from './run-stops.mjs';
import { makeRandom } from './tiny-tokenizers.mjs';

/** The definition: after each character, everything is looked for in the text so far. Null when nothing is found. */
function reference(stops, text) {
  let soFar = '';
  for (const character of text) {
    soFar += character;
    let begin = Number.POSITIVE_INFINITY;
    let stopped = null;
    for (const stop of stops) {
      const found = typeof stop === 'string' ? soFar.indexOf(stop) : soFar.search(stop);
      const kind = typeof stop === 'string' ? 'stop-string' : 'stop-pattern';
      if (found < 0 || found > begin || (found === begin && stopped === 'stop-string')) continue;
      begin = found;
      stopped = kind;
    }
    if (stopped !== null) return { text: wholeCharacters(soFar, begin), stopped };
  }
  return null;
}

function wholeCharacters(text, end) {
  const cutsPair = /[\ud800-\udbff]$/.test(text.slice(0, end)) && /^[\udc00-\udfff]/.test(text.slice(end));
  return text.slice(0, cutsPair ? end - 1 : end);
}

/** Patterns whose text is held exactly while it may begin a match, all over a, b, c, -, newline and 👍. */
const EXACT = [
  /abc/,
  /a|bc|cab/,
  /ab*c/,
  /a(?:bc)+-/,
  /(?:a|ab)(?:c|bcd)/,
  /a{2,3}b/,
  /(?:ab){2}c/,
  /a+?b+?c/,
  /[ab]-[^c]a/,
  /[^]--/,
  /a.c/,
  /a.c/s,
  /^ab/,
  /^ab/m,
  /c\n^-b/m,
  /\w\W\w\W/,
  /\bab-/,
  /A[B-C]-/i,
  /a👍b/,
  /a[👍👎]b/u,
  /a\u{1f44d}b/u,
  /a\ud83d\udc4db/u,
  /👍{2}-/u,
  /a\p{L}+-/u,
  /\P{L}\p{L}c/u,
  /[[a-c]--b]-[[a-c]&&[b]]-/v,
  /(a|b)-\1c/,
  /(a|b|ab|ba)-\1-/,
  /(?<x>a+|b)c\k<x>-/,
  /(a*)b\1c\1-/,
  /(?:(a)|b)c\1-/,
  /(A|B)-\1-/i,
  /(?<=a)bc/,
  /(?<!a)bc/,
  /(?<=(a|b)\1)c-/,
  /a(?!b)c-/,
  /(?!ab)a.-/,
  /(?=ab|cb).b-/,
  /\x61\u0062\cJ/,
  /\141\142c/,
  /(a)(b)\3\1c/,
  /\u{2}-/,
  /p{2}-/,
  /a{b/,
  /ab{c,}/,
  /]a}/,
  /[\]-]a[^\]]b/,
  /[]|ab/,
  /\c-a/,
  /\k<x>|abc/,
  /X61|abc/,
  /[ac-]\n$/,
  /abc$/,
  /a\nb$/m,
  /a$\nb-/m,
];

/** Others: looked at for what is found, and that nothing of it is shown before. */
const OTHERS = [
  /a$/m,
  /a(?=bc)/,
  /a(?=b)(?=.c)./,
  /(?<=ab)/,
  /(?<=a\b)-/,
  /(?<=a(?=bc)).c/,
  /(?<!b\B)c/,
  /\Ba\B/,
  /(?!\bab)ab/,
  /(?!ab$)ab-?/,
  /a(?!(?!b)c)b/,
  /a(?=(?!bc).b)/,
  /(?!a(?=b))a-/,
  /(?!a(?!b))a[^]c/,
  /(?<!a(?!b))[bc]-/,
  /(a+b)(?!\1)c/,
  /(?=(a|b)\1c)../,
  /(?!(a|b)\1).{2}-/,
  /(?=a)*b-/,
  /^(?!a)[^]{3}$/m,
  /(a|b)(?=[^]*\1-)/,
  /\ud83d./,
  /\udc4d/,
  /a./,
  /[^ab]\udc4d/,
  /(?:a|b)*?c(?:-|\n){2,}/,
  /((a)|(b)|c)+-\1/,
  /((?:ab|c)+)-\1-/,
  /(a)(b)?c\2\1-/,
  /[^]*--/,
  /a.*b.*c-/s,
  /(?:\b|-)(?:\B|a)c/,
];

/** Syntax that not every engine of the tests has. */
function newSyntax(t) {
  const sources = ['a(?i:BC)-', '(?s-i:a.c)', '(?m:^a)(?-m:b|^c)-', '(?:(?<x>a)|(?<x>b))-\\k<x>c'];
  return sources.flatMap((source) => {
    try {
      return [new RegExp(source, 'i')];
    } catch {
      t.diagnostic(`${process.version} does not know /${source}/`);
      return [];
    }
  });
}

const random = makeRandom(71);
const randomText = (maxLength) => {
  const characters = ['a', 'b', 'c', '-', '\n', '👍', 'a', 'b', 'c', '-', 'B', '👎'];
  const nUsed = [3, 4, 6, 12][random(4)];
  return Array.from({ length: random(maxLength) }, () => characters[random(nUsed)]).join('');
};

/** Pushes a text in random pieces, which may cut surrogate pairs. */
function pushRandomly(stops, text, check = () => {}) {
  const search = new StopConditions(stops);
  let shown = '';
  for (let begin = 0; begin < text.length; ) {
    const end = Math.min(text.length, begin + [0, 1, 1, 2, 3, 8, 30][random(7)]);
    const { text: piece, stopped } = search.push(text.slice(begin, end));
    shown += piece;
    if (stopped) return { text: shown + search.flush(), stopped };
    check(shown, text.slice(0, end));
    begin = end;
  }
  return { text: shown + search.flush(), stopped: null };
}

test('any pieces of any text: each pattern stops where the definition says', (t) => {
  let nFound = 0;
  for (const pattern of [...EXACT, ...OTHERS, ...newSyntax(t)]) {
    let nMatches = 0;
    for (let round = 0; round < 400; round++) {
      const text = randomText(40);
      const expected = reference([pattern], text);
      const actual = pushRandomly([pattern], text);
      assert.deepEqual(actual, expected ?? { text, stopped: null }, `${pattern} in ${JSON.stringify(text)}`);
      if (expected !== null) nMatches++;
    }
    if (nMatches > 0) nFound++;
  }
  assert.ok(nFound > 70, `${nFound} patterns were found`); // some hold characters that no text has
});

test('strings and patterns together stop where the definition says', () => {
  const strings = ['abc', 'c-', 'b', '👍', '-\n-', 'aab', 'cc'];
  const patterns = [...EXACT, ...OTHERS];
  const nStopped = { 'stop-string': 0, 'stop-pattern': 0 };
  for (let round = 0; round < 20_000; round++) {
    const pick = (list) => list[random(list.length)];
    const stops = Array.from({ length: 1 + random(4) }, () => pick([strings, patterns][random(2)]));
    const text = randomText(30);
    const expected = reference(stops, text);
    assert.deepEqual(pushRandomly(stops, text), expected ?? { text, stopped: null }, `${stops} in ${text}`);
    if (expected !== null) nStopped[expected.stopped]++;
  }
  assert.ok(nStopped['stop-string'] > 3000 && nStopped['stop-pattern'] > 3000, JSON.stringify(nStopped));
});

test('text is held no longer than it may begin a match', () => {
  // Of these, every prefix of a match is known: all texts over the alphabet that the pattern matches as a whole.
  const alphabet = ['a', 'b', 'c', '-'];
  const words = [''];
  for (let i = 0; words[i].length < 6; i++) for (const letter of alphabet) words.push(words[i] + letter);
  for (const pattern of [/abc/, /a|bc|cab/, /ab*c-/, /a{2,3}b/, /(a|b)-\1c/, /[ab]-[^c]a/]) {
    const whole = new RegExp(`^(?:${pattern.source})$`);
    const beginnings = new Set();
    const matching = words.filter((candidate) => whole.test(candidate));
    assert.ok(matching.length > 0);
    for (const word of matching) {
      for (let end = 1; end < word.length; end++) beginnings.add(word.slice(0, end));
    }
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: random(12) }, () => alphabet[random(4)]).join('');
      pushRandomly([pattern], text, (shown, seen) => {
        const held = seen.slice(shown.length);
        const where = `${pattern} holds ${held} of ${seen}`;
        if (held !== '' && held.length < 5) assert.ok(beginnings.has(held), where);
        for (let begin = 0; begin < shown.length; begin++) {
          assert.ok(!beginnings.has(seen.slice(begin)), `${pattern} does not hold ${seen.slice(begin)}`);
        }
      });
    }
  }
});

test('patterns that cannot be used are refused, with what to do', () => {
  for (const [pattern, message] of [
    [/a/y, /flag y/],
    [/a*/, /matches the empty text/],
    [/a|/, /matches the empty text/],
    [/(?=a)/, null],
    [/\1(a)b/, /backreference/],
    [/(?=(a))\1b/, /backreference|/],
    [/[\q{ab|c}]x/v, /strings in the class/],
    [/\p{RGI_Emoji}x/v, /strings in the class/],
  ]) {
    if (message === null) {
      assert.doesNotThrow(() => new StopConditions([pattern]), `${pattern}`);
      continue;
    }
    assert.throws(
      () => new StopConditions([pattern]),
      { name: 'SottoError', code: 'bad-option', message },
      `${pattern}`,
    );
  }
});

test('the flags g and d change nothing, and the given pattern is not touched', () => {
  const pattern = /b/dg;
  pattern.lastIndex = 3;
  assert.deepEqual(run([pattern], ['ab', 'c']), { texts: ['a'], stopped: 'stop-pattern', rest: '' });
  assert.equal(pattern.lastIndex, 3);
});
