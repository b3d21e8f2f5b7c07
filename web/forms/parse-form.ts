import type { ResolvedResponseFormat } from '../options/response-format.js';

/**
 * The value of an answer in a form that is JSON: null where the answer did not come to its end. Of other forms, and without one,
 * there is none: undefined.
 *
 * @param isComplete Whether an end token ended the answer.
 */
export function parseForm(format: ResolvedResponseFormat | null, text: string, isComplete: boolean): unknown {
  if (format?.type !== 'json' && format?.type !== 'json-schema') return undefined;
  if (!isComplete) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null; // the caller's tokens, or stop strings, have cut it
  }
}
