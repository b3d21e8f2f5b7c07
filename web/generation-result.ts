/** A part of the answer, as soon as it is certain. */
export interface Piece {
  /** Whole characters only; empty where tokens have no text (end tokens, models without a tokenizer). */
  text: string;
  /** The tokens that the text comes from, in order; several where a character or a stop string took several. */
  tokenIds: number[];
}

/**
 * Why a generation ended: `stop` at an end token or a stop string, `length` at `maxNewTokens` or at the end of the
 * model's context, `aborted` by the caller.
 */
export type FinishReason = 'stop' | 'length' | 'aborted';

/** How many tokens a generation took. */
export interface Usage {
  /** Tokens of the prompt; 0 when the generation was aborted before its turn came. */
  promptTokens: number;
  /** Tokens chosen, an end token included. */
  completionTokens: number;
  /** Both together. */
  totalTokens: number;
}

/** Where a generation's time went, in milliseconds. */
export interface Timings {
  /** Waiting for generations that were asked for earlier. */
  queueMs: number;
  /** Running the prompt through the model. */
  prefillMs: number;
  /** From the turn to the first chosen token: tokenizer, prefill and choice. 0 without a token. */
  timeToFirstTokenMs: number;
  /** From the first chosen token to the last. */
  decodeMs: number;
  /** The tokens after the first one, per second of `decodeMs`; 0 for fewer than two tokens. */
  tokensPerSecond: number;
}

/** What a generation came to. */
export interface GenerationResult {
  /** The whole answer, without stop strings and end tokens; empty for a model without a tokenizer. */
  text: string;
  /** Every token chosen, in order, an end token and those of a stop string included. */
  tokenIds: number[];
  finishReason: FinishReason;
  /** The seed that was used: the same model, prompt, options and seed give the same tokens everywhere. */
  seed: number;
  usage: Usage;
  timings: Timings;
}
