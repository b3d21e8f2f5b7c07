import { attributeGetter, ownAttributeOf } from './access.js';
import { bindArguments } from './bind-arguments.js';
import { fail, step } from './budget.js';
import { EMPTY, Str } from './marked-text.js';
import { capitalized, centered, ignoringCase, lowerOf, sorted } from './methods.js';
import { numberFilters } from './number-filters.js';
import { binary, negated } from './operators.js';
import { type JsonOptions, toJson } from './python-json.js';
import { percentFormat, repeat, toStr } from './python-text.js';
import { joinAll, replaceAll, strip } from './str-operations.js';
import { applyTest, TEST_NAMES } from './tests.js';
import { indented, titledWords, truncated, wordCount } from './text-filters.js';
import {
  compare,
  Dict,
  equal,
  given,
  integerOf,
  isTrue,
  iterate,
  type Keywords,
  List,
  lengthOf,
  Once,
  truth,
  typeName,
  Undefined,
  used,
  type Value,
  View,
} from './values.js';

type Bound = (Value | undefined)[];
export type Filter = readonly [parameters: string, run: (value: Value, ...bound: Bound) => Value];
/** A filter that takes other filters' arguments. */
type OpenFilter = (value: Value, args: readonly Value[], keywords: Keywords) => Value;

function keyGetter(attribute: Value | undefined, isCaseSensitive: Value | undefined, otherwise?: Value) {
  const get = attributeGetter(attribute, otherwise);
  return (item: Value): Value => (isTrue(isCaseSensitive) ? get(item) : ignoringCase(get(item)));
}

function extreme(
  value: Value,
  sensitive: Value | undefined,
  attribute: Value | undefined,
  sign: 1 | -1,
): Value {
  const key = keyGetter(attribute, sensitive);
  const [first, ...rest] = iterate(value);
  if (first === undefined) return new Undefined('the sequence is empty');
  return rest.reduce((best, item) => (sign * compare(key(item), key(best)) > 0 ? item : best), first);
}

function reversed(value: Value): Value {
  if (value instanceof Str) return joinAll(EMPTY, value.characters().reverse());
  const items = [...iterate(value)].reverse();
  step(items.length / 4);
  return value instanceof Once ? new List(items) : new Once(items, 'reverse_iterator');
}

function grouped(
  value: Value,
  attribute: Value | undefined,
  otherwise: Value | undefined,
  sensitive: Value | undefined,
): List {
  const key = keyGetter(attribute, sensitive, otherwise === null ? undefined : otherwise);
  const get = attributeGetter(attribute, otherwise === null ? undefined : otherwise);
  const groups: { key: Value; name: Value; items: Value[] }[] = [];
  for (const item of sorted(iterate(value), key, false)) {
    const last = groups.at(-1);
    const own = key(item);
    if (last !== undefined && equal(last.key, own)) last.items.push(item);
    else groups.push({ key: own, name: get(item), items: [item] });
  }
  return new List(
    groups.map(({ name, items }) => new List([name, new List(items)], true, ['grouper', 'list'])),
  );
}

function unique(value: Value, sensitive: Value | undefined, attribute: Value | undefined): Once {
  const key = keyGetter(attribute, sensitive);
  const seen = new Dict();
  const isNew = (item: Value): boolean => {
    const own = key(item);
    if (seen.get(own) !== undefined) return false;
    seen.set(own, true);
    return true;
  };
  return new Once(iterate(value).filter(isNew));
}

function dictSorted(
  value: Value,
  sensitive: Value | undefined,
  by: Value | undefined,
  isReversed: Value | undefined,
): List {
  if (!(value instanceof Dict)) return fail(`dictsort takes a dict, not ${typeName(used(value))}`);
  const name = by instanceof Str ? by.text : by === undefined ? 'key' : '';
  if (name !== 'key' && name !== 'value') fail("dictsort sorts by 'key' or 'value'");
  const pick = (item: Value): Value => (item as List).items[name === 'key' ? 0 : 1] as Value;
  const key = (item: Value): Value => (isTrue(sensitive) ? pick(item) : ignoringCase(pick(item)));
  return new List(sorted(iterate(new View('items', value)), key, isTrue(isReversed)));
}

function batch(value: Value, size: Value | undefined, fill: Value | undefined): Once {
  const count = integerOf(size as Value, "a batch's size");
  const batches: Value[][] = [];
  for (const item of iterate(value)) {
    const last = batches.at(-1);
    if (last !== undefined && last.length !== count) last.push(item);
    else batches.push([item]);
  }
  const last = batches.at(-1);
  if (last !== undefined && fill !== undefined && fill !== null) {
    for (; last.length < count; step()) last.push(fill);
  }
  return new Once(batches.map((items) => new List(items)));
}

function slices(value: Value, number: Value | undefined, fill: Value | undefined): Once {
  const items = iterate(value);
  const count = integerOf(number as Value, 'the number of slices');
  if (count === 0) fail('no slices to cut into');
  const each = Math.floor(items.length / count);
  const longer = items.length - each * count;
  const cut: Value[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    step();
    const size = each + (i < longer ? 1 : 0);
    const part = items.slice(at, at + size);
    if (fill !== undefined && fill !== null && i >= longer) part.push(fill);
    cut.push(new List(part));
    at += size;
  }
  return new Once(cut);
}

function json(value: Value, ...[ascii, indent, separators, sorts]: Bound): Str {
  const hasIndent = indent !== undefined && indent !== null;
  const spaces =
    indent instanceof Str ? indent : hasIndent ? repeat(new Str(' '), integerOf(indent, 'indent')) : null;
  const pair = separators === undefined || separators === null ? null : iterate(separators);
  const [item, key] = pair ?? [new Str(hasIndent ? ',' : ', '), new Str(': ')];
  if (!(item instanceof Str) || !(key instanceof Str)) return fail('separators must be two texts');
  const options: JsonOptions = {
    isAscii: isTrue(ascii),
    indent: spaces,
    separators: [item, key],
    sorts: isTrue(sorts),
  };
  return toJson(value, options);
}

const escaped: Filter = ['', (value) => toStr(value).escaped()];
const otherwise: Filter = [
  'default_value boolean',
  (value, by, boolean) =>
    value instanceof Undefined || (isTrue(boolean) && !truth(value)) ? given(by, EMPTY) : value,
];
const length: Filter = [
  '',
  (value) => lengthOf(value) ?? fail(`a value of type ${typeName(value)} has no length`),
];

const FILTERS: Record<string, Filter> = {
  ...numberFilters,
  ...{
    default: otherwise,
    d: otherwise,
    length,
    count: length,
    escape: escaped,
    e: escaped,
    forceescape: escaped,
  },
  safe: ['', (value) => toStr(value).asSafe()],
  string: ['', toStr],
  lower: ['', (value) => lowerOf(toStr(value))],
  upper: ['', (value) => toStr(value).mapAll((text) => text.toUpperCase())],
  title: ['', titledWords],
  capitalize: ['', (value) => capitalized(toStr(value))],
  trim: [
    'chars',
    (value, chars) =>
      strip(toStr(value), chars === undefined || chars === null ? null : toStr(chars), 'both'),
  ],
  replace: [
    'old! new! count',
    (value, old, by, count) =>
      replaceAll(toStr(value), toStr(old as Value), toStr(by as Value), integerOf(count ?? -1, 'the count')),
  ],
  center: ['width', (value, width) => centered(toStr(value), integerOf(width ?? 80, 'the width'))],
  indent: ['width first blank', indented],
  truncate: ['length killwords end leeway', truncated],
  wordcount: ['', wordCount],
  tojson: ['ensure_ascii indent separators sort_keys', json],
  join: [
    'd attribute',
    (value, separator, attribute) => {
      const get = attributeGetter(attribute);
      return joinAll(
        toStr(given(separator, EMPTY)),
        iterate(value).map((item) => toStr(get(item))),
      );
    },
  ],
  first: [
    '',
    (value) => {
      const first = value instanceof Once ? value.takeFirst() : iterate(value)[0];
      return given(first, new Undefined('the sequence is empty'));
    },
  ],
  last: [
    '',
    (value) => {
      if (value instanceof Once) fail('what is gone through once has no last item');
      return given(iterate(value).at(-1), new Undefined('the sequence is empty'));
    },
  ],
  list: ['', (value) => new List(iterate(value))],
  items: [
    '',
    (value) => {
      if (!(value instanceof Dict) && !(value instanceof Undefined)) fail('items takes a dict');
      return new Once(value instanceof Dict ? iterate(new View('items', value)) : []);
    },
  ],
  reverse: ['', reversed],
  sort: [
    'reverse case_sensitive attribute',
    (value, reverse, sensitive, attribute) => {
      const paths = attribute instanceof Str ? attribute.text.split(',') : [];
      const getters = paths.map((path) => keyGetter(new Str(path), sensitive));
      if (paths.length === 0) getters.push(keyGetter(attribute, sensitive));
      const key = (item: Value): Value => new List(getters.map((get) => get(item)));
      return new List(sorted(iterate(value), key, isTrue(reverse)));
    },
  ],
  dictsort: ['case_sensitive by reverse', dictSorted],
  unique: ['case_sensitive attribute', unique],
  groupby: ['attribute! default case_sensitive', grouped],
  batch: ['linecount! fill_with', batch],
  slice: ['slices! fill_with', slices],
  sum: [
    'attribute start',
    (value, attribute, start) => {
      const get = attributeGetter(attribute);
      if (start instanceof Str) fail('sum adds no texts');
      return iterate(value).reduce((sum, item) => binary('+', sum, get(item)), given(start, 0));
    },
  ],
  min: [
    'case_sensitive attribute',
    (value, sensitive, attribute) => extreme(value, sensitive, attribute, -1),
  ],
  max: ['case_sensitive attribute', (value, sensitive, attribute) => extreme(value, sensitive, attribute, 1)],
  abs: [
    '',
    (value) => {
      const isNegative = compare(used(value), 0) < 0;
      return negated(value, isNegative ? -1 : 1);
    },
  ],
  attr: ['name!', (value, name) => ownAttributeOf(value, toStr(name as Value).text)],
};

/** What is false holds nothing, None too. */
function itemsOfAny(value: Value): readonly Value[] {
  return truth(value) ? iterate(value) : [];
}

function mapped(value: Value, args: readonly Value[], keywords: Keywords): Value {
  const attribute = keywords.get('attribute');
  if (args.length === 0 && attribute !== undefined) {
    const unknown = [...keywords.keys()].find((key) => key !== 'attribute' && key !== 'default');
    if (unknown !== undefined) fail(`map takes no '${unknown}'`);
    return new Once(itemsOfAny(value).map(attributeGetter(attribute, keywords.get('default'))));
  }
  const [name, ...rest] = args;
  if (!(name instanceof Str)) return fail('map needs a filter or an attribute');
  return new Once(itemsOfAny(value).map((item) => applyFilter(name.text, item, rest, keywords)));
}

const selecting =
  (isKept: boolean, byAttribute: boolean): OpenFilter =>
  (value, args, keywords) => {
    const rest = byAttribute ? args.slice(1) : args;
    if (byAttribute && args.length === 0) fail('an attribute is missing');
    const get = attributeGetter(byAttribute ? args[0] : undefined);
    const [test, ...others] = rest;
    if (test !== undefined && !(test instanceof Str)) return fail("a test's name must be a text");
    const passes = (item: Value): boolean => {
      step();
      return test === undefined ? truth(get(item)) : testWithNames(test.text, get(item), others, keywords);
    };
    return new Once(itemsOfAny(value).filter((item) => passes(item) === isKept));
  };

const OPEN: Record<string, OpenFilter> = {
  map: mapped,
  select: selecting(true, false),
  reject: selecting(false, false),
  selectattr: selecting(true, true),
  rejectattr: selecting(false, true),
  format: (value, args, keywords) => {
    if (args.length > 0 && keywords.size > 0) fail('format takes names or no names');
    if (keywords.size === 0) return percentFormat(toStr(value), new List(args, true));
    const dict = new Dict();
    for (const [name, item] of keywords) dict.set(new Str(name), item);
    return percentFormat(toStr(value), dict);
  },
};

export const FILTER_NAMES: ReadonlySet<string> = new Set([...Object.keys(FILTERS), ...Object.keys(OPEN)]);

export function applyFilter(name: string, value: Value, args: readonly Value[], keywords: Keywords): Value {
  if (!FILTER_NAMES.has(name)) fail(`there is no filter '${name}'`);
  step();
  const open = Object.hasOwn(OPEN, name) ? OPEN[name] : undefined;
  if (open !== undefined) return open(value, args, keywords);
  const [parameters, run] = FILTERS[name] as Filter;
  return run(value, ...bindArguments(`the filter '${name}'`, parameters, args, keywords));
}

/** Tests, with the two that ask for names. */
export function testWithNames(
  name: string,
  value: Value,
  args: readonly Value[],
  keywords: Keywords,
): boolean {
  if (name === 'filter' || name === 'test') {
    bindArguments(`the test '${name}'`, '', args, keywords);
    const names = name === 'filter' ? FILTER_NAMES : TEST_NAMES;
    return value instanceof Str && names.has(value.text);
  }
  return applyTest(name, value, args, keywords);
}
