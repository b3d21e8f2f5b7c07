import type { PrefillProgress } from '../results/generation-result.js';
import { abortSignal, type Checks, callback, checkOptions } from './option-checks.js';

/** How text is read. */
export interface ReadOptions {
  /** Called between two chunks. */
  onPrefillProgress?: (progress: PrefillProgress) => void;
  /** Ends the reading, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

const readChecks: Checks<ReadOptions> = { onPrefillProgress: callback(), signal: abortSignal };

/** @throws SottoError 'unknown-option', 'bad-option' */
export function resolveReadOptions(given: unknown, caller: string): ReadOptions {
  return checkOptions(given, readChecks, caller);
}
