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

/** Text that has none of some markers in it. What any of them begins with stands nowhere else in them. */
export function without(...markers: readonly string[]): Expression {
  const firsts = new Set(markers.map((marker) => marker.charAt(0)));
  const beginnings = new Map<string, Set<string>>(); // and what may follow each
  for (const marker of markers) {
    for (let i = 1; i < marker.length; i++) {
      const next = marker.charAt(i);
      if (firsts.has(next)) throw new Error(`'${marker}' repeats what a marker begins with`);
      const beginning = marker.slice(0, i);
      beginnings.set(beginning, (beginnings.get(beginning) ?? new Set()).add(next));
    }
  }
  const begun = repeat(choice(...[...beginnings.keys()].map(text)), 0);
  const ends = [...beginnings].map(([beginning, next]) =>
    sequence(text(beginning), except(...firsts, ...next)),
  );
  const broken = sequence(begun, choice(...ends));
  return sequence(repeat(choice(except(...firsts), broken), 0), begun);
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
