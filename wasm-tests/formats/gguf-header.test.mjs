// The header of a GGUF file, right and wrong: every count, length, type and place is held against the bytes that are there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MoreBytesNeeded } from '../../build/web/formats/gguf-cursor.js';
import { parseGgufHeader } from '../../build/web/formats/gguf-header.js';
import { GGUF_TYPES } from '../../build/web/formats/gguf-types.js';
import { SottoError } from '../../build/web/results/errors.js';
import { writeGguf } from './gguf-writer.mjs';

const tensor = (name, dims, type = 0, more = {}) => {
  const known = GGUF_TYPES.get(type) ?? { blockValues: 1, blockBytes: 4 };
  const nValues = dims.reduce((product, size) => product * Number(size), 1);
  return {
    name,
    dims,
    type,
    bytes: new Uint8Array((nValues / known.blockValues) * known.blockBytes),
    ...more,
  };
};
const A = tensor('a', [8, 3]);
const B = tensor('b', [32, 2], 8);
const GOOD = { metadata: [['general.architecture', 'string', 'llama']], tensors: [A, B] };

const parse = (bytes, size = bytes.length) => parseGgufHeader(bytes, 'm.gguf', size);

test('metadata of every type, lists and lists of lists', () => {
  const { metadata } = parse(
    writeGguf({
      metadata: [
        ['u8', 'u8', 255],
        ['i8', 'i8', -1],
        ['u16', 'u16', 65535],
        ['i16', 'i16', -2],
        ['u32', 'u32', 4294967295],
        ['i32', 'i32', -3],
        ['f32', 'f32', 0.5],
        ['f64', 'f64', 0.1],
        ['yes', 'bool', 1],
        ['no', 'bool', 0],
        ['small', 'u64', 7],
        ['large', 'u64', 2n ** 63n],
        ['i64', 'i64', -(2n ** 60n)],
        ['text', 'string', 'größe 漢字 \u{1F600}'],
        ['texts', ['string'], ['a', '', 'ß']],
        ['numbers', ['i32'], [1, -1]],
        ['flags', ['bool'], [1, 0]],
        ['nested', [['u8']], [[1, 2], []]],
      ],
    }),
  );
  const plain = Object.fromEntries(metadata);
  assert.deepEqual(plain, {
    u8: 255,
    i8: -1,
    u16: 65535,
    i16: -2,
    u32: 4294967295,
    i32: -3,
    f32: 0.5,
    f64: 0.1,
    yes: true,
    no: false,
    small: 7,
    large: 2n ** 63n,
    i64: -(2n ** 60n),
    text: 'größe 漢字 \u{1F600}',
    texts: ['a', '', 'ß'],
    numbers: new Int32Array([1, -1]),
    flags: [true, false],
    nested: [new Uint8Array([1, 2]), new Uint8Array(0)],
  });
});

test('tensors come in the order of their bytes, with shapes the other way round', () => {
  for (const version of [2, 3]) {
    const bytes = writeGguf({ ...GOOD, version });
    const { tensors } = parse(bytes);
    const begin = bytes.length - 2 * 34 - 96;
    assert.deepEqual(tensors, [
      { name: 'a', dtype: 'F32', shape: [3, 8], begin, end: begin + 96 },
      { name: 'b', dtype: 'Q8_0', shape: [2, 32], begin: begin + 96, end: begin + 96 + 68 },
    ]);
  }
});

test('infos may stand in another order than the bytes, and general.alignment is obeyed', () => {
  const metadata = [['general.alignment', 'u32', 64]];
  const tensors = [
    { ...B, offset: 128 },
    { ...A, offset: 0 },
  ];
  const bytes = writeGguf({ metadata, tensors, alignment: 64 });
  assert.deepEqual(
    parse(bytes).tensors.map(({ name, begin }) => [name, begin % 64]),
    [
      ['a', 0],
      ['b', 0],
    ],
  );
});

test('every beginning of a file asks for more, and is an error where there is no more', () => {
  const bytes = writeGguf(GOOD);
  const headerEnd = parse(bytes).tensors[0].begin - 31;
  for (let length = 0; length < headerEnd; length++) {
    const beginning = bytes.slice(0, length);
    assert.throws(() => parse(beginning, bytes.length), MoreBytesNeeded, String(length));
    assert.throws(() => parse(beginning), { code: 'bad-file' }, String(length));
  }
  for (let length = headerEnd + 31; length < bytes.length; length++) {
    assert.throws(
      () => parse(bytes.slice(0, length)),
      { code: 'bad-file', message: /truncated/ },
      String(length),
    );
  }
});

/** Name, file or bytes, code, words of the message. */
const BAD = [
  ['another magic', writeGguf({ ...GOOD, magic: 'GGML' }), 'bad-file', /no GGUF file: it begins with "GGML"/],
  ['a page', new TextEncoder().encode('<!doctype html><p>no'), 'bad-file', /it is a page/],
  [
    'a pointer of Git LFS',
    new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'),
    'bad-file',
    /pointer of Git LFS/,
  ],
  ['version 1', { ...GOOD, version: 1 }, 'unsupported-model', /GGUF version 1.*reads 2 and 3/],
  ['version 4', { ...GOOD, version: 4 }, 'unsupported-model', /GGUF version 4/],
  ['big-endian', { ...GOOD, version: 0x03000000 }, 'unsupported-model', /big-endian/],
  ['10^12 tensors', { ...GOOD, nTensors: 10n ** 12n }, 'bad-file', /1000000000000 tensors/],
  ['2^64 - 1 keys', { ...GOOD, nPairs: 2n ** 64n - 1n }, 'bad-file', /keys/],
  [
    'a key twice',
    { metadata: [GOOD.metadata[0], GOOD.metadata[0]] },
    'bad-file',
    /"general.architecture" is there twice/,
  ],
  ['a key without a name', { metadata: [['', 'u8', 1]] }, 'bad-file', /key 0 has the name ""/],
  ['a NUL in a key', { metadata: [['a\0b', 'u8', 1]] }, 'bad-file', /key 0 has the name/],
  [
    'an unknown type of value',
    { metadata: [['a', 13, new Uint8Array(8)]] },
    'bad-file',
    /"a" has the unknown type of value 13/,
  ],
  [
    'a list of 10^12 numbers',
    { metadata: [['a', 9, Uint8Array.of(4, 0, 0, 0, 0, 16, 165, 212, 232, 0, 0, 0)]] },
    'bad-file',
    /the list "a" takes 4000000000000 bytes/,
  ],
  [
    'a list of 10^12 strings',
    { metadata: [['a', 9, Uint8Array.of(8, 0, 0, 0, 0, 16, 165, 212, 232, 0, 0, 0)]] },
    'bad-file',
    /the list "a" takes 8000000000000 bytes/,
  ],
  [
    'a string of 2^63 bytes',
    { metadata: [['a', 8, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128)]] },
    'bad-file',
    /the value of "a" takes 9223372036854776000 bytes/,
  ],
  [
    'lists in lists in lists in lists',
    { metadata: [['a', [[[['u8']]]], [[[[1]]]]]] },
    'bad-file',
    /more than 3 deep/,
  ],
  [
    'an alignment of 3',
    { metadata: [['general.alignment', 'u32', 3]] },
    'bad-file',
    /general.alignment is 3/,
  ],
  [
    'an alignment of 0',
    { metadata: [['general.alignment', 'u32', 0]] },
    'bad-file',
    /general.alignment is 0/,
  ],
  [
    'an alignment in words',
    { metadata: [['general.alignment', 'string', 'x']] },
    'bad-file',
    /general.alignment is x/,
  ],
  ['a tensor without a name', { tensors: [tensor('', [4])] }, 'bad-file', /tensor 0 has the name ""/],
  ['a tensor twice', { tensors: [A, tensor('a', [8])] }, 'bad-file', /tensor "a" is there twice/],
  ['five dimensions', { tensors: [tensor('a', [1, 1, 1, 1, 1])] }, 'bad-file', /"a" has 5 dimensions/],
  ['a size of 0', { tensors: [tensor('a', [8, 0])] }, 'bad-file', /shape \[0, 8\]/],
  ['2^63 rows', { tensors: [{ ...A, dims: [8, 2n ** 63n] }] }, 'bad-file', /tensor "a" has the shape/],
  [
    'a product that overflows',
    { tensors: [{ ...A, dims: [2n ** 32n, 2n ** 32n] }] },
    'bad-file',
    /tensor "a" has the shape/,
  ],
  [
    'rows that are no whole blocks',
    { tensors: [{ ...B, dims: [16, 4] }] },
    'bad-file',
    /rows of 16 values.*blocks of 32/,
  ],
  [
    'an unknown type',
    { tensors: [tensor('a', [8], 99)] },
    'unsupported-model',
    /tensor "a" has the unknown type 99/,
  ],
  ['a removed type', { tensors: [tensor('a', [32], 4)] }, 'unsupported-model', /type 4 \(Q4_2\)/],
  [
    'an offset off the alignment',
    { tensors: [{ ...A, offset: 8 }] },
    'bad-file',
    /begins at 8, and general.alignment is 32/,
  ],
  ['tensors that overlap', { tensors: [A, { ...B, offset: 32 }] }, 'bad-file', /tensor "b" begins at byte/],
  ['a gap between tensors', { tensors: [A, { ...B, offset: 960 }] }, 'bad-file', /tensor "b" begins at byte/],
  ['a tensor far behind the file', { tensors: [{ ...A, offset: 2n ** 40n }] }, 'bad-file', /begins at byte/],
  [
    'blocks of a fork under the same number',
    { tensors: [{ ...tensor('a', [128, 32], 42), bytes: new Uint8Array(1088) }, tensor('z', [64])] },
    'bad-file',
    /other programs may have other blocks/,
  ],
  [
    'bytes behind the last tensor',
    new Uint8Array([...writeGguf(GOOD), ...new Uint8Array(64)]),
    'bad-file',
    /the file holds/,
  ],
];

for (const [name, file, code, message] of BAD) {
  test(`${name} is refused`, () => {
    const bytes = file instanceof Uint8Array ? file : writeGguf(file);
    assert.throws(
      () => parse(bytes),
      (error) => {
        assert.ok(error instanceof SottoError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        assert.match(error.message, /^m\.gguf/);
        return true;
      },
    );
  });
}

test('where the size is not known, what a header claims is held against the most that one may have', () => {
  const list = { metadata: [['a', 9, Uint8Array.of(4, 0, 0, 0, 0, 16, 165, 212, 232, 0, 0, 0)]] };
  assert.throws(() => parse(writeGguf(list), null), {
    code: 'bad-file',
    message: /a header has at most 134217728 bytes/,
  });
});
