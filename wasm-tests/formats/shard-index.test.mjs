import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseShardIndex } from '../../build/web/formats/shard-index.js';

const NAME = 'model.safetensors.index.json';

test('files come once each, sorted, with the total size', () => {
  const index = {
    metadata: { total_size: 1234 },
    weight_map: { a: 'model-2.safetensors', b: 'model-1.safetensors', c: 'model-2.safetensors' },
  };
  assert.deepEqual(parseShardIndex(index, NAME), {
    files: ['model-1.safetensors', 'model-2.safetensors'],
    fileOf: new Map(Object.entries(index.weight_map)),
    totalSize: 1234,
  });
});

test('the total size is a help, not a need', () => {
  const weight_map = { a: 'sub/model.safetensors' };
  for (const metadata of [
    undefined,
    null,
    [],
    {},
    { total_size: '12' },
    { total_size: -1 },
    { total_size: 1.5 },
  ]) {
    assert.deepEqual(parseShardIndex({ metadata, weight_map }, NAME), {
      files: ['sub/model.safetensors'],
      fileOf: new Map([['a', 'sub/model.safetensors']]),
      totalSize: null,
    });
  }
});

const BAD_NAMES = [
  '../model.safetensors',
  'a/../../model.safetensors',
  './model.safetensors',
  '/etc/model.safetensors',
  'a//model.safetensors',
  'C:\\model.safetensors',
  'C:model.safetensors',
  '..\\model.safetensors',
  'https://example.com/model.safetensors',
  'model\0.safetensors',
  'model\n.safetensors',
  'model-\ud800.safetensors',
  'passwd',
  'model.safetensors/',
  `${'x'.repeat(250)}.safetensors`,
  '',
  7,
  null,
  ['model.safetensors'],
];

for (const name of BAD_NAMES) {
  test(`refuses ${JSON.stringify(name)?.slice(0, 40)} as a file`, () => {
    const expected = {
      name: 'SottoError',
      code: 'bad-file',
      message: /which is no name of a safetensors file/,
    };
    assert.throws(() => parseShardIndex({ weight_map: { ok: 'a.safetensors', t: name } }, NAME), expected);
  });
}

test('refuses what is no index', () => {
  for (const json of [null, 3, [], 'x', {}, { weight_map: null }, { weight_map: [] }, { weight_map: {} }]) {
    assert.throws(() => parseShardIndex(json, NAME), {
      code: 'bad-file',
      message: /is no index of safetensors/,
    });
  }
});

test('refuses absurdly many files', () => {
  const map = (count) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, `${i}.safetensors`]));
  assert.equal(parseShardIndex({ weight_map: map(1024) }, NAME).files.length, 1024);
  assert.throws(() => parseShardIndex({ weight_map: map(1025) }, NAME), { message: /more than 1024 files/ });
});
