import { typesOfAll } from './compile-schema.js';
import { Keywords } from './keywords.js';
import type { SchemaDocument, SchemaNode } from './nodes.js';
import { isValid, propertySchemas } from './validate.js';

const MOST_DEPTH = 3;

/**
 * Whether no value meets both of two schemas, as far as that is easily seen: by their types, by the values that they name, or by a
 * property that both require.
 */
export function areDisjoint(
  a: SchemaNode | boolean,
  b: SchemaNode | boolean,
  document: SchemaDocument,
  depth = 0,
): boolean {
  if (a === false || b === false) return true;
  if (a === true || b === true || depth > MOST_DEPTH) return false;
  const [ofA, ofB] = [keywordsOf(a, document), keywordsOf(b, document)];
  if (ofA === null || ofB === null) return true;
  const types = typesOfAll([...ofA, ...ofB]);
  if (types.length === 0) return true;
  const values = valuesOf(ofA) ?? valuesOf(ofB);
  if (values !== null) return values.every((value) => !isValid(value, [a, b], document));
  if (types.length > 1 || types[0] !== 'object') return false;
  const required = new Set(ofA.flatMap((one) => one.texts('required')));
  const both = ofB.flatMap((one) => one.texts('required')).filter((name) => required.has(name));
  return both.some((name) => {
    const schemasOf = (keywords: readonly Keywords[]) =>
      keywords
        .flatMap((one) => propertySchemas(one, name))
        .map(({ schema, path }) => document.at(schema, path));
    return schemasOf(ofA).some((one) =>
      schemasOf(ofB).some((other) => areDisjoint(one, other, document, depth + 1)),
    );
  });
}

/** Those that always hold. */
function keywordsOf(node: SchemaNode, document: SchemaDocument): Keywords[] | null {
  return document.flatten([node])?.nodes.map((one) => new Keywords(one)) ?? null;
}

function valuesOf(keywords: readonly Keywords[]): readonly unknown[] | null {
  for (const one of keywords) {
    if (one.has('const')) return [one.get('const')];
    const values = one.get('enum');
    if (Array.isArray(values)) return values;
  }
  return null;
}
