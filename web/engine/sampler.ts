import { resolveTokenIds } from '../options/token-ids.js';
import type { Sampler } from '../wasm/plain.js';
import type { EngineBatch } from './batch.js';
import type { Handle, Instance } from './instance.js';
import { checkSession } from './search.js';
import type { EngineSession } from './session.js';
import { writeMask } from './token-mask.js';

/** sampler.cc makes room for it at once. */
const USUAL_ANSWER_BYTES = 4 * 1024;

/**
 * Chooses the tokens of one sequence. One sampler gives one series of random numbers, and keeps the history that penalties
 * look at. Made by `Engine.createSampler`.
 */
export class EngineSampler {
  /**
   * What lists of numbers name it by.
   *
   * @internal
   */
  readonly number: number;
  readonly #instance: Instance;
  readonly #batch: EngineBatch;
  readonly #handle: Handle<Sampler>;

  /** @internal */
  constructor(instance: Instance, batch: EngineBatch, handle: Handle<Sampler>) {
    this.#instance = instance;
    this.#batch = batch;
    this.#handle = handle;
    this.number = handle.call((sampler) => sampler.number());
  }

  /**
   * Forgets the history: what comes next is the answer to this prompt. The random numbers go on.
   *
   * @throws SottoError 'bad-token', 'bad-option', 'out-of-memory'
   */
  begin(promptIds: ArrayLike<number>): void {
    const ids = resolveTokenIds(promptIds, null, 'promptIds');
    this.#instance.ensureHeadroom(16 * ids.length + USUAL_ANSWER_BYTES, 'the prompt');
    this.#handle.call((sampler) => sampler.begin(ids));
  }

  /**
   * Lets the next choice, and that alone, have no other tokens than these: a bit for each token of the vocabulary, 32 in a
   * word, the lowest first. It counts after the processors and what was done to their logits.
   *
   * @throws SottoError 'bad-option', 'out-of-memory'
   */
  mask(words: Uint32Array): void {
    writeMask(this.#handle, words);
  }

  /**
   * The token to come next, by the last logits of the session. It joins the history.
   *
   * @param row Of `session.logits()`; default: the last one.
   * @throws SottoError 'empty-prompt' when the session has no logits, 'bad-file' when they are no finite numbers,
   * which comes from the weights; 'bad-option' when nothing can be chosen, as options, which the message names, rule every
   * token out or make the logits infinite; 'bad-token' when an option or the history has one that is not in the vocabulary;
   * 'out-of-memory'
   */
  sample(session: EngineSession, row?: number): number {
    const checked = checkSession(session, this.#instance).checkRow(row);
    this.#handle.checkOpen(); // its number may be another one's by now
    return this.#batch.sample([{ sampler: this, session, row: checked }])[0] as number;
  }

  /**
   * The logits with penalties, biases and bans, for a caller who wants to change them before `choose()`. A view of the
   * engine's memory, valid until its next call.
   *
   * @throws SottoError as `sample`
   */
  process(session: EngineSession, row?: number): Float32Array {
    const checked = checkSession(session, this.#instance).checkRow(row);
    const logits = session.use((object) => this.#handle.call((sampler) => sampler.process(object, checked)));
    if (logits.length === 0) this.#handle.check((sampler) => sampler.status());
    return logits;
  }

  /**
   * The token to come next, by what `process` gave and the caller may have changed: once for each `process`. It joins the
   * history.
   *
   * @throws SottoError 'bad-option' when nothing can be chosen, and without `process`
   */
  choose(): number {
    const id = this.#handle.call((sampler) => sampler.choose());
    if (id < 0) this.#handle.check((sampler) => sampler.status());
    return id;
  }

  /** A token that somebody else has chosen joins the history. @throws SottoError 'bad-token' */
  accept(tokenId: number): void {
    resolveTokenIds([tokenId], null, 'tokenIds'); // whether the vocabulary has it is seen when its logits come
    this.#instance.ensureHeadroom(8 * this.#handle.call((sampler) => sampler.length()), 'a token');
    this.#handle.call((sampler) => sampler.accept(tokenId));
  }

  /** Frees what it holds. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
}
