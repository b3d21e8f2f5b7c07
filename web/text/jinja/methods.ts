import { bindArguments } from './bind-arguments.js';
import { fail, spend, step } from './budget.js';
import { Str, TextBuilder } from './marked-text.js';
import { sliceOf } from './operators.js';
import { pad } from './python-text.js';
import { formatText } from './str-format.js';
import { joinAll, replaceAll, splitLines, splitText, strip, titleCase, titled } from './str-operations.js';
import {
  Callable,
  compare,
  Dict,
  equal,
  given,
  integerOf,
  iterate,
  List,
  typeName,
  type Value,
  View,
} from './values.js';

type Bound = (Value | undefined)[];

/** A method: its parameters, and what it does; without parameters, it takes what it gets. */
type Method<T> = readonly [parameters: string, run: (self: T, ...bound: Bound) => Value];

function textOf(value: Value | undefined, what = 'the argument'): Str {
  if (value instanceof Str) return value;
  return fail(`${what} must be a text, not ${value === undefined ? 'nothing' : typeName(value)}`);
}

function charactersOf(value: Value | undefined): Str | null {
  return value === undefined || value === null ? null : textOf(value);
}

function count(value: Value | undefined): number {
  return value === undefined ? -1 : integerOf(value, 'the count');
}

/** The part of a text between two bounds as Python's, and where it begins in code points. */
function part(self: Str, start: Value | undefined, end: Value | undefined): Str {
  if (start === undefined && end === undefined) return self;
  return sliceOf(self, { start: start ?? null, stop: end ?? null, step: null }) as Str;
}

function find(self: Str, bound: Bound, isLast: boolean): number {
  const [sought, start, end] = bound;
  const within = part(self, start, end);
  const text = textOf(sought).text;
  spend(within.text.length + text.length);
  const length = self.length;
  const first = start === undefined || start === null ? 0 : integerOf(start, 'the start');
  const begin = first < 0 ? Math.max(0, first + length) : first;
  if (begin > length) return -1;
  const at = isLast ? within.text.lastIndexOf(text) : within.text.indexOf(text);
  return at < 0 ? -1 : begin + within.unitsToPoints(at);
}

function starts(self: Str, bound: Bound, isEnd: boolean): boolean {
  const [sought, start, end] = bound;
  const { text } = part(self, start, end);
  const all = sought instanceof List && sought.isTuple ? sought.items : [sought];
  return all.some((one) => {
    const { text: own } = textOf(one);
    spend(own.length);
    return isEnd ? text.endsWith(own) : text.startsWith(own);
  });
}

function counted(self: Str, bound: Bound): number {
  const [sought, start, end] = bound;
  const within = part(self, start, end);
  const { text } = textOf(sought);
  if (text === '') return within.length + 1;
  spend(within.text.length + text.length);
  return within.text.split(text).length - 1;
}

/** Whether there are characters and all of them are of a kind. */
const all =
  (pattern: RegExp) =>
  (self: Str): boolean => {
    spend(4 * self.text.length);
    return pattern.test(self.text);
  };

function found(at: number): number {
  return at < 0 ? fail('the text to find is not there') : at;
}

const padded = (align: string): Method<Str> => [
  'width! fillchar',
  (self, width, fill) => {
    const filling = fill === undefined ? new Str(' ') : textOf(fill);
    if (filling.length !== 1) fail('what a text is filled with must be one character');
    return pad(self, integerOf(width as Value, 'the width'), align, filling);
  },
];

/** Python's way to center: the odd space goes left where the width is odd. */
export function centered(self: Str, width: number, fill = new Str(' ')): Str {
  if (fill.length !== 1) fail('what a text is filled with must be one character');
  const missing = width - self.length;
  if (missing <= 0) return self;
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return pad(pad(self, self.length + left, '>', fill), width, '<', fill);
}

function upperOf(self: Str): Str {
  return self.mapAll((text) => text.toUpperCase());
}

export function lowerOf(self: Str): Str {
  return self.mapAll((text) => text.toLowerCase());
}

export function capitalized(self: Str): Str {
  return self.mapAll((text) => {
    const first = String.fromCodePoint(...(text === '' ? [] : [text.codePointAt(0) as number]));
    return titleCase(first) + text.slice(first.length).toLowerCase();
  });
}

/** Cut at the first or last place of a text: before it, it, and behind it. */
function partition(self: Str, sought: Value | undefined, isLast: boolean): List {
  const separator = textOf(sought);
  if (separator.text === '') fail('the separator is empty');
  spend(self.text.length);
  const at = isLast ? self.text.lastIndexOf(separator.text) : self.text.indexOf(separator.text);
  const empty = new Str('');
  if (at < 0) return new List(isLast ? [empty, empty, self] : [self, empty, empty], true);
  return new List([self.slice(0, at), separator, self.slice(at + separator.text.length)], true);
}

const LOWER = /^\P{Lu}*$/u;
const UPPER = /^\P{Ll}*$/u;

export function isLower(text: string): boolean {
  spend(4 * text.length);
  return LOWER.test(text) && /\p{Ll}/u.test(text);
}

export function isUpper(text: string): boolean {
  spend(4 * text.length);
  return UPPER.test(text) && /\p{Lu}/u.test(text);
}

const STR: Record<string, Method<Str>> = {
  strip: ['chars', (self, chars) => strip(self, charactersOf(chars), 'both')],
  lstrip: ['chars', (self, chars) => strip(self, charactersOf(chars), 'left')],
  rstrip: ['chars', (self, chars) => strip(self, charactersOf(chars), 'right')],
  split: [
    'sep maxsplit',
    (self, sep, max) => new List(splitText(self, charactersOf(sep), count(max), false)),
  ],
  rsplit: [
    'sep maxsplit',
    (self, sep, max) => new List(splitText(self, charactersOf(sep), count(max), true)),
  ],
  splitlines: ['keepends', (self, keeps) => new List(splitLines(self, keeps === true || keeps === 1))],
  partition: ['sep!', (self, sep) => partition(self, sep, false)],
  rpartition: ['sep!', (self, sep) => partition(self, sep, true)],
  startswith: ['prefix! start end', (self, ...bound) => starts(self, bound, false)],
  endswith: ['suffix! start end', (self, ...bound) => starts(self, bound, true)],
  removeprefix: [
    'prefix!',
    (self, prefix) => (starts(self, [textOf(prefix)], false) ? self.slice(textOf(prefix).text.length) : self),
  ],
  removesuffix: [
    'suffix!',
    (self, suffix) =>
      starts(self, [textOf(suffix)], true)
        ? self.slice(0, self.text.length - textOf(suffix).text.length)
        : self,
  ],
  replace: ['old! new! count', (self, old, by, max) => replaceAll(self, textOf(old), textOf(by), count(max))],
  upper: ['', upperOf],
  lower: ['', lowerOf],
  casefold: ['', (self) => lowerOf(self)],
  capitalize: ['', capitalized],
  title: ['', titled],
  swapcase: [
    '',
    (self) =>
      self.mapAll((text) =>
        text.replace(/\p{L}/gu, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())),
      ),
  ],
  find: ['sub! start end', (self, ...bound) => find(self, bound, false)],
  rfind: ['sub! start end', (self, ...bound) => find(self, bound, true)],
  index: ['sub! start end', (self, ...bound) => found(find(self, bound, false))],
  rindex: ['sub! start end', (self, ...bound) => found(find(self, bound, true))],
  count: ['sub! start end', (self, ...bound) => counted(self, bound)],
  join: [
    'iterable!',
    (self, items) =>
      joinAll(
        self,
        iterate(items as Value).map((item) => textOf(item, 'what is joined')),
      ),
  ],
  isdigit: ['', all(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u)],
  isdecimal: ['', all(/^\p{Nd}+$/u)],
  isnumeric: ['', all(/^\p{N}+$/u)],
  isalpha: ['', all(/^\p{L}+$/u)],
  isalnum: ['', all(/^[\p{L}\p{N}]+$/u)],
  isspace: ['', (self) => self.text !== '' && strip(self, null, 'left').text === ''],
  isascii: ['', (self) => self.text === '' || all(/^[^\u0080-\u{10ffff}]+$/u)(self)],
  isidentifier: ['', all(/^[\p{XID_Start}_]\p{XID_Continue}*$/u)],
  islower: ['', (self) => isLower(self.text)],
  isupper: ['', (self) => isUpper(self.text)],
  istitle: ['', (self) => /\p{L}/u.test(self.text) && titled(self).text === self.text],
  center: [
    'width! fillchar',
    (self, width, fill) =>
      centered(self, integerOf(width as Value, 'the width'), fill === undefined ? undefined : textOf(fill)),
  ],
  ljust: padded('<'),
  rjust: padded('>'),
  zfill: [
    'width!',
    (self, width) => {
      const sign = /^[+-]/.test(self.text) ? 1 : 0;
      const digits = self.slice(sign);
      return self
        .slice(0, sign)
        .plus(pad(digits, integerOf(width as Value, 'the width') - sign, '>', new Str('0')));
    },
  ],
  expandtabs: [
    'tabsize',
    (self, size) => {
      const width = size === undefined ? 8 : integerOf(size, 'the width');
      const to = new TextBuilder();
      let column = 0;
      for (const character of self.characters()) {
        if (character.text === '\t') {
          const missing = width <= 0 ? 0 : width - (column % width);
          to.add(pad(new Str(''), missing, '<'));
          column += missing;
        } else {
          to.add(character);
          column = character.text === '\n' || character.text === '\r' ? 0 : column + 1;
        }
      }
      return to.build();
    },
  ],
};

const DICT: Record<string, Method<Dict>> = {
  items: ['', (self) => new View('items', self)],
  keys: ['', (self) => new View('keys', self)],
  values: ['', (self) => new View('values', self)],
  get: ['key! default', (self, key, otherwise) => given(self.get(key as Value), given(otherwise, null))],
  copy: ['', (self) => self],
};

const LIST: Record<string, Method<List>> = {
  index: [
    'value! start stop',
    (self, value, start, stop) => {
      const from = start === undefined ? 0 : integerOf(start, 'the start');
      const to = stop === undefined ? self.items.length : integerOf(stop, 'the end');
      const begin = from < 0 ? Math.max(0, from + self.items.length) : from;
      const end = to < 0 ? to + self.items.length : to;
      return found(self.items.findIndex((item, i) => i >= begin && i < end && equal(item, value as Value)));
    },
  ],
  count: ['value!', (self, value) => self.items.filter((item) => equal(item, value as Value)).length],
  copy: ['', (self) => self],
};

/** Methods that change what they belong to: a template may not use them. */
const CHANGING = {
  list: new Set(['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort']),
  dict: new Set(['clear', 'pop', 'popitem', 'setdefault', 'update']),
};

/** Whether it is there, but not for templates. */
export function isForbidden(value: Value, name: string): boolean {
  if (value instanceof Dict) return CHANGING.dict.has(name);
  return value instanceof List && !value.isTuple && CHANGING.list.has(name);
}

/** Those of Python's methods that take names. */
const WITH_KEYWORDS = new Set(['split', 'rsplit', 'splitlines', 'expandtabs']);

function own<T>(methods: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

/** A method of a text, a dict or a list, bound to it. */
export function methodOf(value: Value, name: string): Callable | undefined {
  if (value instanceof Str) {
    if (name === 'format') {
      return new Callable(
        name,
        (args, keywords) => formatText(value, args, keywords),
        'builtin_function_or_method',
      );
    }
    return bound(value, name, own(STR, name));
  }
  if (value instanceof Dict) return bound(value, name, own(DICT, name));
  if (value instanceof List && (name !== 'copy' || !value.isTuple))
    return bound(value, name, own(LIST, name));
  return undefined;
}

function bound<T>(self: T, name: string, method: Method<T> | undefined): Callable | undefined {
  if (method === undefined) return undefined;
  const [parameters, run] = method;
  return new Callable(
    name,
    (args, keywords) => {
      step();
      if (keywords.size > 0 && !WITH_KEYWORDS.has(name)) fail(`${name}() takes no names`);
      return run(self, ...bindArguments(`${name}()`, parameters, args, keywords));
    },
    'builtin_function_or_method',
  );
}

/** For sorting without regard to case. */
export function ignoringCase(value: Value): Value {
  return value instanceof Str ? lowerOf(value) : value;
}

/** Merges sorted halves: sorting that is stable and pays for each comparison. */
export function sorted(items: readonly Value[], keyOf: (item: Value) => Value, isReversed: boolean): Value[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  keyed.sort((a, b) => (isReversed ? compare(b.key, a.key) : compare(a.key, b.key)) || 0);
  return keyed.map(({ item }) => item);
}
