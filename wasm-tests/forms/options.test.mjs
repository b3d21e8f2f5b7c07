import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseFormatCheck } from '../../build/web/options/response-format.js';

const check = (value) => responseFormatCheck(value, 'responseFormat');

test('what is given comes out as plain data of its own', () => {
  const inner = { type: 'integer', minimum: 1, default: undefined, refine() {} };
  const schema = { type: 'object', properties: { a: inner }, [Symbol('kind')]: 'Object' };
  const resolved = check({ type: 'json-schema', schema });
  assert.deepEqual(resolved, {
    type: 'json-schema',
    schema: { type: 'object', properties: { a: { type: 'integer', minimum: 1 } } },
    strict: true,
  });
  assert.notEqual(resolved.schema.properties.a, inner);
  assert.deepEqual(structuredClone(resolved), resolved);
  assert.deepEqual(check({ type: 'json' }), { type: 'json' });
  assert.deepEqual(check({ type: 'choice', options: ['a', 'a'] }), { type: 'choice', options: ['a', 'a'] });
  const proto = check({
    type: 'json-schema',
    schema: JSON.parse('{"properties": {"__proto__": {"type": "null"}}}'),
  });
  assert.deepEqual(Object.keys(proto.schema.properties), ['__proto__']);
});

const endless = {};
endless.allOf = [endless];

/** What is refused, and what the message says. */
const REFUSED = [
  ['json', /^responseFormat is "json"; it must be an object such as/],
  [null, /^responseFormat is null/],
  [[{ type: 'json' }], /^responseFormat is an array/],
  [{}, /^responseFormat\.type is undefined; it must be "json" or "json-schema"/],
  [{ type: 'json_schema' }, /^responseFormat\.type is "json_schema"/],
  [{ type: 'json', schema: {} }, /has a key "schema"; with type: 'json' it has nothing else/],
  [{ type: 'json-schema' }, /^responseFormat\.schema is undefined; it must be a JSON Schema/],
  [{ type: 'json-schema', schema: [] }, /^responseFormat\.schema is an array/],
  [{ type: 'json-schema', schema: {}, strict: 1 }, /^responseFormat\.strict is 1/],
  [{ type: 'json-schema', schema: { enum: [1n] } }, /^responseFormat\.schema\.enum\[0\] is 1n/],
  [{ type: 'json-schema', schema: { minimum: Number.NaN } }, /^responseFormat\.schema\.minimum is NaN/],
  [{ type: 'json-schema', schema: endless }, /nested more than 64 levels/],
  [{ type: 'json-schema', schema: { enum: new Array(60_000).fill(0) } }, /more than 50000 values/],
  [{ type: 'regex' }, /^responseFormat\.pattern is undefined; it must be a string/],
  [{ type: 'regex', pattern: /a/ }, /of a RegExp, its source/],
  [{ type: 'regex', pattern: 'a'.repeat(20_000) }, /at most 16384 characters/],
  [{ type: 'grammar', grammar: 7 }, /^responseFormat\.grammar is 7/],
  [
    { type: 'choice', options: [] },
    /^responseFormat\.options is an array; it must be an array of 1 to 10000 strings/,
  ],
  [{ type: 'choice', options: 'ab' }, /^responseFormat\.options is "ab"/],
  [{ type: 'choice', options: ['a', 1] }, /^responseFormat\.options\[1\] is 1; it must be a string/],
  [{ type: 'choice', options: ['a'.repeat(600_000), 'b'.repeat(600_000)] }, /more than 300000 characters/],
  [
    {
      get type() {
        throw new Error('no');
      },
    },
    /^responseFormat cannot be read \(no\)/,
  ],
];

test('what is no form is refused, with the place of the fault', () => {
  for (const [value, message] of REFUSED) {
    assert.throws(() => check(value), { code: 'bad-option', message });
  }
});
