import { onAbort } from '../base/on-abort.js';
import type { GenerateCallbacks, StopQuestion } from '../options/generate-options.js';
import type { GenerateEvent, GenerateParams, SessionState } from '../protocol/protocol.js';
import { assistantMessage, contentOf } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';
import {
  abortedOutput,
  type GenerationResult,
  type Piece,
  type RequestOutput,
  type SequenceResult,
} from '../results/generation-result.js';
import { CallerFunctions } from './caller-functions.js';
import { afterAwake, afterMs } from './overdue.js';
import type { SharedModel } from './shared-model.js';
import { type TurnQueue, takeAll } from './turn-queue.js';

/** The page's side of one text that a call continues. */
interface Member {
  emit(piece: Piece): void;
  resolve(result: GenerationResult): void;
  reject(error: unknown): void;
  /** Ends it with an error of the caller's own; others of the call go on. */
  fail(error: unknown): void;
  controller: AbortController;
  functions: CallerFunctions;
  /** What came of it so far. */
  pieces: Piece[];
  /** What there is, when the call is about to fail. */
  partial?: GenerationResult;
  /** Answers the question that is open. */
  answer?: (answer: boolean) => void;
}

/** What a call needs besides its parameters. */
export interface CallSetup {
  model: SharedModel;
  /** Those that it waits in, one after the other. */
  queues: readonly TurnQueue[];
  callbacks: Pick<GenerateCallbacks, 'onPrefillProgress' | 'stopWhen'>;
  /** Told how the session stands when it has taken the answer. */
  onSession?: (state: SessionState) => void;
}

/** One call of the worker that continues one or several texts: it begins when all of them are followed. */
export class GenerateCall {
  readonly #params: GenerateParams;
  readonly #setup: CallSetup;
  readonly #nTexts: number;
  readonly #members: Member[] = [];
  #queueMs: number | null = null; // null while it waits
  readonly #startMs = performance.now();
  #nEnded = 0;
  #isLate = false;
  #lastEnd: (() => void) | null = null;

  constructor(params: GenerateParams, setup: CallSetup) {
    this.#params = params;
    this.#setup = setup;
    this.#nTexts = Array.isArray(params.from) ? params.from.length : 1;
  }

  /** Follows the next text. Ends within `client.graceMs` after the signal is aborted, whatever the worker does. */
  follow(emit: (piece: Piece) => void, signal: AbortSignal): Promise<GenerationResult> {
    const controller = new AbortController();
    let stopWaiting = () => {};
    let stopListening = () => {};
    const ended = new Promise<GenerationResult>((resolve, reject) => {
      const fail = (error: unknown) => {
        reject(error);
        controller.abort();
      };
      const functions = new CallerFunctions(fail);
      const member: Member = { emit, resolve, reject, fail, controller, functions, pieces: [] };
      const abort = () => {
        const settle = () => resolve(this.#abortedResult(member));
        if (this.#queueMs === null) settle();
        else stopWaiting = afterAwake(this.#setup.model.client.graceMs, settle);
        controller.abort(signal.reason);
      };
      this.#members.push(member);
      stopListening = onAbort(signal, abort);
      if (this.#members.length === this.#nTexts) {
        this.#run().catch((error) => {
          for (const each of this.#members) this.#failMember(each, error);
        });
      }
    });
    return ended.finally(() => {
      stopWaiting();
      stopListening(); // the signal would hold the model as long as the generation is there
    });
  }

  async #run(): Promise<void> {
    const { model, queues } = this.#setup;
    const { maxTime } = this.#params.options;
    const signals = this.#members.map(({ controller }) => controller.signal);
    const leave = await takeAll(queues, signals);
    if (leave === null) return; // all were aborted
    this.#queueMs = performance.now() - this.#startMs;
    // Whoever is asked may take longer than the generation has.
    const stopTimer = maxTime === null ? () => {} : afterMs(maxTime, () => this.#closeQuestions());
    try {
      await model.client.call('generate', this.#params, {
        onEvent: (event, answer) => this.#onEvent(event, answer),
        signals,
        dueMs: maxTime,
      });
      this.#lastEnd?.();
    } finally {
      stopTimer();
      leave();
    }
  }

  #onEvent(event: GenerateEvent, answer: (answer: boolean) => void): void {
    const member = this.#members[event.index] as Member;
    const { onPrefillProgress } = this.#setup.callbacks;
    if (event.type === 'piece') {
      member.pieces.push(event.piece);
      member.emit(event.piece);
    }
    if (event.type === 'prefill') member.functions.call(onPrefillProgress, event.progress);
    if (event.type === 'question') {
      member.answer = answer;
      if (this.#isLate) answer(false);
      else void this.#ask(event.question, member, answer);
    }
    if (event.type === 'partial') member.partial = this.#complete(event.result);
    if (event.type === 'end') this.#end(event, member);
  }

  async #ask(question: StopQuestion, member: Member, answer: (answer: boolean) => void): Promise<void> {
    try {
      const returned = this.#setup.callbacks.stopWhen?.(question);
      answer((typeof returned === 'boolean' ? returned : await returned) === true);
    } catch (error) {
      member.fail(error);
    }
  }

  /** The time is over: the worker looks at its own clock when nothing is left to be answered. */
  #closeQuestions(): void {
    this.#isLate = true;
    for (const { answer } of this.#members) answer?.(false);
  }

  /** An error ends what is not given up; what is, ends as it would have when the worker does not answer any more. */
  #failMember(member: Member, error: unknown): void {
    const isGone = error instanceof SottoError && error.code === 'engine-crashed';
    if (isGone && member.controller.signal.aborted) member.resolve(this.#abortedResult(member));
    else member.reject(withResult(error, member.partial));
  }

  #end({ result, session }: Extract<GenerateEvent, { type: 'end' }>, member: Member): void {
    if (session !== undefined) this.#setup.onSession?.(session);
    const complete = this.#complete(result);
    if (result.finishReason !== 'context-full' || this.#params.options.overflow !== 'error') {
      // The last of them ends together with the call: whoever has all answers finds the worker idle.
      this.#nEnded++;
      const resolve = async () => {
        await member.functions.settled(member.controller.signal);
        member.resolve(complete);
      };
      if (this.#nEnded < this.#nTexts) void resolve();
      else this.#lastEnd = () => void resolve();
      return;
    }
    const { strategy } = this.#params.options;
    const advice = [
      ...(result.usage.promptTokens > 1 ? ['shorten the prompt'] : []),
      'ask for less (maxNewTokens)',
      `choose overflow 'stop'${strategy.name === 'sample' ? " or 'slide'" : ''}`,
    ];
    const message =
      `the context filled up after ${result.tokenIds.length} tokens of the answer: ` +
      `${advice.slice(0, -1).join(', ')}, or ${advice.at(-1)}. The error's result has what there is.`;
    member.reject(new SottoError('context-full', message, { result: complete }));
  }

  #complete(result: RequestOutput): GenerationResult {
    return { ...result, timings: { queueMs: this.#queueMs ?? 0, ...result.timings } };
  }

  /** What the page itself knows of a text that was given up; times and the prompt's length are the worker's knowledge. */
  #abortedResult({ pieces }: Member): GenerationResult {
    const { numReturnSequences, sampler } = this.#params.options;
    const sequences = Array.from({ length: numReturnSequences }, (_, index): SequenceResult => {
      const own = pieces.filter(({ sequence = 0 }) => sequence === index);
      const logprobs = own.flatMap((piece) => piece.logprobs ?? []);
      return {
        text: contentOf(own),
        tokenIds: own.flatMap(({ tokenIds }) => tokenIds),
        finishReason: 'aborted',
        ...(logprobs.length > 0 && { logprobs }),
        ...(isChat(this.#params) && { message: assistantMessage(own) }),
      };
    });
    const completionTokens = sequences.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
    const output = abortedOutput(sampler.seed);
    return {
      ...output,
      ...(sequences[0] as SequenceResult),
      sequences,
      usage: { ...output.usage, completionTokens, totalTokens: completionTokens },
      timings: { queueMs: this.#queueMs ?? performance.now() - this.#startMs, ...output.timings },
    };
  }
}

function isChat({ from }: GenerateParams): boolean {
  return Array.isArray(from)
    ? from.some((prompt) => typeof prompt === 'object' && 'messages' in prompt)
    : from.chat !== undefined;
}

/** An error of ours with what there was of a text. */
function withResult(error: unknown, result: GenerationResult | undefined): unknown {
  if (!(error instanceof SottoError) || result === undefined) return error;
  const told = new SottoError(error.code, error.message, { cause: error.cause, result });
  if (error.stack !== undefined) told.stack = error.stack;
  return told;
}
