import { checkLength, fail, spend, step } from './budget.js';
import { Str, TextBuilder } from './marked-text.js';
import type { BinaryOperator, Comparison } from './nodes.js';
import { percentFormat, repeat } from './python-text.js';
import {
  checkedInteger,
  compare,
  Dict,
  equal,
  Float,
  integerOf,
  isNumber,
  iterate,
  List,
  numberOf,
  Range,
  typeName,
  used,
  type Value,
  View,
} from './values.js';

export function binary(operator: BinaryOperator, left: Value, right: Value): Value {
  if (isNumber(left) && isNumber(right)) {
    const [a, b] = [numberOf(left), numberOf(right)];
    const isFloat = left instanceof Float || right instanceof Float;
    return arithmetic(operator, a, b, isFloat);
  }
  used(left);
  if (operator === '%' && left instanceof Str) return percentFormat(left, right);
  used(right);
  if (operator === '+') {
    if (left instanceof Str && right instanceof Str) return left.added(right);
    if (left instanceof List && right instanceof List && left.isTuple === right.isTuple) {
      step((left.items.length + right.items.length) / 4);
      checkLength(left.items.length + right.items.length);
      return new List([...left.items, ...right.items], left.isTuple);
    }
  }
  if (operator === '*') {
    if (left instanceof Str || left instanceof List) return times(left, right);
    if (right instanceof Str || right instanceof List) return times(right, left);
  }
  return fail(`'${operator}' does not take values of types ${typeName(left)} and ${typeName(right)}`);
}

function times(value: Str | List, by: Value): Value {
  const count = Math.max(0, integerOf(by, 'what a text or list is multiplied by'));
  if (value instanceof Str) {
    checkLength(value.text.length * count);
    return repeat(value, count);
  }
  checkLength(value.items.length * count);
  step((value.items.length * count) / 4);
  return new List(
    value.items.length === 0 ? [] : Array.from({ length: count }, () => value.items).flat(),
    value.isTuple,
  );
}

function arithmetic(operator: BinaryOperator, a: number, b: number, isFloat: boolean): Value {
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) fail('a division by zero');
  switch (operator) {
    case '+':
      return number(a + b, isFloat);
    case '-':
      return number(a - b, isFloat);
    case '*':
      return number(a * b, isFloat);
    case '/':
      return new Float(a / b);
    case '%':
      return number(modulo(a, b), isFloat);
    case '//':
      return number(
        isFloat ? Math.round((a - modulo(a, b)) / b) : Math.floor((a - modulo(a, b)) / b),
        isFloat,
      );
    default: {
      if (a === 0 && b < 0) fail('zero to a negative power');
      if (isFloat && a < 0 && !Number.isInteger(b)) fail('a root of a negative number');
      const power = a ** b;
      if (isFloat && !Number.isFinite(power) && Number.isFinite(a) && Number.isFinite(b))
        fail('a number is too large');
      return number(power, isFloat || b < 0);
    }
  }
}

/** Python's remainder has the divisor's sign. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function number(value: number, isFloat: boolean): Value {
  return isFloat ? new Float(value) : checkedInteger(value);
}

export function compares(comparison: Comparison, left: Value, right: Value): boolean {
  switch (comparison) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return compare(left, right) < 0;
    case '<=':
      return compare(left, right) <= 0;
    case '>':
      return compare(left, right) > 0;
    case '>=':
      return compare(left, right) >= 0;
    case 'in':
      return contains(right, left);
    default:
      return !contains(right, left);
  }
}

export function contains(container: Value, value: Value): boolean {
  if (container instanceof Str) {
    if (!(value instanceof Str)) fail(`a text holds no value of type ${typeName(value)}`);
    spend(container.text.length + value.text.length);
    return container.text.includes(value.text);
  }
  if (container instanceof Dict) return container.get(value) !== undefined;
  if (container instanceof View && container.kind === 'keys') return container.of.get(value) !== undefined;
  if (container instanceof Range) {
    if (!isNumber(value)) return false;
    const index = (numberOf(value) - container.start) / container.step;
    return Number.isInteger(index) && index >= 0 && index < container.length;
  }
  return iterate(container).some((item) => equal(item, value));
}

export function negated(value: Value, sign: 1 | -1): Value {
  if (value instanceof Float) return new Float(sign * value.value);
  if (!isNumber(value)) return fail(`a sign before a value of type ${typeName(used(value))}`);
  return checkedInteger(sign * numberOf(value));
}

/** The bounds of a Python slice over so many items. */
export interface Slice {
  start: Value;
  stop: Value;
  step: Value;
}

function boundsOf(slice: Slice, length: number): { start: number; count: number; by: number } {
  const by = slice.step === null ? 1 : integerOf(slice.step, "a slice's step");
  if (by === 0) fail("a slice's step cannot be zero");
  const [lowest, highest] = by > 0 ? [0, length] : [-1, length - 1];
  const clamp = (bound: Value, otherwise: number): number => {
    if (bound === null) return otherwise;
    const at = integerOf(bound, "a slice's bound");
    return Math.min(highest, Math.max(lowest, at < 0 ? at + length : at));
  };
  const start = clamp(slice.start, by > 0 ? lowest : highest);
  const stop = clamp(slice.stop, by > 0 ? highest : lowest);
  return { start, count: Math.max(0, Math.ceil((stop - start) / by)), by };
}

export function sliceOf(value: Value, slice: Slice): Value | undefined {
  if (value instanceof Str) {
    const { start, count, by } = boundsOf(slice, value.length);
    if (by === 1) return value.slice(value.pointsToUnits(start), value.pointsToUnits(start + count));
    const characters = value.characters();
    const to = new TextBuilder();
    for (let i = 0; i < count; i++) to.add(characters[start + i * by] as Str);
    return to.build();
  }
  if (value instanceof Range) {
    const { start, count, by } = boundsOf(slice, value.length);
    const step = value.step * by;
    return new Range(value.at(start), value.at(start) + count * step, step);
  }
  if (!(value instanceof List)) return undefined;
  const { start, count, by } = boundsOf(slice, value.items.length);
  step(count / 4);
  if (by === 1) return new List(value.items.slice(start, start + count), value.isTuple);
  return new List(
    Array.from({ length: count }, (_, i) => value.items[start + i * by] as Value),
    value.isTuple,
  );
}

/** `value[key]` of Python, or undefined where it has no such item. */
export function itemOf(value: Value, key: Value): Value | undefined {
  if (value instanceof Dict) {
    if (key instanceof Dict || (key instanceof List && !key.isTuple)) return undefined;
    return value.get(key);
  }
  if (typeof key !== 'number' && typeof key !== 'boolean') return undefined;
  const length =
    value instanceof Str || value instanceof Range
      ? value.length
      : value instanceof List
        ? value.items.length
        : 0;
  const index = Number(key) < 0 ? Number(key) + length : Number(key);
  if (index < 0 || index >= length) return undefined;
  if (value instanceof List) return value.items[index];
  if (value instanceof Range) return value.at(index);
  const text = value as Str;
  return text.slice(text.pointsToUnits(index), text.pointsToUnits(index + 1));
}
