import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseJsonFile } from '../../build/web/formats/json.js';

const utf8 = new TextEncoder();
const parse = (content) =>
  parseJsonFile(typeof content === 'string' ? utf8.encode(content) : content, 'config.json');

test('JSON is parsed, with a byte order mark and the lines of Windows', () => {
  assert.deepEqual(parse('{"a": ["ü", 1]}'), { a: ['ü', 1] });
  assert.deepEqual(parse('\uFEFF{"a":\r\n1}\r\n'), { a: 1 });
});

test("Python's numbers are read as what they are, and strings of their names stay strings", () => {
  assert.deepEqual(
    parse('{"a": NaN, "b": [Infinity, -Infinity, -1.5], "NaN": "NaN", "c": "-Infinity \\"NaN"}'),
    {
      a: Number.NaN,
      b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1.5],
      NaN: 'NaN',
      c: '-Infinity "NaN',
    },
  );
  assert.ok(Number.isNaN(parse('NaN')));
  const pairs = parse('{"__proto__": NaN, "x": {"constructor": NaN}}');
  assert.deepEqual(Object.keys(pairs), ['__proto__', 'x']);
});

test('what is no JSON is refused', () => {
  const bad = ['', '{', '{"a": 1', "{'a': 1}", '{"a": NaN', '[nan]', '{"a": NaNs}', '[--Infinity]', '[+NaN]'];
  for (const content of [...bad, Uint8Array.of(0x22, 0xff, 0x22)]) {
    assert.throws(() => parse(content), {
      name: 'SottoError',
      code: 'bad-file',
      message: /^config.json \(\d+ bytes\) is not valid JSON: /,
    });
  }
});

test('files that are something else are called what they are', () => {
  const others = [
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 3\n',
      /pointer of Git LFS.*git lfs pull/,
    ],
    ['<!doctype html><title>Sign in</title>', /a page \(HTML or XML\)/],
    ['\n  <html lang="en">', /a page/],
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /a page/],
    [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0), /gzip/],
    [Uint8Array.of(0xff, 0xfe, 0x7b, 0), /UTF-16.*UTF-8/],
    ['PK\x03\x04abcd', /zip archive/],
  ];
  for (const [content, message] of others) {
    assert.throws(() => parse(content), { code: 'bad-file', message });
  }
});

test('nesting is bounded, however deep', () => {
  const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
  assert.doesNotThrow(() => parse(nested(100)));
  for (const depth of [101, 100_000]) {
    assert.throws(() => parse(nested(depth)), { code: 'bad-file', message: /more than 100 levels deep/ });
  }
  const python = `[NaN, ${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}]`;
  assert.throws(() => parse(python), { name: 'SottoError', code: 'bad-file' });
});
