// Made from src/tensor/block_formats.inc and weight_types.inc by tools/build/kept-bytes.mjs, which `npm run build` runs:
// change the lists.

/** Bytes in memory of a weight that comes in blocks, by their type, where it stays what it is. */
export const KEPT_BYTES_PER_WEIGHT: ReadonlyMap<string, number> = new Map([
  ['Q8_0', 272 / 256],
  ['Q4_0', 144 / 256],
  ['Q4_1', 272 / 256],
  ['Q5_0', 272 / 256],
  ['Q5_1', 272 / 256],
  ['Q2_K', 272 / 256],
  ['Q3_K', 272 / 256],
  ['Q4_K', 1184 / 2048],
  ['Q5_K', 1440 / 2048],
  ['Q6_K', 1680 / 2048],
  ['IQ4_NL', 272 / 256],
  ['IQ4_XS', 272 / 256],
  ['MXFP4', 272 / 256],
  ['NVFP4', 272 / 256],
  ['TQ1_0', 144 / 256],
  ['TQ2_0', 144 / 256],
  ['Q1_0', 144 / 256],
  ['Q2_0', 144 / 256],
]);
