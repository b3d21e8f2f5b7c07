import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import { unknownOptionAdvice } from './option-names.js';

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
  return readGiven(`${caller}: the options`, () => {
    if (typeof given !== 'object' || given === null || Symbol.iterator in given) {
      const problem = `the options are ${show(given)}; they must be an object`;
      throw new SottoError('bad-option', `${caller}: ${problem}`);
    }
    const checked: Partial<T> = {};
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(checks, name)) throw unknownOption(name, Object.keys(checks), caller);
      const key = name as keyof T;
      readGiven(name, () => {
        const value: unknown = (given as T)[key]; // once: it may be a getter
        if (value !== undefined) checked[key] = checks[key](value, name);
      });
    }
    return checked;
  });
}

/**
 * Looks at a value of the caller's, whose code may run then: getters, proxies, iterators, `Symbol.toPrimitive`. Whatever it
 * throws comes out as an error about the value.
 *
 * @param name What messages call the value.
 * @throws SottoError 'bad-option', and those of `read`
 */
export function readGiven<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SottoError) throw cause;
    throw new SottoError('bad-option', `${name} cannot be read (${shorten(messageOf(cause), 100)})`, {
      cause,
    });
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
      return (value as number) + 0; // which makes 0 of -0
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

/** Strings, which names are: of at most 1024 characters. */
export const string: Check<string> = (value, name) => {
  if (typeof value === 'string' && value.length <= 1024) return value;
  throw badOption(name, value, 'a string of at most 1024 characters');
};

/** Functions; what they take is the caller's business. */
export function callback<F extends (...args: never[]) => unknown>(): Check<F> {
  return (value, name) => {
    if (typeof value === 'function') return value as F;
    throw badOption(name, value, 'a function');
  };
}

/**
 * Abort signals. Those of other frames are as good; those of polyfills, and in proxies, which the runtime would not take for
 * one, are followed by one that it takes.
 */
export const abortSignal: Check<AbortSignal> = (value, name) =>
  readGiven(name, () => {
    if (isNativeSignal(value)) return value;
    const { aborted, reason, addEventListener } = Object(value) as Partial<AbortSignal>;
    if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
      throw badOption(name, value, 'an AbortSignal');
    }
    const controller = new AbortController();
    const given = value as AbortSignal;
    if (aborted) controller.abort(reason);
    else given.addEventListener('abort', () => controller.abort(given.reason), { once: true });
    return controller.signal;
  });

function isNativeSignal(value: unknown): value is AbortSignal {
  try {
    Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get?.call(value);
    return value instanceof AbortSignal || tag(value) === 'AbortSignal';
  } catch {
    return false;
  }
}

/** The class that a built-in object is of, whatever frame it comes from, where `instanceof` would say no; '' for nobody's. */
export function tag(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1);
  } catch {
    return ''; // a proxy
  }
}

/** More than any plain data of ours has, in depth and in values. */
const MOST_DEPTH = 16;
const MOST_VALUES = 2 ** 20;

/**
 * A copy of plain data: numbers, strings, lists and objects of such, each read once.
 *
 * @throws SottoError 'bad-option'
 */
export function copyPlain<T>(given: T, name: string): T {
  let nValues = 0;
  const copy = (value: unknown, depth: number): unknown => {
    if (typeof value === 'function') return undefined; // which is refused where it stands
    if (typeof value !== 'object' || value === null) return value;
    const isList = Array.isArray(value);
    const keys = isList ? [] : Object.keys(value);
    const length = isList ? value.length : keys.length;
    nValues += length;
    if (depth > MOST_DEPTH || nValues > MOST_VALUES) {
      const problem = `${name} is too large: it holds more than ${MOST_VALUES} values, or in more than ${MOST_DEPTH} levels`;
      throw new SottoError('bad-option', problem);
    }
    if (isList) return Array.from({ length }, (_, i) => copy(value[i], depth + 1));
    return Object.fromEntries(keys.map((key) => [key, copy(value[key as keyof object], depth + 1)]));
  };
  return readGiven(name, () => copy(given, 0) as T);
}

/** The most that messages show of what somebody gave. */
const MOST_SHOWN = 40;

/** A text of somebody else's, cut where it is long. */
export function shorten(text: string, most = MOST_SHOWN): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A value as messages show it: short, with its type where that is not plain. It never throws, whatever the value. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  // The digits of a long one take their time.
  if (typeof value === 'bigint')
    return BigInt.asIntN(128, value) === value ? `${value}n (a bigint)` : 'a large bigint';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return shorten(String(value));
  try {
    if (Array.isArray(value)) return 'an array';
    const name: unknown = value.constructor?.name;
    return `an object (${typeof name === 'string' && name !== '' ? shorten(name) : 'no class'})`;
  } catch {
    return 'an object that cannot be looked at';
  }
}

function unknownOption(name: string, known: readonly string[], caller: string): SottoError {
  const advice = unknownOptionAdvice(name, known);
  return new SottoError('unknown-option', `${caller}: there is no option ${show(name)}; ${advice}`);
}
