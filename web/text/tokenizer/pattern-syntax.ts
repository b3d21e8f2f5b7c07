/** A regular expression as a tree. */
export type PatternNode =
  | { kind: 'empty' }
  /** One code point of a set, which is written as in a RegExp with the flag u: `a`, `\p{L}`, `[^a-z]`. */
  | { kind: 'set'; source: string }
  | { kind: 'sequence'; parts: PatternNode[] }
  /** The first of them that leads to a match. */
  | { kind: 'choice'; options: PatternNode[] }
  | { kind: 'repeat'; body: PatternNode; min: number; max: number; isGreedy: boolean }
  | { kind: 'look'; body: PatternNode; isBehind: boolean; isNegative: boolean };

/** Groups in groups: more would not fit on the stack of everything that reads the tree. */
const MAX_DEPTH = 100;

const QUANTIFIER = /([*+?]|\{(\d+)(?:(,)(\d*))?\})(\??)/y;
const GROUP = /\((?:\?(?:(<?)([=!])|<[^>]*>|:))?/y;
const CLASS = /\[(?:\\.|[^\]\\])*\]/suy;
const REFERENCE = /\\(?:k<|[1-9])/y;
const ASSERTION = /[\^$]|\\[bB]/y;
const CHARACTER =
  /\\(?:x..|u\{[^}]+\}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|c.|[pP]\{[^}]+\}|.)|\.|[^\\]/suy;

/** Says why a pattern cannot be read. */
export class PatternError extends Error {}

/**
 * Reads the source of a RegExp with the flag u, which is known to be valid. Capturing groups are groups.
 *
 * @throws PatternError for backreferences, assertions that are not written as lookarounds (`^`, `\b`), and more groups
 *   in groups than there ever are.
 */
export function parsePattern(source: string): PatternNode {
  return new Reader(source).alternatives(0);
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Up to the end of the group, or of the pattern. */
  alternatives(depth: number): PatternNode {
    if (depth > MAX_DEPTH) throw new PatternError(`it has more than ${MAX_DEPTH} groups in each other`);
    const options: PatternNode[] = [];
    do options.push(this.#sequence(depth));
    while (this.#take(/\|/y));
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source.charAt(this.#at))) {
      parts.push(this.#quantified(this.#atom(depth)));
    }
    return parts.length === 1 ? (parts[0] as PatternNode) : { kind: 'sequence', parts };
  }

  #quantified(body: PatternNode): PatternNode {
    const quantifier = this.#take(QUANTIFIER);
    if (quantifier === null) return body;
    const [, sign, min, comma, max, lazy] = quantifier;
    const isGreedy = lazy === '';
    if (sign === '*') return { kind: 'repeat', body, min: 0, max: Infinity, isGreedy };
    if (sign === '+') return { kind: 'repeat', body, min: 1, max: Infinity, isGreedy };
    if (sign === '?') return { kind: 'repeat', body, min: 0, max: 1, isGreedy };
    const least = Number(min);
    const most = comma === undefined ? least : max === '' ? Infinity : Number(max);
    return { kind: 'repeat', body, min: least, max: most, isGreedy };
  }

  #atom(depth: number): PatternNode {
    const group = this.#take(GROUP);
    if (group !== null) {
      const body = this.alternatives(depth + 1);
      this.#at++; // the bracket that closes it
      const [, behind, sign] = group;
      if (sign === undefined) return body;
      return { kind: 'look', body, isBehind: behind === '<', isNegative: sign === '!' };
    }
    const reference = this.#take(REFERENCE);
    if (reference !== null) throw new PatternError('it refers back to what a group has found');
    const assertion = this.#take(ASSERTION);
    if (assertion !== null) throw new PatternError(`it has the assertion ${assertion[0]}`);
    const set = this.#take(CLASS) ?? this.#take(CHARACTER);
    if (set === null) throw new PatternError(`it cannot be read from character ${this.#at} on`);
    return { kind: 'set', source: set[0] };
  }

  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#source);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}
