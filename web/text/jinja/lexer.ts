import { fail } from './budget.js';

export interface Token {
  kind:
    | 'text'
    | 'begin'
    | 'end'
    | 'print'
    | 'print-end'
    | 'name'
    | 'string'
    | 'integer'
    | 'float'
    | 'operator'
    | 'eof';
  text: string;
  line: number;
}

const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPACE_ONLY = new RegExp(`^[${SPACE}]+$`);
const IS_SPACE = new RegExp(`[${SPACE}]`);
const NAME = /[\p{XID_Start}_][\p{XID_Continue}]*/uy;
const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const FLOAT = /\d+(?:_\d+)*(?:(?:\.\d+(?:_\d+)*)?[eE][+-]?\d+(?:_\d+)*|\.\d+(?:_\d+)*)/y;
const OPERATORS = ['**', '//', '==', '!=', '>=', '<=', ...'+-/*%~[](){}><=.:|,'];
const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** What Python takes for white space. */
export function isSpace(character: string | undefined): boolean {
  return character !== undefined && IS_SPACE.test(character);
}

/** A sticky expression's match. */
function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

/** Cuts a template into tokens, with trim_blocks and lstrip_blocks, as chat templates are written for. */
export class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #lineAt = 0;
  #lineStarting = true;

  constructor(source: string) {
    this.#source = source.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  }

  /** Where it is, for messages. */
  get line(): number {
    for (; this.#lineAt < this.#at; this.#lineAt++) {
      if (this.#source.charCodeAt(this.#lineAt) === 10) this.#line++;
    }
    return this.#line;
  }

  run(): Token[] {
    const source = this.#source;
    while (this.#at < source.length) {
      const begin = this.#nextTag(this.#at);
      if (begin < 0) {
        this.#push('text', source.slice(this.#at));
        this.#at = source.length;
        break;
      }
      const kind = source[begin + 1] as string;
      const sign = this.#signAt(begin + 2);
      this.#pushText(begin, sign, kind === '{');
      this.#at = begin + 2 + sign.length;
      if (kind === '#') this.#comment();
      else if (kind === '{') this.#expression('print', 'print-end', '}}');
      else if (!this.#raw()) this.#expression('begin', 'end', '%}');
      this.#lineStarting = source[this.#at - 1] === '\n';
    }
    this.#push('eof', '');
    return this.#tokens;
  }

  #push(kind: Token['kind'], text: string): void {
    this.#tokens.push({ kind, text, line: this.line });
  }

  #signAt(at: number): string {
    const sign = this.#source[at];
    return sign === '-' || sign === '+' ? sign : '';
  }

  #nextTag(from: number): number {
    const source = this.#source;
    for (let at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1)) {
      const next = source[at + 1];
      if (next === '{' || next === '%' || next === '#') return at;
    }
    return -1;
  }

  #pushText(end: number, sign: string, isPrint: boolean): void {
    let text = this.#source.slice(this.#at, end);
    if (sign === '-') text = trimEnd(text);
    else if (sign !== '+' && !isPrint) {
      const begin = text.lastIndexOf('\n') + 1;
      if ((begin > 0 || this.#lineStarting) && SPACE_ONLY.test(text.slice(begin)))
        text = text.slice(0, begin);
    }
    if (text !== '') this.#push('text', text);
  }

  #skipSpace(): void {
    while (isSpace(this.#source[this.#at])) this.#at++;
  }

  /** Takes the end of a tag, with the white space that goes with it. */
  #takeEnd(end: string, trimsNewline: boolean, takesPlus = true): boolean {
    const source = this.#source;
    if (source.startsWith(`-${end}`, this.#at)) {
      this.#at += 3;
      this.#skipSpace();
    } else if (takesPlus && source.startsWith(`+${end}`, this.#at)) this.#at += 3;
    else if (source.startsWith(end, this.#at)) {
      this.#at += 2;
      if (trimsNewline && source[this.#at] === '\n') this.#at++;
    } else return false;
    return true;
  }

  #comment(): void {
    const end = this.#source.indexOf('#}', this.#at);
    if (end < 0) fail('a comment has no end: #} is missing');
    const sign = end > this.#at ? this.#signAt(end - 1) : '';
    this.#at = end - sign.length;
    this.#takeEnd('#}', true);
  }

  /** Takes `raw … endraw`, if that is what the tag begins. */
  #raw(): boolean {
    const begin = this.#at;
    this.#skipSpace();
    if (!this.#source.startsWith('raw', this.#at)) {
      this.#at = begin;
      return false;
    }
    this.#at += 3;
    this.#skipSpace();
    if (!this.#takeEnd('%}', false, false)) {
      this.#at = begin;
      return false;
    }
    this.#lineStarting = this.#source[this.#at - 1] === '\n';
    const text = this.#at;
    for (let at = this.#source.indexOf('{%', text); at >= 0; at = this.#source.indexOf('{%', at + 2)) {
      const sign = this.#signAt(at + 2);
      this.#at = at + 2 + sign.length;
      this.#skipSpace();
      if (!this.#source.startsWith('endraw', this.#at)) continue;
      this.#at += 6;
      this.#skipSpace();
      const end = this.#at;
      this.#at = text;
      const isEnd = this.#endsRaw(end);
      if (!isEnd) continue;
      this.#pushText(at, sign, false);
      this.#at = end;
      this.#takeEnd('%}', true);
      return true;
    }
    return fail('raw has no end: {% endraw %} is missing');
  }

  #endsRaw(at: number): boolean {
    return this.#source.startsWith('%}', at + this.#signAt(at).length);
  }

  #expression(begin: Token['kind'], end: Token['kind'], mark: string): void {
    const source = this.#source;
    const open: string[] = [];
    this.#push(begin, '');
    for (;;) {
      this.#skipSpace();
      if (open.length === 0 && this.#takeEnd(mark, mark === '%}', mark === '%}')) {
        this.#push(end, '');
        return;
      }
      if (this.#at >= source.length) fail(`a tag has no end: ${mark} is missing`);
      this.#token(open);
    }
  }

  #token(open: string[]): void {
    const source = this.#source;
    const first = source[this.#at] as string;
    if (first === '"' || first === "'") {
      this.#string(first);
      return;
    }
    const afterDot = source[this.#at - 1] === '.';
    const float = afterDot ? undefined : matchAt(FLOAT, source, this.#at);
    const integer = float === undefined ? matchAt(INTEGER, source, this.#at) : undefined;
    const name = float === undefined && integer === undefined ? matchAt(NAME, source, this.#at) : undefined;
    const word = float ?? integer ?? name;
    if (word !== undefined) {
      this.#push(float !== undefined ? 'float' : integer !== undefined ? 'integer' : 'name', word);
      this.#at += word.length;
      return;
    }
    const operator = OPERATORS.find((one) => source.startsWith(one, this.#at));
    if (operator === undefined) fail(`unexpected character ${JSON.stringify(first)}`);
    const closing = CLOSING[operator];
    if (closing !== undefined) open.push(closing);
    else if (')]}'.includes(operator) && open.pop() !== operator) fail(`unexpected ${operator}`);
    this.#push('operator', operator);
    this.#at += operator.length;
  }

  #string(quote: string): void {
    const source = this.#source;
    let end = this.#at + 1;
    while (end < source.length && source[end] !== quote) end += source[end] === '\\' ? 2 : 1;
    if (end >= source.length) fail(`a string has no end: ${quote} is missing`);
    this.#push('string', unescaped(source.slice(this.#at + 1, end)));
    this.#at = end + 1;
  }
}

const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\s\S])/g;
const ESCAPED: Record<string, string> = {
  ...{ '\n': '', '\\': '\\', "'": "'", '"': '"', a: '\x07' },
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (found) => {
    const kind = found[1] as string;
    if (found.length === 2 && 'xuUN'.includes(kind)) fail(`the escape ${found} in a string is not whole`);
    if ('xuU'.includes(kind)) return characterOf(Number.parseInt(found.slice(2), 16));
    if (kind >= '0' && kind <= '7') return characterOf(Number.parseInt(found.slice(1), 8));
    return ESCAPED[kind] ?? found;
  });
}

function characterOf(code: number): string {
  if (code > 0x10ffff) fail('an escape in a string names no character');
  return String.fromCodePoint(code);
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1])) end--;
  return text.slice(0, end);
}
