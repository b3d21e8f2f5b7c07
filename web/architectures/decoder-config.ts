/** A normalisation of each row. */
export interface Norm {
  /** LayerNorm, RMSNorm, or RMSNorm whose weight is 1 + what the file stores. */
  type: 'layer' | 'rms' | 'rms-plus-one';
  epsilon: number;
  weight: boolean;
  bias: boolean;
}

/** How rotary frequencies are changed for longer contexts; src/model/rope_frequencies.cc has the formulas. */
export type RopeScaling =
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3';
      factor: number;
      lowFrequencyFactor: number;
      highFrequencyFactor: number;
      originalContextLength: number;
    }
  | {
      type: 'yarn';
      factor: number;
      originalContextLength: number;
      betaFast: number;
      betaSlow: number;
      truncated: boolean;
      /** Factor on cos and sin. */
      attentionFactor: number;
    }
  | {
      type: 'long';
      /** Divisors of the frequencies in sequences of at most `originalContextLength` positions; `dims / 2` of them. */
      shortFactors: readonly number[];
      /** In longer ones. */
      longFactors: readonly number[];
      originalContextLength: number;
      attentionFactor: number;
    }
  | { type: 'dynamic'; alpha: number }
  | { type: 'proportional'; share: number };

/** Rotary positions. */
export interface Rope {
  /** Dimension i turns with i + dims / 2, or 2i with 2i + 1. */
  pairing: 'half' | 'interleaved';
  /** The first dimensions of each head turn; an even number. */
  dims: number;
  theta: number;
  /** Whether it turns the other way. */
  reversed: boolean;
  scaling: RopeScaling | null;
}

/** Norms of queries and keys. */
export interface QueryKeyNorm {
  norm: Norm;
  /** Over each head, or over all heads together. */
  span: 'head' | 'projection';
  afterRope: boolean;
}

export interface Attention {
  type: 'attention';
  nHeads: number;
  /** Heads of keys and values; fewer than `nHeads` when several queries share them. */
  nKvHeads: number;
  /** Not always `hiddenSize / nHeads`. */
  headDim: number;
  qkvBias: boolean;
  outputBias: boolean;
  /** Whether the heads' output is multiplied by the sigmoid of a projection of the input. */
  gate: boolean;
  qkNorm: QueryKeyNorm | null;
  /** Null where the layer knows no positions, or the model has a table of them. */
  rope: Rope | null;
  /** q *= 1 + beta * ln(1 + floor(position / originalContextLength)). */
  queryScaling: { beta: number; originalContextLength: number } | null;
  /** The positions that a token sees, its own included; 0 for all. */
  window: number;
  /** Bound of a tanh on the scores; 0 for none. */
  softcap: number;
  /** Factor on q·k. */
  scale: number;
}

/** out(C * conv(B * u)) with B, C, u = in(x), the convolution being causal and of each channel by itself. */
export interface ShortConvolution {
  type: 'short-convolution';
  nTaps: number;
  /** Whether all three have one. */
  bias: boolean;
}

export interface Mlp {
  /** down(activation(gate(x)) * up(x)), else down(activation(up(x))). */
  gated: boolean;
  activation: 'gelu-tanh' | 'gelu' | 'silu' | 'relu' | 'relu2' | 'quick-gelu' | 'tanh';
  intermediateSize: number;
  bias: boolean;
}

/**
 * x += residualScale * mixerPostNorm(mixer(mixerNorm(x))), then the same with the MLP; in parallel, both read the same x,
 * and an MLP without a norm of its own reads what the mixer's norm made.
 */
export interface LayerKind {
  mixer: Attention | ShortConvolution;
  mlp: Mlp | null;
  mixerNorm: Norm | null;
  mixerPostNorm: Norm | null;
  mlpNorm: Norm | null;
  mlpPostNorm: Norm | null;
  parallel: boolean;
  residualScale: number;
}

/**
 * What the engine's one decoder is put together from. Every field is required: what an architecture does not have is said,
 * not left out.
 */
export interface DecoderConfig {
  vocabSize: number;
  /** The most positions that the model can attend to. */
  contextLength: number;
  hiddenSize: number;
  /** Whether a table of learned positions is added to the embedding. */
  positionTable: boolean;
  /** Factor on token embeddings. */
  embeddingScale: number;
  embeddingNorm: Norm | null;
  kinds: readonly LayerKind[];
  /** Of each layer, its index in `kinds`. */
  layers: readonly number[];
  finalNorm: Norm | null;
  /** Whether the token embeddings are the output head, too. */
  tiedHead: boolean;
  headBias: boolean;
  /** Factor on logits. */
  logitScale: number;
  /** Bound of a tanh on logits; 0 for none. */
  logitSoftcap: number;
}

/** The rows of an attention's fused product: queries, keys, values, then the gate. */
export function qkvRows({ nHeads, nKvHeads, headDim, gate }: Attention): number {
  return ((gate ? 2 : 1) * nHeads + 2 * nKvHeads) * headDim;
}

/** The attention of the first layer that has one; null where there is none. */
export function firstAttention({ kinds, layers }: DecoderConfig): Attention | null {
  const mixers = layers.map((kind) => kinds[kind]?.mixer);
  return mixers.find((mixer) => mixer?.type === 'attention') ?? null;
}

/** The heads of all layers; those without attention have none. */
export function countHeads({ kinds, layers }: DecoderConfig): number {
  const heads = kinds.map(({ mixer }) => (mixer.type === 'attention' ? mixer.nHeads : 0));
  return layers.reduce((sum, kind) => sum + (heads[kind] ?? 0), 0);
}

/** The most tokens of a text that is read with the short factors of rotary positions; infinite where there are no others. */
export function shortContextLength({ kinds }: DecoderConfig): number {
  const lengths = kinds.map(({ mixer }) => {
    const scaling = mixer.type === 'attention' ? mixer.rope?.scaling : null;
    return scaling?.type === 'long' ? scaling.originalContextLength : Number.POSITIVE_INFINITY;
  });
  return Math.min(...lengths);
}

/** The number of weights of a decoder of these sizes, biases and norms included. */
export function countParameters(config: DecoderConfig): number {
  const { vocabSize, contextLength, hiddenSize } = config;
  const perKind = config.kinds.map((kind) => countLayer(kind, hiddenSize));
  const layers = config.layers.reduce((sum, kind) => sum + (perKind[kind] ?? 0), 0);
  const positions = config.positionTable ? contextLength * hiddenSize : 0;
  const head = (config.tiedHead ? 0 : vocabSize * hiddenSize) + (config.headBias ? vocabSize : 0);
  const norms = countNorm(config.embeddingNorm, hiddenSize) + countNorm(config.finalNorm, hiddenSize);
  return vocabSize * hiddenSize + positions + layers + norms + head;
}

function countLayer(kind: LayerKind, hiddenSize: number): number {
  const { mixer, mlp, mixerNorm, mixerPostNorm, mlpNorm, mlpPostNorm } = kind;
  const norms = [mixerNorm, mixerPostNorm, mlpNorm, mlpPostNorm].reduce(
    (sum, norm) => sum + countNorm(norm, hiddenSize),
    0,
  );
  const mixing =
    mixer.type === 'attention' ? countAttention(mixer, hiddenSize) : countConvolution(mixer, hiddenSize);
  return norms + mixing + (mlp === null ? 0 : countMlp(mlp, hiddenSize));
}

function countNorm(norm: Norm | null, size: number): number {
  return norm === null ? 0 : (Number(norm.weight) + Number(norm.bias)) * size;
}

function countAttention(attention: Attention, hiddenSize: number): number {
  const { nHeads, nKvHeads, headDim, qkNorm } = attention;
  const ofNorm = (n: number) =>
    qkNorm === null ? 0 : countNorm(qkNorm.norm, qkNorm.span === 'head' ? headDim : n * headDim);
  return (
    qkvRows(attention) * (hiddenSize + Number(attention.qkvBias)) +
    hiddenSize * (nHeads * headDim + Number(attention.outputBias)) +
    ofNorm(nHeads) +
    ofNorm(nKvHeads)
  );
}

function countConvolution({ nTaps, bias }: ShortConvolution, hiddenSize: number): number {
  return hiddenSize * (4 * hiddenSize + nTaps + (bias ? 5 : 0));
}

function countMlp({ gated, intermediateSize, bias }: Mlp, hiddenSize: number): number {
  const upRows = (gated ? 2 : 1) * intermediateSize;
  return upRows * hiddenSize + hiddenSize * intermediateSize + (bias ? upRows + hiddenSize : 0);
}
