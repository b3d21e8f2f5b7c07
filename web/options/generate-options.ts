import type { Piece, PrefillProgress } from '../results/generation-result.js';
import type { SamplerOptions } from './sampler-options.js';

/** What `stopWhen` is asked about. */
export interface StopQuestion {
  /** The answer so far, with what is still held back because a stop string may begin there. */
  text: string;
  /** Its tokens. */
  tokenIds: number[];
  /** Which of several sequences it is, from 0. */
  sequence: number;
}

/** How prompt-lookup decoding drafts. */
export interface PromptLookupOptions {
  /** The longest end of the text that is looked for earlier in it, in tokens. Default: 3. */
  maxNgram?: number;
  /** The most tokens to draft at once. Default: 10. */
  maxDraft?: number;
}

/** What is done when the model's context is full. */
export type Overflow = 'stop' | 'error' | 'slide';

/** How a text is continued. What is left out comes from the model's generation_config.json: {@link GenerationDefaults}. */
export interface GenerateOptions extends Partial<Omit<SamplerOptions, 'badWords'>> {
  /**
   * Sequences of tokens that are never completed, as ids or as text. Text stands for its usual tokens, with and without a
   * space before it; other ways to spell it stay open. Default: the model's, else none.
   */
  badWords?: readonly (string | readonly number[])[];
  /** The most tokens to choose, 1 or more. Default: `max_new_tokens` of generation_config.json, else 256. */
  maxNewTokens?: number;
  /**
   * Ends the text before the first of these; they are never shown. A pattern is tried after each character, so that it
   * ends the text at the first moment at which it matches anywhere in it. Default: none.
   */
  stop?: string | RegExp | readonly (string | RegExp)[];
  /**
   * Asked after each token; true ends the text with that token. A promise is waited for. What it throws, or the promise
   * rejects with, ends the generation with that error.
   */
  stopWhen?: (question: StopQuestion) => boolean | PromiseLike<boolean>;
  /** Ends the text after so many milliseconds, counted from the generation's turn. Default: none. */
  maxTime?: number;
  /**
   * Tells for each token how likely the model itself found it, and this many alternatives; 0 to the vocabulary's size.
   * Default: nothing is told.
   */
  logprobs?: number;
  /**
   * The address of a module whose default export is called with the logits and all token ids so far at each step,
   * before temperature and filters, and may change the logits: {@link LogitsProcessor}. It runs beside the engine, so it
   * cannot be a function of the page. What it throws ends the generation with that error.
   */
  logitsProcessor?: string | URL;
  /**
   * Drafts tokens from what followed the same words earlier in the text, and checks them in one pass: faster where text
   * is repeated, with exactly the same tokens (prompt lookup decoding, Saxena, 2023). Default: off.
   */
  promptLookup?: PromptLookupOptions;
  /** Beam search over so many beams, 2 or more (1 is off). It is not streamed: the text comes at the end. Default: 1. */
  numBeams?: number;
  /** Beams are compared by their log-probability over length to this power: above 0 favours long ones. Default: 1. */
  lengthPenalty?: number;
  /**
   * When beam search ends: true as soon as there are `numBeams` answers, false when better ones are unlikely, 'never'
   * when there can be none. Default: false.
   */
  earlyStopping?: boolean | 'never';
  /** How many answers to give: the best beams, or independent samples, the i-th with the seed `seed + i`. Default: 1. */
  numReturnSequences?: number;
  /**
   * Contrastive search among the `topK` likeliest tokens, 0 to 1: how much a token's likeness to what is there already
   * counts against its probability (Su and others, 2022, arXiv:2202.06417). Default: off.
   */
  penaltyAlpha?: number;
  /**
   * When the context is full: 'stop' ends the text, 'error' rejects with 'context-full', 'slide' goes on with the first
   * `keepTokens` and the latest tokens (read anew, as their positions change). Default: 'stop'.
   */
  overflow?: Overflow;
  /**
   * How many of the first tokens 'slide' keeps, at most the context less 2. Default: 4, as attention leans on them
   * (arXiv:2309.17453), or that.
   */
  keepTokens?: number;
  /** Called with each piece as it comes; what it throws ends the generation with that error. */
  onToken?: (piece: Piece) => void;
  /** Called as the prompt is read, between its chunks. */
  onPrefillProgress?: (progress: PrefillProgress) => void;
  /** Ends the generation, which then rejects with an {@link AbortError} that holds the text so far. */
  signal?: AbortSignal;
}

/** What a `logitsProcessor` module exports as its default: a function that is done when it returns, no async one. */
export type LogitsProcessor = (logits: Float32Array, tokenIds: readonly number[]) => void;

/** The strategies above the sampling chain. */
export type Strategy =
  | { name: 'sample'; promptLookup: Required<PromptLookupOptions> | null }
  | { name: 'beams'; numBeams: number; lengthPenalty: number; earlyStopping: boolean | 'never' }
  | { name: 'contrastive'; penaltyAlpha: number; topK: number };

/** The options of one generation as the worker gets them: complete. */
export interface ResolvedGenerateOptions {
  sampler: SamplerOptions;
  /** Those of `badWords` that are text. */
  badTexts: string[];
  strategy: Strategy;
  numReturnSequences: number;
  maxNewTokens: number;
  stop: (string | RegExp)[];
  maxTime: number | null;
  logprobs: number | null;
  logitsProcessor: string | null;
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
