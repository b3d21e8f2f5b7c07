/**
 * Which pieces the engine's one decoder is put together from. Every field is required: what an architecture does
 * not have is said, not left out.
 */
export interface DecoderConfig {
  vocabSize: number;
  /** The most positions that the model can attend to. */
  contextLength: number;
  hiddenSize: number;
  /** Width of the MLP. */
  intermediateSize: number;
  nLayers: number;
  nHeads: number;
  /** Heads of keys and values; fewer than `nHeads` when several queries share them. */
  nKvHeads: number;
  /** Not always `hiddenSize / nHeads`. */
  headDim: number;
  norm: 'layer';
  normEpsilon: number;
  qkvBias: boolean;
  outputBias: boolean;
  mlpBias: boolean;
  positions: 'learned';
  /** Base of the rotary frequencies; 0 where positions are learned. */
  ropeTheta: number;
  /** The most positions back that attention sees; 0 for all. */
  slidingWindow: number;
  qkNorm: boolean;
  /** Factor on q·k. */
  attentionScale: number;
  mlp: 'plain';
  activation: 'gelu-tanh';
  /** Norms after attention and MLP as well. */
  postNorms: boolean;
  /** Factor on token embeddings. */
  embeddingScale: number;
  /** Bound of a tanh on attention scores; 0 for none. */
  attentionSoftcap: number;
  /** Bound of a tanh on logits; 0 for none. */
  finalSoftcap: number;
  /** Whether the token embeddings are the output head, too. */
  tiedHead: boolean;
}

/** What GPT-2 and its like do without; later architectures override what they have. */
export const NO_EXTRAS = {
  ropeTheta: 0,
  slidingWindow: 0,
  qkNorm: false,
  postNorms: false,
  embeddingScale: 1,
  attentionSoftcap: 0,
  finalSoftcap: 0,
} as const;

/** The number of weights of a decoder of these sizes, biases and norms included. */
export function countParameters(config: DecoderConfig): number {
  const { vocabSize, contextLength, hiddenSize, intermediateSize, nLayers, nHeads, nKvHeads, headDim } =
    config;
  const qkvRows = (nHeads + 2 * nKvHeads) * headDim;
  const normSize = 2 * hiddenSize;
  const attention =
    qkvRows * (hiddenSize + Number(config.qkvBias)) +
    hiddenSize * (nHeads * headDim + Number(config.outputBias));
  const mlp = 2 * intermediateSize * hiddenSize + Number(config.mlpBias) * (intermediateSize + hiddenSize);
  const embeddings = (vocabSize + contextLength) * hiddenSize;
  const head = config.tiedHead ? 0 : vocabSize * hiddenSize;
  return embeddings + nLayers * (2 * normSize + attention + mlp) + normSize + head;
}
