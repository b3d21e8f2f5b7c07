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

/** Attention, with all that families do to it. */
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
  /** Whether values are what keys are before their norm and rotation. */
  valuesAreKeys: boolean;
  /** The earlier layer whose keys and values it reads, of the same shape and window, instead of having its own. */
  sharedKeys: { layer: number } | null;
  qkNorm: QueryKeyNorm | null;
  /** Of each head of values; it has no weight. */
  vNorm: Norm | null;
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

/** Linear attention by the gated delta rule; src/model/decoder_config.h has the recurrence. */
export interface GatedDelta {
  type: 'gated-delta';
  nKeyHeads: number;
  /** A multiple of `nKeyHeads`. */
  nValueHeads: number;
  /** Of a head. */
  keyDim: number;
  valueDim: number;
  /** Of the convolution that queries, keys and values pass. */
  nTaps: number;
  /** Whether value head j reads key head j mod `nKeyHeads`; else those that share one follow each other. */
  tiled: boolean;
  /** Whether the file has the logarithm of the decay, else the negative of the decay itself. */
  logDecay: boolean;
  /** Of each head's output. */
  norm: Norm;
}

/** Mamba 2; src/model/decoder_config.h has the recurrence. */
export interface StateSpace {
  type: 'state-space';
  nHeads: number;
  headDim: number;
  /** Groups of heads that share B and C; divides `nHeads`. */
  nGroups: number;
  /** Of a group's B and C. */
  stateSize: number;
  nTaps: number;
  /** Whether the products in and out have one. */
  bias: boolean;
  convolutionBias: boolean;
  /** As of {@link GatedDelta}. */
  logDecay: boolean;
  leastTimeStep: number;
  mostTimeStep: number;
  /** Factors on the spans of the first product. */
  scales: { gate: number; x: number; b: number; c: number; timeStep: number };
  /** Of columns in so many groups, before y is multiplied by silu(gate) or behind. */
  outputNorm: { norm: Norm; nGroups: number; beforeGate: boolean } | null;
}

/** What mixes the tokens of a layer. */
export type Mixer = Attention | ShortConvolution | GatedDelta | StateSpace;

/** What a layer does with each token by itself. */
export interface Mlp {
  /** down(activation(gate(x)) * up(x)), else down(activation(up(x))). */
  gated: boolean;
  activation: 'gelu-tanh' | 'gelu' | 'silu' | 'relu' | 'relu2' | 'quick-gelu' | 'tanh';
  intermediateSize: number;
  bias: boolean;
  /** Factor on gate(x). */
  gateScale: number;
  /** Gates become relu(g - (mean + deviations * standard deviation)), over the row, before their activation. */
  cutoff: { deviations: number } | null;
}

/**
 * x += mixerScale * mixerPostNorm(mixer(mixerNorm(x))), then the same with the MLP; in parallel, both read the same x,
 * and an MLP without a norm of its own reads what the mixer's norm made.
 */
export interface LayerKind {
  mixer: Mixer;
  /** A second mixer, of another type, that reads what the first reads. */
  beside: { mixer: Mixer; scale: number } | null;
  mlp: Mlp | null;
  mixerNorm: Norm | null;
  mixerPostNorm: Norm | null;
  mlpNorm: Norm | null;
  mlpPostNorm: Norm | null;
  parallel: boolean;
  mixerScale: number;
  mlpScale: number;
  /** The mixer's sum becomes (x + mixed + n + norm(out(in(n)))) / sqrt(2), n being what the mixer reads. */
  laurel: { rank: number; norm: Norm } | null;
  /** x += norm(out(activation(gate(x)) * the token's own input of this layer)). */
  perLayerInput: { activation: Mlp['activation']; norm: Norm } | null;
  /** Whether x is multiplied by a stored number at the layer's end. */
  outputScale: boolean;
}

/** Inputs of every token for every layer: (embedding * sqrt(width) + norm(projection / sqrt(hiddenSize))) / sqrt(2). */
export interface PerLayerInputs {
  /** Of a layer's. */
  width: number;
  /** Tokens from there on have those of token 0. */
  vocabSize: number;
  norm: Norm;
}

/** Residual streams of which each layer computes one and predicts the others. */
export interface AltUp {
  nStreams: number;
  /** The stream that layers compute. */
  active: number;
  outputScale: boolean;
  /** Of what the router reads. */
  norm: Norm;
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
  perLayerInputs: PerLayerInputs | null;
  altUp: AltUp | null;
  /** Whether the token embeddings are the output head, too. */
  tiedHead: boolean;
  headBias: boolean;
  /** Factor on logits. */
  logitScale: number;
  /** Bound of a tanh on logits; 0 for none. */
  logitSoftcap: number;
}

/** The first rows of the parts of an attention's fused product, and how many rows that has; a missing part has none. */
export function attentionRows({ nHeads, nKvHeads, headDim, gate, valuesAreKeys, sharedKeys }: Attention): {
  q: number;
  gate: number;
  k: number;
  v: number;
  end: number;
} {
  const ofGate = nHeads * headDim;
  const k = gate ? 2 * ofGate : ofGate;
  const v = k + (sharedKeys === null ? nKvHeads * headDim : 0);
  const end = v + (sharedKeys === null && !valuesAreKeys ? nKvHeads * headDim : 0);
  return { q: 0, gate: ofGate, k, v, end };
}

/** The same of the fused product of linear attention. */
export function deltaRows({ nKeyHeads, nValueHeads, keyDim, valueDim }: GatedDelta): {
  qkv: number;
  z: number;
  beta: number;
  alpha: number;
  end: number;
} {
  const z = 2 * nKeyHeads * keyDim + nValueHeads * valueDim;
  const beta = z + nValueHeads * valueDim;
  return { qkv: 0, z, beta, alpha: beta + nValueHeads, end: beta + 2 * nValueHeads };
}

/** The widths of a state space's convolution, and of all of its first product. */
export function stateSpaceRows({ nHeads, headDim, nGroups, stateSize }: StateSpace): {
  inner: number;
  convolved: number;
  end: number;
} {
  const inner = nHeads * headDim;
  const convolved = inner + 2 * nGroups * stateSize;
  return { inner, convolved, end: inner + convolved + nHeads };
}

/** The attention of a kind of layer; null where no mixer is one. */
export function attentionOf({ mixer, beside }: LayerKind): Attention | null {
  const found = [mixer, beside?.mixer].find((candidate) => candidate?.type === 'attention');
  return found?.type === 'attention' ? found : null;
}

/** The attention of the first layer that has one; null where there is none. */
export function firstAttention({ kinds, layers }: DecoderConfig): Attention | null {
  const attentions = kinds.map(attentionOf);
  return layers.map((kind) => attentions[kind]).find((attention) => attention != null) ?? null;
}

/** The heads of all layers; those without attention have none. */
export function countHeads({ kinds, layers }: DecoderConfig): number {
  const heads = kinds.map((kind) => attentionOf(kind)?.nHeads ?? 0);
  return layers.reduce((sum, kind) => sum + (heads[kind] ?? 0), 0);
}

/** The most tokens of a text that is read with the short factors of rotary positions; infinite where there are no others. */
export function shortContextLength({ kinds }: DecoderConfig): number {
  const lengths = kinds.map((kind) => {
    const scaling = attentionOf(kind)?.rope?.scaling;
    return scaling?.type === 'long' ? scaling.originalContextLength : Number.POSITIVE_INFINITY;
  });
  return Math.min(...lengths);
}
