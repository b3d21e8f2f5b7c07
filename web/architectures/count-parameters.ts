import {
  type AltUp,
  type Attention,
  attentionRows,
  type DecoderConfig,
  deltaRows,
  type GatedDelta,
  type LayerKind,
  type Mixer,
  type Mlp,
  type Norm,
  type ShortConvolution,
  type StateSpace,
  stateSpaceRows,
} from './decoder-config.js';

/** The number of weights of a decoder of these sizes, biases and norms included. */
export function countParameters(config: DecoderConfig): number {
  const { vocabSize, contextLength, hiddenSize, perLayerInputs, altUp } = config;
  const perKind = config.kinds.map((kind) => countLayer(kind, config));
  const layers = config.layers.reduce((sum, kind) => sum + (perKind[kind] ?? 0), 0);
  const positions = config.positionTable ? contextLength * hiddenSize : 0;
  const head = (config.tiedHead ? 0 : vocabSize * hiddenSize) + (config.headBias ? vocabSize : 0);
  const norms = countNorm(config.embeddingNorm, hiddenSize) + countNorm(config.finalNorm, hiddenSize);
  const inputs =
    perLayerInputs === null
      ? 0
      : countRowWeights(config) +
        hiddenSize * config.layers.length * perLayerInputs.width +
        countNorm(perLayerInputs.norm, perLayerInputs.width);
  const streams = altUp === null ? 0 : 2 * (altUp.nStreams - 1) * hiddenSize * hiddenSize;
  return vocabSize * hiddenSize + positions + layers + norms + inputs + streams + head;
}

/** Of these, how many stand in a table that tokens read a row of: it may stay where it is, and is kept in q4 else. */
export function countRowWeights({ perLayerInputs, layers }: DecoderConfig): number {
  return perLayerInputs === null ? 0 : perLayerInputs.vocabSize * layers.length * perLayerInputs.width;
}

function countLayer(kind: LayerKind, { hiddenSize, perLayerInputs, altUp }: DecoderConfig): number {
  const { mixer, beside, mlp, laurel, perLayerInput } = kind;
  const norms = [kind.mixerNorm, kind.mixerPostNorm, kind.mlpNorm, kind.mlpPostNorm];
  return (
    norms.reduce((sum, norm) => sum + countNorm(norm, hiddenSize), 0) +
    countMixer(mixer, hiddenSize) +
    (beside === null ? 0 : countMixer(beside.mixer, hiddenSize)) +
    (mlp === null ? 0 : countMlp(mlp, hiddenSize)) +
    (laurel === null ? 0 : 2 * laurel.rank * hiddenSize + countNorm(laurel.norm, hiddenSize)) +
    (perLayerInput === null || perLayerInputs === null
      ? 0
      : 2 * perLayerInputs.width * hiddenSize + countNorm(perLayerInput.norm, hiddenSize)) +
    (altUp === null ? 0 : countAltUp(altUp, hiddenSize)) +
    Number(kind.outputScale)
  );
}

function countNorm(norm: Norm | null, size: number): number {
  return norm === null ? 0 : (Number(norm.weight) + Number(norm.bias)) * size;
}

function countMixer(mixer: Mixer, hiddenSize: number): number {
  switch (mixer.type) {
    case 'attention':
      return countAttention(mixer, hiddenSize);
    case 'short-convolution':
      return countConvolution(mixer, hiddenSize);
    case 'gated-delta':
      return countDelta(mixer, hiddenSize);
    case 'state-space':
      return countStateSpace(mixer, hiddenSize);
  }
}

function countAttention(attention: Attention, hiddenSize: number): number {
  const { nHeads, nKvHeads, headDim, qkNorm, sharedKeys } = attention;
  const ofNorm = (n: number) =>
    qkNorm === null ? 0 : countNorm(qkNorm.norm, qkNorm.span === 'head' ? headDim : n * headDim);
  return (
    attentionRows(attention).end * (hiddenSize + Number(attention.qkvBias)) +
    hiddenSize * (nHeads * headDim + Number(attention.outputBias)) +
    ofNorm(nHeads) +
    (sharedKeys === null ? ofNorm(nKvHeads) : 0)
  );
}

function countConvolution({ nTaps, bias }: ShortConvolution, hiddenSize: number): number {
  return hiddenSize * (4 * hiddenSize + nTaps + (bias ? 5 : 0));
}

function countDelta(delta: GatedDelta, hiddenSize: number): number {
  const { z, end } = deltaRows(delta);
  const ofHeads = 2 * delta.nValueHeads + countNorm(delta.norm, delta.valueDim);
  return (end + delta.nValueHeads * delta.valueDim) * hiddenSize + z * delta.nTaps + ofHeads;
}

function countStateSpace(space: StateSpace, hiddenSize: number): number {
  const { inner, convolved, end } = stateSpaceRows(space);
  return (
    (end + inner) * hiddenSize +
    convolved * (space.nTaps + Number(space.convolutionBias)) +
    (space.bias ? end + hiddenSize : 0) +
    3 * space.nHeads +
    countNorm(space.outputNorm?.norm ?? null, inner)
  );
}

function countMlp({ gated, intermediateSize, bias }: Mlp, hiddenSize: number): number {
  const upRows = (gated ? 2 : 1) * intermediateSize;
  return upRows * hiddenSize + hiddenSize * intermediateSize + (bias ? upRows + hiddenSize : 0);
}

/** A router, with its norm, and the coefficients of prediction and correction. */
function countAltUp({ nStreams, norm, outputScale }: AltUp, hiddenSize: number): number {
  return (
    nStreams * (hiddenSize + nStreams * nStreams + nStreams) +
    countNorm(norm, hiddenSize) +
    (outputScale ? hiddenSize : 0)
  );
}
