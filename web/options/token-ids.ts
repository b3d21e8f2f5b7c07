import { SottoError } from '../results/errors.js';
import type { ModelInfo } from './model-info.js';
import { badOption, type Check, readGiven, show, tag } from './option-checks.js';

/** More ids than any context holds. */
const MOST_IDS = 2 ** 24;

/** The number of ids that the engine can tell apart; whether a vocabulary has one is another question. */
const MOST_VOCABULARY = 2 ** 31;

/** Text or token ids. */
export type Prompt = string | Int32Array;

/**
 * Checks a prompt, and copies it: the caller may write to the list afterwards.
 *
 * @throws SottoError 'empty-prompt', 'bad-token', 'bad-option'
 */
export function resolvePrompt(
  prompt: unknown,
  { vocabSize, bosTokenId }: Pick<ModelInfo, 'vocabSize' | 'bosTokenId'>,
  name = 'prompt',
): Prompt {
  const resolved =
    typeof prompt === 'string' ? prompt : readGiven(name, () => promptIds(prompt, vocabSize, name));
  if (resolved.length > 0) return resolved;
  const advice =
    bosTokenId === null
      ? 'give it at least one token to continue from'
      : `give it at least one token to continue from, such as [${bosTokenId}], with which this model's texts begin ` +
        '(info.bosTokenId)';
  throw new SottoError('empty-prompt', `the ${name} is empty: ${advice}`);
}

function promptIds(prompt: unknown, vocabSize: number, name: string): Int32Array {
  const list = readList(prompt, name, 'a string or a list of token ids', MOST_IDS);
  const advice = otherPrompt(list);
  if (advice !== null) throw new SottoError('bad-token', `${name}[0] is ${show(list[0])}; ${advice}`);
  return checkedIds(list, vocabSize, name);
}

/** What to do with what other libraries take for a prompt; null for what is none of that. */
function otherPrompt([first]: readonly unknown[]): string | null {
  if (typeof first === 'object' && first !== null && !Array.isArray(first) && 'role' in first) {
    return 'messages of a chat are no prompt: give them to chat';
  }
  if (Array.isArray(first)) return 'for several prompts there is generateBatch';
  if (typeof first === 'string' && !/^\s*[-+]?\d*\s*$/.test(first)) {
    return 'a prompt is one text or a list of token ids, and for several prompts there is generateBatch';
  }
  return null;
}

/**
 * A copy of an array, a typed array, or of what is like one; each item is read once, and holes are undefined.
 *
 * @throws SottoError 'bad-option' when it is none, or longer than `most`
 */
export function readList(value: unknown, name: string, expected: string, most = MOST_IDS): unknown[] {
  return readGiven(name, () => {
    const { length } = Object(value) as { length?: unknown };
    const isList = typeof value === 'object' && value !== null && Number.isInteger(length);
    if (!isList || (length as number) < 0) throw badOption(name, value, expected);
    if ((length as number) > most) {
      throw new SottoError('bad-option', `${name} is a list of ${length} items; it can have at most ${most}`);
    }
    const copy: unknown[] = [];
    for (let i = 0; i < (length as number); i++) copy.push((value as ArrayLike<unknown>)[i]);
    return copy;
  });
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
  return checkedIds(readList(ids, name, expected), vocabSize, name);
}

function checkedIds(
  ids: readonly unknown[],
  vocabSize: number | null,
  name: string,
): Int32Array<ArrayBuffer> {
  const wrong = ids.findIndex((id) => !isTokenId(id, vocabSize ?? MOST_VOCABULARY));
  if (wrong < 0) return Int32Array.from(ids as number[]);
  const range =
    vocabSize === null
      ? ' are whole numbers from 0'
      : ` of this model are whole numbers from 0 to ${vocabSize - 1}`;
  throw new SottoError('bad-token', `${name}[${wrong}] is ${show(ids[wrong])}; token ids${range}`);
}

function isTokenId(value: unknown, vocabSize = MOST_VOCABULARY): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < vocabSize;
}

/** Lists of token ids, typed arrays included; copied. */
export const tokenIds: Check<number[]> = (value, name) => {
  const expected = 'a list of token ids, which are whole numbers from 0';
  const ids = readList(value, name, expected);
  if (ids.every((id) => isTokenId(id))) return ids.map((id) => (id as number) + 0);
  throw badOption(name, value, expected);
};

/** Lists of sequences of token ids; copied. */
export const tokenSequences: Check<number[][]> = (value, name) =>
  readList(value, name, 'a list of lists of token ids').map((sequence, index) => {
    const ids = tokenIds(sequence, `${name}[${index}]`);
    if (ids.length > 0) return ids;
    throw badOption(`${name}[${index}]`, ids, 'a list of token ids that is not empty');
  });

/** What is added to logits by token id, in an object or a Map; copied into a Map. */
export const tokenBiases: Check<Map<number, number>> = (value, name) =>
  readGiven(name, () => {
    const isMap = tag(value) === 'Map';
    if (typeof value !== 'object' || value === null || (!isMap && Symbol.iterator in value)) {
      throw badOption(name, value, 'an object or a Map of numbers by token id');
    }
    // Keys of objects are strings: those of whole numbers say just what the number says.
    const entries: [unknown, unknown][] = isMap
      ? [...(value as Map<unknown, unknown>)]
      : Object.entries(value).map(([key, bias]) => [String(Number(key)) === key ? Number(key) : key, bias]);
    return new Map(
      entries.map(([id, bias]) => {
        if (!isTokenId(id))
          throw badOption(`a key of ${name}`, id, 'a token id, which is a whole number from 0');
        if (typeof bias === 'number' && Number.isFinite(Math.fround(bias))) return [id, bias];
        const advice = 'a number; to rule a token out, name it in suppressTokens';
        throw badOption(`${name}[${id}]`, bias, advice);
      }),
    );
  });
