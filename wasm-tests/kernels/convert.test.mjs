import { test } from 'node:test';
import { assertSameBits } from './compare.mjs';
import { engine, withHeap } from './heap.mjs';
import { valueOfF16 } from './references.mjs';

const ALL_16_BITS = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** The f32 bits of each f16: an infinity or NaN keeps its sign, and its fraction moves up by 13. */
const F16_AS_F32 = Uint32Array.from(ALL_16_BITS, (bits) => {
  const value = valueOfF16(bits);
  if (!Number.isNaN(value)) return new Uint32Array(Float32Array.of(value).buffer)[0];
  return (((bits & 0x8000) << 16) | 0x7f800000 | ((bits & 0x3ff) << 13)) >>> 0;
});

/** A bf16 is the upper half of an f32. */
const BF16_AS_F32 = Uint32Array.from(ALL_16_BITS, (bits) => bits * 65536);

const FORMATS = [
  { dtype: 'F16', elements: ALL_16_BITS, expected: F16_AS_F32 },
  { dtype: 'BF16', elements: ALL_16_BITS, expected: BF16_AS_F32 },
];

/** The bits that `elements` convert to; the input lies at any byte, the output at any float. */
function convert(dtype, elements, inputMisalignment = 0, outputMisalignment = 0) {
  return withHeap((heap) => {
    const input = heap.input(elements, inputMisalignment);
    const out = heap.space(elements.length, outputMisalignment);
    engine.convertToF32(input.address, dtype, elements.length, out.address);
    return out.u32().slice();
  });
}

for (const { dtype, elements, expected } of FORMATS) {
  test(`${dtype}: all 65,536 patterns are exact, wherever the bytes lie`, () => {
    for (let misalignment = 0; misalignment < 16; ++misalignment) {
      const actual = convert(dtype, elements, misalignment, (misalignment * 4) % 16);
      assertSameBits(actual, expected, `at ${misalignment}`);
    }
  });

  test(`${dtype}: all 65,536 patterns are exact below one vector`, () => {
    const count = 3;
    const actual = new Uint32Array(elements.length);
    withHeap((heap) => {
      const input = heap.input(elements, 1);
      const out = heap.space(count);
      for (let begin = 0; begin < elements.length; begin += count) {
        const n = Math.min(count, elements.length - begin);
        engine.convertToF32(input.address + 2 * begin, dtype, n, out.address);
        actual.set(out.u32().subarray(0, n), begin);
      }
    });
    assertSameBits(actual, expected, 'three at a time');
  });

  test(`${dtype}: every count below three vectors writes just its own elements`, () => {
    const first = 0x3be0; // a run of patterns across 1.0
    for (let count = 0; count <= 24; ++count) {
      for (const misalignment of [0, 1, 2, 3]) {
        const actual = convert(dtype, elements.slice(first, first + count), misalignment);
        assertSameBits(actual, expected.subarray(first, first + count), `${count} at ${misalignment}`);
      }
    }
  });
}

test('F32: bits are copied as they are, signalling NaN included, wherever they lie', () => {
  const bits = Uint32Array.of(
    0,
    0x80000000,
    1,
    0x7f7fffff,
    0x7f800001,
    0xffc12345,
    0x3f800000,
    0xff800000,
    0x12345678,
  );
  for (let count = 0; count <= bits.length; ++count) {
    for (let misalignment = 0; misalignment < 16; ++misalignment) {
      const actual = convert('F32', bits.slice(0, count), misalignment, (misalignment * 4) % 16);
      assertSameBits(actual, bits.subarray(0, count), `${count} at ${misalignment}`);
    }
  }
});
