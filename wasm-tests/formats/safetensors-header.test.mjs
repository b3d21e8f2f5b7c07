import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSafetensorsHeader } from '../../build/web/formats/safetensors.js';

const utf8 = new TextEncoder();

function parse(header, fileSize = null) {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  return parseSafetensorsHeader(utf8.encode(text), 'model.safetensors', fileSize);
}

function tensor(dtype, shape, begin, end) {
  return { dtype, shape, data_offsets: [begin, end] };
}

test('tensors come in the order of their bytes, with offsets in the file', () => {
  const header = {
    __metadata__: { format: 'pt' },
    last: tensor('F16', [3, 5], 24, 54),
    empty: tensor('F32', [0, 7], 24, 24),
    scalar: tensor('F64', [], 16, 24),
    first: tensor('F32', [2, 2], 0, 16),
  };
  const headerEnd = 8 + JSON.stringify(header).length;
  assert.deepEqual(parse(header, headerEnd + 54), [
    { name: 'first', dtype: 'F32', shape: [2, 2], begin: headerEnd, end: headerEnd + 16 },
    { name: 'scalar', dtype: 'F64', shape: [], begin: headerEnd + 16, end: headerEnd + 24 },
    { name: 'empty', dtype: 'F32', shape: [0, 7], begin: headerEnd + 24, end: headerEnd + 24 },
    { name: 'last', dtype: 'F16', shape: [3, 5], begin: headerEnd + 24, end: headerEnd + 54 },
  ]);
});

test('every type of the format has its size', () => {
  const bytesOfSixteen = {
    ...{ F4: 8, F6_E2M3: 12, F6_E3M2: 12 },
    ...{ BOOL: 16, U8: 16, I8: 16, F8_E5M2: 16, F8_E4M3: 16, F8_E8M0: 16, F8_E4M3FNUZ: 16, F8_E5M2FNUZ: 16 },
    ...{ I16: 32, U16: 32, F16: 32, BF16: 32 },
    ...{ I32: 64, U32: 64, F32: 64 },
    ...{ I64: 128, U64: 128, F64: 128, C64: 128 },
  };
  for (const [dtype, bytes] of Object.entries(bytesOfSixteen)) {
    assert.equal(parse({ t: tensor(dtype, [2, 8], 0, bytes) })[0].dtype, dtype);
    assert.throws(() => parse({ t: tensor(dtype, [2, 8], 0, bytes + 1) }), { code: 'bad-file' });
  }
});

test('names and padding are free', () => {
  const names = ['', '__proto__', 'constructor', 'layers.0/ü "x"', 'length'];
  const header = `{${names.map((name) => `${JSON.stringify(name)}: {"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)}}   `;
  assert.deepEqual(new Set(parse(header).map(({ name }) => name)), new Set(names));
  assert.deepEqual(parse('{}'), []);
});

const twoPow53 = 2 ** 53;
const badHeaders = {
  'no JSON': ['{"a": ', /not valid JSON/],
  'a list': ['[]', /no JSON object/],
  null: ['null', /no JSON object/],
  'a tensor that is null': ['{"a": null}', /"a" is described by no JSON object/],
  'a tensor that is a number': ['{"a": 4}', /"a" is described by no JSON object/],
  'metadata under another name': ['{"__meta__": {"format": "pt"}}', /has no dtype/],
  'unknown dtype': [{ a: tensor('F128', [1], 0, 16) }, /unknown type "F128"/],
  'dtype of the wrong type': [{ a: tensor(['F32'], [1], 0, 4) }, /unknown type a list of 1/],
  'dtype that is an object': [{ a: tensor({}, [1], 0, 4) }, /unknown type an object/],
  'dtype of an inherited name': [{ a: tensor('constructor', [1], 0, 4) }, /unknown type "constructor"/],
  'no shape': ['{"a": {"dtype":"F32","data_offsets":[0,4]}}', /has no shape/],
  'negative size': [{ a: tensor('U8', [-1, -4], 0, 4) }, /shape \[-1, -4\]/],
  'fractional size': [{ a: tensor('F32', [0.5, 2], 0, 4) }, /shape \[0.5, 2\]/],
  'size as text': [{ a: tensor('F32', ['1'], 0, 4) }, /shape a list of 1/],
  'unsafe size': [{ a: tensor('U8', [twoPow53], 0, 4) }, /shape \[9007199254740992\]/],
  'no offsets': ['{"a": {"dtype":"F32","shape":[1]}}', /has no data_offsets/],
  'one offset': [{ a: { dtype: 'F32', shape: [1], data_offsets: [4] } }, /offsets \[4\]/],
  'three offsets': [{ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, /offsets \[0, 4, 8\]/],
  'negative offset': [{ a: tensor('F32', [1], -4, 0) }, /offsets \[-4, 0\]/],
  'infinite offset': [
    '{"a": {"dtype":"F32","shape":[1],"data_offsets":[0,1e999]}}',
    /offsets \[0, Infinity\]/,
  ],
  'end before begin': [{ a: tensor('F32', [1], 4, 0) }, /ends at offset 0, before it begins at 4/],
  'too few bytes': [
    { a: tensor('F32', [2, 3], 0, 20) },
    /takes 24 bytes, and its offsets 0 to 20 give it 20/,
  ],
  'too many bytes': [
    { z: tensor('U8', [4], 0, 4), a: tensor('F32', [2, 3], 4, 32) },
    /takes 24 bytes, and its offsets 4 to 32 give it 28/,
  ],
  'product that is 0 in 64 bits': [{ a: tensor('U8', [2 ** 32, 2 ** 32], 0, 0) }, /takes 2\^64 bits or more/],
  'bits that are 0 in 64 bits': [{ a: tensor('U8', [2 ** 32, 2 ** 29], 0, 0) }, /takes 2\^64 bits or more/],
  'product that is 4 in 64 bits': [
    { a: tensor('U8', [2 ** 32 + 1, 2 ** 32 + 1, 4], 0, 4) },
    /takes 2\^64 bits or more/,
  ],
  'overflow before a zero': [{ a: tensor('U8', [2 ** 32, 2 ** 32, 0], 0, 0) }, /takes 2\^64 bits or more/],
  'part of a byte': [{ a: tensor('F4', [3], 0, 1) }, /takes 1.5 bytes/],
  overlap: [
    { a: tensor('U8', [4], 0, 4), b: tensor('U8', [4], 3, 7) },
    /"b" begins at byte \d+ instead of \d+ and so overlaps/,
  ],
  'same bytes twice': [{ a: tensor('U8', [4], 0, 4), b: tensor('U8', [4], 0, 4) }, /"b" .*overlaps/],
  gap: [{ a: tensor('U8', [4], 0, 4), b: tensor('U8', [4], 5, 9) }, /"b" .*leaves a gap/],
  'gap at the start': [{ a: tensor('U8', [4], 1, 5) }, /"a" .*leaves a gap/],
};

for (const [name, [header, message]] of Object.entries(badHeaders)) {
  test(`refuses ${name}`, () => {
    assert.throws(() => parse(header), { name: 'SottoError', code: 'bad-file', message });
  });
}

test('refuses a header that is no UTF-8', () => {
  const json = utf8.encode('{"aa":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}');
  json[2] = 0xff;
  assert.throws(() => parseSafetensorsHeader(json, 'model.safetensors', null), { code: 'bad-file' });
});

test('refuses a file of another size than its tensors take, with both sizes', () => {
  const header = { a: tensor('U8', [4], 0, 4) };
  const size = 8 + JSON.stringify(header).length + 4;
  assert.equal(parse(header, size).length, 1);
  const describes = new RegExp(`describes ${size} bytes, and the file holds ${size - 1}: it is truncated`);
  assert.throws(() => parse(header, size - 1), { code: 'bad-file', message: describes });
  assert.throws(() => parse(header, size + 1), { code: 'bad-file', message: /belongs to no tensor/ });
  assert.throws(() => parse('{}', 11), {
    code: 'bad-file',
    message: /describes 10 bytes, and the file holds 11/,
  });
});

test('hostile headers take neither time nor a long message', () => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const hostile = [
    nested,
    `{"a":{"dtype":"F32","shape":${nested},"data_offsets":[0,4]}}`,
    `{"a":{"dtype":${nested},"shape":[1],"data_offsets":[0,4]}}`,
    JSON.stringify({ a: tensor('U8', Array(500_000).fill(2 ** 40), 0, 4) }),
    JSON.stringify({ a: tensor('x'.repeat(1_000_000), [1], 0, 4) }),
    JSON.stringify({ ['n'.repeat(1_000_000)]: tensor('U8', [1], 0, 4) }),
  ];
  const begin = performance.now();
  for (const header of hostile) {
    assert.throws(
      () => parse(header),
      ({ code, message }) => code === 'bad-file' && message.length < 600,
    );
  }
  assert.ok(performance.now() - begin < 5000);
});
