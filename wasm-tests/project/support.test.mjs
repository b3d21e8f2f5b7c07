import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supportPage } from '../../tools/support.mjs';
import { TABLE } from '../environments/table.mjs';
import { textOf } from './repository.mjs';

test('docs/support.md is what the environment table says', () => {
  assert.equal(textOf('docs/support.md'), supportPage(), 'run node tools/support.mjs');
});

test('the rows of the environment table have names of their own', () => {
  const names = Object.values(TABLE).flatMap((rows) => rows.map(({ name }) => name));
  assert.ok(names.length > 40);
  assert.equal(new Set(names).size, names.length);
});
