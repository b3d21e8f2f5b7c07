import type { EngineSession } from '../engine/engine.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import type { CallContext, GenerateEvent, WorkerGenerationResult } from '../protocol/protocol.js';
import type { FinishReason, Piece, SequenceResult, Usage } from '../results/generation-result.js';
import { PieceAssembler } from '../text/piece-assembler.js';
import { Answer, type AnswerLimit, type ChosenToken } from './answer.js';
import type { GenerationClock } from './generation-clock.js';
import type { ModelInUse } from './model-in-use.js';
import { prefill, type Reading } from './prefill.js';

export type Context = Pick<CallContext<'generate'>, 'emit' | 'ask' | 'signal'>;

/** What a generation starts from: a session that has read the first of the ids, all but the last at most. */
export interface Start {
  session: EngineSession;
  ids: Int32Array;
  /** Tokens of the prompt as it was given, before any of them slid away. */
  promptTokens: number;
}

/** What a generation leaves behind. */
export interface Continued {
  session: EngineSession;
  /** Tokens of prompt and answer that the session has not read. */
  unread: number[];
}

/** One prompt's generation: what all strategies have in common. */
export class Run {
  readonly loaded: ModelInUse;
  readonly options: ResolvedGenerateOptions;
  /** The session that reads the prompt. */
  readonly session: EngineSession;
  readonly #start: Start;
  readonly #nCached: number;
  readonly #clock: GenerationClock;
  readonly #index: number;
  readonly #context: Context;
  #hasEnded = false;

  /** @param index Of the prompt within the call. */
  constructor(
    loaded: ModelInUse,
    options: ResolvedGenerateOptions,
    start: Start,
    call: { index: number; context: Context; clock: GenerationClock },
  ) {
    this.loaded = loaded;
    this.options = options;
    this.session = start.session;
    this.#start = start;
    this.#nCached = start.session.length;
    this.#clock = call.clock;
    this.#index = call.index;
    this.#context = call.context;
  }

  get isAborted(): boolean {
    return this.#context.signal(this.#index).aborted;
  }

  /** Whether the time that the caller allows is over. */
  get isLate(): boolean {
    const { maxTime } = this.options;
    return maxTime !== null && this.#clock.elapsedMs >= maxTime;
  }

  /** Why it ends before the next token, or null. */
  get interruption(): FinishReason | null {
    if (this.isAborted) return 'aborted';
    return this.isLate ? 'max-time' : null;
  }

  /** What is left to read of the prompt. */
  reading(): Reading {
    const { length } = this.#start.ids;
    const report = (nRead: number) => {
      const progress = { processedTokens: this.#nCached + nRead, totalTokens: length };
      if (this.options.reportsPrefill) this.#send({ type: 'prefill', index: this.#index, progress });
      if (this.#nCached + nRead === length) this.#clock.prefillEnded();
    };
    return {
      session: this.session,
      ids: this.#start.ids.subarray(this.#nCached),
      isOver: () => this.interruption !== null,
      onPass: report,
    };
  }

  /** The prompt, as far as it was read. */
  get promptIds(): Int32Array {
    return this.#start.ids;
  }

  /** When an answer is long enough. */
  get limit(): AnswerLimit {
    const { maxNewTokens, overflow } = this.options;
    const { eosTokenIds, contextLength } = this.loaded.info;
    const room = overflow === 'slide' ? Number.POSITIVE_INFINITY : contextLength - this.#start.ids.length;
    return {
      endTokenIds: new Set(eosTokenIds),
      mostTokens: Math.min(maxNewTokens, room),
      atMost: maxNewTokens <= room ? 'length' : 'context-full',
    };
  }

  tokenChosen(): void {
    this.#clock.tokenChosen();
  }

  /** An answer whose pieces go to the page. `sequence`: which of several. */
  answer(sequence: number): Answer {
    const { tokenizer } = this.loaded;
    const { numReturnSequences, stop } = this.options;
    const emit = (piece: Piece) => {
      const which = numReturnSequences > 1 ? { sequence } : {};
      this.#send({ type: 'piece', index: this.#index, piece: { ...piece, ...which } });
    };
    return new Answer(new PieceAssembler<ChosenToken>(tokenizer, stop), this.limit, emit);
  }

  /** Looks after each token whether the caller's own criteria end the answer with it. */
  async afterToken(answer: Answer, sequence: number): Promise<void> {
    this.tokenChosen();
    if (answer.finishReason !== null) return;
    if (this.options.asksStopWhen) {
      const question = { text: answer.wholeText, tokenIds: answer.tokenIds, sequence };
      const shouldStop = await this.#context.ask({ type: 'question', index: this.#index, question });
      if (shouldStop) answer.finishReason = 'stop-when';
    }
    answer.finishReason ??= this.isLate ? 'max-time' : null;
  }

  /** Tells the page that it is over. */
  end(sequences: SequenceResult[]): void {
    this.#hasEnded = true;
    this.#send({ type: 'end', index: this.#index, result: this.#resultOf(sequences) });
  }

  /** Tells the page what there is, as an error ends it; does nothing when it was over before. */
  fail(answers: readonly Answer[]): void {
    if (this.#hasEnded || answers.length === 0) return;
    for (const answer of answers) answer.finish();
    const result = this.#resultOf(answers.map((answer) => answer.result()));
    this.#send({ type: 'partial', index: this.#index, result });
  }

  #resultOf(sequences: SequenceResult[]): WorkerGenerationResult {
    const [first] = sequences as [SequenceResult];
    const completionTokens = sequences.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
    const usage: Usage = {
      promptTokens: this.#start.promptTokens,
      cachedTokens: this.#nCached,
      completionTokens,
      totalTokens: this.#start.promptTokens + completionTokens,
    };
    const { seed } = this.options.sampler;
    const timings = this.#clock.timings(completionTokens);
    return { ...first, sequences, seed, usage, timings };
  }

  #send(event: GenerateEvent): void {
    this.#context.emit(event);
  }
}

/** Runs the prompts of all runs through the model, in the same passes. */
export async function readPrompts(runs: readonly Run[]): Promise<void> {
  const { model, cache, engine } = (runs[0] as Run).loaded;
  await prefill(
    model,
    cache,
    runs.map((run) => run.reading()),
    engine.maxChunk,
  );
}
