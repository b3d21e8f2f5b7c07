import { fail } from './budget.js';
import { Str } from './marked-text.js';
import { isForbidden, methodOf } from './methods.js';
import { itemOf } from './operators.js';
import {
  Callable,
  Dict,
  given,
  type Keywords,
  List,
  LoopValue,
  Namespace,
  typeName,
  Undefined,
  used,
  type Value,
} from './values.js';

const NO_KEYWORDS: Keywords = new Map();

function memberOf(value: Value, name: string): Value | undefined {
  if (value instanceof Namespace || value instanceof Callable) return value.members.get(name);
  if (value instanceof LoopValue) return value.loop.member(name);
  if (name.startsWith('__')) return undefined;
  if (isForbidden(value, name))
    return new Undefined(`a template may not use '${name}' of a ${typeName(value)}`);
  const field = value instanceof List ? value.fields.indexOf(name) : -1;
  return field >= 0 ? (value as List).items[field] : methodOf(value, name);
}

function missing(value: Value, key: Value): Undefined {
  const name = key instanceof Str ? `'${key.text.slice(0, 80)}'` : `of type ${typeName(key)}`;
  return new Undefined(`a value of type ${typeName(value)} has no attribute or item ${name}`);
}

/** `value.name`: what the value itself has goes before its items. */
export function attributeOf(value: Value, name: string): Value {
  used(value);
  const key = new Str(name);
  const member = memberOf(value, name);
  return member === undefined ? given(itemOf(value, key), missing(value, key)) : member;
}

/** The same without items. */
export function ownAttributeOf(value: Value, name: string): Value {
  return given(memberOf(used(value), name), missing(value, new Str(name)));
}

/** `value[key]`: its items go first. */
export function elementOf(value: Value, key: Value): Value {
  used(value);
  const item = itemOf(value, key);
  if (item !== undefined || !(key instanceof Str)) return given(item, missing(value, key));
  return given(memberOf(value, key.text), missing(value, key));
}

export function callValue(value: Value, args: readonly Value[], keywords: Keywords = NO_KEYWORDS): Value {
  if (value instanceof Callable) return value.call(args, keywords);
  if (value instanceof LoopValue) return value.loop.call(args, keywords);
  return fail(`a value of type ${typeName(used(value))} cannot be called`);
}

/** What filters take as `attribute`: names with dots between, or a number. */
export function attributeGetter(attribute: Value | undefined, otherwise?: Value): (item: Value) => Value {
  if (attribute === undefined || attribute === null) return (item) => item;
  const path: Value[] = [];
  if (attribute instanceof Str) {
    for (const part of attribute.text.split('.'))
      path.push(/^\d+$/.test(part) ? Number(part) : new Str(part));
  } else path.push(attribute);
  return (item) => {
    let value = item;
    for (const part of path) {
      value = elementOf(value, part);
      if (value instanceof Undefined && otherwise !== undefined) value = otherwise;
    }
    return value;
  };
}

/** A new dict, as Python's `dict(…)`. */
export function makeDict(
  from: Value | undefined,
  keywords: Keywords,
  pairsOf: (value: Value) => readonly Value[],
): Dict {
  const dict = new Dict();
  if (from instanceof Dict) for (const [key, value] of from.entries()) dict.set(key, value);
  else if (from !== undefined) {
    for (const pair of pairsOf(from)) {
      const [key, value, ...rest] = pairsOf(pair);
      if (key === undefined || value === undefined || rest.length > 0) fail('a dict needs pairs');
      dict.set(key, value);
    }
  }
  for (const [name, value] of keywords) dict.set(new Str(name), value);
  return dict;
}
