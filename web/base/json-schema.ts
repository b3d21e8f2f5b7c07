import { isObject, type JsonObject } from './json.js';

/** The schema that a reference to the same document's definitions means. */
export function resolvedSchema(schema: unknown, root: unknown): unknown {
  let found = schema;
  for (let i = 0; i < 16 && isObject(found) && typeof found.$ref === 'string'; i++) {
    const [, key = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(found.$ref) ?? [];
    const definitions: unknown = (Object(root) as JsonObject)[key];
    if (!isObject(definitions) || !Object.hasOwn(definitions, name)) return found;
    found = definitions[name];
  }
  return found;
}

/** Whether all of a schema's values are texts. */
export function isTextSchema(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  if (schema.type !== undefined) return schema.type === 'string';
  const values = schema.const === undefined ? schema.enum : [schema.const];
  return Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'string');
}
