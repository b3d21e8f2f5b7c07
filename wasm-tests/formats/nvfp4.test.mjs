// Blocks in NVFP4 times a factor, and the halves that Q8_0 has for it. api/gguf-factors.test.mjs has whole models of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float16Bits, float16Value } from '../../build/web/formats/float16.js';
import { scaledNvfp4 } from '../../build/web/formats/nvfp4.js';
import { randomOf } from '../api/block-models.mjs';
import { valueOfF16 } from '../kernels/references.mjs';

const INFINITY = 0x7c00;

test('halves: all of them, what lies between two, and what is too large', () => {
  for (let half = 0; half < INFINITY; half++) {
    const value = valueOfF16(half);
    assert.equal(float16Value(half), value);
    assert.equal(float16Bits(value), half);
    assert.equal(float16Bits(-value), half | 0x8000);
    if (half + 1 === INFINITY) continue;
    const next = valueOfF16(half + 1);
    const middle = (value + next) / 2;
    assert.equal(float16Bits(middle), half + (half % 2), `between ${half} and the next`);
    assert.equal(float16Bits(middle - (next - value) / 100), half);
    assert.equal(float16Bits(middle + (next - value) / 100), half + 1);
  }
  assert.equal(float16Bits(65519.9), INFINITY - 1);
  for (const large of [65520, 1e6, 1e38, Number.POSITIVE_INFINITY])
    assert.equal(float16Bits(large), INFINITY);
});

const E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

/** The value of a scale's byte, as the format is described. */
function scaleValue(byte) {
  if (byte === 0x7f) return 0;
  const [exponent, fraction] = [(byte >> 3) & 15, byte & 7];
  return exponent === 0 ? fraction / 512 : (1 + fraction / 8) * 2 ** (exponent - 7);
}

/** Blocks with these scales, and random values. */
function blocksOf(scales, random) {
  const bytes = new Uint8Array((scales.length / 4) * 36);
  const values = [];
  for (const [i, scale] of scales.entries()) {
    const block = Math.floor(i / 4) * 36;
    bytes[block + (i % 4)] = scale;
    for (let k = 0; k < 16; k++) {
      const code = Math.floor(random() * 16);
      bytes[block + 4 + (i % 4) * 8 + (k % 8)] |= k < 8 ? code : code << 4;
      values.push((code & 8 ? -1 : 1) * E2M1[code & 7] * scaleValue(scale));
    }
  }
  return { bytes, values };
}

async function* cut(bytes, size) {
  for (let begin = 0; begin < bytes.length; begin += size) yield bytes.subarray(begin, begin + size);
}

async function converted(bytes, factor, type, size = 1000) {
  const parts = [];
  for await (const chunk of scaledNvfp4(cut(bytes, size), factor, type)) parts.push(chunk);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

const ALL_SCALES = Array.from({ length: 128 }, (_, byte) => byte);

test('to F32: each value times the factor, rounded once, wherever chunks end', async () => {
  const { bytes, values } = blocksOf(ALL_SCALES, randomOf(3));
  for (const factor of [1, 0.1, 1e-4, 7.25]) {
    for (const size of [1, 35, 36, 37, 100_000]) {
      const found = new Float32Array((await converted(bytes, factor, 'F32', size)).buffer);
      assert.deepEqual(
        [...found].map((x) => x + 0),
        values.map((value) => Math.fround(value * factor) + 0),
        `${factor}, in chunks of ${size}`,
      );
    }
  }
});

/** The scale and the integers of each block of 32. */
function* q8Blocks(bytes) {
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 34) {
    yield {
      scale: valueOfF16(view.getUint16(at, true)),
      integers: [...new Int8Array(bytes.buffer, at + 2, 32)],
    };
  }
}

test('to Q8_0: the integers where two scales are equal', async () => {
  const { bytes, values } = blocksOf(
    ALL_SCALES.flatMap((scale) => [scale, scale]),
    randomOf(4),
  );
  for (const factor of [1, 0.1]) {
    const found = [...q8Blocks(await converted(bytes, factor, 'Q8_0'))];
    assert.equal(found.length, 128);
    for (const [i, { scale, integers }] of found.entries()) {
      const expected = valueOfF16(float16Bits((scaleValue(i) / 2) * factor));
      assert.equal(scale, expected, `scale ${i}`);
      const exact = values.slice(32 * i, 32 * (i + 1));
      if (expected !== 0) {
        assert.deepEqual(
          integers.map((q) => q * (scaleValue(i) / 2) + 0),
          exact.map((x) => x + 0),
          `scale ${i}`,
        );
      }
    }
  }
});

test('to Q8_0: within 1/254 of the largest where two scales differ', async () => {
  const random = randomOf(5);
  const scales = Array.from({ length: 4000 }, () => 0x20 + Math.floor(random() * 0x5f));
  const { bytes, values } = blocksOf(scales, random);
  const factor = 0.01;
  let i = 0;
  for (const { scale, integers } of q8Blocks(await converted(bytes, factor, 'Q8_0'))) {
    const exact = values.slice(i, i + 32).map((value) => value * factor);
    const largest = Math.max(...exact.map(Math.abs));
    for (const [k, integer] of integers.entries()) {
      const error = Math.abs(integer * scale - exact[k]);
      assert.ok(error <= (largest / 254) * 1.1 + 1e-7, `${error} of ${largest}, value ${i + k}`);
    }
    i += 32;
  }
  assert.equal(i, values.length);
});
