// Values of generation_config.json that have another form than the options that they stand for.
import { badOption, type Check, number } from '../options/option-checks.js';
import { tokenBiases, tokenIds, tokenSequences } from '../options/token-ids.js';

/** transformers' pairs of a sequence of tokens and its bias, for sequences of one token. */
export const sequenceBias: Check<Map<number, number>> = (value, name) => {
  const isPair = (item: unknown) => Array.isArray(item) && item.length === 2 && Array.isArray(item[0]);
  if (!Array.isArray(value) || !value.every((item) => isPair(item) && item[0].length === 1)) {
    throw badOption(
      name,
      value,
      'a list of [[token id], bias]: sequences of several tokens cannot be biased',
    );
  }
  return tokenBiases(new Map(value.map(([[id], bias]) => [id, bias])), name);
};

/** As the options take them, which take array look-alikes too: in JSON an object is no list. */
const jsonList =
  <T>(check: Check<T>, expected: string): Check<T> =>
  (value, name) => {
    if (!Array.isArray(value)) throw badOption(name, value, expected);
    return check(value, name);
  };

export const tokenIdList = jsonList(tokenIds, 'a list of token ids');

export const tokenIdLists = jsonList(tokenSequences, 'a list of lists of token ids');

/** A string or a list of them. */
export const stopStrings: Check<string[]> = (value, name) => {
  const list: unknown[] = [value].flat();
  if (list.every((item) => typeof item === 'string' && item !== '')) return list as string[];
  throw badOption(name, value, 'a string or a list of them, none empty');
};

/** Seconds, in milliseconds. */
export const maxTime: Check<number> = (value, name) =>
  1000 *
  number((seconds) => seconds > 0 && Number.isFinite(1000 * seconds), 'a number of seconds above 0')(
    value,
    name,
  );

/** A token id or a list of them. */
export const tokenIdOrIds: Check<number[]> = (value, name) => tokenIds([value].flat(), name);
