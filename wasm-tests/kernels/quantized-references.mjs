// The block formats of quantised weights and activations, one number at a time, in the f32 steps that the formats define.
import { valueOfF16 } from './references.mjs';

export const BLOCK_COLUMNS = 32;
const { fround } = Math;

/** The nearest binary16 of an f32, ties to even, as a number. */
export function nearestF16(value) {
  const magnitude = Math.abs(value);
  const exponent = Math.max(Math.floor(Math.log2(magnitude || 1)), -14);
  const unit = 2 ** (exponent - 10);
  const quotient = magnitude / unit;
  const floor = Math.floor(quotient);
  const rest = quotient - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
  return Math.sign(value) * (floor + Number(isUp)) * unit;
}

/** Every finite binary16, ascending: what `nearestF16` is checked against. */
export const finiteF16 = Array.from({ length: 1 << 16 }, (_, bits) => valueOfF16(bits))
  .filter(Number.isFinite)
  .sort((a, b) => a - b);

const roundAway = (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** To the nearest integer, halves to even. */
export function roundToEven(x) {
  const floor = Math.floor(x);
  const rest = x - floor;
  return floor + Number(rest > 0.5 || (rest === 0.5 && floor % 2 !== 0));
}

/** A block with its scale as f16. Where that is 0, nothing is left of the integers, whatever they are. */
function quantized(scale, block, toInteger) {
  const rounded = nearestF16(scale);
  return { scale: rounded, q: block.map(rounded === 0 ? () => 0 : toInteger) };
}

/** GGUF's Q8_0: d = largest magnitude / 127. `q` are what the scale multiplies. */
function quantizeQ8(block) {
  const scale = fround(Math.max(...block.map(Math.abs)) / 127);
  const inverse = scale === 0 ? 0 : fround(1 / scale);
  return quantized(scale, block, (x) => roundAway(fround(x * inverse)));
}

/** GGUF's Q4_0: d = the value of largest magnitude / -8; nibbles of 0 to 15 stand for -8 to 7. */
function quantizeQ4(block) {
  const most = Math.max(...block.map(Math.abs));
  const scale = fround(block.find((x) => Math.abs(x) === most) / -8);
  const inverse = scale === 0 ? 0 : fround(1 / scale);
  const nibble = (x) => Math.min(15, Math.trunc(fround(fround(x * inverse) + 8.5)));
  return quantized(scale, block, (x) => nibble(x) - 8);
}

/** A row in blocks of 32, zeros behind its end. */
function blocksOf(row) {
  return Array.from({ length: Math.ceil(row.length / BLOCK_COLUMNS) }, (_, b) =>
    Array.from({ length: BLOCK_COLUMNS }, (_, k) => row[b * BLOCK_COLUMNS + k] ?? 0),
  );
}

export function quantizeWeights(type, row) {
  return blocksOf(row).map(type === 'q8' ? quantizeQ8 : quantizeQ4);
}

/** The values that a quantised row stands for. */
export function dequantize(blocks, columns) {
  return Float32Array.from({ length: columns }, (_, k) => {
    const { scale, q } = blocks[Math.floor(k / BLOCK_COLUMNS)];
    return fround(scale * (q[k % BLOCK_COLUMNS] + 0)); // integers have no -0
  });
}

/** Activations: scale = largest magnitude / most, halves to even; 7 bits in q8, 8 in q4. */
export function quantizeActivations(type, row) {
  const most = type === 'q8' ? 63 : 127;
  return blocksOf(row).map((block) => {
    const largest = Math.max(...block.map(Math.abs));
    const inverse = largest < 1e-35 ? 0 : fround(most / largest);
    const scale = largest < 1e-35 ? 0 : fround(largest / most);
    return { scale, q: block.map((x) => roundToEven(fround(x * inverse))) };
  });
}

/** The product that every kernel of the type computes, to the bit. x: [xRows, columns], w: [rows, columns]; y: [xRows, rows]. */
export function quantizedProduct(type, x, xRows, w, rows, columns) {
  const quantizedRows = (values, count, quantize) =>
    Array.from({ length: count }, (_, i) => quantize(type, values.subarray(i * columns, (i + 1) * columns)));
  const xs = quantizedRows(x, xRows, quantizeActivations);
  const ws = quantizedRows(w, rows, quantizeWeights);
  return Float32Array.from({ length: xRows * rows }, (_, i) => {
    const [a, b] = [xs[Math.floor(i / rows)], ws[i % rows]];
    let sum = 0;
    for (let block = 0; block < a.length; ++block) {
      let dot = 0; // an exact integer
      for (let k = 0; k < BLOCK_COLUMNS; ++k) dot += a[block].q[k] * b[block].q[k];
      sum = fround(sum + fround(dot * fround(b[block].scale * a[block].scale)));
    }
    return sum;
  });
}
