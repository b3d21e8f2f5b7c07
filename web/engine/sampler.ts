import { SottoError } from '../errors.js';
import { show } from '../option-checks.js';
import type { Sampler } from '../wasm/simd.js';
import type { Handle } from './instance.js';
import type { EngineSession } from './session.js';

/**
 * Chooses the tokens of one sequence. One sampler gives one series of random numbers, and keeps the history that penalties
 * look at. Made by `Engine.createSampler`.
 */
export class EngineSampler {
  readonly #handle: Handle<Sampler>;

  /** @internal */
  constructor(handle: Handle<Sampler>) {
    this.#handle = handle;
  }

  /**
   * Forgets the history: what comes next is the answer to this prompt. The random numbers go on.
   *
   * @throws SottoError 'bad-token'
   */
  begin(promptIds: ArrayLike<number>): void {
    const ids = Int32Array.from(promptIds, (id, index) => checkToken(id, `the prompt's token ${index}`));
    this.#handle.call((sampler) => sampler.begin(ids));
  }

  /**
   * The token to come next, by the last logits of the session. It joins the history.
   *
   * @param row Of `session.logits()`; default: the last one.
   * @throws SottoError 'empty-prompt' when the session has no logits, 'bad-file' when they are no finite numbers,
   * which comes from the weights; 'bad-option' when the options rule every token out, 'bad-token' when they name one that is
   * not in the vocabulary
   */
  sample(session: EngineSession, row?: number): number {
    const checked = session.checkRow(row);
    return this.#chosen(() =>
      session.use((object) => this.#handle.call((sampler) => sampler.sample(object, checked))),
    );
  }

  /**
   * The logits with penalties, biases and bans, for a caller who wants to change them before `choose()`. A view of the
   * engine's memory, valid until its next call.
   *
   * @throws SottoError as `sample`
   */
  process(session: EngineSession, row?: number): Float32Array {
    const checked = session.checkRow(row);
    const logits = session.use((object) =>
      this.#handle.call((sampler): Float32Array => sampler.process(object, checked)),
    );
    if (logits.length === 0) this.#handle.check((sampler) => sampler.status());
    return logits;
  }

  /** The token to come next, by what `process` gave. It joins the history. @throws SottoError as `sample` */
  choose(): number {
    return this.#chosen(() => this.#handle.call((sampler) => sampler.choose()));
  }

  /** A token that somebody else has chosen joins the history. @throws SottoError 'bad-token' */
  accept(tokenId: number): void {
    checkToken(tokenId, 'the token');
    this.#handle.call((sampler) => sampler.accept(tokenId));
  }

  /** Frees what it holds. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }

  #chosen(choose: () => number): number {
    const id = choose();
    if (id < 0) this.#handle.check((sampler) => sampler.status());
    return id;
  }
}

/** Whether the vocabulary has it is seen when its logits come. */
function checkToken(id: number, what: string): number {
  if (Number.isInteger(id) && id >= 0 && id < 2 ** 31) return id;
  throw new SottoError('bad-token', `${what} is ${show(id)}; token ids are whole numbers from 0`);
}
