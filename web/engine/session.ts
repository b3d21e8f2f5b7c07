import type { DecoderConfig } from '../architectures/decoder-config.js';
import { boolean, type Checks, checkOptions, integer } from '../options/option-checks.js';
import { checkTaps } from '../options/tap-names.js';
import { resolveTokenIds } from '../options/token-ids.js';
import { SottoError } from '../results/errors.js';
import type { TokenLogProbability } from '../results/generation-result.js';
import type { KeysValues, TapName, Taps } from '../results/session-values.js';
import type { Session } from '../wasm/plain.js';
import type { EngineBatch, SessionFacts } from './batch.js';
import type { Handle, Instance } from './instance.js';
import { saveSession } from './session-bytes.js';
import { checkInput } from './session-input.js';
import { checkLayer, type KvPages, kvPages, readKv, readLogProbabilities } from './session-views.js';

/** What the sessions of one model have in common. */
export interface SessionContext {
  config: Readonly<DecoderConfig>;
  /** How keys and values are kept. */
  pages: Pick<KvPages, 'type' | 'pagePositions'>;
  /** What the lists of a session of so many tokens take at most, in bytes. */
  listBytes(length: number): number;
  /** The most tokens that the engine takes at once. */
  maxChunk: number;
  batch: EngineBatch;
  /** Those that are not disposed yet. */
  sessions: Set<EngineSession>;
}

const appendChecks: Checks<{ allLogits?: boolean; nToCome?: number }> = {
  allLogits: boolean,
  nToCome: integer(0, Number.MAX_SAFE_INTEGER),
};

const logProbabilitiesChecks: Checks<{ alternatives?: number; row?: number }> = {
  alternatives: integer(0, Number.MAX_SAFE_INTEGER),
  row: integer(0, Number.MAX_SAFE_INTEGER),
};

/** One sequence of tokens with its keys and values. Made by `EngineModel.createSession`. */
export class EngineSession {
  readonly #instance: Instance;
  #handle: Handle<Session>;
  readonly #context: SessionContext;
  #taps: readonly TapName[] = [];
  /** @internal */
  readonly facts: SessionFacts = { number: -1, length: 0, nLogitRows: 0, nLastTokens: 0 };

  /** @internal */
  constructor(instance: Instance, handle: Handle<Session>, context: SessionContext) {
    this.#instance = instance;
    this.#handle = handle;
    this.#context = context;
    context.sessions.add(this);
    this.#learnFacts();
  }

  /** The number of tokens in the sequence. */
  get length(): number {
    this.#handle.checkOpen();
    return this.facts.length;
  }

  /** The tokens of the sequence. */
  tokens(): Int32Array<ArrayBuffer> {
    return this.#handle.call((session) => session.tokens().slice());
  }

  /**
   * Runs tokens through the model, behind those that are there already: in chunks of at most `Engine.maxChunk`,
   * which changes nothing about the results. On an error the sequence is what it was.
   *
   * @param options.allLogits Whether `logits()` shall have a row for each of these tokens, of which there may then
   * be at most `Engine.maxChunk`; else it has the last one's. The same bound holds while taps are open.
   * @param options.nToCome As in `SessionInput`. Default: 0.
   * @throws SottoError 'empty-prompt', 'bad-token', 'prompt-too-long', 'out-of-memory', 'bad-option'
   */
  append(ids: ArrayLike<number>, options: { allLogits?: boolean; nToCome?: number } = {}): void {
    const { allLogits = false, nToCome = 0 } = checkOptions(options, appendChecks, 'append');
    const { maxChunk } = this.#context;
    const isOneChunk = allLogits || this.#taps.length > 0;
    const tokens = checkInput(ids, { ...this.#context, length: this.length, isOneChunk });
    const nTokens = tokens.length;
    const before = nTokens > maxChunk ? this.#forkHandle() : null;
    try {
      for (let begin = 0; begin < nTokens; begin += maxChunk) {
        const part = tokens.subarray(begin, begin + maxChunk);
        const nBehind = this.#bounded(nTokens - begin - part.length + nToCome);
        this.#context.batch.run([{ session: this, ids: part, allLogits, nToCome: nBehind }]);
      }
    } catch (error) {
      if (before !== null) this.#become(before);
      throw error;
    }
    before?.dispose();
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
    return this.#handle.call((session) => session.logits());
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
    const { vocabSize } = this.#context.config;
    resolveTokenIds([tokenId], vocabSize, 'tokenIds');
    const nAlternatives = Math.min(given.alternatives ?? 0, vocabSize);
    return readLogProbabilities(this.#instance, this.#handle, { row, tokenId, nAlternatives });
  }

  /**
   * Forgets the tokens from a position on, and their logits. It costs nothing where `rewind` reaches the position; else
   * the tokens between are read again. On an error the sequence is what it was.
   *
   * @throws SottoError 'bad-option' when the sequence is shorter, 'out-of-memory'
   */
  truncate(length: number): void {
    integer(0, this.length)(length, 'length');
    this.#handle.check((session) => session.truncate(length));
    this.#learnFacts();
  }

  /**
   * Goes back to the largest length, at most the one given, that needs no token to be read again; which costs nothing.
   * That is the length itself, unless the model has attention windows or recurrent layers: with windows it can be any
   * number within the last 128 tokens, with recurrent layers it is where the last append began; beyond that, or 0, a
   * place that was kept, as docs/decisions/0010-sequence-state.md says. Logits stay when nothing is forgotten.
   *
   * @returns The length reached: what is wanted behind it is to be appended again.
   * @throws SottoError 'bad-option' when the sequence is shorter
   */
  rewind(length: number): number {
    integer(0, this.length)(length, 'length');
    this.#handle.call((session) => session.rewind(length));
    this.#learnFacts();
    return this.facts.length;
  }

  /**
   * Another session with the same tokens and logits. Nothing is copied until one of the two appends.
   *
   * @throws SottoError 'out-of-memory'
   */
  fork(): EngineSession {
    return new EngineSession(this.#instance, this.#forkHandle(), this.#context);
  }

  /**
   * The keys and values of a layer, without a copy.
   *
   * @throws SottoError 'bad-option', also for a layer that has none
   */
  kv(layer: number): KvPages {
    const { config, pages } = this.#context;
    return kvPages(this.#handle, checkLayer(layer, config).layer, pages);
  }

  /**
   * What its keys and values take, recurrent state and kept places included, in bytes; what it shares with forks counts in
   * full.
   */
  get kvBytes(): number {
    return this.#handle.call((session) => session.stateBytes());
  }

  /**
   * The keys and values of a layer, copied and as plain numbers.
   *
   * @throws SottoError 'bad-option', also for a layer that has none; 'out-of-memory'
   */
  readKv(layer: number): KeysValues {
    const { layer: index, attention } = checkLayer(layer, this.#context.config);
    return readKv(this.#handle, index, attention);
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
    this.facts.nLastTokens = 0;
  }

  /** What the taps kept of the last append: views of the engine's memory, valid until its next call. */
  taps(): Taps {
    const hidden = this.#handle.call((session) => session.hiddenTap());
    const attention = this.#handle.call((session) => session.attentionTap());
    return {
      rows: this.facts.nLastTokens,
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
    return saveSession(this.#instance, this.#handle, this.#context.listBytes(this.length));
  }

  /** Gives the memory of the logits free, unless a fork still has them. */
  releaseLogits(): void {
    this.#handle.call((session) => session.releaseLogits());
    this.#learnFacts();
  }

  /** Keeps the last row of `logits()` only, and gives the memory of the others free. */
  keepLastLogits(): void {
    this.#handle.call((session) => session.keepLastLogits());
    this.#learnFacts();
  }

  /** Frees the keys and values. Idempotent. */
  dispose(): void {
    this.#context.sessions.delete(this);
    this.#handle.dispose();
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
    this.#handle.checkOpen();
    const nRows = this.facts.nLogitRows;
    if (nRows === 0) {
      throw new SottoError('empty-prompt', 'the session has no logits to choose by: append a token first');
    }
    return integer(0, nRows - 1)(row === undefined ? nRows - 1 : row, 'row');
  }

  #forkHandle(): Handle<Session> {
    const bytes = this.#context.listBytes(this.length);
    return this.#handle.call((session) => this.#instance.create('session', () => session.fork(), bytes));
  }

  /** Takes another one's place. */
  #become(handle: Handle<Session>): void {
    this.#handle.dispose();
    this.#handle = handle;
    this.#learnFacts();
  }

  /** After whatever may change them besides an append. */
  #learnFacts(): void {
    const { facts } = this;
    facts.number = this.#handle.call((session) => session.number());
    facts.length = this.#handle.call((session) => session.length());
    facts.nLogitRows = this.#handle.call((session) => session.nLogitRows());
  }

  /** More than the context holds changes nothing. */
  #bounded(nToCome: number): number {
    return Math.min(nToCome, this.#context.config.contextLength);
  }
}
