// The JSON-Schema-Test-Suite. Of the packages that hold it, none has draft 2020-12; the cases of draft 4 are about what the two share.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from '../project/repository.mjs';
import { schemaMembership } from './membership.mjs';

const FOLDER = `${root}node_modules/json-schema-test-suite/tests/draft4/`;

/** `id` is of other drafts, and `refRemote` of other documents. */
const FILES = readdirSync(FOLDER).filter(
  (name) => name.endsWith('.json') && !/^(?:definitions|refRemote)/.test(name),
);

/** Valid, and never written: others than the named properties and items, and properties in another order than the schema's. */
const NEVER_WRITTEN = [
  'additionalItems are allowed by default: only the first item is validated',
  'additionalProperties are allowed by default: additional properties are allowed',
  'allOf with base schema: valid',
  'allOf: allOf',
  "object properties validation: doesn't invalidate other properties",
];

function* groups() {
  for (const name of FILES) yield* JSON.parse(readFileSync(FOLDER + name, 'utf8'));
}

test('of the suite, no invalid value is in the form of a schema, and of the valid ones those that are documented are not', (t) => {
  const neverWritten = [];
  let nGroups = 0;
  let nRefused = 0;
  let nTests = 0;
  for (const { description, schema, tests } of groups()) {
    nGroups++;
    let isMember;
    try {
      isMember = schemaMembership(schema);
    } catch (error) {
      assert.equal(error.code, 'bad-option', description);
      nRefused++;
      continue;
    }
    for (const { description: of, data, valid } of tests) {
      nTests++;
      const is = isMember(data);
      if (valid && !is) neverWritten.push(`${description}: ${of}`);
      else assert.equal(is, valid, `${description}: ${of}`);
    }
  }
  assert.deepEqual(neverWritten.sort(), NEVER_WRITTEN);
  assert.ok(nGroups > 60 && nRefused < 20, `${nRefused} of ${nGroups}`);
  t.diagnostic(`${nTests} values; ${nRefused} of ${nGroups} schemas are refused by name`);
});
