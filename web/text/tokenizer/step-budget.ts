import { SottoError } from '../../results/errors.js';

/**
 * What a character of a text may cost. Published tokenizers take below 100 steps, and a step some nanoseconds: so a
 * megabyte ends within seconds, whatever a file asks for.
 */
const STEPS_PER_CHARACTER = 500;

/** What touching a character of a string costs in steps, where it is copied or looked up. */
export const STEPS_TO_TOUCH = 2;

/** What making a word costs in steps, beside its characters. */
export const STEPS_TO_MAKE_WORD = 40;

/** How much longer the steps of normalisation may make a text; the longest that Unicode knows is 18 times. */
const GROWTH = 64;

/** How long any text may become. */
const FREE_LENGTH = 4096;

/** What any text may cost. */
const FREE_STEPS = 1_000_000;

/** Counts the work that a tokenizer's file makes of one text, and ends it where it would go on and on. */
export class StepBudget {
  #left: number;
  readonly #length: number;

  /** @param length Of the text, in UTF-16 units. */
  constructor(length: number) {
    this.#length = length;
    this.#left = FREE_STEPS + STEPS_PER_CHARACTER * length;
  }

  /** @throws SottoError 'unsupported-tokenizer' when all is spent. */
  spend(nSteps: number): void {
    this.#left -= nSteps;
    if (this.#left < 0) {
      throw new SottoError(
        'unsupported-tokenizer',
        `The tokenizer makes too much work of a text of ${this.#length} characters: more than ` +
          `${STEPS_PER_CHARACTER} steps for each. Its patterns or its vocabulary are not those of a usual tokenizer.`,
      );
    }
  }

  /**
   * @param length Of what has become of the text.
   * @throws SottoError 'unsupported-tokenizer' when that is out of proportion.
   */
  checkLength(length: number): void {
    if (length <= FREE_LENGTH + GROWTH * this.#length) return;
    throw new SottoError(
      'unsupported-tokenizer',
      `The tokenizer makes a text of ${this.#length} characters more than ${GROWTH} times as long (${length} so far), ` +
        'by what its normalizer, pre_tokenizer or decoder replaces and adds',
    );
  }
}
