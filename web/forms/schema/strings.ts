import { intersectRanges, invertRanges } from '../code-points.js';
import { combine, escapeOf } from '../combine.js';
import { choice, type Expression, oneOfCharacters, repeat, rule, sequence, text } from '../grammar.js';
import { ANY_STRING, CHARACTER, PLAIN } from '../json-parts.js';
import { ANYTHING, type Condition, readRegex } from '../syntax/regex.js';

/** What a string has to be. */
export interface StringBounds {
  least: number;
  /** Infinity for none. */
  most: number;
  /** Each with what messages call it. */
  patterns: { pattern: string; path: string; isWhole: boolean }[];
}

const QUOTE = text('"');

/** A JSON string. @param name What rules that it needs begin with. */
export function stringWithin(
  { least, most, patterns }: StringBounds,
  name: string,
  path: string,
  rules: Map<string, Expression>,
): Expression {
  const hasLength = least > 0 || most !== Number.POSITIVE_INFINITY;
  if (patterns.length === 0) {
    if (!hasLength) return ANY_STRING;
    const ofLength = `string of ${least} to ${most}`; // all strings of that length are one rule
    rules.set(ofLength, sequence(QUOTE, repeat(CHARACTER, least, most), QUOTE));
    return rule(ofLength);
  }
  const conditions: Condition[] = patterns.flatMap((one) => readRegex(one.pattern, one.path, one.isWhole));
  if (hasLength) conditions.push({ expression: repeat(ANYTHING.part, least, most), isNot: false });
  const [only] = conditions;
  const inner =
    conditions.length === 1 && only !== undefined
      ? inString(only.expression)
      : combine(conditions, name, path, true, rules);
  return sequence(QUOTE, inner, QUOTE);
}

/** A text as it stands in a JSON string: what has to be escaped there is, as JSON.stringify does. */
function inString(expression: Expression): Expression {
  switch (expression.kind) {
    case 'text':
      return text(JSON.stringify(expression.text).slice(1, -1));
    case 'class': {
      const plain = intersectRanges(expression.ranges, PLAIN.ranges);
      const escaped: Expression[] = [];
      for (const [first, last] of intersectRanges(expression.ranges, invertRanges(PLAIN.ranges))) {
        for (let codePoint = first; codePoint <= last; codePoint++) escaped.push(text(escapeOf(codePoint)));
      }
      return choice(...(plain.length === 0 ? [] : [oneOfCharacters(...plain)]), ...escaped);
    }
    case 'sequence':
      return sequence(...expression.parts.map(inString));
    case 'choice':
      return choice(...expression.options.map(inString));
    case 'repeat':
      return repeat(inString(expression.part), expression.least, expression.most);
    default:
      return expression;
  }
}

/** A name of a property that is none of some others, in plain characters. */
export function nameExcept(names: readonly string[]): Expression {
  return sequence(QUOTE, plainExcept(names.map((name) => [...name])), QUOTE);
}

function plainExcept(names: readonly (readonly string[])[]): Expression {
  const any = repeat(PLAIN, 0);
  if (names.length === 0) return any;
  const byFirst = new Map<string, (readonly string[])[]>();
  for (const [first, ...rest] of names) {
    if (first !== undefined) byFirst.set(first, [...(byFirst.get(first) ?? []), rest]);
  }
  const firsts = [...byFirst.keys()].map((first) => first.codePointAt(0) as number);
  const others = intersectRanges(PLAIN.ranges, invertRanges(firsts.map((first) => [first, first])));
  const options: Expression[] = [sequence(oneOfCharacters(...others), any)];
  for (const [first, rests] of byFirst) {
    if (escapeOf(first.charCodeAt(0)) === first) options.push(sequence(text(first), plainExcept(rests)));
  }
  if (names.every((name) => name.length > 0)) options.push(text(''));
  return choice(...options);
}
