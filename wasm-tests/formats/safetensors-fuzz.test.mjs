import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readSafetensors } from '../../build/web/formats/safetensors.js';
import { fileOf, makeData, makeFile, makeRandom } from './make-safetensors.mjs';

const ROUNDS = 6000;
const BITS = { BOOL: 8, U8: 8, I8: 8, F16: 16, BF16: 16, F32: 32, F64: 64, I64: 64 };

const VALID_HEADER = {
  __metadata__: { format: 'pt' },
  'h.0.attn.bias': { dtype: 'BOOL', shape: [1, 1, 6, 6], data_offsets: [0, 36] },
  'wte.weight': { dtype: 'F32', shape: [5, 3], data_offsets: [36, 96] },
  'wpe.weight': { dtype: 'BF16', shape: [4, 3], data_offsets: [96, 120] },
  'ln_f.weight': { dtype: 'F16', shape: [3], data_offsets: [120, 126] },
};
const VALID = makeFile(VALID_HEADER, makeData(126));

/** Reads a file to its end. Either it is refused as damaged, or what comes out is what its bytes say. */
async function readOrRefuse(bytes, random) {
  const size = random(2) === 0 ? bytes.length : null;
  const file = fileOf(bytes, { size, chunkSizes: [1 + random(60), 1 + random(60), 64] });
  let position = null;
  try {
    for await (const { tensor, chunks } of readSafetensors(file)) {
      const { begin, end, shape, dtype } = tensor;
      const nElements = shape.reduce((product, length) => product * length, 1);
      if (BITS[dtype] !== undefined) assert.equal(nElements * BITS[dtype], (end - begin) * 8);
      assert.equal(begin, position ?? 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)));
      position = end;
      let offset = begin;
      for await (const chunk of chunks) {
        assert.deepEqual(chunk, bytes.subarray(offset, offset + chunk.length));
        offset += chunk.length;
      }
      assert.equal(offset, end);
    }
  } catch (error) {
    if (error.name !== 'SottoError') throw error;
    assert.equal(error.code, 'bad-file');
    assert.ok(error.message.length < 1000);
    return 'refused';
  } finally {
    assert.ok(file.isReleased);
  }
  if (position !== null) assert.equal(position, bytes.length);
  return 'read';
}

async function fuzz(seed, makeBytes) {
  const random = makeRandom(seed);
  const counts = { read: 0, refused: 0 };
  const begin = performance.now();
  for (let round = 0; round < ROUNDS; round++) counts[await readOrRefuse(makeBytes(random), random)]++;
  assert.ok(performance.now() - begin < 60_000);
  return counts;
}

test('flipped, lost and inserted bytes: damage is told or changes nothing but values', async () => {
  const counts = await fuzz(11, (random) => {
    let bytes = VALID.slice();
    for (let n = 1 + random(4); n > 0; n--) {
      const at = random(random(2) === 0 ? bytes.length : 8); // often in the length of the header
      const kind = random(4);
      if (kind === 0) bytes[at] ^= 1 << random(8);
      if (kind === 1) bytes[at] = random(256);
      if (kind === 2) bytes = bytes.slice(0, at);
      if (kind === 3) bytes = Uint8Array.from([...bytes.subarray(0, at), random(256), ...bytes.subarray(at)]);
      if (bytes.length === 0) break;
    }
    return bytes;
  });
  assert.ok(counts.read > 100 && counts.refused > 1000, JSON.stringify(counts)); // both ways are exercised
});

test('digits and punctuation of the header changed', async () => {
  const text = JSON.stringify(VALID_HEADER);
  const counts = await fuzz(12, (random) => {
    const characters = [...text];
    for (let n = 1 + random(3); n > 0; n--) {
      characters[random(characters.length)] = '0123456789[]{},:"-.eE'.charAt(random(21));
    }
    return makeFile(characters.join(''), makeData(126));
  });
  assert.ok(counts.read > 100 && counts.refused > 1000, JSON.stringify(counts));
});

const NASTY = [
  0,
  1,
  2,
  3,
  4,
  126,
  -1,
  0.5,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  null,
  true,
  '4',
  [],
  {},
  [4],
];

test('headers made of nasty values', async () => {
  await fuzz(13, (random) => {
    const nasty = () => NASTY[random(NASTY.length)];
    const list = (limit) => (random(8) === 0 ? nasty() : Array.from({ length: random(limit) }, nasty));
    const header = {};
    for (let n = random(5); n > 0; n--) {
      const dtype = random(6) === 0 ? nasty() : Object.keys(BITS)[random(8)];
      const entry = { dtype, shape: list(5), data_offsets: random(3) === 0 ? list(4) : [nasty(), nasty()] };
      header[['a', 'b', '__metadata__', '__proto__2'][random(4)]] = random(10) === 0 ? nasty() : entry;
    }
    return makeFile(header, makeData(random(130)));
  });
});
