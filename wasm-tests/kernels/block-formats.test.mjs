// The values of quantised blocks, to the bit: gguf-py's of every type that sotto reads.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readGguf } from '../formats/read-gguf.mjs';
import { BLOCK_VALUES } from './block-values.mjs';
import { assertSameBits } from './compare.mjs';
import { engine, withHeap } from './heap.mjs';

/** The values of `n` blocks, or null where the engine refuses them; the blocks lie at any byte. */
function dequantize(type, blocks, n, length, misalignment = 0) {
  return withHeap((heap) => {
    const input = heap.input(blocks, misalignment);
    const out = heap.space(length, (misalignment * 4) % 16);
    const areFinite = engine.dequantizeBlocks(type, input.address, n, out.address);
    return areFinite ? out.f32().slice() : null;
  });
}

test('every type that is read has its blocks here', () => {
  const rows = readFileSync(new URL('../../src/tensor/block_formats.inc', import.meta.url), 'utf8').matchAll(
    /^SOTTO_BLOCK_FORMAT\(\w+, "(\w+)", (\d+), (\d+),/gm,
  );
  const listed = Array.from(rows, ([, type, columns, bytes]) => [type, Number(columns), Number(bytes)]);
  assert.deepEqual(
    BLOCK_VALUES.map(({ type, columns, bytes }) => [type, columns, bytes]).sort(),
    listed.sort(),
  );
});

for (const { type, columns, bytes, halves, n, blocks, values } of BLOCK_VALUES) {
  test(`${type}: the values of its blocks, wherever they lie`, () => {
    for (const misalignment of [0, 1, 2, 3]) {
      assertSameBits(dequantize(type, blocks, n, n * columns, misalignment), values, `at ${misalignment}`);
    }
    const one = dequantize(type, blocks.subarray(bytes, 2 * bytes), 1, columns);
    assertSameBits(one, values.subarray(columns, 2 * columns), 'one alone');
  });

  if (halves.length > 0) {
    test(`${type}: scales that are no numbers are refused`, () => {
      for (const at of halves) {
        for (const bits of [0x7c00, 0xfc00, 0x7e00, 0x7c01]) {
          const block = blocks.slice(0, bytes);
          new DataView(block.buffer).setUint16(at, bits, true);
          assert.equal(dequantize(type, block, 1, columns), null, `${bits.toString(16)} at ${at}`);
        }
      }
    });
  }
}

test('MXFP4: values beyond f32 are refused, the largest ones are not', () => {
  const block = (exponent, nibbles) => Uint8Array.of(exponent, ...new Array(16).fill(nibbles));
  assert.equal(dequantize('MXFP4', block(253, 0x77), 1, 32), null); // 12 * 2^125
  assert.equal(dequantize('MXFP4', block(252, 0x77), 1, 32)[0], 12 * 2 ** 124);
  assert.equal(dequantize('MXFP4', block(255, 0x11), 1, 32)[0], 2 ** 127);
});

/** Types of the data whose values stand in large tables. */
const UNREAD = ['IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ3_XXS', 'IQ3_S', 'IQ1_S', 'IQ1_M'];

test('other blocks of every type, from ../shared/models/data/quants', (t) => {
  const folder = new URL('../../../shared/models/data/quants/', import.meta.url);
  if (!existsSync(folder)) return t.skip('there is no ../shared/models/data/quants');
  const file = new Uint8Array(readFileSync(new URL('blocks.gguf', folder)));
  const { tensors } = readGguf(file);
  const { tensors: expected } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));
  const all = new Float32Array(new Uint8Array(readFileSync(new URL('values.f32', folder))).buffer);
  const unread = [];
  for (const { tensor, block, bytes, offset, count } of expected) {
    const type = tensor.slice('t.'.length);
    const { offset: begin } = tensors.find(({ name }) => name === tensor);
    const n = count / block;
    const blocks = file.subarray(begin, begin + n * bytes);
    const values = all.subarray(offset / 4, offset / 4 + count);
    if (BLOCK_VALUES.some((one) => one.type === type)) {
      assertSameBits(dequantize(type, blocks, n, count), values, type);
    } else if (block > 1) unread.push(type);
  }
  assert.deepEqual(unread, UNREAD);
});
