import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StopConditions } from '../../build/web/text/stop-conditions.js';
import { run } from './run-stops.mjs';
import { makeRandom } from './tiny-tokenizers.mjs';

/** The definition, on the whole text: the match that ends first, of these the longest. Null when there is none. */
function reference(stops, text) {
  for (let end = 1; end <= text.length; end++) {
    const ending = stops.filter((stop) => text.slice(0, end).endsWith(stop));
    if (ending.length > 0) return text.slice(0, end - Math.max(...ending.map(({ length }) => length)));
  }
  return null;
}

test('a match within a piece', () => {
  assert.deepEqual(run(['END'], ['one END two']), { texts: ['one '], stopped: 'stop-string', rest: '' });
  assert.deepEqual(run(['END'], ['END']), { texts: [''], stopped: 'stop-string', rest: '' });
  assert.deepEqual(run(['.'], ['a.b']), { texts: ['a'], stopped: 'stop-string', rest: '' });
});

test('a match across pieces is never shown', () => {
  assert.deepEqual(run(['END'], ['one E', 'N', 'D two']), {
    texts: ['one ', '', ''],
    stopped: 'stop-string',
    rest: '',
  });
  assert.deepEqual(run(['\n\n'], ['a\n', '\nb']), { texts: ['a', ''], stopped: 'stop-string', rest: '' });
});

test('what turns out to be no match is shown', () => {
  assert.deepEqual(run(['END'], ['an E', 'N', 'E']), { texts: ['an ', '', 'EN'], stopped: null, rest: 'E' });
  assert.deepEqual(run(['END'], ['EN']), { texts: [''], stopped: null, rest: 'EN' });
});

test('no more is held than may still match', () => {
  const { texts, rest } = run(['abcabd'], ['abcab', 'cab', 'x']);
  assert.deepEqual(texts, ['', 'abc', 'abcabx']);
  assert.equal(rest, '');
  assert.deepEqual(run(['aab'], ['aaa', 'a', 'c']).texts, ['a', 'a', 'aac']);
});

test('several stop strings: the match that ends first wins, then the longest', () => {
  assert.deepEqual(run(['bcd', 'c'], ['abcd']).texts, ['ab']);
  assert.deepEqual(run(['d', 'bcd', 'cd'], ['abcd']).texts, ['a']);
  assert.deepEqual(run(['xabc', 'b'], ['xab']).texts, ['xa']);
  assert.deepEqual(run(['he', 'she', 'hers'], ['us', 'hers']).texts, ['u', '']);
});

test('a stop string given twice, or within another', () => {
  assert.deepEqual(run(['ab', 'ab', 'zabz'], ['zab']).texts, ['z']);
});

test('without stop strings nothing is held', () => {
  assert.deepEqual(run([], ['a', '', 'b']), { texts: ['a', '', 'b'], stopped: null, rest: '' });
});

test('after a match there is no more text', () => {
  const search = new StopConditions(['x']);
  assert.deepEqual(search.push('ax'), { text: 'a', stopped: 'stop-string' });
  assert.deepEqual(search.push('b'), { text: '', stopped: 'stop-string' });
  assert.equal(search.flush(), '');
});

test('flush gives the held text once', () => {
  const search = new StopConditions(['xyz']);
  search.push('axy');
  assert.equal(search.flush(), 'xy');
  assert.equal(search.flush(), '');
});

test('characters beyond the basic plane', () => {
  assert.deepEqual(run(['👍!'], ['a👍', 'b👍', '!']).texts, ['a', '👍b', '']);
  assert.deepEqual(run(['👎'], ['👍👍']).texts, ['👍👍']); // half of a pair in common
});

test('stop strings that can never be found are refused', () => {
  for (const stop of ['', '\ud83d', 'a\udc4d', '\udc4d\ud83d']) {
    assert.throws(() => new StopConditions(['ok', stop]), {
      name: 'SottoError',
      code: 'bad-option',
      message: /^stop: /,
    });
  }
});

test('any pieces of any text: the reference decides, and as much is shown as can be', () => {
  const random = makeRandom(31);
  const word = (limit) => Array.from({ length: 1 + random(limit) }, () => 'ab👍c'.charAt(random(5))).join('');
  let nMatches = 0;
  for (let round = 0; round < 20_000; round++) {
    const stops = Array.from({ length: random(4) }, () => word(5)).filter(
      (stop) => !/\p{Surrogate}/u.test(stop),
    );
    const text = Array.from({ length: random(8) }, () => word(4)).join('');
    const search = new StopConditions(stops);
    let shown = '';
    let isStopped = false;
    for (let begin = 0; begin < text.length && !isStopped; ) {
      const end = begin + 1 + random(4);
      const result = search.push(text.slice(begin, end));
      shown += result.text;
      isStopped = result.stopped !== null;
      const seen = text.slice(0, end).replace(/[\ud800-\udbff]$/, ''); // half a character waits
      const beforeMatch = reference(stops, seen);
      assert.equal(isStopped, beforeMatch !== null);
      if (beforeMatch === null) {
        const mayMatch = (held) => stops.some((stop) => stop.length > held.length && stop.startsWith(held));
        let heldLength = 0;
        for (let n = 1; n <= seen.length; n++) if (mayMatch(seen.slice(-n))) heldLength = n;
        assert.equal(shown, seen.slice(0, seen.length - heldLength));
      } else {
        assert.equal(shown, beforeMatch);
        nMatches++;
      }
      begin = end;
    }
    assert.equal(shown + search.flush(), reference(stops, text) ?? text);
  }
  assert.ok(nMatches > 1000);
});

test('the time is proportional to the text, for stop strings made to be slow', () => {
  const stops = [`${'a'.repeat(20_000)}c`, `${'ab'.repeat(10_000)}c`];
  const search = new StopConditions(stops);
  const begin = performance.now();
  let shownLength = 0;
  for (let i = 0; i < 300_000; i++) shownLength += search.push('a').text.length;
  for (let i = 0; i < 50_000; i++) shownLength += search.push('aab').text.length;
  assert.equal(shownLength + search.flush().length, 300_000 + 150_000);
  assert.ok(performance.now() - begin < 5000, `${performance.now() - begin} ms`);
});
