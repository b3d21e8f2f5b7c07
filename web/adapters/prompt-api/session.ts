import { onAbort } from '../../base/on-abort.js';
import { readConstraint } from './constraint.js';
import type { Conversation } from './conversation.js';
import { domException, translated } from './errors.js';
import { readInput } from './input.js';
import type { Sampling } from './sampling.js';
import { anySignal, untilAborted } from './signals.js';
import type { AppendOptions, CloneOptions, PromptInput, PromptOptions, SamplingMode } from './types.js';

/** What a session is made of; the class itself is no way to one. */
export class SessionParts {
  constructor(
    readonly conversation: Conversation,
    readonly sampling: Sampling,
    readonly contextWindow: number,
    /** Told of the session's end. */
    readonly onDestroy: (session: PromptSession) => void,
  ) {}
}

/**
 * A session of the browsers' Prompt API over one of ours. What is asked of it happens in the order in which it is asked; what
 * fails or is aborted leaves no trace, but for messages that had to be let go.
 */
export class PromptSession extends EventTarget {
  /** Called where messages have been let go, as the context was full. */
  oncontextoverflow: ((this: EventTarget, event: Event) => unknown) | null = null;
  /** The older name of `oncontextoverflow`. */
  onquotaoverflow: ((this: EventTarget, event: Event) => unknown) | null = null;
  readonly #parts: SessionParts;
  readonly #destruction = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  /** @param parts Internal; sessions are made by `create`. @throws TypeError */
  constructor(parts?: unknown) {
    super();
    if (!(parts instanceof SessionParts)) {
      throw new TypeError('Illegal constructor: await LanguageModel.create() makes a session');
    }
    this.#parts = parts;
    this.addEventListener('contextoverflow', (event) => this.oncontextoverflow?.call(this, event));
    this.addEventListener('quotaoverflow', (event) => this.onquotaoverflow?.call(this, event));
  }

  get [Symbol.toStringTag](): string {
    return 'LanguageModel';
  }

  /** The tokens of the context that are in use, after what has ended. */
  get contextUsage(): number {
    return this.#parts.conversation.length;
  }

  /** The tokens that the context holds, those of answers included. */
  get contextWindow(): number {
    return this.#parts.contextWindow;
  }

  /** The older name of `contextUsage`. */
  get inputUsage(): number {
    return this.contextUsage;
  }

  /** The older name of `contextWindow`. */
  get inputQuota(): number {
    return this.contextWindow;
  }

  get topK(): number {
    return this.#parts.sampling.topK;
  }

  get temperature(): number {
    return this.#parts.sampling.temperature;
  }

  /** Null where the session was created with `topK` or `temperature`. */
  get samplingMode(): SamplingMode | null {
    return this.#parts.sampling.samplingMode;
  }

  /**
   * Answers, and keeps both in the session.
   *
   * @throws TypeError for arguments; DOMException 'InvalidStateError' after `destroy()`, 'AbortError' or the signal's reason,
   * 'NotSupportedError', 'SyntaxError', 'QuotaExceededError', 'UnknownError' and others, with our error as `cause`
   */
  async prompt(input: PromptInput, options: PromptOptions = {}): Promise<string> {
    let text = '';
    await this.#answer(input, options, (piece) => {
      text += piece;
    });
    return text;
  }

  /** The same as a stream of text. Cancelling it is an abort. */
  promptStreaming(input: PromptInput, options: PromptOptions = {}): ReadableStream<string> {
    const cancelled = new AbortController();
    return new ReadableStream<string>({
      start: (stream) => {
        const { signal, end } = anySignal(options.signal, cancelled.signal);
        const emit = (text: string) => {
          if (!signal.aborted) stream.enqueue(text);
        };
        this.#answer(input, { ...options, signal }, emit)
          .then(
            () => stream.close(),
            (error) => stream.error(error),
          )
          .catch(() => {}) // cancelled: nobody reads any more
          .finally(end);
      },
      cancel: (reason) => cancelled.abort(reason),
    });
  }

  /** Adds messages and reads them, without an answer. @throws as `prompt` */
  async append(input: PromptInput, options: AppendOptions = {}): Promise<undefined> {
    await this.#inTurn(options.signal, async (signal) => {
      const { conversation } = this.#parts;
      const read = this.#read(input, { mayPrefix: false });
      await conversation.append({ input: read, signal, onOverflow: this.#onOverflow });
    });
    return undefined;
  }

  /** How many tokens a prompt would add, with what the model's format puts around it. @throws as `prompt` */
  async measureContextUsage(input: PromptInput, options: PromptOptions = {}): Promise<number> {
    readConstraint(options);
    return this.#watched(options.signal, async () =>
      this.#parts.conversation.measure(this.#read(input, { mayPrefix: true })),
    );
  }

  /** The older name of `measureContextUsage`. */
  measureInputUsage(input: PromptInput, options: PromptOptions = {}): Promise<number> {
    return this.measureContextUsage(input, options);
  }

  /** Another session with the same messages, in no time. @throws as `prompt` */
  clone(options: CloneOptions = {}): Promise<this> {
    return this.#inTurn(options.signal, async (signal) => {
      const { conversation, sampling, contextWindow, onDestroy } = this.#parts;
      const fork = await conversation.fork();
      if (signal.aborted) {
        await fork.dispose();
        throw signal.reason;
      }
      const Constructor = this.constructor as new (parts: SessionParts) => this;
      return new Constructor(new SessionParts(fork, sampling, contextWindow, onDestroy));
    });
  }

  /** Ends the session: what goes on rejects with an 'AbortError', what is asked later with 'InvalidStateError'. Idempotent. */
  destroy(): undefined {
    this.#destroy(domException('AbortError', 'the session was destroyed'));
    return undefined;
  }

  /** @internal Destroys the session when the signal that it was created with is aborted. */
  destroyWith(signal: AbortSignal | undefined): void {
    const end = onAbort(signal, () => this.#destroy(signal?.reason));
    onAbort(this.#destruction.signal, end);
  }

  #destroy(reason: unknown): void {
    const { signal } = this.#destruction;
    if (signal.aborted) return;
    this.#destruction.abort(reason);
    this.#parts.onDestroy(this);
    // When the last call has let go of it. A model that is gone has nothing left to give back.
    void this.#last.then(() => this.#parts.conversation.dispose()).catch(() => {});
  }

  #answer(input: PromptInput, options: PromptOptions, emit: (text: string) => void): Promise<void> {
    return this.#inTurn(options.signal, async (signal) => {
      const constraint = readConstraint(options);
      const read = this.#read(input, { mayPrefix: true });
      const turn = { input: read, signal, onOverflow: this.#onOverflow };
      await this.#parts.conversation.answer({ ...turn, constraint, emit });
    });
  }

  #read(input: unknown, { mayPrefix }: { mayPrefix: boolean }) {
    const read = readInput(input, this.#parts.conversation.isEmpty);
    if (read.isPrefixed && !mayPrefix) {
      throw domException(
        'SyntaxError',
        'only a prompt can have a prefix: there is no answer to go on with it',
      );
    }
    return read;
  }

  readonly #onOverflow = () => {
    this.dispatchEvent(new Event('contextoverflow'));
    this.dispatchEvent(new Event('quotaoverflow'));
  };

  /** Does something when all that was asked before has ended. */
  #inTurn<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#watched(given, (signal) => {
      const turn = this.#last.then(() => {
        signal.throwIfAborted();
        return work(signal);
      });
      this.#last = turn.catch(() => {});
      return turn;
    });
  }

  /** Does something until it ends, the caller's signal is aborted, or the session is destroyed. */
  async #watched<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal: destroyed } = this.#destruction;
    if (destroyed.aborted)
      throw domException('InvalidStateError', 'the session was destroyed; create another one');
    const { signal, end } = anySignal(given, destroyed);
    try {
      signal.throwIfAborted();
      return await untilAborted(work(signal), signal);
    } catch (error) {
      throw translated(signal.aborted ? signal.reason : error);
    } finally {
      end();
    }
  }
}
