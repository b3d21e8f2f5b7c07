// docs/figures.md: every number of its tables stands in that part of bench/results.md which the text above the table links to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorOf } from '../../docs/.vitepress/anchors.mjs';
import { textOf } from '../project/repository.mjs';

/** The parts of a document by the anchors of their headings of the second level. */
const partsOf = (text) =>
  new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((part) => [anchorOf(part.slice(0, part.indexOf('\n'))), part]),
  );

const numbersOf = (text) => text.match(/(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?![\w.]*\w)/g) ?? [];

/** The tables of a document, each with the text between it and what stands before: the table or heading above. */
function tablesOf(text) {
  const tables = [];
  let above = '';
  let rows = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('|')) {
      rows.push(line);
      continue;
    }
    if (rows.length > 0) {
      tables.push({ above, rows: rows.slice(2) });
      [above, rows] = ['', []];
    }
    above = line.startsWith('#') ? '' : `${above}\n${line}`;
  }
  return tables;
}

/** Numbers of tables that the measurements which they link to do not have. */
function unknownIn(text, results) {
  const parts = partsOf(results);
  return tablesOf(text).flatMap(({ above, rows }) => {
    const links = [...above.matchAll(/bench\/results\.md#([\w-]+)/g)].map(([, anchor]) => parts.get(anchor));
    const known = new Set(links.flatMap((part) => numbersOf(part ?? '')));
    return rows.flatMap((row) => {
      const cells = row.split('|').slice(2, -1);
      return cells
        .flatMap(numbersOf)
        .filter((number) => !known.has(number))
        .map((number) => `${number} in ${row}`);
    });
  });
}

test('the figures are those that were measured', () => {
  const text = textOf('docs/figures.md');
  const results = textOf('bench/results.md');
  const cells = tablesOf(text).flatMap(({ rows }) => rows.flatMap(numbersOf));
  assert.ok(cells.length > 60);
  assert.deepEqual(unknownIn(text, results), []);
});

test('a figure that nothing was measured for is found, and one that is linked to the wrong part', () => {
  const results = '# Log\n\n## One\n\n| a | 12.5 |\n\n## Two\n\n7 ms, 1,000 of them\n';
  const table = (link, ...cells) =>
    `Text ([measured](../bench/results.md#${link})).\n\n| | x |\n| --- | --- |\n| a 3 | ${cells.join(' | ')} |\n`;
  assert.deepEqual(unknownIn(table('one', '12.5'), results), []);
  assert.deepEqual(unknownIn(table('two', '7 ms', '1,000'), results), []);
  assert.deepEqual(unknownIn(table('one', '12.4'), results), ['12.4 in | a 3 | 12.4 |']);
  assert.deepEqual(unknownIn(table('two', '12.5'), results), ['12.5 in | a 3 | 12.5 |']);
});
