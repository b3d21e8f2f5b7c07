import { SottoError } from '../results/errors.js';
import { badOption, show } from './option-checks.js';

/** Text or token ids. */
export type Prompt = string | Int32Array;

/**
 * Checks a prompt, and copies it: the caller may write to the list afterwards.
 *
 * @throws SottoError 'empty-prompt', 'bad-token', 'bad-option'
 */
export function resolvePrompt(prompt: unknown, vocabSize: number, name = 'prompt'): Prompt {
  const resolved =
    typeof prompt === 'string'
      ? prompt
      : resolveTokenIds(prompt, vocabSize, name, 'a string or a list of token ids');
  if (resolved.length > 0) return resolved;
  throw new SottoError('empty-prompt', `the ${name} is empty: give it at least one token to continue from`);
}

/** More ids than any context holds: what claims to have more is no list of them. */
const MOST_IDS = 2 ** 24;

/** Whether it is an array, a typed array, or like one. */
export function isTokenList(value: unknown): value is ArrayLike<unknown> {
  if (typeof value !== 'object' || value === null || !('length' in value)) return false;
  const { length } = value;
  return Number.isInteger(length) && (length as number) >= 0 && (length as number) <= MOST_IDS;
}

/**
 * Checks a list of token ids, and copies it.
 *
 * @param vocabSize Null where the vocabulary is not known: any id is one then.
 * @throws SottoError 'bad-token', 'bad-option'
 */
export function resolveTokenIds(
  ids: unknown,
  vocabSize: number | null,
  name: string,
  expected = 'a list of token ids',
): Int32Array<ArrayBuffer> {
  if (!isTokenList(ids)) throw badOption(name, ids, expected);
  const nIds = vocabSize ?? 2 ** 31;
  return Int32Array.from(ids, (id, index) => {
    if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < nIds) return id as number;
    const range =
      vocabSize === null
        ? ' are whole numbers from 0'
        : ` of this model are whole numbers from 0 to ${vocabSize - 1}`;
    throw new SottoError('bad-token', `${name}[${index}] is ${show(id)}; token ids${range}`);
  });
}
