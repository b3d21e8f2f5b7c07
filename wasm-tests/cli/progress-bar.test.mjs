import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatCount, formatSeconds } from '../../build/web/cli/format.js';
import { barLine, ProgressBar } from '../../build/web/cli/progress-bar.js';

const totals = (given) => ({
  loaded: 0,
  total: null,
  fromStore: 0,
  bytesPerSecond: null,
  secondsLeft: null,
  ...given,
});

test('a line has the share, the bytes, the speed and the time that is left, as far as they are known', () => {
  const all = { loaded: 25e6, total: 100e6, bytesPerSecond: 24_999_999.6, secondsLeft: 2.6 };
  assert.equal(
    barLine(totals(all)),
    '[======>                 ]  25%  25.0 MB of 100.0 MB  25.0 MB/s  3 s left',
  );
  const whole = { loaded: 100e6, total: 100e6 };
  assert.equal(barLine(totals(whole)), '[========================] 100%  100.0 MB of 100.0 MB');
  assert.equal(barLine(totals({ loaded: 5e6 })), '5.0 MB');
  const kept = { loaded: 5e6, fromStore: 4e6, bytesPerSecond: 1e6 };
  assert.equal(barLine(totals(kept)), '5.0 MB  1.0 MB/s  4.0 MB were kept');
  assert.equal(barLine(totals({ total: 0 })), '0 B of 0 B');
});

test('it is drawn on one line, not too often, and taken away', () => {
  const terminal = { now: 0, written: [] };
  const output = { write: (text) => terminal.written.push(text), columns: () => 20, now: () => terminal.now };
  const bar = new ProgressBar(output);
  for (let ms = 0; ms < 1000; ms += 10) {
    terminal.now = ms;
    bar.update(totals({ loaded: ms * 1e4, total: 1e7 }));
  }
  assert.ok(terminal.written.length >= 8 && terminal.written.length <= 14, `${terminal.written.length}`);
  for (const text of terminal.written) {
    assert.ok(text.startsWith('\r') && text.endsWith('\x1b[K') && text.length - 4 < 20, JSON.stringify(text));
  }
  bar.end();
  assert.equal(terminal.written.at(-1), '\r\x1b[K');
  const unseen = [];
  new ProgressBar({ ...output, write: (text) => unseen.push(text) }).end();
  assert.deepEqual(unseen, []);
});

test('bytes, counts and times read well', () => {
  assert.deepEqual([0, 999, 1000, 999_949, 999_950, 1.5e9].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '1.5 GB',
  ]);
  assert.deepEqual([999, 3_749_376, 134.5e6, 999.96e6, 1.7e9].map(formatCount), [
    '999',
    '3.7 million',
    '134.5 million',
    '1.00 billion',
    '1.70 billion',
  ]);
  assert.deepEqual([0, 0.2, 59.5, 60, 125, 3600, 3725].map(formatSeconds), [
    '0 s',
    '1 s',
    '1:00 min',
    '1:00 min',
    '2:05 min',
    '1:00 h',
    '1:02 h',
  ]);
});
