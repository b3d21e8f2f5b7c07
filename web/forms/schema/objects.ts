import { isObject } from '../../base/json.js';
import { choice, EMPTY, type Expression, NEVER, optional, repeat, rule, sequence, text } from '../grammar.js';
import { ANY_STRING, COLON, COMMA } from '../json-parts.js';
import type { SchemaCompiler } from './compile-schema.js';
import type { Keywords } from './keywords.js';
import { schemaError } from './nodes.js';
import { nameExcept } from './strings.js';
import { isValid, makeRegExp, propertySchemas } from './validate.js';

const MOST_PROPERTIES = 2000;

/**
 * An object: its properties in the schema's order, each once. Others are written behind them only where the schema asks for it, by
 * `additionalProperties` or `patternProperties`, or names no properties.
 */
export function objectWithin(compiler: SchemaCompiler, keywords: readonly Keywords[]): Expression {
  return new ObjectMaker(compiler, keywords).make();
}

class ObjectMaker {
  readonly #compiler: SchemaCompiler;
  readonly #keywords: readonly Keywords[];
  readonly #path: string;
  readonly #name: string;
  readonly #required: ReadonlySet<string>;
  readonly #least: number;
  readonly #most: number;
  #members: { isRequired: boolean; text: Expression }[] = [];
  /** Any other property, or null. */
  #other: Expression | null = null;

  constructor(compiler: SchemaCompiler, keywords: readonly Keywords[]) {
    const { path } = (keywords[0] as Keywords).node;
    this.#compiler = compiler;
    this.#keywords = keywords;
    this.#path = path;
    this.#name = `${path}#${keywords.map(({ node }) => node.id).join('+')}.members`;
    this.#required = new Set(keywords.flatMap((one) => one.texts('required')));
    this.#least = Math.max(...keywords.map((one) => one.count('minProperties', 0)));
    this.#most = Math.min(...keywords.map((one) => one.count('maxProperties', Number.POSITIVE_INFINITY)));
  }

  make(): Expression {
    const names = this.#names();
    if (names.length > MOST_PROPERTIES) {
      throw schemaError(this.#path, `has more than ${MOST_PROPERTIES} properties`);
    }
    for (const name of names) {
      const isRequired = this.#required.has(name);
      const value = this.#isNameAllowed(name) ? this.#valueOf(name) : NEVER;
      if (value === NEVER && isRequired) return NEVER;
      if (value !== NEVER)
        this.#members.push({ isRequired, text: sequence(text(JSON.stringify(name)), COLON, value) });
    }
    this.#other = this.#otherProperty(names);
    const nRequired = this.#members.filter(({ isRequired }) => isRequired).length;
    if (nRequired > this.#most) return NEVER;
    if (this.#other !== null && this.#least > nRequired + 1) {
      // The same name may come twice, and counts once.
      this.#compiler.refuse(`${this.#path}.minProperties`);
    }
    const inner = this.#tail(0, 0);
    return inner === NEVER ? NEVER : sequence(text('{'), inner, text('}'));
  }

  /** In the order in which they are written. */
  #names(): string[] {
    const names = new Set(this.#keywords.flatMap((one) => Object.keys(one.schemas('properties'))));
    for (const name of this.#required) names.add(name);
    if (this.#isOpen) for (const name of this.#listedNames() ?? []) names.add(name);
    return [...names];
  }

  /** The names that `propertyNames` lists, or null. */
  #listedNames(): string[] | null {
    for (const one of this.#keywords) {
      const schema = one.get('propertyNames');
      if (!isObject(schema)) continue;
      const values = schema.const === undefined ? schema.enum : [schema.const];
      if (Array.isArray(values)) return values.filter((value) => typeof value === 'string');
    }
    return null;
  }

  /** Whether others than the named ones are written. */
  get #isOpen(): boolean {
    const said = this.#keywords.filter((one) => one.has('additionalProperties'));
    if (said.some((one) => one.get('additionalProperties') === false)) return false;
    for (const one of this.#keywords) {
      if (one.get('unevaluatedProperties') === false) return false;
      if (isObject(one.get('unevaluatedProperties')))
        this.#compiler.refuse(one.path('unevaluatedProperties'));
    }
    return (
      said.length > 0 || !this.#keywords.some((one) => one.has('properties') || one.has('patternProperties'))
    );
  }

  #isNameAllowed(name: string): boolean {
    return this.#keywords.every((one) => {
      const schema = one.get('propertyNames');
      return (
        schema === undefined ||
        isValid(
          name,
          [this.#compiler.document.at(schema, one.path('propertyNames'))],
          this.#compiler.document,
        )
      );
    });
  }

  #valueOf(name: string): Expression {
    const schemas = this.#keywords.flatMap((one) => propertySchemas(one, name));
    return this.#compiler.valueOf(
      schemas.map(({ schema, path }) => this.#compiler.document.at(schema, path)),
    );
  }

  #otherProperty(names: readonly string[]): Expression | null {
    const { document } = this.#compiler;
    const patterns = this.#keywords.flatMap((one) =>
      Object.entries(one.schemas('patternProperties')).map(([pattern, schema]) => ({ one, pattern, schema })),
    );
    const [first, ...more] = patterns;
    const ofOthers = this.#keywords.filter((one) => one.has('additionalProperties') && one !== first?.one);
    const values = ofOthers.map((one) =>
      document.at(one.get('additionalProperties'), one.path('additionalProperties')),
    );
    if (first !== undefined) {
      const path = first.one.path('patternProperties');
      if (more.length > 0)
        this.#compiler.refuse(path, 'has several patterns, and a name may be of two of them');
      const clash = names.find((name) => makeRegExp(first.pattern).test(name));
      if (clash !== undefined) {
        this.#compiler.refuse(
          path,
          `has a pattern that the property ${JSON.stringify(clash)} is of, too, which might then come twice`,
        );
        return null;
      }
      const value = this.#compiler.valueOf([
        document.at(first.schema, `${path}.${first.pattern}`),
        ...values,
      ]);
      const key = this.#keyOf([{ pattern: first.pattern }], path);
      return value === NEVER ? null : sequence(key, COLON, value);
    }
    if (!this.#isOpen || this.#listedNames() !== null) return null;
    const value = this.#compiler.valueOf(values);
    if (value === NEVER) return null;
    const ofNames = this.#keywords.filter(
      (one) => isObject(one.get('propertyNames')) && !saysNothing(one.get('propertyNames')),
    );
    if (ofNames.length === 0) {
      return sequence(names.length === 0 ? ANY_STRING : nameExcept(names), COLON, value);
    }
    const path = (ofNames[0] as Keywords).path('propertyNames');
    if (names.some((name) => this.#isNameAllowed(name))) {
      this.#compiler.refuse(
        path,
        'allows the name of a property that is described already, which might then come twice',
      );
      return null;
    }
    return sequence(
      this.#keyOf(
        ofNames.map((one) => one.get('propertyNames')),
        path,
      ),
      COLON,
      value,
    );
  }

  /** A name that meets all of some schemas. */
  #keyOf(schemas: readonly unknown[], path: string): Expression {
    const { document } = this.#compiler;
    const nodes = schemas.map((schema) => document.at({ type: 'string', allOf: [schema] }, path));
    return this.#compiler.valueOf(nodes);
  }

  /** What follows from the member of an index on, where so many have been written. */
  #tail(index: number, nWritten: number): Expression {
    const isCounted = this.#least > 0 || this.#most !== Number.POSITIVE_INFINITY;
    const n = isCounted ? nWritten : Math.min(nWritten, 1);
    const member = this.#members[index];
    if (member === undefined) return this.#others(n);
    const name = `${this.#name}.${index}.${n}`;
    if (this.#compiler.rules.has(name)) return rule(name);
    this.#compiler.checkSize(this.#path);
    const written =
      n + 1 > this.#most ? NEVER : sequence(n > 0 ? COMMA : EMPTY, member.text, this.#tail(index + 1, n + 1));
    const tail = member.isRequired ? written : choice(written, this.#tail(index + 1, n));
    this.#compiler.rules.set(name, tail);
    return tail === NEVER ? NEVER : rule(name);
  }

  #others(nWritten: number): Expression {
    const [least, most] = [Math.max(0, this.#least - nWritten), this.#most - nWritten];
    if (this.#other === null || most === 0) return least > 0 ? NEVER : EMPTY;
    const another = sequence(COMMA, this.#other);
    if (nWritten > 0) return repeat(another, least, most);
    const some = sequence(this.#other, repeat(another, Math.max(0, least - 1), most - 1));
    return least > 0 ? some : optional(some);
  }
}

/** Of `propertyNames`: all names are strings. */
function saysNothing(schema: unknown): boolean {
  return isObject(schema) && Object.keys(schema).every((key) => key === 'type' || key === '$schema');
}
