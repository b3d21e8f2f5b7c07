import { float16Bits, float16Value } from './float16.js';
import { wholeItems } from './whole-items.js';

const BLOCK_BYTES = 36;
const N_SCALES = 4;
const GROUP = 16; // values that have one scale
const BLOCK = GROUP * N_SCALES;
const AT_ONCE = 1 << 12; // blocks

/** Twice the values of E2M1; the scales have the half. */
const DOUBLED = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12] as const;

const Q8_BLOCK = 32;
const Q8_BYTES = 2 + Q8_BLOCK;
const Q8_MOST = 127;

/**
 * Turns blocks in NVFP4 into their values times a factor, in types that can hold these.
 *
 * @param chunks In chunks that end anywhere.
 * @param factor Above 0.
 * @param type 'F32': each value rounded once. 'Q8_0': the integers, where both scales of 32 values are equal; else rounded to
 *   1/127 of the largest.
 */
export async function* scaledNvfp4(
  chunks: AsyncIterable<Uint8Array>,
  factor: number,
  type: 'F32' | 'Q8_0',
): AsyncGenerator<Uint8Array> {
  const convert = type === 'F32' ? toFloat32 : toQ8;
  for await (const bytes of wholeItems(chunks, BLOCK_BYTES)) {
    for (let begin = 0; begin < bytes.byteLength; begin += AT_ONCE * BLOCK_BYTES) {
      yield convert(bytes.subarray(begin, begin + AT_ONCE * BLOCK_BYTES), factor);
    }
  }
}

function toFloat32(blocks: Uint8Array, factor: number): Uint8Array {
  const to = new DataView(new ArrayBuffer((blocks.byteLength / BLOCK_BYTES) * BLOCK * 4));
  let at = 0;
  for (let begin = 0; begin < blocks.byteLength; begin += BLOCK_BYTES) {
    for (let i = 0; i < BLOCK; i++, at += 4) {
      to.setFloat32(at, scaleOf(blocks, begin, i) * doubled(blocks, begin, i) * factor, true);
    }
  }
  return new Uint8Array(to.buffer);
}

function toQ8(blocks: Uint8Array, factor: number): Uint8Array {
  const to = new DataView(new ArrayBuffer((blocks.byteLength / BLOCK_BYTES) * (BLOCK / Q8_BLOCK) * Q8_BYTES));
  let at = 0;
  for (let begin = 0; begin < blocks.byteLength; begin += BLOCK_BYTES) {
    for (let first = 0; first < BLOCK; first += Q8_BLOCK, at += Q8_BYTES) {
      const half = float16Bits(q8Scale(blocks, begin, first) * factor);
      const scale = float16Value(half);
      to.setUint16(at, half, true);
      const isExact = scaleOf(blocks, begin, first) === scaleOf(blocks, begin, first + GROUP);
      for (let i = 0; i < Q8_BLOCK; i++) {
        const integer = doubled(blocks, begin, first + i);
        const value = scaleOf(blocks, begin, first + i) * integer * factor;
        to.setInt8(at + 2 + i, isExact || scale === 0 ? integer : rounded(value / scale));
      }
    }
  }
  return new Uint8Array(to.buffer);
}

/** The scale of 32 values, before the factor. */
function q8Scale(blocks: Uint8Array, begin: number, first: number): number {
  const [one, other] = [scaleOf(blocks, begin, first), scaleOf(blocks, begin, first + GROUP)];
  if (one === other) return one;
  let largest = 0;
  for (let i = first; i < first + Q8_BLOCK; i++) {
    largest = Math.max(largest, Math.abs(scaleOf(blocks, begin, i) * doubled(blocks, begin, i)));
  }
  return largest / Q8_MOST;
}

const rounded = (value: number) => Math.max(-Q8_MOST, Math.min(Q8_MOST, Math.round(value)));

/** The scale of a block's value: E4M3 without a sign. */
function scaleOf(blocks: Uint8Array, begin: number, i: number): number {
  return SCALES[blocks[begin + Math.floor(i / GROUP)] as number] as number;
}

/** A value of a block, before its scale: bytes hold the values of two halves of a group. */
function doubled(blocks: Uint8Array, begin: number, i: number): number {
  const inGroup = i % GROUP;
  const byte = blocks[begin + N_SCALES + (i - inGroup) / 2 + (inGroup % (GROUP / 2))] as number;
  return DOUBLED[inGroup < GROUP / 2 ? byte & 15 : byte >> 4] as number;
}

const SCALES = Float64Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x7f) return 0; // no number
  const [exponent, fraction] = [(byte >> 3) & 15, byte & 7];
  return (exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7)) / 2;
});
