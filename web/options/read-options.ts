import type { PrefillProgress } from '../results/generation-result.js';
import { abortSignal, boolean, type Checks, callback, checkOptions } from './option-checks.js';

/** How text becomes tokens. */
export interface TextOptions {
  /**
   * Whether a special token that is written in the text counts as one. False: text is only text, and no added token of
   * the tokenizer stands for what is written there, so what users write cannot pretend to be of the model's format. The
   * tokens that the tokenizer itself puts around a text stay. Default: true. Token ids are what they are either way.
   *
   * @group How text is read
   */
  specialTokens?: boolean;
}

/** How text is read. */
export interface ReadOptions extends TextOptions {
  /**
   * Called between two chunks.
   *
   * @group Callbacks
   */
  onPrefillProgress?: (progress: PrefillProgress) => void;
  /**
   * Ends the reading, which then rejects with the signal's reason.
   *
   * @group When it ends
   */
  signal?: AbortSignal;
}

export const textChecks: Checks<TextOptions> = { specialTokens: boolean };

const readChecks: Checks<ReadOptions> = {
  ...textChecks,
  onPrefillProgress: callback(),
  signal: abortSignal,
};

/** @throws SottoError 'unknown-option', 'bad-option' */
export function resolveTextOptions(given: unknown, caller: string): Required<TextOptions> {
  return { specialTokens: checkOptions<TextOptions>(given, textChecks, caller).specialTokens ?? true };
}

/** @throws SottoError 'unknown-option', 'bad-option' */
export function resolveReadOptions(given: unknown, caller: string): ReadOptions {
  return checkOptions(given, readChecks, caller);
}
