import type { DecoderConfig } from '../architectures/decoder-config.js';
import { SottoError } from '../errors.js';
import type { TokenLogProbability } from '../generation-result.js';
import { badOption, boolean, type Checks, checkOptions, integer, show } from '../option-checks.js';
import { isTokenList } from '../prompts.js';
import type { KeysValues, TapName, Taps } from '../session-values.js';
import type { Batch, Session } from '../wasm/simd.js';
import type { Handle, Instance } from './instance.js';
import { saveSession } from './session-bytes.js';
import { checkLayer, checkTaps, type KvPages, kvBytes, kvPages, readKv } from './session-views.js';

/** What the sessions of one model have in common. */
export interface SessionContext {
  config: Readonly<DecoderConfig>;
  /** How keys and values are kept. */
  kvType: KvPages['type'];
  /** The most tokens that the engine takes at once. */
  maxChunk: number;
  /** Those that are not disposed yet. */
  sessions: Set<EngineSession>;
}

/** Tokens for one session, as a part of a pass over several. */
export interface SessionInput {
  session: EngineSession;
  ids: ArrayLike<number>;
  /** Whether `logits()` shall have a row for each of these tokens. Default: false, the last one's only. */
  allLogits?: boolean;
}

const appendChecks: Checks<{ allLogits?: boolean }> = { allLogits: boolean };

const logProbabilitiesChecks: Checks<{ alternatives?: number; row?: number }> = {
  alternatives: integer(0, Number.MAX_SAFE_INTEGER),
  row: integer(0, Number.MAX_SAFE_INTEGER),
};

/** Of each alternative, in the heap that finds them and in growing lists. */
const LOGPROB_BYTES = 128;

/** What the lists of a session of so many tokens take at most: its tokens, and the pages of the whole context. */
export function listsOfSession(
  length: number,
  { contextLength }: Pick<DecoderConfig, 'contextLength'>,
): number {
  return 8 * length + 2 * contextLength;
}

/** One sequence of tokens with its keys and values. Made by `EngineModel.createSession`. */
export class EngineSession {
  readonly #instance: Instance;
  readonly #handle: Handle<Session>;
  readonly #context: SessionContext;
  #taps: readonly TapName[] = [];
  #lastRows = 0; // tokens of the last append

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

  /** The tokens of the sequence. */
  tokens(): Int32Array<ArrayBuffer> {
    return this.#handle.call((session): Int32Array<ArrayBuffer> => session.tokens().slice());
  }

  /**
   * Runs tokens through the model, behind those that are there already: in chunks of at most `Engine.maxChunk`,
   * which changes nothing about the results. On an error the sequence is what it was.
   *
   * @param options.allLogits Whether `logits()` shall have a row for each of these tokens, of which there may then
   * be at most `Engine.maxChunk`; else it has the last one's. The same bound holds while taps are open.
   * @throws SottoError 'empty-prompt', 'bad-token', 'prompt-too-long', 'out-of-memory', 'bad-option'
   */
  append(ids: ArrayLike<number>, options: { allLogits?: boolean } = {}): void {
    const { allLogits = false } = checkOptions(options, appendChecks, 'append');
    const { maxChunk } = this.#context;
    const length = this.#checkInput(ids, allLogits || this.#taps.length > 0);
    for (let begin = 0; begin < ids.length; begin += maxChunk) {
      const count = Math.min(maxChunk, ids.length - begin);
      this.#putInput(ids, begin, count);
      try {
        this.#handle.check((session) => session.append(count, allLogits));
      } catch (error) {
        if (begin > 0) this.truncate(length);
        throw error;
      }
      this.#lastRows = count;
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
   * How likely the model finds a token by one row of `logits()`, and the likeliest tokens, most likely first.
   *
   * @param options.alternatives How many of the likeliest; default 0.
   * @param options.row Default: the last one.
   * @throws SottoError 'empty-prompt' without logits, 'bad-token', 'bad-option'
   */
  logProbabilities(
    tokenId: number,
    options: { alternatives?: number; row?: number } = {},
  ): { logprob: number; alternatives: TokenLogProbability[] } {
    const given = checkOptions(options, logProbabilitiesChecks, 'logProbabilities');
    const row = this.checkRow(given.row);
    const { alternatives = 0 } = given;
    this.#checkIds([tokenId]);
    const nEntries = Math.min(alternatives, this.#context.config.vocabSize) + 1;
    this.#instance.ensureHeadroom(LOGPROB_BYTES * nEntries, 'log-probabilities');
    const values = this.#handle.call(
      (session): Float64Array =>
        session.logProbabilities(row, tokenId, Math.min(alternatives, this.#context.config.vocabSize)),
    );
    const found: TokenLogProbability[] = [];
    for (let i = 1; i < values.length; i += 2) {
      found.push({ tokenId: values[i] as number, logprob: values[i + 1] as number });
    }
    return { logprob: values[0] as number, alternatives: found };
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
   * Another session with the same tokens and logits. Nothing is copied until one of the two appends.
   *
   * @throws SottoError 'out-of-memory'
   */
  fork(): EngineSession {
    const bytes = listsOfSession(this.length, this.#context.config);
    const handle = this.#handle.call((session) =>
      this.#instance.create('session', () => session.fork(), bytes),
    );
    return new EngineSession(this.#instance, handle, this.#context);
  }

  /**
   * The keys and values of a layer, without a copy.
   *
   * @throws SottoError 'bad-option'
   */
  kv(layer: number): KvPages {
    const { config, kvType } = this.#context;
    return kvPages(this.#handle, checkLayer(layer, config), kvType);
  }

  /** What its keys and values take, in bytes; pages that it shares with forks count in full. */
  get kvBytes(): number {
    return kvBytes(this.#handle, this.#context.config);
  }

  /**
   * The keys and values of a layer, copied and as plain numbers.
   *
   * @throws SottoError 'bad-option', 'out-of-memory'
   */
  readKv(layer: number): KeysValues {
    const { config } = this.#context;
    return readKv(this.#handle, checkLayer(layer, config), config);
  }

  /**
   * Says what is kept of each append from now on, for `taps()`: [] ends it. It costs time and memory while it is on,
   * and nothing while it is off.
   *
   * @throws SottoError 'bad-option'
   */
  tap(names: readonly TapName[]): void {
    const checked = checkTaps(names);
    this.#handle.call((session) =>
      session.setTaps(checked.includes('hidden'), checked.includes('attention')),
    );
    this.#taps = checked;
    this.#lastRows = 0;
  }

  /** What the taps kept of the last append: views of the engine's memory, valid until its next call. */
  taps(): Taps {
    const hidden = this.#handle.call((session): Float32Array => session.hiddenTap());
    const attention = this.#handle.call((session): Float32Array => session.attentionTap());
    return {
      rows: this.#lastRows,
      ...(this.#taps.includes('hidden') && { hidden }),
      ...(this.#taps.includes('attention') && { attention }),
    };
  }

  /**
   * The session as bytes, for `EngineModel.restoreSession`.
   *
   * @throws SottoError 'out-of-memory'
   */
  save(): Uint8Array<ArrayBuffer> {
    return saveSession(this.#instance, this.#handle, listsOfSession(this.length, this.#context.config));
  }

  /** Gives the memory of the logits free, unless a fork still has them. */
  releaseLogits(): void {
    this.#handle.call((session) => session.releaseLogits());
  }

  /** Frees the keys and values. Idempotent. */
  dispose(): void {
    this.#context.sessions.delete(this);
    this.#handle.dispose();
  }

  /** @internal */
  addTo(batch: Handle<Batch>, { ids, allLogits = false }: SessionInput): void {
    this.#checkInput(ids, true);
    this.#putInput(ids, 0, ids.length);
    this.#handle.call((session) => batch.call((object) => object.add(session, ids.length, allLogits)));
  }

  /** @internal */
  tookFromBatch(count: number): void {
    this.#lastRows = count;
  }

  /**
   * Whether it lives in this instance.
   *
   * @internal
   */
  isOf(instance: Instance): boolean {
    return this.#instance === instance;
  }

  /**
   * Hands the engine's own object to another one of its parts.
   *
   * @internal
   */
  use<T>(use: (session: Session) => T): T {
    return this.#handle.call(use);
  }

  /**
   * Returns the row of `logits()` that is meant; the last one when none is named.
   *
   * @internal
   */
  checkRow(row?: number): number {
    const nRows = this.logits().length / this.#context.config.vocabSize;
    if (nRows === 0) {
      throw new SottoError('empty-prompt', 'the session has no logits to choose by: append a token first');
    }
    return integer(0, nRows - 1)(row === undefined ? nRows - 1 : row, 'row');
  }

  #putInput(ids: ArrayLike<number>, begin: number, count: number): void {
    const input = this.#handle.call((session): Int32Array => session.input());
    for (let i = 0; i < count; i++) input[i] = ids[begin + i] as number;
  }

  /** Returns the length before the append. */
  #checkInput(ids: ArrayLike<number>, isOneChunk: boolean): number {
    const { maxChunk, config } = this.#context;
    const { contextLength } = config;
    const length = this.length;
    if (!isTokenList(ids)) throw badOption('ids', ids, 'a list of token ids');
    if (ids.length === 0) throw new SottoError('empty-prompt', 'there is no token to append');
    if (ids.length > contextLength - length) {
      throw new SottoError(
        'prompt-too-long',
        `the context holds ${contextLength} tokens; ${length} are in it and ${ids.length} more were given`,
      );
    }
    if (isOneChunk && ids.length > maxChunk) {
      const advice = `append them in parts of at most ${maxChunk}`;
      throw new SottoError(
        'bad-option',
        `${ids.length} tokens are too many at once for allLogits, taps and batches: ${advice}`,
      );
    }
    this.#checkIds(ids);
    return length;
  }

  #checkIds(ids: ArrayLike<number>): void {
    const { vocabSize } = this.#context.config;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
      const expected = `token ids of this model are whole numbers from 0 to ${vocabSize - 1}`;
      throw new SottoError('bad-token', `token ${i} is ${show(id)}; ${expected}`);
    }
  }
}
