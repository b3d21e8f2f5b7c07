// A small decoder whose tensors a test gives as blocks.

export const VOCAB = 37;
const HEADS = { nHeads: 3, nKvHeads: 1, headDim: 8 };
const ATTENTION = {
  type: 'attention',
  ...HEADS,
  qkvBias: false,
  outputBias: false,
  gate: false,
  valuesAreKeys: false,
  sharedKeys: null,
  qkNorm: null,
  vNorm: null,
  rope: { pairing: 'half', dims: 8, theta: 10000, reversed: false, scaling: null },
  queryScaling: null,
  window: 0,
  softcap: 0,
  scale: 8 ** -0.5,
};
const NORM = { type: 'rms', epsilon: 1e-6, weight: false, bias: false };
/** One layer with all its linear maps. */
export const blockConfig = (hiddenSize, intermediateSize) => ({
  vocabSize: VOCAB,
  contextLength: 16,
  hiddenSize,
  positionTable: false,
  embeddingScale: 1,
  embeddingNorm: null,
  kinds: [
    {
      mixer: ATTENTION,
      beside: null,
      mlp: { gated: true, activation: 'silu', intermediateSize, bias: false, gateScale: 1, cutoff: null },
      mixerNorm: NORM,
      mixerPostNorm: null,
      mlpNorm: NORM,
      mlpPostNorm: null,
      parallel: false,
      mixerScale: 1,
      mlpScale: 1,
      laurel: null,
      perLayerInput: null,
      outputScale: false,
    },
  ],
  layers: [0],
  finalNorm: NORM,
  perLayerInputs: null,
  altUp: null,
  tiedHead: true,
  headBias: false,
  logitScale: 1,
  logitSoftcap: 0,
});

/** Its tensors: name, rows, columns, first row. The output's rows are no whole blocks. */
export const blockTensors = (hidden, intermediate) => [
  ['token_embedding.weight', VOCAB, hidden, 0],
  ['layers.0.attention.qkv.weight', 24, hidden, 0], // q
  ['layers.0.attention.qkv.weight', 8, hidden, 24], // k
  ['layers.0.attention.qkv.weight', 8, hidden, 32], // v
  ['layers.0.attention.output.weight', hidden, 24, 0],
  ['layers.0.mlp.up.weight', intermediate, hidden, 0], // gate
  ['layers.0.mlp.up.weight', intermediate, hidden, intermediate],
  ['layers.0.mlp.down.weight', hidden, intermediate, 0],
];

/** A generator whose stream is fixed (mulberry32). */
export function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const bytesOf = (floats) => new Uint8Array(floats.buffer);

export function write(model, [name, rows, columns, rowOffset], dtype, bytes, chunk = bytes.length) {
  const writer = model.beginTensor({
    name,
    rows,
    columns,
    rowOffset,
    dtype,
    transposed: false,
    regroup: null,
  });
  for (let begin = 0; begin < bytes.length; begin += chunk)
    writer.write(bytes.subarray(begin, begin + chunk));
  writer.end();
}

export function logitsOf(model, ids) {
  const session = model.createSession();
  session.tap(['hidden']);
  session.append(ids, { allLogits: true });
  const result = { logits: session.logits().slice(), hidden: session.taps().hidden.slice() };
  session.dispose();
  return result;
}
