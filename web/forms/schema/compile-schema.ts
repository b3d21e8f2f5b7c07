import { isObject } from '../../base/json.js';
import { choice, type Expression, NEVER, rule, text } from '../grammar.js';
import { ANY_BOOLEAN, ANY_INTEGER, ANY_NUMBER, VALUE_RULES } from '../json-parts.js';
import { arrayWithin } from './arrays.js';
import { areDisjoint } from './disjoint.js';
import { FORMATS } from './formats.js';
import { Keywords, REFUSED, refused, TYPES, type TypeName } from './keywords.js';
import { SchemaDocument, type SchemaNode, schemaError } from './nodes.js';
import { integersWithin, type NumberBounds, numbersWithin } from './numbers.js';
import { objectWithin } from './objects.js';
import { stringWithin } from './strings.js';
import { isValid } from './validate.js';

/** The most rules that a schema may take, and values that an `enum` may have in all. */
const MOST_RULES = 20_000;

/** The most options that have to exclude each other. */
const MOST_EXCLUSIVE = 200;

/**
 * Adds the rules of a JSON Schema's values to a grammar.
 *
 * @param schema Plain data.
 * @param path What messages call it; its rules' names begin so.
 * @param isStrict Whether what cannot be enforced is refused, rather than passed over.
 * @param rules They may hold those of other schemas, of other paths.
 * @returns What a value is.
 * @throws SottoError 'bad-option'
 */
export function compileSchema(
  schema: unknown,
  path: string,
  isStrict: boolean,
  rules: Map<string, Expression>,
): Expression {
  if (schema === false) throw schemaError(path, 'is false, which no value meets');
  if (schema !== true && !isObject(schema))
    throw schemaError(path, 'is no schema: it must be an object or true');
  for (const [name, expression] of VALUE_RULES) rules.set(name, expression);
  if (schema === true) return rule('value');
  const document = new SchemaDocument(schema, path);
  return new SchemaCompiler(document, isStrict, rules).valueOf([document.root]);
}

export class SchemaCompiler {
  readonly document: SchemaDocument;
  readonly isStrict: boolean;
  readonly rules: Map<string, Expression>;

  constructor(document: SchemaDocument, isStrict: boolean, rules: Map<string, Expression>) {
    this.document = document;
    this.isStrict = isStrict;
    this.rules = rules;
  }

  /** A value that meets all of some schemas: a rule by their names, so that recursion comes to an end. */
  valueOf(given: readonly (SchemaNode | boolean)[]): Expression {
    if (given.includes(false)) return NEVER;
    const nodes = [...new Set(given.filter((node) => typeof node !== 'boolean'))].sort((a, b) => a.id - b.id);
    const [first] = nodes;
    if (first === undefined) return rule('value');
    const name = `${first.path}#${nodes.map(({ id }) => id).join('+')}`;
    if (!this.rules.has(name)) {
      this.rules.set(name, NEVER); // until it is known
      this.checkSize(first.path);
      this.rules.set(name, this.#expressionOf(nodes));
    }
    return rule(name);
  }

  /** To be called where rules are added. */
  checkSize(path: string): void {
    if (this.rules.size > MOST_RULES)
      throw schemaError(path, 'makes the schema too large: its alternatives multiply');
  }

  /** For what a grammar cannot say. */
  refuse(path: string, why?: string): void {
    if (this.isStrict) throw refused(path, why);
  }

  #expressionOf(given: readonly SchemaNode[]): Expression {
    const all = this.document.flatten(given);
    if (all === null) return NEVER;
    const { nodes, unions } = all;
    const [union, ...others] = unions;
    if (union === undefined) return this.#plain(nodes);
    if (union.exclusive !== null) this.#checkExclusive(union.exclusive, union.options);
    // The others stand beside each option, as schemas of their own.
    const rest = others.map(({ options, exclusive }) => this.document.union(options, exclusive));
    return choice(...union.options.map((option) => this.valueOf([...nodes, ...rest, option])));
  }

  /** One that meets two of the options would meet none of `oneOf`. */
  #checkExclusive(path: string, options: readonly (SchemaNode | boolean)[]): void {
    const possible = options.filter((option) => option !== false);
    if (possible.length > MOST_EXCLUSIVE) {
      this.refuse(
        path,
        `has more than ${MOST_EXCLUSIVE} options, too many to tell apart from each other: use anyOf`,
      );
      return;
    }
    for (const [i, a] of possible.entries()) {
      for (const b of possible.slice(i + 1)) {
        if (areDisjoint(a, b, this.document)) continue;
        this.refuse(
          path,
          'has options that a value might meet two of, which cannot be told while text is generated: use anyOf',
        );
        return;
      }
    }
  }

  /** Schemas that refer to no others. */
  #plain(nodes: readonly SchemaNode[]): Expression {
    const keywords = nodes.map((node) => new Keywords(node));
    this.#refuseKeywords(keywords, 'any');
    const named = this.#namedValues(keywords);
    if (named !== null) {
      const valid = named.filter((value) => isValid(value, nodes, this.document));
      return choice(...valid.map((value) => text(writeJson(value))));
    }
    const types = typesOfAll(keywords);
    return choice(...types.map((type) => this.#ofType(type, keywords)));
  }

  /** The values of the first `enum` or `const`, or null. */
  #namedValues(keywords: readonly Keywords[]): readonly unknown[] | null {
    for (const one of keywords) {
      if (one.has('const')) return [one.get('const')];
      if (!one.has('enum')) continue;
      const values = one.get('enum');
      if (!Array.isArray(values) || values.length === 0) throw one.bad('enum', 'an array that is not empty');
      return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
    }
    return null;
  }

  #refuseKeywords(keywords: readonly Keywords[], about: keyof typeof REFUSED): void {
    for (const one of keywords) {
      for (const key of REFUSED[about] ?? []) {
        const value = one.get(key);
        const isNothing =
          value === undefined || value === false || (isObject(value) && Object.keys(value).length === 0);
        if (key === 'not' && value !== undefined && isNothing && value !== false) {
          throw schemaError(one.path(key), 'is met by everything, so no value is left');
        }
        if (isNothing) continue;
        if (key === 'if' && !one.has('then') && !one.has('else')) continue;
        this.refuse(one.path(key));
      }
    }
  }

  #ofType(type: TypeName, keywords: readonly Keywords[]): Expression {
    switch (type) {
      case 'null':
        return text('null');
      case 'boolean':
        return ANY_BOOLEAN;
      case 'integer':
      case 'number':
        return this.#number(type, keywords);
      case 'string':
        return this.#string(keywords);
      case 'array':
        this.#refuseKeywords(
          keywords.filter((one) => one.count('maxItems', 2) > 1),
          'array',
        );
        return arrayWithin(this, keywords);
      case 'object':
        this.#refuseKeywords(keywords, 'object');
        return objectWithin(this, keywords);
    }
  }

  #string(keywords: readonly Keywords[]): Expression {
    const bounds = { least: 0, most: Number.POSITIVE_INFINITY };
    const patterns = new Map<string, { pattern: string; path: string; isWhole: boolean }>();
    for (const one of keywords) {
      bounds.least = Math.max(bounds.least, one.count('minLength', 0));
      bounds.most = Math.min(bounds.most, one.count('maxLength', Number.POSITIVE_INFINITY));
      const pattern = one.text('pattern');
      if (pattern !== undefined)
        patterns.set(pattern, { pattern, path: one.path('pattern'), isWhole: false });
      const format = one.text('format');
      const meaning = format === undefined ? undefined : FORMATS.get(format);
      if (meaning !== undefined)
        patterns.set(meaning, { pattern: meaning, path: one.path('format'), isWhole: true });
      else if (format !== undefined && !OF_ANY_STRING.has(format) && pattern === undefined) {
        const known = [...FORMATS.keys()].join(', ');
        this.refuse(one.path('format'), `is '${format.slice(0, 40)}', which is not known (${known} are)`);
      }
    }
    if (bounds.least > bounds.most) return NEVER;
    const path = (keywords[0] as Keywords).node.path;
    const name = `${path}#${keywords.map(({ node }) => node.id).join('+')}`;
    if (Math.max(bounds.least, Number.isFinite(bounds.most) ? bounds.most : 0) > MOST_LENGTH) {
      this.refuse(path, `has a minLength or maxLength above ${MOST_LENGTH}`);
      bounds.most = Number.POSITIVE_INFINITY;
      bounds.least = Math.min(bounds.least, MOST_LENGTH);
    }
    return stringWithin({ ...bounds, patterns: [...patterns.values()] }, name, path, this.rules);
  }

  #number(type: 'integer' | 'number', keywords: readonly Keywords[]): Expression {
    const bounds = boundsOf(keywords);
    const { least, most, multipleOf } = bounds;
    const isFree = least === Number.NEGATIVE_INFINITY && most === Number.POSITIVE_INFINITY;
    if (isFree && multipleOf === null) return type === 'integer' ? ANY_INTEGER : ANY_NUMBER;
    const path = (keywords[0] as Keywords).node.path;
    if (multipleOf !== null && !Number.isInteger(multipleOf)) {
      this.refuse(`${path}.multipleOf`, 'is no whole number, and such multiples cannot be enforced');
      bounds.multipleOf = null;
    }
    const isInteger = type === 'integer' || bounds.multipleOf !== null;
    const within = isInteger ? integersWithin(bounds) : numbersWithin(bounds);
    if (within !== null) return within;
    if (isInteger)
      this.refuse(`${path}.multipleOf`, 'cannot be enforced over so many numbers: 1, 10, 100 … can');
    else this.refuse(path, 'has a minimum or maximum with too many digits to be enforced');
    return isInteger ? (integersWithin({ ...bounds, multipleOf: null }) ?? ANY_INTEGER) : ANY_NUMBER;
  }
}

/** The most characters that a string is held to. */
const MOST_LENGTH = 10_000;

/** Formats that say nothing. */
const OF_ANY_STRING = new Set(['password']);

function boundsOf(keywords: readonly Keywords[]): NumberBounds {
  const bounds: NumberBounds = {
    least: Number.NEGATIVE_INFINITY,
    isLeastIn: true,
    most: Number.POSITIVE_INFINITY,
    isMostIn: true,
    multipleOf: null,
  };
  const atLeast = (value: number, isIn: boolean) => {
    if (value < bounds.least || (value === bounds.least && isIn)) return;
    bounds.least = value;
    bounds.isLeastIn = isIn;
  };
  const atMost = (value: number, isIn: boolean) => {
    if (value > bounds.most || (value === bounds.most && isIn)) return;
    bounds.most = value;
    bounds.isMostIn = isIn;
  };
  for (const one of keywords) {
    // Draft 4 has the exclusive ones as flags of the others.
    const isBelowFlag = typeof one.get('exclusiveMinimum') === 'boolean';
    const isAboveFlag = typeof one.get('exclusiveMaximum') === 'boolean';
    const minimum = one.number('minimum');
    const maximum = one.number('maximum');
    if (minimum !== undefined) atLeast(minimum, one.get('exclusiveMinimum') !== true);
    if (maximum !== undefined) atMost(maximum, one.get('exclusiveMaximum') !== true);
    const above = isBelowFlag ? undefined : one.number('exclusiveMinimum');
    const below = isAboveFlag ? undefined : one.number('exclusiveMaximum');
    if (above !== undefined) atLeast(above, false);
    if (below !== undefined) atMost(below, false);
    const factor = one.number('multipleOf');
    if (factor === undefined) continue;
    if (factor <= 0) throw one.bad('multipleOf', 'a number above 0');
    bounds.multipleOf = bounds.multipleOf === null ? factor : commonMultiple(bounds.multipleOf, factor);
  }
  return bounds;
}

/** The least one of two; of numbers that are not whole, one that no grammar is made for. */
function commonMultiple(a: number, b: number): number {
  if (!Number.isInteger(a) || !Number.isInteger(b)) return a === b ? a : 0.1;
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** Types that all allow; integers are numbers. */
export function typesOfAll(keywords: readonly Keywords[]): TypeName[] {
  const allowed = keywords.map((one) => one.types());
  const isAllowed = (type: TypeName) =>
    allowed.every((types) => types.has(type) || (type === 'integer' && types.has('number')));
  const types = TYPES.filter(isAllowed);
  return types.includes('number') ? types.filter((type) => type !== 'integer') : types;
}

/** As forms write JSON: with a space behind each comma and colon. */
export function writeJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${writeJson(member)}`)
    .join(', ')}}`;
}
