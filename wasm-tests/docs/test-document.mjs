// A test for each block of code of a document.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedBlocks } from './code-blocks.mjs';

/** Between the names of blocks that run together. */
const AND = ' + ';

/**
 * Runs the blocks of a document, and fails where one has no run, or a run has no block.
 *
 * @param {string} path from the repository's root
 * @param {Record<string, (blocks: any, t: import('node:test').TestContext) => unknown>} runs by the block's name (see
 *   `namedBlocks`); the names of several that run together have ` + ` between them. A run is given its block, or
 *   several by name.
 */
export function testDocument(path, runs) {
  const blocks = namedBlocks(path);
  const names = Object.keys(runs).flatMap((name) => name.split(AND));
  test(`each block of ${path} has a run, and each run its block`, () => {
    assert.deepEqual(names.sort(), [...blocks.keys()].sort());
  });
  for (const [name, run] of Object.entries(runs)) {
    const own = name.split(AND).map((each) => blocks.get(each));
    if (own.includes(undefined)) continue; // which the test above tells
    const given =
      own.length === 1 ? own[0] : Object.fromEntries(name.split(AND).map((each, i) => [each, own[i]]));
    test(`${path}: ${name}`, (t) => run(given, t));
  }
}
