import { quoted } from '../../base/quoted.js';
import { SottoError } from '../../results/errors.js';
import type { StepBudget } from './step-budget.js';

/** What a tokenizer has learnt. */
export interface Vocabulary {
  /** By id; may have gaps. */
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
}

/** Words to ids. */
export interface TokenModel extends Vocabulary {
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
    `The tokenizer has no token for a part of the text, ${quoted(part, 40)}, and no token for ` +
      'what is unknown',
  );
}
