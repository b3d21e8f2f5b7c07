// docs/guides/errors.md: its words for users, and its list of codes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbortError, SOTTO_ERROR_CODES, SottoError } from 'sotto';
import { textOf } from '../project/repository.mjs';
import { importBlock } from './fragment.mjs';
import { testDocument } from './test-document.mjs';

testDocument('docs/guides/errors.md', {
  'explain.js': async (block, t) => {
    const { explain } = await importBlock(t, block);
    const cases = [...block.code.matchAll(/case '([\w-]+)'/g)].map(([, code]) => code);
    assert.deepEqual(
      cases.filter((code) => !SOTTO_ERROR_CODES.includes(code)),
      [],
    );
    const other = explain(new SottoError('bad-token', 'a message'));
    for (const code of SOTTO_ERROR_CODES)
      assert.equal(explain(new SottoError(code, 'a message')) !== other, cases.includes(code), code);
    assert.equal(explain(new AbortError({})), undefined);
  },
});

test('errors.md has each code of SOTTO_ERROR_CODES once, and no other, with words in each column', () => {
  const rows = textOf('docs/guides/errors.md')
    .split('\n')
    .filter((line) => /^\| `'/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\|? *| *\|$/g, '')));
  assert.deepEqual(rows.map(([code]) => code.replaceAll(/[`']/g, '')).sort(), [...SOTTO_ERROR_CODES].sort());
  for (const row of rows) {
    assert.equal(row.length, 4, row[0]);
    assert.ok(
      row.every((cell) => cell !== ''),
      row[0],
    );
  }
});
