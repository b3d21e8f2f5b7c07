import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repositoryFiles, textOf } from './repository.mjs';

/** A file longer than this does two things. */
const MOST_LINES = 500;

/** A file longer than this makes one look for the second thing that it does. */
const WORTH_A_LOOK = 300;

const isHandWritten = (path) =>
  /\.(cc|h|inc|ts|mjs|js|py|css|html|cmake|sh)$|(^|\/)CMakeLists\.txt$/.test(path) &&
  !path.startsWith('demo/models/');

test(`no file of code has more than ${MOST_LINES} lines`, (t) => {
  const lengths = repositoryFiles()
    .filter(isHandWritten)
    .map((path) => ({ path, lines: textOf(path).split('\n').length - 1 }))
    .sort((a, b) => b.lines - a.lines);
  const median = lengths[lengths.length >> 1];
  t.diagnostic(
    `${lengths.length} files, median ${median.lines} lines, longest ${lengths[0].path} with ${lengths[0].lines}`,
  );
  for (const { path, lines } of lengths.filter((file) => file.lines > WORTH_A_LOOK)) {
    t.diagnostic(`worth a look: ${path} has ${lines} lines`);
  }
  assert.ok(lengths.length > 100);
  assert.deepEqual(
    lengths.filter((file) => file.lines > MOST_LINES),
    [],
  );
});
