import type { SottoError } from '../../results/errors.js';
import { type CodePointRange, invertRanges, normalizeRanges } from '../code-points.js';

const DIGITS: readonly CodePointRange[] = [[0x30, 0x39]];
const WORD: readonly CodePointRange[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** What `\s` is in JavaScript. */
const SPACES: readonly CodePointRange[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

/** What `.` is in JavaScript: all but the ends of lines. */
export const ANY_OF_LINE = invertRanges([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);

const CLASSES: Readonly<Record<string, readonly CodePointRange[]>> = {
  d: DIGITS,
  w: WORD,
  s: SPACES,
  D: invertRanges(DIGITS),
  W: invertRanges(WORD),
  S: invertRanges(SPACES),
};

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Reads what stands for one code point in a regular expression: `[a-z]`, `\d`, `\u{1F600}`. */
export class ClassReader {
  readonly #pattern: string;
  readonly #fail: (problem: string) => SottoError;
  at: number;

  constructor(pattern: string, at: number, fail: (problem: string) => SottoError) {
    this.#pattern = pattern;
    this.at = at;
    this.#fail = fail;
  }

  /** From a `[` on. */
  readClass(): readonly CodePointRange[] {
    this.at++;
    const isInverted = this.#pattern[this.at] === '^';
    if (isInverted) this.at++;
    const ranges: CodePointRange[] = [];
    while (this.#pattern[this.at] !== ']') {
      if (this.at >= this.#pattern.length) throw this.#fail('has a class that does not close');
      const first = this.#member();
      const isRange = this.#pattern[this.at] === '-' && this.#pattern[this.at + 1] !== ']';
      const begin = single(first);
      if (!isRange || begin === null) {
        ranges.push(...first);
        continue;
      }
      this.at++;
      const last = this.#member();
      const end = single(last);
      if (end === null) ranges.push(...first, [0x2d, 0x2d], ...last);
      else ranges.push([begin, end]);
    }
    this.at++;
    return isInverted ? invertRanges(ranges) : normalizeRanges(ranges);
  }

  /** From a `\` on, outside of a class. */
  readEscape(): readonly CodePointRange[] {
    const next = this.#pattern[this.at + 1] as string;
    if (next === 'b' || next === 'B')
      throw this.#fail(`has \\${next}, which looks around itself: no grammar can say that`);
    if (next === 'k' || (next >= '1' && next <= '9')) {
      throw this.#fail(`refers back to a group (\\${next}), which no grammar can say`);
    }
    return this.#escape();
  }

  #member(): readonly CodePointRange[] {
    if (this.#pattern[this.at] === '\\') {
      if (this.#pattern[this.at + 1] !== 'b') return this.#escape();
      this.at += 2;
      return [[8, 8]];
    }
    const codePoint = this.#pattern.codePointAt(this.at) as number;
    this.at += codePoint > 0xffff ? 2 : 1;
    return [[codePoint, codePoint]];
  }

  #escape(): readonly CodePointRange[] {
    const rest = this.#pattern.slice(this.at + 1, this.at + 80);
    const letter = rest[0] as string;
    const known = CLASSES[letter];
    const property = /^[pP]\{[^}]*\}/.exec(rest);
    if (known !== undefined || property !== null) {
      this.at += 1 + (property?.[0].length ?? 1);
      return known ?? ofProperty(`\\${property?.[0]}`);
    }
    const [length, codePoint] = this.#character(rest, letter);
    this.at += 1 + length;
    return [[codePoint, codePoint]];
  }

  /** How much of the pattern an escape takes, and what it means. */
  #character(rest: string, letter: string): [length: number, codePoint: number] {
    const control = CONTROLS[letter];
    if (control !== undefined) return [1, control];
    const code = /^(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(rest);
    if (code !== null) {
      const value = Number.parseInt(code[1] ?? code[2] ?? (code[3] as string), 16);
      const low = /^u[0-9a-fA-F]{4}\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(rest);
      if (low === null || value < 0xd800 || value > 0xdbff) return [code[0].length, value];
      const second = Number.parseInt(low[1] as string, 16);
      return [low[0].length, (value - 0xd800) * 0x400 + second - 0xdc00 + 0x10000];
    }
    const isControl = /^c[A-Za-z]/.test(rest);
    if (isControl) return [2, rest.charCodeAt(1) & 31];
    if (/[A-Za-z0-9]/.test(letter)) throw this.#fail(`has \\${letter}, which is no escape that is known`);
    const codePoint = rest.codePointAt(0) as number;
    return [codePoint > 0xffff ? 2 : 1, codePoint];
  }
}

function single(ranges: readonly CodePointRange[]): number | null {
  const [only] = ranges;
  return ranges.length === 1 && only !== undefined && only[0] === only[1] ? only[0] : null;
}

const properties = new Map<string, readonly CodePointRange[]>();

/** Of `\p{…}`, by asking for every code point: some 50 ms, once. */
function ofProperty(source: string): readonly CodePointRange[] {
  const known = properties.get(source);
  if (known !== undefined) return known;
  const expression = new RegExp(`^${source}$`, 'u');
  const ranges: [number, number][] = [];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    if (!expression.test(String.fromCodePoint(codePoint))) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === codePoint - 1) last[1] = codePoint;
    else ranges.push([codePoint, codePoint]);
  }
  const result = normalizeRanges(ranges);
  properties.set(source, result);
  return result;
}
