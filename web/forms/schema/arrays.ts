import { choice, EMPTY, type Expression, NEVER, optional, repeat, rule, sequence, text } from '../grammar.js';
import { COMMA } from '../json-parts.js';
import type { SchemaCompiler } from './compile-schema.js';
import type { Keywords } from './keywords.js';
import { itemSchema, prefixLength } from './validate.js';

/** The most items that are held to a number. */
const MOST_ITEMS = 5000;

/**
 * An array. Where items have schemas of their own and nothing is said of others, there are no others, and where no least number
 * is given, there are all of them: as tuples are meant.
 */
export function arrayWithin(compiler: SchemaCompiler, keywords: readonly Keywords[]): Expression {
  const nPrefix = Math.max(...keywords.map(prefixLength));
  const path = (keywords[0] as Keywords).node.path;
  const minima = keywords.filter((one) => one.has('minItems'));
  let most = Math.min(...keywords.map((one) => one.count('maxItems', Number.POSITIVE_INFINITY)));
  const itemAt = (index: number) => {
    const schemas = keywords.flatMap((one) => itemSchema(one, index) ?? []);
    return schemas.length === 0
      ? null
      : compiler.valueOf(schemas.map(({ schema, path }) => compiler.document.at(schema, path)));
  };
  const rest = itemAt(nPrefix);
  const isClosed = keywords.some((one) => one.get('unevaluatedItems') === false);
  const asked = Math.max(0, ...minima.map((one) => one.count('minItems', 0)));
  if (rest === NEVER || (rest === null && (isClosed || (nPrefix > 0 && asked <= nPrefix))))
    most = Math.min(most, nPrefix);
  for (const one of keywords) {
    if (typeof one.get('unevaluatedItems') === 'object') compiler.refuse(one.path('unevaluatedItems'));
  }
  let least = minima.length > 0 ? asked : Math.min(nPrefix, most);
  if (Math.max(least, Number.isFinite(most) ? most : 0) > MOST_ITEMS) {
    compiler.refuse(path, `has a minItems or maxItems above ${MOST_ITEMS}`);
    most = Number.POSITIVE_INFINITY;
    least = Math.min(least, MOST_ITEMS);
  }
  if (least > most) return NEVER;
  const tail = (index: number): Expression => {
    const comma = index === 0 ? EMPTY : COMMA;
    if (index >= most) return EMPTY;
    if (index < nPrefix) {
      const goesOn = sequence(comma, itemAt(index) ?? rule('value'), tail(index + 1));
      return index >= least ? optional(goesOn) : goesOn;
    }
    const item = rest ?? rule('value');
    const [atLeast, atMost] = [Math.max(0, least - index), most - index];
    if (index > 0) return repeat(sequence(COMMA, item), atLeast, atMost);
    const some = sequence(item, repeat(sequence(COMMA, item), Math.max(0, atLeast - 1), atMost - 1));
    return atLeast === 0 ? choice(EMPTY, some) : some;
  };
  const inner = tail(0);
  return inner === NEVER ? NEVER : sequence(text('['), inner, text(']'));
}
