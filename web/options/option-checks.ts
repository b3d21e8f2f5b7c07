import { SottoError } from '../results/errors.js';
import { isInstance, messageOf, readProperty, textOf } from '../results/thrown.js';
import { mapList } from './list.js';

/** Returns a given option's value in the form that is used, or throws SottoError 'bad-option'. */
export type Check<T> = (value: unknown, name: string) => T;

/** A check for each option that exists. */
export type Checks<T> = { readonly [Name in keyof T]-?: Check<Exclude<T[Name], undefined>> };

/**
 * Checks options by their names and values. An option that is undefined counts as left out.
 *
 * @param caller The function that takes the options, for messages.
 * @throws SottoError 'unknown-option', 'bad-option'
 */
export function checkOptions<T extends object>(
  given: unknown,
  checks: Checks<T>,
  caller: string,
): Partial<T> {
  if (typeof given !== 'object' || given === null) {
    throw new SottoError('bad-option', `${caller}: the options are ${show(given)}; they must be an object`);
  }
  const checked: Partial<T> = {};
  for (const name of reading(`${caller}: the options`, () => Object.keys(given))) {
    if (!Object.hasOwn(checks, name)) throw unknownOption(name, Object.keys(checks), caller);
    const key = name as keyof T;
    reading(name, () => {
      const value = (given as Record<keyof T, unknown>)[key]; // once: it may be a getter
      if (value !== undefined) checked[key] = checks[key](value, name);
    });
  }
  return checked;
}

/**
 * Reads what a caller gave; what its getters or its proxy's traps throw is told as a bad option.
 *
 * @throws SottoError 'bad-option'; what `read` throws that is a SottoError
 */
export function reading<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (isInstance(cause, SottoError)) throw cause;
    throw new SottoError('bad-option', `${name} cannot be read (${messageOf(cause)})`, { cause });
  }
}

/**
 * Like `checkOptions`, for what has no defaults: nothing may be left out.
 *
 * @throws SottoError 'unknown-option', 'bad-option'
 */
export function checkComplete<T extends object>(given: unknown, checks: Checks<T>, caller: string): T {
  const checked = checkOptions(given, checks, caller);
  for (const name of Object.keys(checks) as (keyof T & string)[]) {
    if (checked[name] === undefined) checks[name](undefined, name);
  }
  return checked as T;
}

/** The error for a value that an option cannot have. */
export function badOption(name: string, value: unknown, expected: string): SottoError {
  return new SottoError('bad-option', `${name} is ${show(value)}; it must be ${expected}`);
}

/** Whole numbers from `least` to `most`. */
export function integer(least: number, most: number): Check<number> {
  return (value, name) => {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
      return value as number;
    const upTo = most >= Number.MAX_SAFE_INTEGER ? 'upwards' : `to ${most}`;
    throw badOption(name, value, `a whole number from ${least} ${upTo}`);
  };
}

/** Numbers for which `holds`, which `expected` says in words. */
export function number(holds: (value: number) => boolean, expected: string): Check<number> {
  return (value, name) => {
    if (typeof value === 'number' && Number.isFinite(value) && holds(value)) return value;
    throw badOption(name, value, expected);
  };
}

/**
 * Numbers for which `holds`, which `expected` says in words, as they are and as the engine computes with them: in 32 bits,
 * where the least become 0 and the largest infinity.
 */
export function float32(holds: (value: number) => boolean, expected: string): Check<number> {
  const inDouble = number(holds, expected);
  return (value, name) => {
    const checked = inDouble(value, name);
    const used = Math.fround(checked);
    if (Number.isFinite(used) && holds(used)) return checked;
    throw badOption(name, value, `${expected}, also when it is rounded to 32 bits, which makes it ${used}`);
  };
}

/** One of a few strings. */
export function oneOf<T extends string>(choices: readonly T[]): Check<T> {
  return (value, name) => {
    if (choices.includes(value as T)) return value as T;
    throw badOption(name, value, choices.map(show).join(' or '));
  };
}

/** True or false. */
export const boolean: Check<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  throw badOption(name, value, 'true or false');
};

/** The largest token id that the engine can hold; whether a vocabulary has it is another question. */
const MOST_TOKEN = 2 ** 31 - 1;

const isTokenId = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_TOKEN;

/** Lists of token ids, typed arrays included; copied. */
export const tokenIds: Check<number[]> = (value, name) => {
  const ids = mapList(value, (id) => (isTokenId(id) ? (id as number) : null));
  if (ids?.every((id) => id !== null)) return ids;
  throw badOption(name, value, 'a list of token ids, which are whole numbers from 0');
};

/** Lists of sequences of token ids; copied. */
export const tokenSequences: Check<number[][]> = (value, name) => {
  const sequences = mapList(value, (sequence, index) => {
    const ids = tokenIds(sequence, `${name}[${index}]`);
    if (ids.length > 0) return ids;
    throw badOption(`${name}[${index}]`, ids, 'a list of token ids that is not empty');
  });
  if (sequences === null) throw badOption(name, value, 'a list of lists of token ids');
  return sequences;
};

/** What is added to logits by token id, in an object or a Map; copied into a Map. */
export const tokenBiases: Check<Map<number, number>> = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badOption(name, value, 'an object or a Map of numbers by token id');
  }
  // Keys of objects are strings: those of whole numbers say just what the number says.
  const isMap = tagOf(value) === 'Map'; // those of other frames are no instances of this one's class
  const entries: [unknown, unknown][] = isMap
    ? [...(value as Map<unknown, unknown>)]
    : Object.entries(value).map(([key, bias]) => [String(Number(key)) === key ? Number(key) : key, bias]);
  return new Map(
    entries.map(([id, bias]) => {
      if (!isTokenId(id))
        throw badOption(`a key of ${name}`, id, 'a token id, which is a whole number from 0');
      if (typeof bias === 'number' && Number.isFinite(Math.fround(bias))) return [id as number, bias];
      const advice = 'a number; to rule a token out, name it in suppressTokens';
      throw badOption(`${name}[${id}]`, bias, advice);
    }),
  );
};

/** Strings. */
export const string: Check<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw badOption(name, value, 'a string');
};

/** Functions; what they take is the caller's business. */
export function callback<F extends (...args: never[]) => unknown>(): Check<F> {
  return (value, name) => {
    if (typeof value === 'function') return value as F;
    throw badOption(name, value, 'a function');
  };
}

/** Abort signals, those of other frames and of polyfills included. */
export const abortSignal: Check<AbortSignal> = (value, name) => {
  const { aborted, addEventListener, removeEventListener } = Object(value) as Record<string, unknown>;
  const isSignal =
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function';
  if (isSignal) return value as AbortSignal;
  throw badOption(name, value, 'an AbortSignal');
};

/** What kind of object it is, also where it comes from another frame. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

const MOST_LETTERS_SHOWN = 40;

/** A value as messages show it: short, with its type where that is not plain. Never throws. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(textOf(value, MOST_LETTERS_SHOWN));
  if (typeof value === 'bigint') return `${textOf(value, MOST_LETTERS_SHOWN)}n (a bigint)`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return textOf(value, MOST_LETTERS_SHOWN);
  if (isArray(value)) return 'an array';
  const name = readProperty(readProperty(value, 'constructor'), 'name');
  return `an object (${typeof name === 'string' ? textOf(name, MOST_LETTERS_SHOWN) : 'no class'})`;
}

/** `Array.isArray`, which throws for a proxy that was revoked. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function unknownOption(name: string, known: readonly string[], caller: string): SottoError {
  const nearest = nearestName(name, known);
  const advice = nearest === null ? `there are ${known.join(', ')}` : `did you mean ${nearest}?`;
  return new SottoError('unknown-option', `${caller}: there is no option ${show(name)}; ${advice}`);
}

/** The known name that a wrong one most likely stands for, or null when none is near. */
function nearestName(wrong: string, known: readonly string[]): string | null {
  // max_new_tokens and MaxNewTokens are the same name to whoever types them.
  const fold = (name: string) => name.replace(/[_-]/g, '').toLowerCase();
  let nearest: string | null = null;
  let least = Math.floor(wrong.length / 2); // half of the letters wrong is another word
  for (const name of known) {
    const distance = editDistance(fold(wrong), fold(name));
    if (distance > least || (distance === least && nearest !== null)) continue;
    [nearest, least] = [name, distance];
  }
  return nearest;
}

/** The least number of letters to insert, delete or replace (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      row.push(Math.min(replaced, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}
