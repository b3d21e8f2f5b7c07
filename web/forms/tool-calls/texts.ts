import { choice, type Expression, oneOfCharacters, optional, repeat, sequence, text } from '../grammar.js';

/** All code points that a text may have. */
const ALL: readonly (readonly [number, number])[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Text up to a marker, which is taken: the first one that stands there. */
export function upTo(marker: string): Expression {
  return sequence(without(marker), text(marker));
}

/** Text that ends before a marker does. What it begins with stands nowhere else in the marker. */
export function without(marker: string): Expression {
  const [first = '', ...others] = marker;
  if (first === '' || others.includes(first)) throw new Error(`'${marker}' repeats what it begins with`);
  return sequence(repeat(choice(except(first), broken(first, others)), 0), repeat(begun(first, others), 0));
}

/** Any text that is no such beginning, nor goes on from it. */
export function notBeginning(start: string): Expression {
  const characters = [...start];
  const others = characters.map((character, i) =>
    sequence(text(characters.slice(0, i).join('')), optional(sequence(except(character), ANY_TEXT))),
  );
  return choice(...others);
}

export const ANY_TEXT: Expression = repeat(except(), 0);

/** Beginnings of a marker, one after the other, and then a character that goes on with none. */
function broken(first: string, others: readonly string[]): Expression {
  const ends = others.map((next, i) =>
    sequence(text(first + others.slice(0, i).join('')), except(first, next)),
  );
  return sequence(repeat(begun(first, others), 0), choice(...ends));
}

/** A beginning of a marker, not all of it. */
function begun(first: string, others: readonly string[]): Expression {
  const rest = others
    .slice(0, -1)
    .reduceRight<Expression | null>(
      (after, character) => optional(after === null ? text(character) : sequence(text(character), after)),
      null,
    );
  return rest === null ? text(first) : sequence(text(first), rest);
}

/** Any character but these. */
function except(...characters: readonly string[]): Expression {
  let ranges = ALL;
  for (const character of characters) {
    const code = character.codePointAt(0) as number;
    ranges = ranges.flatMap(([begin, end]): [number, number][] => {
      if (code < begin || code > end) return [[begin, end]];
      const parts: [number, number][] = [
        [begin, code - 1],
        [code + 1, end],
      ];
      return parts.filter(([from, to]) => from <= to);
    });
  }
  return oneOfCharacters(...ranges);
}
