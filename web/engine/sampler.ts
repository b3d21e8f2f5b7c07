import { SottoError } from '../errors.js';
import { show } from '../option-checks.js';
import type { Sampler } from '../wasm/simd.js';
import type { Handle } from './instance.js';
import type { EngineSession } from './session.js';

/**
 * Chooses the tokens of one sequence. One sampler gives one series of random numbers, and remembers the tokens so far,
 * which the penalties look at. Made by `Engine.createSampler`.
 */
export class EngineSampler {
  readonly #handle: Handle<Sampler>;

  /** @internal */
  constructor(handle: Handle<Sampler>) {
    this.#handle = handle;
  }

  /**
   * Forgets the tokens so far: the prompt is this. The random numbers go on.
   *
   * @throws SottoError 'bad-token'
   */
  begin(promptIds: ArrayLike<number>): void {
    const ids = Int32Array.from(promptIds, (id, index) => checkToken(id, `the prompt's token ${index}`));
    this.#handle.call((sampler) => sampler.begin(ids));
  }

  /**
   * The token to come next, by the last logits of the session; it joins the tokens so far.
   *
   * @throws SottoError 'empty-prompt' when the session has no logits; 'bad-file' when they are no finite numbers, which
   * comes from the weights; 'bad-option' when the options rule every token out; 'bad-token' when they, or the tokens so
   * far, have one that the session's model does not have
   */
  sample(session: EngineSession): number {
    if (session.logits().length === 0) {
      throw new SottoError('empty-prompt', 'the session has no logits to choose by: append a token first');
    }
    const id = session.sampleWith(this.#handle);
    if (id < 0) this.#handle.check((sampler) => sampler.status());
    return id;
  }

  /**
   * A token that somebody else has chosen joins the tokens so far.
   *
   * @throws SottoError 'bad-token'
   */
  accept(id: number): void {
    checkToken(id, 'the token');
    this.#handle.call((sampler) => sampler.accept(id));
  }

  /** Frees what it holds. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
}

/** Whether the vocabulary has it is seen when its logits come. */
function checkToken(id: number, what: string): number {
  if (Number.isInteger(id) && id >= 0 && id < 2 ** 31) return id;
  throw new SottoError('bad-token', `${what} is ${show(id)}; token ids are whole numbers from 0`);
}
