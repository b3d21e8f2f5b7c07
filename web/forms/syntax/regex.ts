import { quoted } from '../../base/quoted.js';
import { SottoError } from '../../results/errors.js';
import {
  choice,
  EMPTY,
  type Expression,
  NEVER,
  oneOfCharacters,
  repeat,
  sequence,
  text,
} from '../grammar.js';
import { ANY_OF_LINE, ClassReader } from './regex-class.js';

/** The most that a part of a pattern may be repeated by a number. */
const MOST_TIMES = 10_000;
const MOST_DEPTH = 100;

/**
 * A regular expression of JavaScript's, with the flag u, as an expression.
 *
 * @param path What messages call it.
 * @param isWhole Whether it has to match the whole of a text, as for a form; else anywhere in it, as in a JSON Schema.
 * @throws SottoError 'bad-option' for what is none, and, by its name, for what no grammar can say.
 */
export function readRegex(pattern: string, path: string, isWhole: boolean): Expression {
  checkSyntax(pattern, path);
  return new RegexReader(pattern, path, isWhole).read();
}

function checkSyntax(pattern: string, path: string): void {
  try {
    new RegExp(pattern, 'u');
    return;
  } catch (cause) {
    try {
      new RegExp(pattern); // escapes that mean nothing are no fault without the flag
      if (!/\\[pPu]/.test(pattern)) return;
    } catch {
      // Told below.
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SottoError('bad-option', `${path} is no regular expression: ${reason.slice(0, 200)}`, {
      cause,
    });
  }
}

class RegexReader {
  readonly #pattern: string;
  readonly #path: string;
  readonly #isWhole: boolean;
  #at = 0;
  #hasInnerEnd = false;

  constructor(pattern: string, path: string, isWhole: boolean) {
    this.#pattern = pattern;
    this.#path = path;
    this.#isWhole = isWhole;
  }

  read(): Expression {
    const expression = this.#alternatives(0, true, true);
    if (this.#at < this.#pattern.length) throw this.#fail('has a bracket too many');
    return expression;
  }

  /** @param mayBegin Whether `^` can be true here, and `$` at the end of each alternative. */
  #alternatives(depth: number, mayBegin: boolean, mayEnd: boolean): Expression {
    if (depth > MOST_DEPTH) throw this.#fail(`is nested more than ${MOST_DEPTH} levels deep`);
    const options: Expression[] = [];
    do options.push(this.#alternative(depth, mayBegin, mayEnd));
    while (this.#take('|'));
    return choice(...options);
  }

  #alternative(depth: number, mayBegin: boolean, mayEnd: boolean): Expression {
    const parts: Expression[] = [];
    const isTop = depth === 0;
    let isAnchoredAtStart = false;
    let isAnchoredAtEnd = false;
    while (this.#at < this.#pattern.length && !/[|)]/.test(this.#peek)) {
      if (this.#take('^')) {
        if (!mayBegin || parts.length > 0) throw this.#fail('has ^ where the text has begun');
        isAnchoredAtStart = true;
      } else if (this.#take('$')) {
        if (!mayEnd || (this.#at < this.#pattern.length && !/[|)]/.test(this.#peek))) {
          throw this.#fail('has $ where the text goes on');
        }
        isAnchoredAtEnd = true;
        if (!isTop) this.#hasInnerEnd = true;
      } else {
        if (isAnchoredAtEnd) throw this.#fail('has $ where the text goes on');
        parts.push(this.#term(depth));
      }
    }
    if (!this.#isWhole && isTop) {
      const anything = repeat(oneOfCharacters([0, 0xd7ff], [0xe000, 0x10ffff]), 0);
      if (!isAnchoredAtStart) parts.unshift(anything);
      if (!isAnchoredAtEnd) parts.push(anything);
    }
    return parts.length === 0 ? EMPTY : sequence(...parts);
  }

  #term(depth: number): Expression {
    const atom = this.#atom(depth);
    const { least, most } = this.#quantifier();
    if (least > MOST_TIMES || (Number.isFinite(most) && most > MOST_TIMES)) {
      throw this.#fail(`repeats a part more than ${MOST_TIMES} times`);
    }
    return repeat(atom, least, most);
  }

  #quantifier(): { least: number; most: number } {
    const begin = this.#at;
    const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(this.#pattern.slice(begin, begin + 40));
    if (found === null) return { least: 1, most: 1 };
    this.#at += found[0].length;
    const [sign, from, hasComma, to] = found;
    if (from === undefined)
      return { least: sign[0] === '+' ? 1 : 0, most: sign[0] === '?' ? 1 : Number.POSITIVE_INFINITY };
    const least = Number(from);
    if (hasComma === undefined) return { least, most: least };
    return { least, most: to === '' ? Number.POSITIVE_INFINITY : Number(to) };
  }

  #atom(depth: number): Expression {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) as number);
    if (character === '(') return this.#group(depth);
    if (character === '.') {
      this.#at++;
      return oneOfCharacters(...ANY_OF_LINE);
    }
    if (character === '[' || character === '\\') {
      const reader = new ClassReader(this.#pattern, this.#at, (problem) => this.#fail(problem));
      const ranges = character === '[' ? reader.readClass() : reader.readEscape();
      this.#at = reader.at;
      return ranges.length === 0 ? NEVER : oneOfCharacters(...ranges);
    }
    this.#at += character.length;
    return text(character);
  }

  #group(depth: number): Expression {
    const begin = this.#at;
    this.#at++;
    if (this.#take('?')) {
      if (this.#take('<=') || this.#take('<!'))
        throw this.#fail('looks behind ((?<= or (?<!), which no grammar can say');
      if (this.#take('=') || this.#take('!'))
        throw this.#fail('looks ahead ((?= or (?!), which no grammar can say');
      if (this.#take('<')) this.#at = this.#pattern.indexOf('>', this.#at) + 1;
      else if (!this.#take(':')) throw this.#fail('changes flags within itself, which is not supported');
    }
    // Anchors in brackets around the whole pattern are as good as those outside.
    const isFirst = begin === 0 && this.#isWhole;
    const expression = this.#alternatives(depth + 1, isFirst, isFirst);
    if (!this.#take(')')) throw this.#fail('has a bracket that does not close');
    if (this.#hasInnerEnd && this.#at < this.#pattern.length)
      throw this.#fail('has $ where the text goes on');
    return expression;
  }

  get #peek(): string {
    return this.#pattern.charAt(this.#at);
  }

  #take(expected: string): boolean {
    if (!this.#pattern.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  #fail(problem: string): SottoError {
    return new SottoError('bad-option', `${this.#path}, ${quoted(this.#pattern, 60)}, ${problem}`);
  }
}
