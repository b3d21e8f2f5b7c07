import { checkLength, spend, step } from './budget.js';

/** Where a text is literal: begins and ends in turn, in UTF-16 units, sorted and apart. */
export type Marks = readonly number[];

const NONE: Marks = [];
const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

/** Python's string: counted by code points, and it knows which of it came from the caller. */
export class Str {
  readonly text: string;
  readonly marks: Marks;
  /** Whether it counts as HTML, as what `safe` and `escape` give: what `+` adds to it is escaped. */
  readonly isSafe: boolean;
  #wide: boolean | undefined;

  constructor(text: string, marks: Marks = NONE, isSafe = false) {
    this.text = text;
    this.marks = marks;
    this.isSafe = isSafe;
  }

  static literal(text: string): Str {
    return new Str(text, text === '' ? NONE : [0, text.length]);
  }

  /** Whether code points and UTF-16 units differ. */
  get wide(): boolean {
    if (this.#wide === undefined) {
      spend(this.text.length);
      this.#wide = PAIR.test(this.text);
    }
    return this.#wide;
  }

  /** In code points. */
  get length(): number {
    return this.wide ? this.unitsToPoints(this.text.length) : this.text.length;
  }

  unitsToPoints(units: number): number {
    if (!this.wide) return units;
    spend(4 * units);
    let points = 0;
    for (let at = 0; at < units; points++) at += isPairAt(this.text, at) ? 2 : 1;
    return points;
  }

  pointsToUnits(points: number): number {
    if (!this.wide) return points;
    spend(4 * points);
    let at = 0;
    for (let i = 0; i < points; i++) at += isPairAt(this.text, at) ? 2 : 1;
    return at;
  }

  /** Between two places in UTF-16 units. */
  slice(begin: number, end = this.text.length): Str {
    if (begin <= 0 && end >= this.text.length) return this;
    if (begin >= end) return EMPTY;
    spend(end - begin);
    return new Str(this.text.slice(begin, end), sliceMarks(this.marks, begin, end), this.isSafe);
  }

  /** Its code points, each a string. */
  characters(): Str[] {
    const characters: Str[] = [];
    const { text } = this;
    step(text.length);
    if (this.marks.length === 0) for (const one of text) characters.push(new Str(one));
    else if (this.isLiteral) for (const one of text) characters.push(Str.literal(one));
    else {
      for (let at = 0; at < text.length; ) {
        const end = at + (isPairAt(text, at) ? 2 : 1);
        characters.push(this.slice(at, end));
        at = end;
      }
    }
    return characters;
  }

  /** Whether all of it is. */
  get isLiteral(): boolean {
    return this.marks.length === 2 && this.marks[0] === 0 && this.marks[1] === this.text.length;
  }

  asSafe(): Str {
    return this.isSafe ? this : new Str(this.text, this.marks, true);
  }

  /** For HTML, unless it is. */
  escaped(): Str {
    if (this.isSafe) return this;
    return this.mapParts((text) => text.replace(/[&<>'"]/g, (found) => HTML[found] as string)).asSafe();
  }

  /** Python's `+`. */
  added(other: Str): Str {
    if (!this.isSafe && !other.isSafe) return this.plus(other);
    return this.escaped().plus(other.escaped()).asSafe();
  }

  /** Rewrites the stretches that are literal and those that are not each by itself. */
  mapParts(map: (text: string) => string): Str {
    if (this.marks.length === 0) return new Str(this.#mapped(map, this.text));
    if (this.isLiteral) return Str.literal(this.#mapped(map, this.text));
    const builder = new TextBuilder();
    let at = 0;
    for (let i = 0; i < this.marks.length; i += 2) {
      const [begin, end] = [this.marks[i] as number, this.marks[i + 1] as number];
      builder.addText(this.#mapped(map, this.text.slice(at, begin)));
      builder.add(Str.literal(this.#mapped(map, this.text.slice(begin, end))));
      at = end;
    }
    builder.addText(this.#mapped(map, this.text.slice(at)));
    return builder.build();
  }

  #mapped(map: (text: string) => string, text: string): string {
    spend(4 * text.length + 8);
    return map(text);
  }

  /** Rewrites the whole: where that moves its letters, all of it counts as literal if any was. */
  mapAll(map: (text: string) => string): Str {
    const text = this.#mapped(map, this.text);
    if (this.marks.length === 0) return new Str(text);
    return text.length === this.text.length ? new Str(text, this.marks) : Str.literal(text);
  }

  plus(other: Str): Str {
    if (other.text === '') return this;
    if (this.text === '') return other;
    checkLength(this.text.length + other.text.length);
    step();
    spend(this.marks.length + other.marks.length);
    const marks = this.marks.length + other.marks.length === 0 ? NONE : this.marks.slice();
    if (other.marks.length > 0) appendMarks(marks as number[], other.marks, this.text.length);
    return new Str(this.text + other.text, marks);
  }
}

export const EMPTY = new Str('');

/** Joins strings. */
export class TextBuilder {
  #text = '';
  readonly #marks: number[] = [];

  get length(): number {
    return this.#text.length;
  }

  add(part: Str): void {
    spend(part.marks.length + 8);
    if (part.marks.length > 0) appendMarks(this.#marks, part.marks, this.#text.length);
    this.addText(part.text);
  }

  addText(text: string): void {
    checkLength(this.#text.length + text.length);
    spend(text.length + 16);
    this.#text += text;
  }

  build(): Str {
    return new Str(this.#text, this.#marks);
  }
}

export function isPairAt(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff;
}

function appendMarks(to: number[], marks: Marks, offset: number): void {
  for (let i = 0; i < marks.length; i += 2) {
    const begin = (marks[i] as number) + offset;
    const end = (marks[i + 1] as number) + offset;
    if (to.length > 0 && to[to.length - 1] === begin) to[to.length - 1] = end;
    else to.push(begin, end);
  }
}

function sliceMarks(marks: Marks, begin: number, end: number): Marks {
  if (marks.length === 0) return NONE;
  spend(marks.length);
  const kept: number[] = [];
  for (let i = 0; i < marks.length; i += 2) {
    const from = Math.max(marks[i] as number, begin);
    const to = Math.min(marks[i + 1] as number, end);
    if (from < to) kept.push(from - begin, to - begin);
  }
  return kept;
}
