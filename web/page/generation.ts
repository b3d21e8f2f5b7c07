import { AbortError } from '../results/errors.js';
import type { GenerationResult, Piece } from '../results/generation-result.js';

/** Does the work: hands out pieces as they come, ends early at an abort, resolves at the end. */
export type GenerationRun = (emit: (piece: Piece) => void, signal: AbortSignal) => Promise<GenerationResult>;

/**
 * A running generation. It can be followed in several ways, which all show the same run; pieces are kept, so that
 * whoever comes late sees all of them. Made by `LanguageModel.generate` and `Session.generate`.
 *
 * ```ts
 * for await (const piece of model.generate('Once upon a time')) process.stdout.write(piece.text);
 * ```
 */
export class Generation implements AsyncIterable<Piece> {
  /**
   * What it came to. Rejects with an {@link AbortError}, whose `result` has what there is, when the caller gave it up;
   * with a SottoError ('prompt-too-long', 'no-tokenizer', 'out-of-memory', 'context-full', 'disposed', 'engine-crashed' and
   * others); or with what `onToken` or `stopWhen` threw. It is no unhandled rejection when nobody looks.
   */
  readonly result: Promise<GenerationResult>;
  readonly #pieces: Piece[] = [];
  readonly #controller = new AbortController();
  #isSettled = false;
  #wakeReaders: (() => void)[] = [];

  /** @internal */
  constructor(run: GenerationRun, callers: { onToken?: (piece: Piece) => void; signal?: AbortSignal } = {}) {
    this.result = this.#follow(run, callers.onToken, callers.signal);
    this.result.catch(() => {});
  }

  /** The whole text. Rejects like `result`. */
  text(): Promise<string> {
    const text = this.result.then((result) => result.text);
    text.catch(() => {});
    return text;
  }

  /**
   * Gives it up: `result` rejects with an {@link AbortError} that holds what there is by then. Does nothing after the end.
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

  async #follow(
    run: GenerationRun,
    onToken?: (piece: Piece) => void,
    signal?: AbortSignal,
  ): Promise<GenerationResult> {
    const abort = () => this.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    let thrown: { error: unknown } | null = null; // by onToken
    const emit = (piece: Piece) => {
      if (thrown !== null) return;
      this.#pieces.push(piece);
      this.#wake();
      try {
        onToken?.(piece);
      } catch (error) {
        thrown = { error };
        abort();
      }
    };
    try {
      const result = await run(emit, this.#controller.signal);
      if (thrown !== null) throw (thrown as { error: unknown }).error;
      if (result.finishReason === 'aborted') throw new AbortError(result, this.#controller.signal.reason);
      return result;
    } finally {
      signal?.removeEventListener('abort', abort);
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
