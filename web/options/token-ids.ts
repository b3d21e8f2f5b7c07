import { SottoError } from '../results/errors.js';
import { mapList } from './list.js';
import { badOption, reading, show } from './option-checks.js';

export { isList as isTokenList } from './list.js';

/**
 * Checks a prompt, and copies it: the caller may write to the list afterwards.
 *
 * @throws SottoError 'empty-prompt', 'bad-token', 'bad-option'
 */
export function resolvePrompt(prompt: unknown, vocabSize: number, name = 'prompt'): string | Int32Array {
  const resolved =
    typeof prompt === 'string'
      ? prompt
      : resolveTokenIds(prompt, vocabSize, name, 'a string or a list of token ids');
  if (resolved.length > 0) return resolved;
  throw new SottoError('empty-prompt', `the ${name} is empty: give it at least one token to continue from`);
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
  const nIds = vocabSize ?? 2 ** 31;
  const checked = reading(name, () =>
    mapList(ids, (id, index) => {
      if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < nIds) return id as number;
      const range =
        vocabSize === null
          ? ' are whole numbers from 0'
          : ` of this model are whole numbers from 0 to ${vocabSize - 1}`;
      throw new SottoError('bad-token', `${name}[${index}] is ${show(id)}; token ids${range}`);
    }),
  );
  if (checked === null) throw badOption(name, ids, expected);
  return Int32Array.from(checked);
}
