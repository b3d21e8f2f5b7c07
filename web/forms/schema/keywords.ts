import { isObject } from '../../base/json.js';
import { quoted } from '../../base/quoted.js';
import { show } from '../../options/option-checks.js';
import { type SchemaNode, schemaError } from './nodes.js';

export const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type TypeName = (typeof TYPES)[number];

/** What no grammar says here, by the type of the values that it is about. */
export const REFUSED: Readonly<Record<string, readonly string[]>> = {
  any: ['not', 'if', '$dynamicRef', '$recursiveRef'],
  object: ['dependentRequired', 'dependentSchemas', 'dependencies'],
  array: ['uniqueItems', 'contains'],
};

/** Reads keywords of one schema, each with its type checked. */
export class Keywords {
  readonly node: SchemaNode;

  constructor(node: SchemaNode) {
    this.node = node;
  }

  has(key: string): boolean {
    return this.node.schema[key] !== undefined;
  }

  get(key: string): unknown {
    return this.node.schema[key];
  }

  path(key: string): string {
    return `${this.node.path}.${key}`;
  }

  /** A whole number from 0 on. */
  count(key: string, absent: number): number {
    const value = this.get(key) ?? absent;
    if (value === absent || (Number.isInteger(value) && (value as number) >= 0)) return value as number;
    throw this.bad(key, 'a whole number from 0 on');
  }

  number(key: string): number | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'number') return value;
    throw this.bad(key, 'a number');
  }

  text(key: string): string | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.bad(key, 'a string');
  }

  texts(key: string): readonly string[] {
    const value = this.get(key) ?? [];
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
    throw this.bad(key, 'an array of strings');
  }

  /** By their names. */
  schemas(key: string): Readonly<Record<string, unknown>> {
    const value = this.get(key) ?? {};
    if (isObject(value)) return value;
    throw this.bad(key, 'an object of schemas');
  }

  /** The types that it allows. */
  types(): ReadonlySet<TypeName> {
    const value = this.get('type');
    if (value === undefined) return new Set(TYPES);
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const types = new Set<TypeName>();
    for (const [i, one] of list.entries()) {
      if (!TYPES.includes(one as TypeName)) {
        const at = Array.isArray(value) ? `type[${i}]` : 'type';
        throw schemaError(this.path(at), `is ${show(one)}; it must be one of ${TYPES.join(', ')}`);
      }
      types.add(one as TypeName);
    }
    if (this.get('nullable') === true) types.add('null'); // as OpenAPI 3.0 has it
    return types;
  }

  bad(key: string, expected: string): Error {
    return schemaError(this.path(key), `is ${show(this.get(key))}; it must be ${expected}`);
  }
}

/** Says that a keyword cannot be enforced. */
export function refused(path: string, why = 'cannot be enforced while text is generated'): Error {
  return schemaError(
    path,
    `${why}. Leave it out, or pass it over with strict: false, and check the value yourself.`,
  );
}

/** A name as it stands in paths. */
export function pathOf(path: string, name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${quoted(name, 60)}]`;
}
