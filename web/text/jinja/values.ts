import { checkDepth, checkLength, fail, step } from './budget.js';
import { isPairAt, Str } from './marked-text.js';

/** Python's float; an int is a plain number. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A list or a tuple. */
export class List {
  readonly items: readonly Value[];
  readonly isTuple: boolean;
  /** Names for its items, as those of `groupby` have. */
  readonly fields: readonly string[];

  constructor(items: readonly Value[], isTuple = false, fields: readonly string[] = []) {
    checkLength(items.length);
    step(3 + items.length / 4);
    this.items = items;
    this.isTuple = isTuple;
    this.fields = fields;
  }
}

type Key = string | number | null;

export class Dict {
  readonly #entries = new Map<Key, readonly [key: Value, value: Value]>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.[1];
  }

  /** Only while it is made: templates change no values. */
  set(key: Value, value: Value): void {
    step(2);
    const own = keyOf(key);
    this.#entries.set(own, [this.#entries.get(own)?.[0] ?? key, value]);
  }

  entries(): (readonly [key: Value, value: Value])[] {
    step(this.size);
    return [...this.#entries.values()];
  }
}

/** What a dict's `keys()`, `values()` and `items()` give. */
export class View {
  readonly kind: 'keys' | 'values' | 'items';
  readonly of: Dict;

  constructor(kind: View['kind'], of: Dict) {
    this.kind = kind;
    this.of = of;
  }
}

export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;

  constructor(start: number, stop: number, step: number) {
    if (step === 0) fail('range() takes no step of zero');
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
    if (this.length > 100_000) fail(`range() of ${this.length} numbers; it gives at most 100000`);
  }

  at(index: number): number {
    return this.start + index * this.step;
  }
}

/** What can be gone through once, as what `map` and `select` give. */
export class Once {
  #items: readonly Value[];
  readonly name: string;

  constructor(items: readonly Value[], name = 'generator') {
    this.#items = items;
    this.name = name;
  }

  take(): readonly Value[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  takeFirst(): Value | undefined {
    const first = this.#items[0];
    this.#items = this.#items.slice(1);
    step(this.#items.length / 8);
    return first;
  }
}

/** What a name without a value gives: empty where it is printed, an error where it is used. */
export class Undefined {
  /** What to say where it is used. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export type Keywords = ReadonlyMap<string, Value>;

/** A function, method or macro. */
export class Callable {
  readonly name: string;
  readonly call: (args: readonly Value[], keywords: Keywords) => Value;
  readonly kind: string;
  readonly members: ReadonlyMap<string, Value>;

  constructor(
    name: string,
    call: (args: readonly Value[], keywords: Keywords) => Value,
    kind = 'function',
    members: ReadonlyMap<string, Value> = new Map(),
  ) {
    this.name = name;
    this.call = call;
    this.kind = kind;
    this.members = members;
  }
}

export class Namespace {
  readonly members = new Map<string, Value>();
}

/** What stands in for `loop`. */
export interface Loop {
  member(name: string): Value | undefined;
  readonly call: Callable['call'];
}

/** The loop around, as an object of its own class. */
export class LoopValue {
  readonly loop: Loop;

  constructor(loop: Loop) {
    this.loop = loop;
  }
}

export type Value =
  | null
  | boolean
  | number
  | Float
  | Str
  | List
  | Dict
  | View
  | Range
  | Once
  | Undefined
  | Callable
  | Namespace
  | LoopValue;

/** The value, unless there is none: None is one. */
export function given(value: Value | undefined, otherwise: Value): Value {
  return value === undefined ? otherwise : value;
}

/** Python's name for the type, for messages. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (value instanceof Float) return 'float';
  if (value instanceof Str) return 'str';
  if (value instanceof List) return value.isTuple ? 'tuple' : 'list';
  if (value instanceof Dict) return 'dict';
  if (value instanceof View) return `dict_${value.kind}`;
  if (value instanceof Range) return 'range';
  if (value instanceof Once) return value.name;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Callable) return value.kind;
  return value instanceof Namespace ? 'Namespace' : 'LoopContext';
}

export function isNumber(value: Value): value is number | boolean | Float {
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof Float;
}

export function numberOf(value: number | boolean | Float): number {
  return value instanceof Float ? value.value : Number(value);
}

/** Python's ints have no end; ours do, and say so. */
export function checkedInteger(value: number): number {
  if (!Number.isSafeInteger(value)) fail('an integer beyond 2^53');
  return value === 0 ? 0 : value;
}

export function integerOf(value: Value, what: string): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  return fail(`${what} must be an integer, not ${typeName(value)}`);
}

/** Uses what may be undefined: that is an error. */
export function used(value: Value): Value {
  if (value instanceof Undefined) fail(value.reason);
  return value;
}

function keyOf(value: Value, depth = 0): Key {
  if (value instanceof Str) return `s${value.text}`;
  if (value === null) return null;
  if (isNumber(value)) return numberOf(value);
  if (value instanceof List && value.isTuple) {
    checkDepth(depth);
    step(1 + value.items.length);
    let key = 't';
    for (const item of value.items) {
      const own = String(keyOf(item, depth + 1));
      checkLength(key.length + own.length);
      step(own.length / 16);
      key += `${own.length}:${own}`;
    }
    return key;
  }
  if (value instanceof Undefined) return 'u';
  return fail(`a value of type ${typeName(value)} cannot be a key`);
}

/** Whether an argument was given that counts as true. */
export function isTrue(value: Value | undefined): boolean {
  return value !== undefined && truth(value);
}

export function truth(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'boolean') return value;
  if (isNumber(value)) return numberOf(value) !== 0;
  if (value instanceof Str) return value.text !== '';
  if (value instanceof List) return value.items.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof View) return value.of.size > 0;
  return value instanceof Range ? value.length > 0 : true;
}

/** Python's `len`, or null where there is none. */
export function lengthOf(value: Value): number | null {
  if (value instanceof Str || value instanceof Range) return value.length;
  if (value instanceof List) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof View) return value.of.size;
  return value instanceof Undefined ? 0 : null;
}

/** What a loop over the value goes through, or null where it cannot. */
export function itemsOf(value: Value): readonly Value[] | null {
  if (value instanceof List) return value.items;
  if (value instanceof Str) return value.characters();
  if (value instanceof Dict) return value.entries().map(([key]) => key);
  if (value instanceof View) {
    const entries = value.of.entries();
    if (value.kind === 'items') return entries.map((entry) => new List(entry, true));
    return entries.map((entry) => entry[value.kind === 'keys' ? 0 : 1]);
  }
  if (value instanceof Range) {
    step(value.length / 4);
    return Array.from({ length: value.length }, (_, i) => value.at(i));
  }
  if (value instanceof Once) return value.take();
  return value instanceof Undefined ? [] : null;
}

export function iterate(value: Value): readonly Value[] {
  return itemsOf(value) ?? fail(`a value of type ${typeName(value)} cannot be gone through`);
}

export function equal(a: Value, b: Value, depth = 0): boolean {
  step();
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (a instanceof Str && b instanceof Str) {
    if (a.text.length !== b.text.length) return false;
    step(a.text.length / 16);
    return a.text === b.text;
  }
  checkDepth(depth);
  if (a instanceof List && b instanceof List) {
    if (a.isTuple !== b.isTuple || a.items.length !== b.items.length) return false;
    return a.items.every((item, i) => equal(item, b.items[i] as Value, depth + 1));
  }
  if (a instanceof Dict && b instanceof Dict) {
    if (a.size !== b.size) return false;
    return a.entries().every(([key, value]) => {
      const other = b.get(key);
      return other !== undefined && equal(value, other, depth + 1);
    });
  }
  if (a instanceof Range && b instanceof Range) {
    return (
      a.length === b.length &&
      (a.length === 0 || (a.start === b.start && (a.length === 1 || a.step === b.step)))
    );
  }
  return a instanceof Undefined && b instanceof Undefined;
}

/** Below zero, zero or above; NaN where floats have no order. */
export function compare(a: Value, b: Value, depth = 0): number {
  step();
  if (isNumber(a) && isNumber(b)) return compareNumbers(numberOf(a), numberOf(b));
  if (a instanceof Str && b instanceof Str) return comparePoints(a.text, b.text);
  if (a instanceof List && b instanceof List && a.isTuple === b.isTuple) {
    checkDepth(depth);
    const length = Math.min(a.items.length, b.items.length);
    for (let i = 0; i < length; i++) {
      const [one, other] = [a.items[i] as Value, b.items[i] as Value];
      if (!equal(one, other, depth)) return compare(one, other, depth + 1);
    }
    return a.items.length - b.items.length;
  }
  used(a);
  used(b);
  return fail(`values of types ${typeName(a)} and ${typeName(b)} have no order`);
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
}

/** By code points, which order above U+FFFF differs from that of UTF-16 units. */
function comparePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  step(at / 16);
  if (at === length) return a.length - b.length;
  if (at > 0 && isPairAt(a, at - 1)) at--;
  return (a.codePointAt(at) as number) - (b.codePointAt(at) as number);
}
