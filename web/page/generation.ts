import { bindMembers } from '../base/bind-members.js';
import { onAbort } from '../base/on-abort.js';
import { AbortError } from '../results/errors.js';
import type { GenerationResult, Piece } from '../results/generation-result.js';
import { CallerFunctions } from './caller-functions.js';

/** Does the work: hands out pieces as they come, ends early at an abort, resolves at the end. */
export type GenerationRun = (emit: (piece: Piece) => void, signal: AbortSignal) => Promise<GenerationResult>;

/**
 * A running generation. It can be followed in several ways, which all show the same run; pieces are kept, so that
 * whoever comes late sees all of them. Made by `generate` and `chat` of models and sessions.
 *
 * ```ts
 * for await (const piece of model.generate('Once upon a time')) process.stdout.write(piece.text);
 * ```
 */
export class Generation implements AsyncIterable<Piece> {
  /**
   * What it came to. Rejects with an {@link AbortError}, whose `result` has what there is, when the caller gave it up;
   * with a SottoError ('prompt-too-long', 'no-tokenizer', 'out-of-memory', 'context-full', 'disposed', 'engine-crashed' and
   * others); or with what a callback threw, or returned a promise of that rejects. Promises of `onToken` are waited for at
   * the end. It is no unhandled rejection when nobody looks.
   */
  readonly result: Promise<GenerationResult>;
  readonly #pieces: Piece[] = [];
  readonly #controller = new AbortController();
  #isSettled = false;
  #wakeReaders: (() => void)[] = [];

  /** @internal */
  constructor(run: GenerationRun, callers: { onToken?: (piece: Piece) => void; signal?: AbortSignal } = {}) {
    bindMembers(this);
    this.result = this.#follow(run, callers.onToken, callers.signal);
    this.result.catch(() => {});
  }

  /** The whole text. Rejects like `result`. */
  text(): Promise<string> {
    const text = this.result.then((result) => result.text);
    text.catch(() => {});
    return text;
  }

  get [Symbol.toStringTag](): string {
    return 'Generation';
  }

  /**
   * Gives it up: `result` rejects with an {@link AbortError} that holds what there is by then. Does nothing after the end.
   * A worker that does not answer, as it is stuck or was terminated, is waited for, for 30 s and another 100 ms for each
   * million parameters; then its model is gone.
   *
   * @param reason The error's `cause`.
   */
  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /**
   * All pieces from the first on. Leaving the loop early (`break`, `return`, an error) aborts the generation, as
   * nobody would read the rest. Throws like `result` rejects.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Piece, void, undefined> {
    try {
      for (let next = 0; ; next++) {
        while (next === this.#pieces.length) {
          if (this.#isSettled) {
            await this.result;
            return;
          }
          await new Promise<void>((resolve) => this.#wakeReaders.push(resolve));
        }
        yield this.#pieces[next] as Piece;
      }
    } finally {
      this.abort();
    }
  }

  /** All pieces as a stream. Cancelling the stream aborts the generation. */
  toReadableStream(): ReadableStream<Piece> {
    const pieces = this[Symbol.asyncIterator]();
    return new ReadableStream<Piece>({
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => this.abort(reason),
    });
  }

  /**
   * The text as UTF-8, for `new Response(stream)` and whatever else takes bytes; of several sequences the first, of
   * a chat's answer what is text. Cancelling
   * the stream aborts the generation.
   */
  toTextStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const pieces = this[Symbol.asyncIterator]();
    const encoder = new TextEncoder();
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        for (;;) {
          const { done, value } = await pieces.next();
          if (done) return controller.close();
          const { text, sequence = 0, kind = 'text' } = value;
          if (sequence === 0 && kind === 'text' && text !== '')
            return controller.enqueue(encoder.encode(text));
        }
      },
      cancel: (reason) => this.abort(reason),
    });
  }

  async #follow(
    run: GenerationRun,
    onToken?: (piece: Piece) => void,
    signal?: AbortSignal,
  ): Promise<GenerationResult> {
    const stopListening = onAbort(signal, () => this.abort(signal?.reason));
    const thrown: unknown[] = []; // by onToken
    const functions = new CallerFunctions((error) => {
      thrown.push(error);
      this.abort(error);
    });
    const emit = (piece: Piece) => {
      if (thrown.length > 0) return;
      this.#pieces.push(piece);
      this.#wake();
      if (onToken !== undefined) functions.call(onToken, piece);
    };
    try {
      const result = await run(emit, this.#controller.signal);
      await functions.settled(this.#controller.signal);
      if (thrown.length > 0) throw thrown[0];
      if (result.finishReason === 'aborted') throw new AbortError(result, this.#controller.signal.reason);
      return result;
    } finally {
      stopListening();
      this.#isSettled = true;
      this.#wake();
    }
  }

  #wake(): void {
    const readers = this.#wakeReaders;
    this.#wakeReaders = [];
    for (const wake of readers) wake();
  }
}
