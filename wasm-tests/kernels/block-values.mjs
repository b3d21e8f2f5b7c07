// Blocks of every type that can be read, and the numbers that they stand for: gguf-py's, out of the fixtures, and those of
// the two types that it lacks, one number at a time.
import { readFileSync } from 'node:fs';
import { uniformRandom } from './data.mjs';
import { valueOfF16 } from './references.mjs';

const folder = new URL('../fixtures/block-values/', import.meta.url);
const { types } = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));
const blocks = new Uint8Array(readFileSync(new URL('blocks.bin', folder)));
const values = new Float32Array(new Uint8Array(readFileSync(new URL('values.bin', folder))).buffer);

/** Of Q1_0 a bit says d or -d, of Q2_0 two bits are q + 1 (ggml's quants.c, dequantize_row_q1_0 and dequantize_row_q2_0). */
const VALUE_OF = {
  Q1_0: (block, i) => ((block[2 + (i >> 3)] >> (i & 7)) & 1 ? 1 : -1),
  Q2_0: (block, i) => ((block[2 + (i >> 2)] >> (2 * (i & 3))) & 3) - 1,
};
const HALVES = [0x0001, 0x83ff, 0x8000, 0x7bff, 0xfbff, 0x0400, 0x2345, 0xa345];

function withoutGgufPy(type, columns) {
  const bytes = 18;
  const n = 1536 / columns;
  const random = uniformRandom(columns);
  const all = Uint8Array.from({ length: n * bytes }, () => Math.floor(random() * 256));
  const numbers = new Float32Array(n * columns);
  for (let b = 0; b < n; b++) {
    const block = all.subarray(b * bytes, (b + 1) * bytes);
    const bits = HALVES[b % HALVES.length];
    block[0] = bits & 255;
    block[1] = bits >> 8;
    for (let i = 0; i < columns; i++) {
      numbers[b * columns + i] = Math.fround(valueOfF16(bits) * VALUE_OF[type](block, i));
    }
  }
  return { type, columns, bytes, halves: [0], n, blocks: all, values: numbers };
}

/**
 * @type {{ type: string, columns: number, bytes: number, halves: number[], n: number, blocks: Uint8Array,
 *   values: Float32Array }[]} `columns` and `bytes` of a block, where the f16 numbers in it stand, `n` blocks
 */
export const BLOCK_VALUES = [
  ...types.map((one) => ({
    ...one,
    blocks: blocks.subarray(one.blocks, one.blocks + one.n * one.bytes),
    values: values.subarray(one.values, one.values + one.n * one.columns),
  })),
  withoutGgufPy('Q1_0', 128),
  withoutGgufPy('Q2_0', 64),
];
