import { quoted, shortened } from '../../base/quoted.js';
import { SottoError } from '../../results/errors.js';
import { type CodePointRange, invertRanges, normalizeRanges } from '../code-points.js';
import {
  choice,
  EMPTY,
  type Expression,
  type Grammar,
  NEVER,
  oneOfCharacters,
  repeat,
  rule,
  sequence,
  text,
} from '../grammar.js';

const MOST_DEPTH = 100;
const MOST_TIMES = 10_000;
const ROOT = 'root';

const NAME = /[A-Za-z0-9_.-]+/y;
const BLANKS = /(?:[ \t\r\n]|#[^\n]*)*/y;
const DEFINITION = /[A-Za-z0-9_.-]+(?:[ \t\r\n]|#[^\n]*)*::=/y;
const TIMES = /\{[ \t]*(\d*)[ \t]*(?:(,)[ \t]*(\d*)[ \t]*)?\}/y;

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  f: 12,
  v: 11,
  b: 8,
  a: 7,
  e: 27,
  0: 0,
};

/**
 * Reads a grammar in GBNF, as llama.cpp has it, or in the EBNF of XGrammar and others: rules `name ::= …`, of `"text"`, `[a-z]`,
 * `[^a-z]`, `.`, names, brackets, `|`, `* + ?` and `{1,3}`; `#` begins a comment.
 *
 * @param path What messages call it.
 * @throws SottoError 'bad-option' with the line of the fault.
 */
export function readGbnf(grammar: string, path: string): Grammar {
  return new GbnfReader(grammar, path).read();
}

class GbnfReader {
  readonly #source: string;
  readonly #path: string;
  #at = 0;

  constructor(source: string, path: string) {
    this.#source = source;
    this.#path = path;
  }

  read(): Grammar {
    const rules = new Map<string, Expression>();
    this.#skipBlanks();
    while (this.#at < this.#source.length) {
      const name = this.#match(NAME)?.[0];
      if (name === undefined || !this.#takeAfterBlanks('::=')) {
        throw this.#fail(`has no rule (name ::= …) here: ${this.#rest}`);
      }
      if (rules.has(name)) throw this.#fail(`has two rules ${shortened(name, 80)}`);
      rules.set(name, this.#alternatives(0));
      this.#skipBlanks();
      if (this.#at < this.#source.length && !this.#isAt(DEFINITION)) {
        throw this.#fail(`has something that is not understood: ${this.#rest}`);
      }
    }
    return { root: ROOT, rules };
  }

  #alternatives(depth: number): Expression {
    if (depth > MOST_DEPTH) throw this.#fail(`is nested more than ${MOST_DEPTH} levels deep`);
    const options: Expression[] = [];
    do options.push(this.#sequence(depth));
    while (this.#takeAfterBlanks('|'));
    return choice(...options);
  }

  #sequence(depth: number): Expression {
    const parts: Expression[] = [];
    for (;;) {
      this.#skipBlanks();
      if (this.#isAt(DEFINITION)) break;
      const element = this.#element(depth);
      if (element === null) break;
      parts.push(this.#repeated(element));
    }
    return parts.length === 0 ? EMPTY : sequence(...parts);
  }

  #element(depth: number): Expression | null {
    switch (this.#source[this.#at]) {
      case '"':
        return text(this.#literal());
      case '[':
        return this.#class();
      case '.':
        this.#at++;
        return oneOfCharacters(...invertRanges([]));
      case '(': {
        this.#at++;
        if (this.#source[this.#at] === '=')
          throw this.#fail('looks ahead ((=…)), which is not supported: leave it out');
        const inner = this.#alternatives(depth + 1);
        if (!this.#takeAfterBlanks(')')) throw this.#fail('has a bracket ( that does not close');
        return inner;
      }
      case '<':
      case '!':
        throw this.#fail(`names a token (${this.#rest}), which is not supported: write its text`);
    }
    const name = this.#match(NAME)?.[0];
    return name === undefined ? null : rule(name);
  }

  #repeated(element: Expression): Expression {
    let repeated = element;
    for (let n = 0; ; n++) {
      const sign = this.#source[this.#at];
      const times = sign === '{' ? this.#times() : undefined;
      if (times === undefined && sign !== '*' && sign !== '+' && sign !== '?') return repeated;
      if (n >= MOST_DEPTH) throw this.#fail('repeats a repetition too often');
      if (times === undefined) {
        this.#at++;
        repeated = repeat(repeated, sign === '+' ? 1 : 0, sign === '?' ? 1 : Number.POSITIVE_INFINITY);
      } else repeated = repeat(repeated, ...times);
    }
  }

  #times(): [least: number, most: number] {
    const found = this.#match(TIMES);
    if (found === null || (found[1] === '' && (found[3] ?? '') === '')) {
      throw this.#fail(`has a repetition that is not understood: ${this.#rest}`);
    }
    const least = Number(found[1]);
    const most =
      found[2] === undefined ? least : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (least > most)
      throw this.#fail(`repeats a part {${least},${most}} times: the first number is the larger one`);
    if (least > MOST_TIMES || (Number.isFinite(most) && most > MOST_TIMES)) {
      throw this.#fail(`repeats a part more than ${MOST_TIMES} times`);
    }
    return [least, most];
  }

  #literal(): string {
    this.#at++;
    const codePoints: number[] = [];
    while (this.#source[this.#at] !== '"') codePoints.push(this.#character('a text "…" that does not close'));
    this.#at++;
    return String.fromCodePoint(...codePoints);
  }

  #class(): Expression {
    this.#at++;
    const problem = 'a class […] that does not close';
    const isInverted = this.#source[this.#at] === '^';
    if (isInverted) this.#at++;
    const ranges: CodePointRange[] = [];
    while (this.#source[this.#at] !== ']') {
      const first = this.#character(problem);
      const isRange = this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']';
      if (isRange) this.#at++;
      const last = isRange ? this.#character(problem) : first;
      if (last < first) throw this.#fail('has a class with a range whose end comes before its beginning');
      ranges.push([first, last]);
    }
    this.#at++;
    const members = isInverted ? invertRanges(ranges) : normalizeRanges(ranges);
    return members.length === 0 ? NEVER : oneOfCharacters(...members);
  }

  /** One of a text or a class, which stand on one line. */
  #character(problem: string): number {
    const codePoint = this.#source.codePointAt(this.#at);
    if (codePoint === undefined || codePoint === 0x0a) throw this.#fail(`has ${problem}`);
    if (codePoint !== 0x5c) {
      this.#at += codePoint > 0xffff ? 2 : 1;
      return codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
    }
    const rest = this.#source.slice(this.#at + 1, this.#at + 11);
    const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
    if (code !== null) {
      const value = Number.parseInt(code[1] ?? code[2] ?? (code[3] as string), 16);
      if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        throw this.#fail(`has \\${code[0]}, which is no character`);
      }
      this.#at += 1 + code[0].length;
      return value;
    }
    const letter = rest[0];
    if (letter === undefined || letter === '\n') throw this.#fail(`has ${problem}`);
    const known = ESCAPES[letter];
    if (known === undefined && /[A-Za-z0-9]/.test(letter)) {
      throw this.#fail(`has \\${letter}, which is no escape that is known`);
    }
    const escaped = rest.codePointAt(0) as number;
    this.#at += escaped > 0xffff ? 3 : 2;
    return known ?? escaped;
  }

  #skipBlanks(): void {
    this.#match(BLANKS);
  }

  #takeAfterBlanks(expected: string): boolean {
    this.#skipBlanks();
    if (!this.#source.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  #isAt(expression: RegExp): boolean {
    expression.lastIndex = this.#at;
    return expression.test(this.#source);
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  get #rest(): string {
    return quoted(this.#source.slice(this.#at, this.#at + 40).split('\n')[0] as string, 40);
  }

  #fail(problem: string): SottoError {
    const line = this.#source.slice(0, this.#at).split('\n').length;
    return new SottoError('bad-option', `${this.#path}, line ${line}: it ${problem}`);
  }
}
