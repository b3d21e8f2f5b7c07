// tools/way.mjs, which counts what a token costs on its way through the package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureWay } from '../../tools/way.mjs';

/** A token's crossings into WebAssembly, at most: less is better, more needs a reason. */
const MOST_CROSSINGS = 2;

test('the way of a prompt and of a token is counted, and a token crosses no more often than it did', async (t) => {
  const { promptFiles, tokenFiles, tokenCalls, crossings } = await measureWay();
  const nCrossings = crossings.reduce((sum, [, count]) => sum + count, 0);
  t.diagnostic(
    `a prompt enters ${promptFiles.length} files, a token ${tokenFiles.length} with ${tokenCalls.toFixed(0)} calls ` +
      `and ${nCrossings.toFixed(1)} crossings`,
  );
  assert.ok(tokenFiles.length > 0 && tokenFiles.length < promptFiles.length);
  for (const [file, count] of tokenFiles) assert.ok(promptFiles.includes(file) && count > 0, file);
  assert.ok(nCrossings > 0 && nCrossings <= MOST_CROSSINGS, JSON.stringify(crossings));
});
