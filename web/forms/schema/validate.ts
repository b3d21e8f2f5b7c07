import { isObject } from '../../base/json.js';
import { Keywords, type TypeName } from './keywords.js';
import type { SchemaDocument, SchemaNode } from './nodes.js';

/** Whether a value that a schema names (in `enum` or `const`) meets what else stands beside it: of that, what a grammar enforces. */
export function isValid(
  value: unknown,
  given: readonly (SchemaNode | boolean)[],
  document: SchemaDocument,
): boolean {
  const all = document.flatten(given);
  if (all === null) return false;
  const meets = (option: SchemaNode | boolean) => isValid(value, [option], document);
  for (const { options, exclusive } of all.unions) {
    const nMet = options.filter(meets).length;
    if (exclusive === null ? nMet === 0 : nMet !== 1) return false;
  }
  return all.nodes.every((node) => meetsKeywords(value, new Keywords(node), document));
}

/** @returns Integers are of both types of numbers. */
export function typesOf(value: unknown): readonly TypeName[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
  return [typeof value as TypeName];
}

export function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => isEqual(one, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  const isSameSize = keys.length === Object.keys(b).length;
  return isSameSize && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

function meetsKeywords(value: unknown, keywords: Keywords, document: SchemaDocument): boolean {
  const types = keywords.types();
  if (!typesOf(value).some((type) => types.has(type))) return false;
  if (keywords.has('const') && !isEqual(value, keywords.get('const'))) return false;
  const among = keywords.get('enum');
  if (Array.isArray(among) && !isAmong(value, among)) return false;
  if (typeof value === 'string') return isStringValid(value, keywords);
  if (typeof value === 'number') return isNumberValid(value, keywords);
  if (Array.isArray(value)) return isArrayValid(value, keywords, document);
  return isObject(value) ? isObjectValid(value, keywords, document) : true;
}

/** The values of lists, for those that are no lists or objects themselves: a list may be long, and is asked for each of its values. */
const simpleValues = new WeakMap<readonly unknown[], ReadonlySet<unknown>>();

function isAmong(value: unknown, list: readonly unknown[]): boolean {
  if (typeof value === 'object' && value !== null) return list.some((one) => isEqual(one, value));
  const known = simpleValues.get(list) ?? new Set(list);
  simpleValues.set(list, known);
  return known.has(value);
}

function isStringValid(value: string, keywords: Keywords): boolean {
  const length = [...value].length;
  if (length < keywords.count('minLength', 0)) return false;
  if (length > keywords.count('maxLength', Number.POSITIVE_INFINITY)) return false;
  const pattern = keywords.text('pattern');
  return pattern === undefined || makeRegExp(pattern).test(value);
}

/** With the flag u where that is possible. */
export function makeRegExp(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern);
  }
}

function isNumberValid(value: number, keywords: Keywords): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = keywords.node.schema;
  if (typeof minimum === 'number' && (exclusiveMinimum === true ? value <= minimum : value < minimum))
    return false;
  if (typeof maximum === 'number' && (exclusiveMaximum === true ? value >= maximum : value > maximum))
    return false;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return false;
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return false;
  return typeof multipleOf !== 'number' || Number.isInteger(value / multipleOf);
}

function isArrayValid(value: readonly unknown[], keywords: Keywords, document: SchemaDocument): boolean {
  if (value.length < keywords.count('minItems', 0)) return false;
  if (value.length > keywords.count('maxItems', Number.POSITIVE_INFINITY)) return false;
  return value.every((item, i) => {
    const schema = itemSchema(keywords, i);
    return schema === undefined || isValid(item, [document.at(schema.schema, schema.path)], document);
  });
}

/** The schema of an item by its index, and where it stands; undefined for any. */
export function itemSchema(keywords: Keywords, index: number): { schema: unknown; path: string } | undefined {
  const items = keywords.get('items');
  const key = Array.isArray(items) ? 'items' : 'prefixItems'; // as drafts before 2020-12 have it, and as it is
  const prefix = keywords.get(key);
  if (Array.isArray(prefix) && index < prefix.length) {
    return { schema: prefix[index], path: keywords.path(`${key}[${index}]`) };
  }
  const restKey = Array.isArray(items) ? 'additionalItems' : 'items';
  const rest = keywords.get(restKey);
  return rest === undefined ? undefined : { schema: rest, path: keywords.path(restKey) };
}

/** How many items have a schema of their own. */
export function prefixLength(keywords: Keywords): number {
  const items = keywords.get('items');
  const prefix = Array.isArray(items) ? items : keywords.get('prefixItems');
  return Array.isArray(prefix) ? prefix.length : 0;
}

function isObjectValid(
  value: Readonly<Record<string, unknown>>,
  keywords: Keywords,
  document: SchemaDocument,
): boolean {
  const names = Object.keys(value);
  if (names.length < keywords.count('minProperties', 0)) return false;
  if (names.length > keywords.count('maxProperties', Number.POSITIVE_INFINITY)) return false;
  if (!keywords.texts('required').every((name) => Object.hasOwn(value, name))) return false;
  const ofNames = keywords.get('propertyNames');
  return names.every((name) => {
    if (
      ofNames !== undefined &&
      !isValid(name, [document.at(ofNames, keywords.path('propertyNames'))], document)
    ) {
      return false;
    }
    return propertySchemas(keywords, name).every(({ schema, path }) =>
      isValid(value[name], [document.at(schema, path)], document),
    );
  });
}

/** The schemas of a property by its name, and where they stand. */
export function propertySchemas(keywords: Keywords, name: string): { schema: unknown; path: string }[] {
  const found: { schema: unknown; path: string }[] = [];
  const properties = keywords.schemas('properties');
  if (Object.hasOwn(properties, name))
    found.push({ schema: properties[name], path: keywords.path(`properties.${name}`) });
  for (const [pattern, schema] of Object.entries(keywords.schemas('patternProperties'))) {
    if (makeRegExp(pattern).test(name))
      found.push({ schema, path: keywords.path(`patternProperties.${pattern}`) });
  }
  if (found.length === 0 && keywords.has('additionalProperties')) {
    found.push({ schema: keywords.get('additionalProperties'), path: keywords.path('additionalProperties') });
  }
  return found;
}
