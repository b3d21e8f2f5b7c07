import type { Batch } from '../wasm/plain.js';
import type { Handle, Instance } from './instance.js';

/** What lists of numbers name a session by, and what is known of it without asking the engine. */
export interface SessionFacts {
  /** Negative when it was disposed. */
  number: number;
  /** The tokens that it holds. */
  length: number;
  /** Rows of logits. */
  nLogitRows: number;
  /** Tokens of its last append. */
  nLastTokens: number;
}

/** Checked: tokens of one session, as a part of a pass. */
export interface BatchInput {
  session: { readonly facts: SessionFacts };
  ids: ArrayLike<number>;
  allLogits?: boolean;
  nToCome?: number;
}

/** Checked: a token to choose, and by what. */
export interface BatchChoice {
  sampler: { readonly number: number };
  session: { readonly facts: SessionFacts };
  /** Of the session's logits. */
  row: number;
}

const INPUT_NUMBERS = 4;
const CHOICE_NUMBERS = 3;

/**
 * The two calls into the engine that a step takes, however many sequences go on in it; src/bindings/batch_handle.h says
 * what crosses. Sessions and samplers must not be disposed, as their numbers are others' then.
 */
export class EngineBatch {
  readonly #handle: Handle<Batch>;
  #view: Int32Array;

  constructor(instance: Instance) {
    this.#handle = instance.own('batch', (module) => new module.Batch());
    this.#view = this.#handle.call((batch) => batch.numbers());
  }

  /**
   * Runs tokens of several sessions through their model, in one pass.
   *
   * @param inputs Of sessions of one model, each once; at most `Engine.maxChunk` tokens together.
   * @throws SottoError 'out-of-memory', 'bad-token', 'prompt-too-long', 'engine-crashed'; all sessions are what they were
   */
  run(inputs: readonly BatchInput[]): void {
    const numbers = this.#numbers();
    let at = 0;
    for (const { session, ids, allLogits, nToCome } of inputs) {
      numbers[at] = session.facts.number;
      numbers[at + 1] = ids.length;
      numbers[at + 2] = Number(allLogits ?? false);
      numbers[at + 3] = nToCome ?? 0;
      at += INPUT_NUMBERS;
    }
    for (const { ids } of inputs) {
      for (let i = 0; i < ids.length; i++) numbers[at++] = ids[i] as number;
    }
    const code = this.#handle.call((batch) => batch.pass(inputs.length));
    if (code !== 0) this.#handle.check((batch) => batch.takeStatus());
    for (const { session, ids, allLogits } of inputs) {
      const { facts } = session;
      facts.length += ids.length;
      facts.nLogitRows = allLogits ? ids.length : 1;
      facts.nLastTokens = ids.length;
    }
  }

  /** `run`, for those who wait for backends of all kinds. */
  async pass(inputs: readonly BatchInput[]): Promise<void> {
    this.run(inputs);
  }

  /**
   * Chooses a token for each, which joins the history of its sampler.
   *
   * @param choices As many as `Engine.maxChunk` at most.
   * @throws SottoError as `EngineSampler.sample`; the choices before the one that failed are made.
   */
  sample(choices: readonly BatchChoice[]): number[] {
    const numbers = this.#numbers();
    let at = 0;
    for (const { sampler, session, row } of choices) {
      numbers[at] = sampler.number;
      numbers[at + 1] = session.facts.number;
      numbers[at + 2] = row;
      at += CHOICE_NUMBERS;
    }
    const code = this.#handle.call((batch) => batch.sample(choices.length));
    if (code !== 0) this.#handle.check((batch) => batch.takeStatus());
    return Array.from(this.#numbers().subarray(0, choices.length));
  }

  /** A view of the engine's memory, fetched anew when that has grown and left it empty. */
  #numbers(): Int32Array {
    if (this.#view.length === 0) this.#view = this.#handle.call((batch) => batch.numbers());
    return this.#view;
  }
}
