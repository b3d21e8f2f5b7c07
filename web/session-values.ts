/** What a session can keep of its passes besides logits. */
export type TapName = 'hidden' | 'attention';

/** What the taps of a session kept of its last append, or of the last token of its last generation. */
export interface Taps {
  /** The number of tokens that this is of. */
  rows: number;
  /**
   * [nLayers + 1, rows, hiddenSize]: what enters the first layer, what leaves each layer but the last, and the final
   * norm of what leaves that, as Hugging Face's `hidden_states`.
   */
  hidden?: Float32Array;
  /** [nLayers, nHeads, rows, length]: the softmax weights; 0 for positions behind the row's own. */
  attention?: Float32Array;
}

/** The keys and values of one layer as plain numbers, [nKvHeads, length, headDim] each. */
export interface KeysValues {
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
