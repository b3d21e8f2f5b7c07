import type { JsonObject } from '../../base/json.js';

const MAX_DEPTH = 64;
const GEMMA_QUOTE = '<|"|>';
const SPACE = /\s*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_.-]*/uy;
const KEY = /[^\s:,{}[\]<>"']+/y;
const NUMBER = /[-+]?(?:0[xX][\da-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])/y;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
  ['None', null],
  ['null', null],
]);
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '/': '/',
};
const CODE = /x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})/y;

export interface NamedCall {
  name: string;
  arguments: JsonObject;
}

/** Reads calls and values in the syntax of Python, and in Gemma's from left to right; throws at what is none. */
export class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `[f(a=1), g()]`, or calls without the brackets; to the end of the text. */
  calls(): NamedCall[] {
    const hasBrackets = this.#takes('[');
    const calls: NamedCall[] = [];
    do {
      if (this.#isAt(']') && calls.length > 0) break;
      calls.push(this.#call());
    } while (this.#takes(','));
    if (hasBrackets) this.#need(']');
    this.#needEnd();
    return calls;
  }

  /** `call:name{key:value}`, to the end of the text. */
  gemmaCall(): NamedCall {
    this.#need('call:');
    const name = this.#match(NAME);
    if (name === null) throw new Error('a name is missing');
    const values = this.#value(0);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new Error('the arguments are missing');
    }
    this.#needEnd();
    return { name, arguments: values as JsonObject };
  }

  #call(): NamedCall {
    const name = this.#match(NAME);
    if (name === null) throw new Error('the name of a function is missing');
    this.#need('(');
    const entries: [string, unknown][] = [];
    while (!this.#takes(')')) {
      const key = this.#match(NAME);
      if (key === null) throw new Error('the name of an argument is missing');
      this.#need('=');
      entries.push([key, this.#value(0)]);
      if (!this.#takes(',') && !this.#isAt(')')) throw new Error("',' or ')' is missing");
    }
    return { name, arguments: Object.fromEntries(entries) };
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Error('values are nested too deep');
    if (this.#takes('[')) return this.#items(']', depth);
    if (this.#takes('(')) return this.#items(')', depth);
    if (this.#takes('{')) return this.#entries(depth);
    const string = this.#string();
    if (string !== null) return string;
    const number = this.#match(NUMBER);
    if (number !== null) return numberOf(number);
    const word = this.#match(NAME);
    const value = word === null ? undefined : WORDS.get(word);
    if (value === undefined) throw new Error('a value is missing or is no literal');
    return value;
  }

  #items(end: string, depth: number): unknown[] {
    const items: unknown[] = [];
    while (!this.#takes(end)) {
      items.push(this.#value(depth + 1));
      if (!this.#takes(',') && !this.#isAt(end)) throw new Error(`',' or '${end}' is missing`);
    }
    return items;
  }

  #entries(depth: number): JsonObject {
    const entries: [string, unknown][] = [];
    while (!this.#takes('}')) {
      const key = this.#string() ?? this.#match(KEY);
      if (key === null) throw new Error('a key is missing');
      this.#need(':');
      entries.push([key, this.#value(depth + 1)]);
      if (!this.#takes(',') && !this.#isAt('}')) throw new Error("',' or '}' is missing");
    }
    return Object.fromEntries(entries);
  }

  /** A string, or null when there is none here. */
  #string(): string | null {
    if (this.#takes(GEMMA_QUOTE)) {
      const end = this.#text.indexOf(GEMMA_QUOTE, this.#at);
      if (end < 0) throw new Error('a string has no end');
      const text = this.#text.slice(this.#at, end);
      this.#at = end + GEMMA_QUOTE.length;
      return text;
    }
    const quote = this.#isAt('"') ? '"' : "'";
    if (!this.#takes(quote)) return null;
    const pieces: string[] = [];
    let begin = this.#at;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new Error('a string has no end');
      if (character === quote) break;
      if (character !== '\\') this.#at++;
      else {
        pieces.push(this.#text.slice(begin, this.#at), this.#escape());
        begin = this.#at;
      }
    }
    pieces.push(this.#text.slice(begin, this.#at++));
    return pieces.join('');
  }

  /** What a backslash and what follows it stand for. */
  #escape(): string {
    CODE.lastIndex = ++this.#at;
    const code = CODE.exec(this.#text);
    if (code) {
      this.#at = CODE.lastIndex;
      return String.fromCodePoint(Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16));
    }
    const character = this.#text[this.#at];
    if (character === undefined) throw new Error('a string has no end');
    this.#at++;
    return ESCAPES[character] ?? `\\${character}`; // Python keeps what it does not know
  }

  #match(pattern: RegExp): string | null {
    this.#skipSpace();
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #isAt(text: string): boolean {
    this.#skipSpace();
    return this.#text.startsWith(text, this.#at);
  }

  #takes(text: string): boolean {
    if (!this.#isAt(text)) return false;
    this.#at += text.length;
    return true;
  }

  #need(text: string): void {
    if (!this.#takes(text)) throw new Error(`'${text}' is missing`);
  }

  #needEnd(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw new Error('something follows the call');
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }
}

function numberOf(text: string): number {
  const digits = text.replaceAll('_', '').replace(/^\+/, '');
  const value = digits.startsWith('-0x') ? -Number(digits.slice(1)) : Number(digits);
  if (!Number.isFinite(value)) throw new Error('a number is out of range');
  return value;
}
