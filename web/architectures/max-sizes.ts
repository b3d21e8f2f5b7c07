// Made from src/model/size_bounds.inc by tools/build/size-bounds.mjs, which `npm run build` runs: change the list.

/** The largest sizes that a config may ask for. Larger ones are mistakes: no model that fits comes near them. */
export const MAX = {
  vocabSize: 16_777_216,
  contextLength: 16_777_216,
  hiddenSize: 262_144,
  intermediateSize: 262_144,
  nLayers: 1_024,
  nHeads: 1_024,
  headDim: 4_096,
  nTaps: 64,
  nStreams: 16,
} as const;
