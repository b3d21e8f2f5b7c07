import { isObject, type JsonObject } from '../../base/json.js';
import { quoted } from '../../base/quoted.js';
import { SottoError } from '../../results/errors.js';

/** A schema within a schema, and where it stands. */
export interface SchemaNode {
  readonly id: number;
  readonly schema: JsonObject;
  /** For messages: `responseFormat.schema.properties.age`. */
  readonly path: string;
}

/** What a value has to meet, all of it together; null where none does. */
export interface Conjunction {
  /** Their keywords are to be kept to, but for those that refer to other schemas. */
  readonly nodes: readonly SchemaNode[];
  /** Of each at least one has to be met (or, where they exclude each other, exactly one). */
  readonly unions: readonly Union[];
}

export interface Union {
  readonly options: readonly (SchemaNode | boolean)[];
  /** Where it is a `oneOf`: its path. */
  readonly exclusive: string | null;
}

/** Keywords that put schemas together at the same place. */
const APPLICATORS = ['$ref', 'allOf', 'anyOf', 'oneOf'];

/** The schemas of one document. */
export class SchemaDocument {
  readonly #root: SchemaNode;
  readonly #nodes = new Map<unknown, SchemaNode>();
  /** By what they were before. */
  readonly #bare = new Map<SchemaNode, SchemaNode>();
  readonly #ofUnions = new Map<string, SchemaNode>();
  #nextId = 0;

  constructor(root: JsonObject, path: string) {
    this.#root = this.#nodeOf(root, path);
  }

  get root(): SchemaNode {
    return this.#root;
  }

  /** A schema that stands somewhere; true and false are none of their own. */
  at(value: unknown, path: string): SchemaNode | boolean {
    if (typeof value === 'boolean') return value;
    if (!isObject(value)) throw schemaError(path, 'is no schema: it must be an object, true or false');
    return this.#nodeOf(value, path);
  }

  /** A union as a schema of its own. */
  union(options: readonly (SchemaNode | boolean)[], exclusive: string | null): SchemaNode {
    const key = `${exclusive}|${options.map((option) => (typeof option === 'boolean' ? option : option.id))}`;
    const known = this.#ofUnions.get(key);
    if (known !== undefined) return known;
    const schemas = options.map((option) => (typeof option === 'boolean' ? option : option.schema));
    const [first] = options.filter((option) => typeof option !== 'boolean');
    const path = first?.path ?? this.#root.path;
    const schema = { [exclusive === null ? 'anyOf' : 'oneOf']: schemas };
    const node = { id: this.#nextId++, schema, path };
    this.#ofUnions.set(key, node);
    return node;
  }

  /** Everything that some schemas refer to at the same place. Null for false. */
  flatten(given: readonly (SchemaNode | boolean)[]): Conjunction | null {
    const nodes = new Set<SchemaNode>();
    const unions: Union[] = [];
    const visit = (node: SchemaNode | boolean, chain: readonly SchemaNode[]): boolean => {
      if (typeof node === 'boolean') return node;
      if (chain.includes(node)) {
        throw schemaError(node.path, 'refers to itself with nothing in between, so it never comes to an end');
      }
      const { schema, path } = node;
      const inner = [...chain, node];
      if (schema.$ref !== undefined && !visit(this.#resolve(schema.$ref, `${path}.$ref`), inner))
        return false;
      for (const [i, one] of this.#list(schema, 'allOf', path).entries()) {
        if (!visit(this.at(one, `${path}.allOf[${i}]`), inner)) return false;
      }
      for (const key of ['anyOf', 'oneOf']) {
        if (schema[key] === undefined) continue;
        const options = this.#list(schema, key, path).map((one, i) => this.at(one, `${path}.${key}[${i}]`));
        unions.push({ options, exclusive: key === 'oneOf' ? `${path}.oneOf` : null });
      }
      nodes.add(this.#withoutApplicators(node));
      return true;
    };
    return given.every((node) => visit(node, [])) ? { nodes: [...nodes], unions } : null;
  }

  #nodeOf(schema: JsonObject, path: string): SchemaNode {
    const known = this.#nodes.get(schema);
    if (known !== undefined) return known;
    const node = { id: this.#nextId++, schema, path };
    this.#nodes.set(schema, node);
    return node;
  }

  #withoutApplicators(node: SchemaNode): SchemaNode {
    if (!APPLICATORS.some((key) => node.schema[key] !== undefined)) return node;
    const known = this.#bare.get(node);
    if (known !== undefined) return known;
    const rest = Object.fromEntries(
      Object.entries(node.schema).filter(([key]) => !APPLICATORS.includes(key)),
    );
    const bare = { id: this.#nextId++, schema: rest, path: node.path };
    this.#bare.set(node, bare);
    return bare;
  }

  #list(schema: JsonObject, key: string, path: string): readonly unknown[] {
    const value = schema[key];
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length > 0) return value;
    throw schemaError(`${path}.${key}`, 'must be an array of schemas, and not empty');
  }

  /** By a JSON pointer, or an anchor, within the document. */
  #resolve(ref: unknown, path: string): SchemaNode | boolean {
    if (typeof ref !== 'string') throw schemaError(path, 'must be a string');
    if (!ref.startsWith('#')) {
      if (ref === this.#root.schema.$id) return this.#root;
      throw schemaError(
        path,
        `is ${quoted(ref)}, which is elsewhere; only references within the schema are followed`,
      );
    }
    const pointer = decode(ref.slice(1));
    const found =
      pointer === '' || pointer.startsWith('/') ? this.#byPointer(pointer) : this.#byAnchor(pointer);
    if (found === undefined) throw schemaError(path, `is ${quoted(ref)}, and nothing is there`);
    const root = this.#root.path;
    return this.at(found, `${root}${pointer.replaceAll('/', '.')}`);
  }

  #byPointer(pointer: string): unknown {
    let value: unknown = this.#root.schema;
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  }

  #byAnchor(anchor: string): unknown {
    const pending: unknown[] = [this.#root.schema];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (typeof value !== 'object' || value === null) continue;
      if ((value as JsonObject).$anchor === anchor) return value;
      pending.push(...Object.values(value));
    }
    return undefined;
  }
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

export function schemaError(path: string, problem: string): SottoError {
  return new SottoError('bad-option', `${path} ${problem}`);
}
