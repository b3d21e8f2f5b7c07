import type { BackendSession } from '../engine/backend.js';
import type { Form } from '../forms/constraint.js';
import type { LogitsProcessor, ResolvedGenerateOptions } from '../options/generate-options.js';
import type { SamplerOptions } from '../options/sampler-options.js';
import type { FinishReason, RequestOutput, SequenceResult } from '../results/generation-result.js';
import type { ChatPrompt } from './chats.js';
import type { StoppingCriterion, Streamer } from './hooks.js';
import { withLengthDefaults } from './length-defaults.js';
import type { PromptToRead } from './loop.js';
import type { ModelInUse } from './model-in-use.js';
import type { Sequence } from './sequence.js';

/** What a request starts from: a session that has read the first of the ids, all but the last at most. */
export interface RequestStart {
  session: BackendSession;
  ids: Int32Array;
  /** Tokens of the prompt as it was given, before any of them was shifted away. */
  promptTokens: number;
  /** What the prompt is made of, where that is messages. */
  chat?: ChatPrompt | undefined;
  /** When the request's turn came, of `performance.now()`. */
  startMs: number;
}

/** What the caller of a request wants to hear and to say. */
export interface RequestHooks {
  streamer: Streamer;
  stoppingCriteria: readonly StoppingCriterion[];
  logitsProcessor: LogitsProcessor | null;
  /** What each answer has to look like. */
  form: Form | null;
  signal: AbortSignal;
}

/** The options that may rule any token out. */
const RULING_OUT = [
  'logitBias',
  'noRepeatNgramSize',
  'badWords',
  'minNewTokens',
  'forcedTokens',
  'suppressTokens',
] as const satisfies readonly (keyof SamplerOptions)[];

/** When an answer is long enough. */
export interface LengthLimit {
  maxTokens: number;
  /** What `maxTokens` is due to. */
  reason: 'length' | 'context-full';
}

/** One prompt that is continued: what all strategies have in common. Its sequences are the answers. */
export class Request {
  readonly model: ModelInUse;
  readonly options: ResolvedGenerateOptions;
  readonly hooks: RequestHooks;
  /** The session that reads the prompt. */
  readonly session: BackendSession;
  readonly promptIds: Int32Array;
  readonly limit: LengthLimit;
  readonly endTokenIds: ReadonlySet<number>;
  /** Of a chat. */
  readonly chat: ChatPrompt | null;
  readonly logitsProcessor: LogitsProcessor | null;
  /** Whether tokens that a form leaves no choice for need no logits: nothing is told of them, and nothing rules them out. */
  readonly appendsForced: boolean;
  sequences: Sequence[] = [];
  /** When the first and the last token were chosen, of `performance.now()`. */
  firstTokenMs: number | null = null;
  lastTokenMs = 0;
  readonly #start: RequestStart;
  readonly #nCached: number;
  #prefillEndMs: number;
  #hasEnded = false;

  constructor(model: ModelInUse, options: ResolvedGenerateOptions, start: RequestStart, hooks: RequestHooks) {
    this.model = model;
    this.options = options;
    this.hooks = hooks;
    this.session = start.session;
    this.promptIds = start.ids;
    this.#start = start;
    this.#nCached = start.session.length;
    this.#prefillEndMs = start.startMs;
    const { maxNewTokens, overflow } = options;
    const { contextLength, eosTokenIds } = model.info;
    const room = overflow === 'slide' ? Number.POSITIVE_INFINITY : contextLength - start.ids.length;
    this.limit = {
      maxTokens: Math.min(maxNewTokens, room),
      reason: maxNewTokens <= room ? 'length' : 'context-full',
    };
    this.chat = start.chat ?? null;
    this.endTokenIds = new Set([...eosTokenIds, ...(start.chat?.format.endTokenIds ?? [])]);
    this.logitsProcessor = withLengthDefaults(hooks.logitsProcessor, options, start.ids.length, this.limit);
    const rulesNothingOut = RULING_OUT.every((name) => isNothing(options.sampler[name]));
    this.appendsForced = options.logprobs === null && this.logitsProcessor === null && rulesNothingOut;
  }

  /** Why it ends before the next token, or null. */
  get interruption(): FinishReason | null {
    if (this.hooks.signal.aborted) return 'aborted';
    const { maxTime } = this.options;
    return maxTime !== null && performance.now() - this.#start.startMs >= maxTime ? 'max-time' : null;
  }

  /** What is left to read of the prompt. */
  prompt(): PromptToRead {
    const { length } = this.promptIds;
    const { streamer } = this.hooks;
    return {
      session: this.session,
      ids: this.promptIds.subarray(this.#nCached),
      isOver: () => this.interruption !== null,
      onPass: (nRead) => {
        const processedTokens = this.#nCached + nRead;
        streamer.prefill?.({ processedTokens, totalTokens: length });
        if (processedTokens === length) this.#prefillEndMs = performance.now();
      },
    };
  }

  /** Tells that it is over, once all its sequences are. Does nothing when it was told. */
  endWhenOver(): void {
    if (this.#hasEnded || this.sequences.some(({ finishReason }) => finishReason === null)) return;
    this.#hasEnded = true;
    for (const sequence of this.sequences) sequence.finish();
    this.#remember();
    this.hooks.streamer.end(this.#output());
  }

  /** Tells what there is, as an error ends it; does nothing when it was over before, or has not begun. */
  fail(): void {
    if (this.#hasEnded || this.sequences.length === 0) return;
    for (const sequence of this.sequences) sequence.finish();
    this.hooks.streamer.fail(this.#output());
  }

  /** Whole answers of a chat: their text and tokens say the same. */
  #remember(): void {
    for (const { answer, finishReason, tokenIds } of this.sequences) {
      if (this.chat === null || answer === null || finishReason !== 'end-token') continue;
      this.model.chats?.remember(this.chat, answer.raw, tokenIds.slice(0, -1));
    }
  }

  #output(): RequestOutput {
    const sequences = this.sequences.map((sequence) => sequence.result());
    const [first] = sequences as [SequenceResult];
    const completionTokens = sequences.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
    const { promptTokens } = this.#start;
    return {
      ...first,
      sequences,
      seed: this.options.sampler.seed,
      usage: {
        promptTokens,
        cachedTokens: this.#nCached,
        completionTokens,
        totalTokens: promptTokens + completionTokens,
      },
      timings: this.#timings(completionTokens),
    };
  }

  #timings(nTokens: number): RequestOutput['timings'] {
    const { startMs } = this.#start;
    const firstTokenMs = this.firstTokenMs ?? startMs;
    const decodeMs = this.firstTokenMs === null ? 0 : this.lastTokenMs - firstTokenMs;
    return {
      prefillMs: this.#prefillEndMs - startMs,
      timeToFirstTokenMs: firstTokenMs - startMs,
      decodeMs,
      tokensPerSecond: decodeMs > 0 ? ((nTokens - 1) / decodeMs) * 1000 : 0,
    };
  }
}

/** Whether an option of {@link RULING_OUT} is off. */
function isNothing(value: object | number): boolean {
  if (typeof value === 'number') return value === 0;
  return (value instanceof Map ? value.size : Object.keys(value).length) === 0;
}
