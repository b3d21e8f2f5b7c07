// GGUF's K types, one number at a time: a block of a file, what it stands for, and products with it.
import { quantizeActivations } from './quantized-references.mjs';
import { valueOfF16 } from './references.mjs';

const { fround } = Math;
const f16At = (bytes, at) => valueOfF16(bytes[at] | (bytes[at + 1] << 8));

/** Scale and minimum, 6 bits each, of the group `g` of 32 values. */
function sixBits(s, g) {
  if (g < 4) return [s[g] & 63, s[g + 4] & 63];
  return [(s[g + 4] & 15) | ((s[g - 4] >> 6) << 4), (s[g + 4] >> 4) | ((s[g] >> 6) << 4)];
}

const groups = (n, of) => Array.from({ length: n }, (_, g) => of(g));

/** A value is d * scale * q, minus dmin * minimum; `q` are 256, scales and minima stand for `columns` values each. */
function readQ4K(block) {
  const scales = groups(8, (g) => sixBits(block.subarray(4, 16), g));
  const q = groups(256, (i) => {
    const byte = block[16 + 32 * Math.floor(i / 64) + (i % 32)];
    return i % 64 < 32 ? byte & 15 : byte >> 4;
  });
  return { d: f16At(block, 0), dmin: f16At(block, 2), scales, columns: 32, q };
}

function readQ5K(block) {
  const scales = groups(8, (g) => sixBits(block.subarray(4, 16), g));
  const q = groups(256, (i) => {
    const byte = block[48 + 32 * Math.floor(i / 64) + (i % 32)];
    const fifth = (block[16 + (i % 32)] >> Math.floor(i / 32)) & 1;
    return (i % 64 < 32 ? byte & 15 : byte >> 4) + 16 * fifth;
  });
  return { d: f16At(block, 0), dmin: f16At(block, 2), scales, columns: 32, q };
}

function readQ6K(block) {
  const scales = groups(16, (g) => [(block[192 + g] << 24) >> 24]);
  const q = groups(256, (i) => {
    const [half, run, at] = [Math.floor(i / 128), Math.floor((i % 128) / 32), i % 32];
    const byte = block[64 * half + 32 * (run % 2) + at];
    const upper = (block[128 + 32 * half + at] >> (2 * run)) & 3;
    return ((run < 2 ? byte & 15 : byte >> 4) | (upper << 4)) - 32;
  });
  return { d: f16At(block, 208), dmin: null, scales, columns: 16, q };
}

export const K_TYPES = {
  q4_k: { fileType: 'Q4_K', bytes: 144, scalesAt: [0, 2], read: readQ4K },
  q5_k: { fileType: 'Q5_K', bytes: 176, scalesAt: [0, 2], read: readQ5K },
  q6_k: { fileType: 'Q6_K', bytes: 210, scalesAt: [208], read: readQ6K },
};

/** The blocks of one row. */
function readRow(type, bytes) {
  const { bytes: size, read } = K_TYPES[type];
  return groups(bytes.length / size, (i) => read(bytes.subarray(i * size, (i + 1) * size)));
}

/** What the blocks of any number of rows stand for, in the f32 steps that the format defines. */
export function valuesOfBlocks(type, bytes) {
  return Float32Array.from(
    readRow(type, bytes).flatMap(({ d, dmin, scales, columns, q }) =>
      q.map((integer, i) => {
        const [scale, minimum] = scales[Math.floor(i / columns)];
        const product = fround(fround(d * scale) * integer);
        return dmin === null ? product : fround(product - fround(dmin * minimum));
      }),
    ),
  );
}

/** The product that every kernel of the type computes, to the bit. x: [xRows, columns], rows: the blocks of each; y: [xRows, rows]. */
export function kProduct(type, x, xRows, rows, columns) {
  const xs = groups(xRows, (i) => quantizeActivations(type, x.subarray(i * columns, (i + 1) * columns)));
  const ws = rows.map((bytes) => readRow(type, bytes));
  return Float32Array.from({ length: xRows * rows.length }, (_, i) => {
    const [a, blocks] = [xs[Math.floor(i / rows.length)], ws[i % rows.length]];
    let y = 0;
    a.forEach(({ scale: xScale, q: integers }, b) => {
      const { d, dmin, scales, columns: shared, q } = blocks[Math.floor(b / 8)];
      const begin = 32 * (b % 8);
      let dot = 0; // an exact integer
      for (let k = 0; k < 32; ++k) {
        dot += scales[Math.floor((begin + k) / shared)][0] * q[begin + k] * integers[k];
      }
      y = fround(y + fround(dot * fround(d * xScale)));
      if (dmin === null) return;
      const offset = fround(integers.reduce((sum, integer) => sum + integer, 0) * xScale);
      y = fround(y - fround(fround(dmin * scales[b % 8][1]) * offset));
    });
    return y;
  });
}

/** Blocks of random bits, whose f16 scales have either sign and make weights of about 0.1, of very different sizes. */
export function randomKBlocks(type, count, random) {
  const { bytes: size, scalesAt } = K_TYPES[type];
  const bytes = Uint8Array.from({ length: count * size }, () => Math.floor(random() * 256));
  const least = type === 'q6_k' ? 0 : 8; // its integers are larger; some of its scales have no leading 1
  for (let block = 0; block < count; ++block) {
    for (const at of scalesAt) {
      bytes[block * size + at + 1] = (random() < 0.5 ? 0x80 : 0) | (least + Math.floor(random() * 16));
    }
  }
  return bytes;
}
