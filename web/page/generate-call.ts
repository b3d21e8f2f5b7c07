import type { GenerateCallbacks } from '../options/generate-options.js';
import type { GenerateEvent, GenerateParams, SessionState } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import {
  abortedOutput,
  type GenerationResult,
  type Piece,
  type RequestOutput,
} from '../results/generation-result.js';
import type { WorkerClient } from './client.js';
import { type TurnQueue, takeAll } from './turn-queue.js';

/** The page's side of one text that a call continues. */
interface Member {
  emit(piece: Piece): void;
  resolve(result: GenerationResult): void;
  reject(error: unknown): void;
  controller: AbortController;
  /** What there is, when the call is about to fail. */
  partial?: GenerationResult;
}

/** What a call needs besides its parameters. */
export interface CallSetup {
  client: WorkerClient;
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
  #lastEnd: (() => void) | null = null;

  constructor(params: GenerateParams, setup: CallSetup) {
    this.#params = params;
    this.#setup = setup;
    this.#nTexts = Array.isArray(params.from) ? params.from.length : 1;
  }

  /** Follows the next text. */
  follow(emit: (piece: Piece) => void, signal: AbortSignal): Promise<GenerationResult> {
    const controller = new AbortController();
    return new Promise<GenerationResult>((resolve, reject) => {
      const abort = () => {
        if (this.#queueMs === null) resolve(this.#abortedInQueue());
        controller.abort(signal.reason);
      };
      this.#members.push({ emit, resolve, reject, controller });
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      if (this.#members.length === this.#nTexts) {
        this.#run().catch((error) => {
          for (const member of this.#members) member.reject(withResult(error, member.partial));
        });
      }
    });
  }

  async #run(): Promise<void> {
    const { client, queues } = this.#setup;
    const signals = this.#members.map(({ controller }) => controller.signal);
    const leave = await takeAll(queues, signals);
    if (leave === null) return; // all were aborted
    this.#queueMs = performance.now() - this.#startMs;
    try {
      await client.call('generate', this.#params, {
        onEvent: (event, answer) => this.#onEvent(event, answer),
        signals,
      });
      this.#lastEnd?.();
    } finally {
      leave();
    }
  }

  #onEvent(event: GenerateEvent, answer: (answer: boolean) => void): void {
    const member = this.#members[event.index] as Member;
    const { onPrefillProgress, stopWhen } = this.#setup.callbacks;
    try {
      if (event.type === 'piece') member.emit(event.piece);
      if (event.type === 'prefill') onPrefillProgress?.(event.progress);
      if (event.type === 'question') answer(stopWhen?.(event.question) === true);
      if (event.type === 'partial') member.partial = this.#complete(event.result);
      if (event.type === 'end') this.#end(event, member);
    } catch (error) {
      // The caller's own error ends this text; others of the call go on.
      member.reject(error);
      member.controller.abort();
    }
  }

  #end({ result, session }: Extract<GenerateEvent, { type: 'end' }>, member: Member): void {
    if (session !== undefined) this.#setup.onSession?.(session);
    const complete = this.#complete(result);
    if (result.finishReason !== 'context-full' || this.#params.options.overflow !== 'error') {
      // The last of them ends together with the call: whoever has all answers finds the worker idle.
      this.#nEnded++;
      if (this.#nEnded < this.#nTexts) member.resolve(complete);
      else this.#lastEnd = () => member.resolve(complete);
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

  #abortedInQueue(): GenerationResult {
    const output = abortedOutput(this.#params.options.sampler.seed);
    return { ...output, timings: { queueMs: performance.now() - this.#startMs, ...output.timings } };
  }
}

/** An error of ours with what there was of a text. */
function withResult(error: unknown, result: GenerationResult | undefined): unknown {
  if (!(error instanceof SottoError) || result === undefined) return error;
  const told = new SottoError(error.code, error.message, { cause: error.cause, result });
  if (error.stack !== undefined) told.stack = error.stack;
  return told;
}
