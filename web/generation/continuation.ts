import type { EngineSampler, EngineSession, SessionInput } from '../engine/engine.js';
import type { LogitsProcessor } from '../options/generate-options.js';
import type { Answer } from './answer.js';
import type { PromptLookup } from './prompt-lookup.js';

/** How a continuation chooses its tokens. */
export interface Choosing {
  sampler: EngineSampler;
  processor: LogitsProcessor | null;
  /** Alternatives to tell, or null for no log-probabilities at all. */
  logprobs: number | null;
  lookup: PromptLookup | null;
  /** Makes a session forget the tokens from a position on. */
  cutTo(session: EngineSession, length: number): Promise<void>;
}

/**
 * One sequence on its way: a session that has read the text so far, and the answer that grows behind it. All chosen tokens
 * but the last are in the session.
 */
export class Continuation {
  session: EngineSession;
  readonly answer: Answer;
  readonly #choosing: Choosing;
  readonly #ids: number[]; // the text so far, as far as it was not slid away when it began
  #drafted: number[] = []; // tokens behind the chosen one that ran through the model on suspicion
  #passStartMs = 0;

  constructor(session: EngineSession, answer: Answer, choosing: Choosing) {
    this.session = session;
    this.answer = answer;
    this.#choosing = choosing;
    this.#ids = [...session.tokens()];
    choosing.sampler.begin(this.#ids);
  }

  get isOver(): boolean {
    return this.answer.finishReason !== null;
  }

  /**
   * Chooses by the logits of the last pass: one token, or several where it bore out what was drafted. Drafts that failed
   * leave the session.
   */
  async choose(afterToken: (answer: Answer) => Promise<void>): Promise<void> {
    const drafted = this.#drafted;
    this.#drafted = [];
    let nAccepted = 0;
    for (;;) {
      const id = this.#pick(nAccepted);
      await afterToken(this.answer);
      if (this.isOver || id !== drafted[nAccepted]) break;
      nAccepted++;
    }
    const nFailed = drafted.length - nAccepted;
    if (nFailed > 0) await this.#choosing.cutTo(this.session, this.session.length - nFailed);
    if (this.#passStartMs > 0) {
      const ms = performance.now() - this.#passStartMs;
      this.#choosing.lookup?.learn({ nDrafted: drafted.length, nAccepted, ms });
    }
  }

  /** What the session takes in the next pass: the last token, and what may follow. At most `room` drafts. */
  nextInput(room: number): SessionInput {
    this.#passStartMs = performance.now();
    const most = Math.min(room, this.answer.nLeft - 1);
    this.#drafted = (most > 0 && this.#choosing.lookup?.draft(this.#ids, most)) || [];
    const last = this.#ids.at(-1) as number;
    return { session: this.session, ids: [last, ...this.#drafted], allLogits: this.#drafted.length > 0 };
  }

  dispose(): void {
    this.#choosing.sampler.dispose();
  }

  /** Chooses by one row of logits, and hands the token over. */
  #pick(row: number): number {
    const { sampler, processor, logprobs } = this.#choosing;
    let id: number;
    if (processor === null) {
      id = sampler.sample(this.session, row);
    } else {
      processor(sampler.process(this.session, row), this.#ids);
      id = sampler.choose();
    }
    this.#ids.push(id);
    if (logprobs === null) {
      this.answer.take({ id });
    } else {
      const { logprob, alternatives } = this.session.logProbabilities(id, { row, alternatives: logprobs });
      this.answer.take({ id, logprobs: { tokenId: id, logprob, alternatives } });
    }
    return id;
  }
}
