// Each row of a part of the table as a test.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FIGURES, noteFigures } from './figures.mjs';
import { figuresOf, makeHarness } from './harness.mjs';

/** The slowest, a production build, takes a tenth of it on a quiet machine. */
const MOST_MS = 240_000;

/** What code may grow or shrink by before its noted size has to be noted anew. */
const TOLERANCE = 0.05;

/**
 * Tests that rows do what the table says.
 *
 * @param {import('./harness.mjs').Row[]} rows
 */
export function testRows(rows) {
  let harness;
  before(async () => {
    harness = await makeHarness();
  });
  after(() => harness?.close());
  for (const [index, row] of rows.entries()) {
    if (row.cannot !== undefined) test(row.name, { skip: row.cannot }, () => {});
    else test(row.name, { timeout: MOST_MS }, (t) => testRow(t, harness, row, `row-${index}`));
  }
}

async function testRow(t, harness, row, name) {
  const entries = (row.entry ?? 'sotto').split(' and ');
  assert.deepEqual(
    entries.filter((entry) => !harness.hasEntry(entry)),
    [],
    'the package has no such entry',
  );
  const outcome = await row.run(harness, name, row);
  if (row.refused !== undefined) {
    assert.match(outcome.error ?? 'no error', row.refused);
    return;
  }
  const text = await harness.expectedText();
  assertTells(outcome, text, row.threads === 'yes' ? 2 : 1);
  if (row.threads === 'with headers') assertTells(outcome.isolated, text, 2);
  if (outcome.downloads === undefined || row.isDevelopment) return;
  const { files, kilobytes, paths } = await figuresOf(outcome.downloads);
  t.diagnostic(`${files} files, ${kilobytes} kB: ${paths.join(' ')}`);
  if (process.env.SOTTO_NOTE_FIGURES) return noteFigures(row.name, { files, kilobytes });
  const noted = FIGURES[row.name];
  const again =
    'note the figures anew: SOTTO_NOTE_FIGURES=1 npm test -- environments, then node tools/support.mjs';
  assert.equal(files, noted?.files, again);
  assert.ok(
    Math.abs(kilobytes - noted.kilobytes) <= TOLERANCE * noted.kilobytes,
    `${kilobytes} kB: ${again}`,
  );
}

function assertTells(outcome, text, threads) {
  assert.equal(outcome.error, undefined);
  assert.equal(outcome.text, text);
  assert.equal(outcome.threads, threads);
  assert.deepEqual(outcome.complaints ?? [], []);
}
