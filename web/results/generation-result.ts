import type { AssistantMessage, ToolCall } from './chat-message.js';

/** One token and how likely the model found it. */
export interface TokenLogProbability {
  tokenId: number;
  /** Natural logarithm of the model's own probability, before any sampling option. */
  logprob: number;
}

/** What the option `logprobs` tells of a chosen token. */
export interface TokenLogProbabilities extends TokenLogProbability {
  /** The `logprobs` most likely tokens, most likely first. */
  alternatives: TokenLogProbability[];
}

/** A part of the answer, as soon as it is certain. */
export interface Piece {
  /** Whole characters only; empty where tokens have no text (end tokens, models without a tokenizer). */
  text: string;
  /** The tokens that the text comes from, in order; several where a character or a stop string took several. */
  tokenIds: number[];
  /** Which of several sequences goes on, from 0; only with `numReturnSequences` above 1. */
  sequence?: number;
  /** For each of `tokenIds`, with the option `logprobs`. */
  logprobs?: TokenLogProbabilities[];
  /** Of a chat: what the text is. A tool call comes as one piece, whose text is the call as the model wrote it. */
  kind?: 'text' | 'thinking' | 'tool-call';
  /** Of a tool call: what is called. */
  toolCall?: ToolCall;
  /** Of a text that began as a tool call: why it is none. */
  reason?: string;
}

/**
 * Why a generation ended:
 *
 * - `end-token`: the model chose an end token;
 * - `stop-string`, `stop-pattern`: one of `stop` was found;
 * - `stop-when`: `stopWhen` said so;
 * - `max-time`: `maxTime` is over;
 * - `length`: there are `maxNewTokens`;
 * - `context-full`: the model's context holds no more;
 * - `aborted`: the caller gave it up, or an error ended it. Only found in the `result` of that error.
 */
export type FinishReason =
  | 'end-token'
  | 'stop-string'
  | 'stop-pattern'
  | 'stop-when'
  | 'max-time'
  | 'length'
  | 'context-full'
  | 'aborted';

/** How many tokens a generation took. */
export interface Usage {
  /** Tokens of the prompt, or of the session before; 0 when the generation was aborted before its turn came. */
  promptTokens: number;
  /** Those of them that needed no pass through the model, because an earlier generation began with them. */
  cachedTokens: number;
  /** Tokens chosen, end tokens included, in all sequences together. */
  completionTokens: number;
  /** Prompt and completion together. */
  totalTokens: number;
}

/** Where a generation's time went, in milliseconds. */
export interface Timings {
  /** Waiting for what was asked for earlier. */
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

/** One answer. */
export interface SequenceResult {
  /** The whole answer, without stop strings and end tokens; empty for a model without a tokenizer. Of a chat, what is `text`. */
  text: string;
  /** Every token chosen, in order, an end token and those of a stop string included. */
  tokenIds: number[];
  finishReason: FinishReason;
  /** For each of `tokenIds`, with the option `logprobs`. */
  logprobs?: TokenLogProbabilities[];
  /**
   * With a `responseFormat` of JSON: its value; null where the answer did not come to its end, as with the finish reason
   * `length`.
   */
  parsed?: unknown;
  /** Of a chat: the answer as a message, with what was thought and called; `text` is its content, as far as this call wrote it. */
  message?: AssistantMessage;
  /** Of a beam: the sum of its tokens' log-probabilities, divided by its length to the power of `lengthPenalty`. */
  score?: number;
}

/** What a generation came to: the first of its answers, and all of them. */
export interface GenerationResult extends SequenceResult {
  /** All answers, best beam first: one, or `numReturnSequences`. */
  sequences: SequenceResult[];
  /** The seed that was used: the same model, prompt, options and seed give the same tokens everywhere. */
  seed: number;
  usage: Usage;
  timings: Timings;
}

/** What a request came to, without what only the page can tell. */
export type RequestOutput = Omit<GenerationResult, 'timings'> & { timings: Omit<Timings, 'queueMs'> };

/** What a request comes to that was aborted before anything was read. */
export function abortedOutput(seed: number): RequestOutput {
  const answer = { text: '', tokenIds: [], finishReason: 'aborted' as const };
  return {
    ...answer,
    sequences: [answer],
    seed,
    usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0, totalTokens: 0 },
    timings: { prefillMs: 0, timeToFirstTokenMs: 0, decodeMs: 0, tokensPerSecond: 0 },
  };
}

/** How far the prompt is. */
export interface PrefillProgress {
  /** Tokens that are done, cached ones included. */
  processedTokens: number;
  totalTokens: number;
}
