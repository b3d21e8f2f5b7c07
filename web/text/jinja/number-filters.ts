import { fail } from './budget.js';
import type { Filter } from './filters.js';
import { Str } from './marked-text.js';
import { fixed } from './python-text.js';
import { strip } from './str-operations.js';
import {
  checkedInteger,
  Float,
  given,
  integerOf,
  isNumber,
  numberOf,
  typeName,
  used,
  type Value,
} from './values.js';

const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:(?:\d+(?:_\d+)*)(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const PREFIXES: Record<number, RegExp> = { 2: /^([+-]?)0b/i, 8: /^([+-]?)0o/i, 16: /^([+-]?)0x/i };

/** Python's `float(text)`, or null. */
function parseFloatText(value: Str): number | null {
  if (value.text.length > 1000) return null;
  const { text } = strip(value, null, 'both');
  if (FLOAT.test(text)) return Number(text.replaceAll('_', ''));
  const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text);
  if (special === null) return null;
  return special[2] === undefined ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
}

/** Python's `int(text, base)`, or null. */
function parseIntText(value: Str, base: number): number | null {
  if (value.text.length > 1000) return null;
  const text = strip(value, null, 'both').text;
  if (base === 10) return INTEGER.test(text) ? checkedInteger(Number(text.replaceAll('_', ''))) : null;
  if (base < 2 || base > 36) return fail("int's base must be 2 to 36");
  const digits = text
    .replace(PREFIXES[base] ?? /^(?!)/, '$1')
    .replaceAll('_', '')
    .toLowerCase();
  const isNumeral = /^[+-]?[\da-z]+$/.test(digits);
  const all = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base);
  if (!isNumeral || [...digits.replace(/^[+-]/, '')].some((digit) => !all.includes(digit))) return null;
  return checkedInteger(Number.parseInt(digits, base));
}

function toInteger(value: Value, otherwise: Value | undefined, base: Value | undefined): Value {
  used(value);
  if (isNumber(value)) {
    const number = Math.trunc(numberOf(value));
    return Number.isNaN(number) ? given(otherwise, 0) : checkedInteger(number);
  }
  if (!(value instanceof Str)) return given(otherwise, 0);
  const parsed = parseIntText(value, integerOf(base ?? 10, "int's base"));
  if (parsed !== null) return parsed;
  const float = parseFloatText(value);
  return float === null || !Number.isFinite(float) ? given(otherwise, 0) : checkedInteger(Math.trunc(float));
}

function toFloat(value: Value, otherwise: Value | undefined): Value {
  used(value);
  if (isNumber(value)) return new Float(numberOf(value));
  const parsed = value instanceof Str ? parseFloatText(value) : null;
  return parsed === null ? given(otherwise, new Float(0)) : new Float(parsed);
}

function round(value: Value, precision: Value | undefined, method: Value | undefined): Value {
  const digits = integerOf(precision ?? 0, 'the precision');
  const name = method instanceof Str ? method.text : method === undefined ? 'common' : '';
  if (!['common', 'ceil', 'floor'].includes(name)) fail("round's method must be common, ceil or floor");
  if (!isNumber(value)) return fail(`round takes a number, not ${typeName(used(value))}`);
  if (Math.abs(digits) > 100) fail('a precision of more than 100 digits');
  const number = numberOf(value);
  const scale = 10 ** digits;
  if (name !== 'common') return new Float((name === 'ceil' ? Math.ceil : Math.floor)(number * scale) / scale);
  const sign = number < 0 ? -1 : 1;
  const magnitude = Math.abs(number);
  if (digits >= 0) {
    if (!(value instanceof Float)) return Number(value);
    return new Float(Number.isFinite(number) ? sign * Number(fixed(magnitude, digits)) : number);
  }
  const rounded = sign * Number(fixed(magnitude * scale, 0)) * 10 ** -digits;
  return value instanceof Float ? new Float(rounded) : checkedInteger(rounded);
}

/** Filters that make numbers. */
export const numberFilters: Record<string, Filter> = {
  int: ['default base', toInteger],
  float: ['default', toFloat],
  round: ['precision method', round],
};
