/** What a session can keep of its passes besides logits. */
export type TapName = 'hidden' | 'attention';

/** What the taps of a session kept of its last append, or of the last token of its last generation. */
export interface Taps {
  /** The number of tokens that this is of. */
  rows: number;
  /**
   * [nLayers + 1, rows, hiddenSize]: what enters the first layer, what leaves each layer but the last, and the final
   * norm of what leaves that, as Hugging Face's `hidden_states`. Of several residual streams (Gemma 3n), before the norm,
   * the one that layers compute.
   */
  hidden?: Float32Array;
  /**
   * [nLayers, nHeads, rows, length]: the softmax weights; 0 for positions that the row does not see, behind its own or
   * before its layer's window. Where layers differ, the planes [rows, length] of all heads of the first layer with
   * attention come first, then those of the next one.
   */
  attention?: Float32Array;
}

/**
 * The keys and values of one layer as plain numbers, [nKvHeads, length - firstPosition, headDim] each. A layer with a
 * window has given up those that no later token sees.
 */
export interface KeysValues {
  /** The position of the first ones; 0 in layers without a window. */
  firstPosition: number;
  keys: Float32Array<ArrayBuffer>;
  values: Float32Array<ArrayBuffer>;
}

/** How likely a model finds a text. */
export interface Score {
  /** Each token with its natural log-probability after those before it; null for the first, which has none before it. */
  tokens: { tokenId: number; text: string; logprob: number | null }[];
  /** The sum of all log-probabilities. */
  logprob: number;
  /** exp(-mean log-probability); NaN for a single token. */
  perplexity: number;
}
