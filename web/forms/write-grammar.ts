import { type ByteRange, codesOfRange, encodeBytes } from './byte-code.js';
import { type CodePointRange, utf8Rows } from './code-points.js';
import type { Expression, Grammar } from './grammar.js';

/**
 * A grammar as the engine reads it: EBNF over codes of bytes, every rule by a number, `root` the first.
 *
 * @param grammar All of its rules are there, and no choice in it is empty.
 */
export function writeGrammar(grammar: Grammar): string {
  return new Writer(grammar).write();
}

/** What stands behind each other, none of it a choice. */
type Row = readonly string[];

/** Alternatives; an empty row is the empty text. */
type Rows = readonly Row[];

/** Alternatives within brackets are rules of their own to the engine, which it is slow with: so they are written out. */
const MOST_ROWS = 40;

class Writer {
  readonly #grammar: Grammar;
  readonly #names = new Map<string, string>();
  /** The names of rules that are added, by what they have. */
  readonly #hoisted = new Map<string, string>();
  readonly #lines: string[] = [];

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
    for (const name of grammar.rules.keys()) this.#names.set(name, `r${this.#names.size}`);
  }

  write(): string {
    for (const [name, expression] of this.#grammar.rules) {
      this.#define(this.#nameOf(name), this.#rows(expression));
    }
    return `root ::= ${this.#nameOf(this.#grammar.root)}\n${this.#lines.join('\n')}\n`;
  }

  #nameOf(name: string): string {
    return this.#names.get(name) as string;
  }

  #define(name: string, rows: Rows): void {
    this.#lines.push(`${name} ::= ${rows.map(written).join(' | ')}`);
  }

  /** A rule of its own for what has several rows. */
  #hoist(rows: Rows): Row {
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) return only;
    const key = rows.map(written).join('|');
    const name = this.#hoisted.get(key) ?? `h${this.#hoisted.size}`;
    if (!this.#hoisted.has(key)) {
      this.#hoisted.set(key, name);
      this.#define(name, rows);
    }
    return [name];
  }

  #rows(expression: Expression): Rows {
    switch (expression.kind) {
      case 'text':
        return [expression.text === '' ? [] : [literal(expression.text)]];
      case 'class':
        return rowsOfClass(expression.ranges);
      case 'rule':
        return [[this.#nameOf(expression.name)]];
      case 'choice':
        return expression.options.flatMap((option) => this.#rows(option));
      case 'sequence':
        return this.#product(expression.parts.map((part) => this.#rows(part)));
      case 'repeat':
        return this.#repeat(expression);
    }
  }

  /** Rows of rows behind each other: each with each, as long as these are few. */
  #product(parts: readonly Rows[]): Rows {
    let rows: Rows = [[]];
    for (const part of parts) {
      const isFew = rows.length * part.length <= MOST_ROWS || rows.length === 1;
      const next =
        isFew && (rows.length === 1 ? part.length <= MOST_ROWS : true) ? part : [this.#hoist(part)];
      rows = rows.flatMap((row) => next.map((behind) => [...row, ...behind]));
    }
    return rows;
  }

  #repeat({ part, least, most }: Expression & { kind: 'repeat' }): Rows {
    const rows = this.#rows(part);
    if (most === Number.POSITIVE_INFINITY) {
      const star = this.#star(rows);
      return this.#product([...(least === 0 ? [] : [this.#times(rows, least, least)]), [star]]);
    }
    return this.#times(rows, least, most);
  }

  /** Right recursion, which the engine is quickest with. */
  #star(rows: Rows): Row {
    const key = `*${rows.map(written).join('|')}`;
    const known = this.#hoisted.get(key);
    if (known !== undefined) return [known];
    const name = `h${this.#hoisted.size}`;
    this.#hoisted.set(key, name);
    this.#define(name, [[], ...rows.filter((row) => row.length > 0).map((row) => [...row, name])]);
    return [name];
  }

  #times(rows: Rows, least: number, most: number): Rows {
    if (most === 1) return least === 1 ? rows : [[], ...rows];
    const counted: string = this.#hoist(rows).join(' ');
    return [[`(${counted}){${least},${most}}`]];
  }
}

function written(row: Row): string {
  return row.length === 0 ? '""' : row.join(' ');
}

function rowsOfClass(ranges: readonly CodePointRange[]): Rows {
  const single: ByteRange[] = [];
  const rows: Row[] = [];
  for (const range of ranges) {
    for (const bytes of utf8Rows(range)) {
      let codes: (readonly ByteRange[])[] = [[]];
      for (const byte of bytes)
        codes = codes.flatMap((row) => codesOfRange(byte).map((code) => [...row, ...code]));
      for (const code of codes) {
        if (code.length === 1) single.push(code[0] as ByteRange);
        else rows.push(code.map((range) => `[${rangeOf(range)}]`));
      }
    }
  }
  return single.length === 0 ? rows : [[`[${single.map(rangeOf).join('')}]`], ...rows];
}

function rangeOf([first, last]: ByteRange): string {
  return first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`;
}

function literal(value: string): string {
  const code = encodeBytes(new TextEncoder().encode(value));
  return `"${Array.from(code, (character) => escaped(character.charCodeAt(0))).join('')}"`;
}

/** Letters and digits as they are. */
function escaped(unit: number): string {
  const character = String.fromCharCode(unit);
  return /[A-Za-z0-9]/.test(character) ? character : `\\u${unit.toString(16).padStart(4, '0')}`;
}
