import type { DecoderConfig } from '../architectures/decoder-config.js';
import { SottoError } from '../errors.js';
import { show } from '../option-checks.js';
import type { Sampler, Session } from '../wasm/simd.js';
import type { Handle, Instance } from './instance.js';

/** What the sessions of one model have in common. */
export interface SessionContext {
  config: Readonly<DecoderConfig>;
  /** The most tokens that the engine takes at once. */
  maxChunk: number;
  /** Those that are not disposed yet. */
  sessions: Set<EngineSession>;
}

/** One sequence of tokens with its keys and values. Made by `EngineModel.createSession`. */
export class EngineSession {
  readonly #instance: Instance;
  readonly #handle: Handle<Session>;
  readonly #context: SessionContext;

  /** @internal */
  constructor(instance: Instance, handle: Handle<Session>, context: SessionContext) {
    this.#instance = instance;
    this.#handle = handle;
    this.#context = context;
    context.sessions.add(this);
  }

  /** The number of tokens in the sequence. */
  get length(): number {
    return this.#handle.call((session) => session.length());
  }

  /**
   * Runs tokens through the model, behind those that are there already: in chunks of at most `Engine.maxChunk`,
   * which changes nothing about the results. On an error the sequence is what it was.
   *
   * @param options.allLogits Whether `logits()` shall have a row for each of these tokens, of which there may then
   * be at most `Engine.maxChunk`; else it has the last one's.
   * @throws SottoError 'empty-prompt', 'bad-token', 'prompt-too-long', 'out-of-memory', 'bad-option'
   */
  append(ids: ArrayLike<number>, options: { allLogits?: boolean } = {}): void {
    const allLogits = options.allLogits ?? false;
    const { maxChunk } = this.#context;
    const length = this.#checkInput(ids, allLogits);
    for (let begin = 0; begin < ids.length; begin += maxChunk) {
      const count = Math.min(maxChunk, ids.length - begin);
      const tokens = this.#handle.call((session): Int32Array => session.tokens());
      for (let i = 0; i < count; i++) tokens[i] = ids[begin + i] as number;
      try {
        this.#handle.check((session) => session.append(count, allLogits));
      } catch (error) {
        if (begin > 0) this.truncate(length);
        throw error;
      }
    }
  }

  /** Appends one token. */
  step(id: number): void {
    this.append([id]);
  }

  /**
   * The logits of the last append, in rows of the vocabulary's size: how likely each token is to come next. A view
   * of the engine's memory, valid until the next call of anything of this engine; empty before the first append.
   */
  logits(): Float32Array {
    return this.#handle.call((session): Float32Array => session.logits());
  }

  /**
   * Forgets the tokens from a position on.
   *
   * @throws SottoError 'bad-option' when the sequence is shorter
   */
  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw new SottoError(
        'bad-option',
        `length is ${show(length)}; it must be a whole number from 0 to ${this.length}`,
      );
    }
    this.#handle.check((session) => session.truncate(length));
  }

  /**
   * Another session with the same tokens. Nothing is copied until one of the two appends; it has no logits before
   * it appends.
   *
   * @throws SottoError 'out-of-memory'
   */
  fork(): EngineSession {
    const handle = this.#handle.call((session) => this.#instance.create('session', () => session.fork()));
    return new EngineSession(this.#instance, handle, this.#context);
  }

  /** Frees the keys and values. Idempotent. */
  dispose(): void {
    this.#context.sessions.delete(this);
    this.#handle.dispose();
  }

  /** @internal */
  sampleWith(sampler: Handle<Sampler>): number {
    return this.#handle.call((session) => sampler.call((object) => object.sample(session)));
  }

  /** Returns the length before the append. */
  #checkInput(ids: ArrayLike<number>, allLogits: boolean): number {
    const { maxChunk, config } = this.#context;
    const { vocabSize, contextLength } = config;
    const length = this.length;
    if (ids.length === 0) throw new SottoError('empty-prompt', 'there is no token to append');
    if (ids.length > contextLength - length) {
      throw new SottoError(
        'prompt-too-long',
        `the context holds ${contextLength} tokens; ${length} are in it and ${ids.length} more were given`,
      );
    }
    if (allLogits && ids.length > maxChunk) {
      const advice = `append them in parts of at most ${maxChunk}`;
      throw new SottoError('bad-option', `allLogits was asked for ${ids.length} tokens at once: ${advice}`);
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
      const expected = `token ids of this model are whole numbers from 0 to ${vocabSize - 1}`;
      throw new SottoError('bad-token', `token ${i} is ${show(id)}; ${expected}`);
    }
    return length;
  }
}
