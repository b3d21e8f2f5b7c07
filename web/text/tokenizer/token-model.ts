import { SottoError } from '../../results/errors.js';
import type { StepBudget } from './step-budget.js';

/** Words to ids: what a tokenizer has learnt. */
export interface TokenModel {
  /** Every token that it has learnt, by id. */
  readonly tokens: ReadonlyMap<number, string>;
  /** The ids of what it has learnt. */
  readonly ids: ReadonlyMap<string, number>;
  /** What stands behind each word's last token, and is a space when ids are decoded. */
  readonly endOfWordSuffix: string | null;
  /**
   * Adds the ids of a word.
   *
   * @throws SottoError 'unsupported-tokenizer' for a part that there is no token for.
   */
  encodeWord(word: string, ids: number[], budget: StepBudget): void;
}

/** @param part What there is no token for. */
export function noToken(part: string): SottoError {
  return new SottoError(
    'unsupported-tokenizer',
    `tokenizer.json has no token for a part of the text, ${JSON.stringify(part.slice(0, 40))}, and no token for ` +
      'what is unknown',
  );
}
