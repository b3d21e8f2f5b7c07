import type { Piece, PrefillProgress } from '../results/generation-result.js';
import type { TextOptions } from './read-options.js';
import type { ResolvedResponseFormat, ResponseFormat } from './response-format.js';
import type { SamplerOptions } from './sampler-options.js';
import type { BeamOptions } from './strategies/beams.js';
import type { ContrastiveOptions } from './strategies/contrastive.js';
import type { SamplingOptions } from './strategies/sampling.js';
import type { Strategy } from './strategies/strategies.js';

/** What `stopWhen` is asked about. */
export interface StopQuestion {
  /** The answer so far, with what is still held back because a stop string may begin there. */
  text: string;
  /** Its tokens. */
  tokenIds: number[];
  /** Which of several sequences it is, from 0. */
  sequence: number;
}

/** What is done when the model's context is full. */
export type Overflow = 'stop' | 'error' | 'slide';

/** How a text is continued. What is left out comes from the model's generation_config.json: {@link GenerationDefaults}. */
export interface GenerateOptions
  extends Partial<Omit<SamplerOptions, 'badWords'>>,
    TextOptions,
    SamplingOptions,
    BeamOptions,
    ContrastiveOptions {
  /**
   * Sequences of tokens that are never completed, as ids or as text. Text stands for its usual tokens, with and without a
   * space before it; other ways to spell it stay open. Default: the model's, else none.
   *
   * @group What is allowed
   */
  badWords?: readonly (string | readonly number[])[];
  /**
   * The most tokens to choose, 1 or more. Default: what the model's `max_new_tokens` or `max_length` allow, else 256.
   *
   * @group When it ends
   */
  maxNewTokens?: number;
  /**
   * Ends the text before the first of these; they are never shown. A pattern is tried after each character, so that it
   * ends the text at the first moment at which it matches anywhere in it. Default: the model's, else none; an empty list is
   * none.
   *
   * @group When it ends
   */
  stop?: string | RegExp | readonly (string | RegExp)[];
  /**
   * Asked after each token; true ends the text with that token. A promise is waited for. What it throws, or the promise
   * rejects with, ends the generation with that error.
   *
   * @group When it ends
   */
  stopWhen?: (question: StopQuestion) => boolean | PromiseLike<boolean>;
  /**
   * Ends the text after so many milliseconds, counted from the generation's turn. Default: the model's, else none.
   *
   * @group When it ends
   */
  maxTime?: number;
  /**
   * Tells for each token how likely the model itself found it, and this many alternatives; 0 to the vocabulary's size.
   * Default: nothing is told.
   *
   * @group What comes back
   */
  logprobs?: number;
  /**
   * The address of a module whose default export is called with the logits and all token ids so far at each step,
   * before temperature and filters, and may change the logits: {@link LogitsProcessor}. It runs beside the engine, so it
   * cannot be a function of the page. What it throws ends the generation with that error.
   *
   * @group What is allowed
   */
  logitsProcessor?: string | URL;
  /**
   * How many answers to give: the best beams, or independent samples, the i-th with the seed `seed + i`. Default: the
   * model's, as far as there are several; else, and in a session, 1.
   *
   * @group What comes back
   */
  numReturnSequences?: number;
  /**
   * When the context is full: 'stop' ends the text, 'error' rejects with 'context-full', 'slide' goes on with the first
   * `keepTokens` and the latest tokens (read anew, as their positions change). Default: 'stop'.
   *
   * @group When it ends
   */
  overflow?: Overflow;
  /**
   * How many of the first tokens 'slide' keeps, at most the context less 2. Default: 4, as attention leans on them
   * (arXiv:2309.17453), or that.
   *
   * @group When it ends
   */
  keepTokens?: number;
  /**
   * What the answer has to look like: tokens that would break the form are never chosen, whatever the model. Where the answer did
   * not come to its end (`finishReason` is not 'end-token'), it is the beginning of one. Default: any text.
   *
   * @group What is allowed
   */
  responseFormat?: ResponseFormat;
  /**
   * Called with each piece as it comes; what it throws ends the generation with that error.
   *
   * @group Callbacks
   */
  onToken?: (piece: Piece) => void;
  /**
   * Called as the prompt is read, between its chunks.
   *
   * @group Callbacks
   */
  onPrefillProgress?: (progress: PrefillProgress) => void;
  /**
   * Ends the generation, which then rejects with an {@link AbortError} that holds the text so far.
   *
   * @group When it ends
   */
  signal?: AbortSignal;
}

/**
 * What a `logitsProcessor` module exports as its default: a function that is done when it returns, no async one. The logits are
 * there during the call only; the ids are a copy.
 */
export type LogitsProcessor = (logits: Float32Array, tokenIds: readonly number[]) => void;

/** What depends on the prompt's length, or on the answer's greatest length: all of it from the model's files. */
export interface LengthDefaults {
  /** The most tokens of prompt and answer together, or null. */
  maxLength: number | null;
  /** The least of them before an end token; 0 is off. */
  minLength: number;
  /** New tokens that the caller asks for: `maxLength` and `forcedLast` give way to them. */
  leastNewTokens: number;
  /** The first token of the answer to a prompt of one token, or null. */
  forcedFirst: number | null;
  /** One of these is the token that fills the answer; empty is off. */
  forcedLast: readonly number[];
  /** Never the first token of an answer. */
  suppressedFirst: readonly number[];
}

/** The options of one generation as the worker gets them: complete. */
export interface ResolvedGenerateOptions {
  sampler: SamplerOptions;
  /** Those of `badWords` that are text. */
  badTexts: string[];
  strategy: Strategy;
  /** Whether special tokens are found in the prompt's text. */
  specialTokens: boolean;
  numReturnSequences: number;
  maxNewTokens: number;
  lengthDefaults: LengthDefaults;
  stop: (string | RegExp)[];
  maxTime: number | null;
  logprobs: number | null;
  logitsProcessor: string | null;
  responseFormat: ResolvedResponseFormat | null;
  overflow: Overflow;
  keepTokens: number;
  /** Whether the page is to be asked after each token, and told of each chunk of the prompt. */
  asksStopWhen: boolean;
  reportsPrefill: boolean;
}

/** What stays with the page. */
export interface GenerateCallbacks {
  onToken?: (piece: Piece) => void;
  onPrefillProgress?: (progress: PrefillProgress) => void;
  stopWhen?: (question: StopQuestion) => boolean | PromiseLike<boolean>;
  signal?: AbortSignal;
}
