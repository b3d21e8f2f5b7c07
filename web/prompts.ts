import { SottoError } from './errors.js';
import { badOption, show } from './option-checks.js';

/**
 * Checks a prompt, and copies it: the caller may write to the list afterwards.
 *
 * @throws SottoError 'empty-prompt', 'bad-token', 'bad-option'
 */
export function resolvePrompt(prompt: unknown, vocabSize: number, name = 'prompt'): string | Int32Array {
  const resolved = typeof prompt === 'string' ? prompt : resolveTokenIds(prompt, vocabSize, name);
  if (resolved.length > 0) return resolved;
  throw new SottoError('empty-prompt', `the ${name} is empty: give it at least one token to continue from`);
}

/** @throws SottoError 'bad-token', 'bad-option' */
export function resolveTokenIds(ids: unknown, vocabSize: number, name: string): Int32Array {
  const isList = typeof ids === 'object' && ids !== null && 'length' in ids && Number.isInteger(ids.length);
  if (!isList) {
    throw badOption(
      name,
      ids,
      name === 'tokenIds' ? 'a list of token ids' : 'a string or a list of token ids',
    );
  }
  return Int32Array.from(ids as ArrayLike<unknown>, (id, index) => {
    if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize) return id as number;
    throw new SottoError(
      'bad-token',
      `${name}[${index}] is ${show(id)}; token ids of this model are whole numbers from 0 to ${vocabSize - 1}`,
    );
  });
}
