import { quoted } from '../../base/quoted.js';
import { SottoError } from '../../results/errors.js';
import { ALL_CODE_POINTS, type CodePointRange, intersectRanges } from '../code-points.js';
import {
  choice,
  EMPTY,
  type Expression,
  NEVER,
  type Of,
  oneOfCharacters,
  repeat,
  sequence,
  text,
} from '../grammar.js';
import { ANY_OF_LINE, ClassReader } from './regex-class.js';

/** The most that a part of a pattern may be repeated by a number. */
const MOST_TIMES = 10_000;
const MOST_DEPTH = 100;

const LOOKS_AHEAD = 'looks ahead ((?= or (?!)';

/** One of several conditions on a text. */
export interface Condition {
  readonly expression: Expression;
  /** Whether the text must not be of it. */
  readonly isNot: boolean;
}

/**
 * A regular expression of JavaScript's, with the flag u, as an expression.
 *
 * @param path What messages call it.
 * @param isWhole Whether it has to match the whole of a text, as for a form; else anywhere in it, as in a JSON Schema.
 * @throws SottoError 'bad-option' for what is none, and, by its name, for what no grammar can say.
 */
export function readRegex(pattern: string, path: string, isWhole: boolean): Condition[] {
  return new RegexReader(pattern, path, isWhole, checkSyntax(pattern, path)).read();
}

/** Any text. */
export const ANYTHING: Of<'repeat'> = {
  kind: 'repeat',
  part: oneOfCharacters(...ALL_CODE_POINTS),
  least: 0,
  most: Number.POSITIVE_INFINITY,
};

/** How a part of a pattern stands in the text. */
interface Context {
  readonly depth: number;
  /** Whether `^` is true at its beginning, and `$` at its end. */
  readonly mayBegin: boolean;
  readonly mayEnd: boolean;
  /** Whether anything may stand before it, and behind it. */
  readonly isFreeBefore: boolean;
  readonly isFreeBehind: boolean;
}

/** @returns Whether it is one with the flag u; else escapes may mean nothing, and its characters are those of one UTF-16 unit. */
function checkSyntax(pattern: string, path: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch (cause) {
    try {
      new RegExp(pattern); // escapes that mean nothing are no fault without the flag
      if (!/\\[pPu]/.test(pattern)) return false;
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
  readonly #isUnicode: boolean;
  #at = 0;
  #hasInnerEnd = false;
  #hasInnerAnchor = false;
  readonly #ahead: Condition[] = [];

  constructor(pattern: string, path: string, isWhole: boolean, isUnicode: boolean) {
    this.#isUnicode = isUnicode;
    this.#pattern = pattern;
    this.#path = path;
    this.#isWhole = isWhole;
  }

  /** What a text has to be of, and what it must not be of. */
  read(): Condition[] {
    const isFree = !this.#isWhole;
    const context = { depth: 0, mayBegin: true, mayEnd: true, isFreeBefore: isFree, isFreeBehind: isFree };
    const expression = this.#alternatives(context);
    if (this.#at < this.#pattern.length) throw this.#fail('has a bracket too many');
    return [{ expression, isNot: false }, ...this.#ahead];
  }

  #alternatives(context: Context): Expression {
    if (context.depth > MOST_DEPTH) throw this.#fail(`is nested more than ${MOST_DEPTH} levels deep`);
    const options: Expression[] = [];
    do options.push(this.#alternative(context));
    while (this.#take('|'));
    const isTop = context.depth === 0 && options.length > 1;
    if (isTop && this.#ahead.length > 0) throw this.#fail(`${LOOKS_AHEAD} in one of several alternatives`);
    return choice(...options);
  }

  #alternative({ depth, mayBegin, mayEnd, isFreeBefore, isFreeBehind }: Context): Expression {
    const parts: Expression[] = [];
    let isAnchoredAtStart = false;
    let isAnchoredAtEnd = false;
    while (this.#at < this.#pattern.length && !/[|)]/.test(this.#peek)) {
      if (this.#take('^')) {
        if (!mayBegin || parts.length > 0) throw this.#fail('has ^ where the text has begun');
        isAnchoredAtStart = true;
        this.#hasInnerAnchor = true;
      } else if (
        depth === 0 &&
        parts.length === 0 &&
        /^\(\?[=!]/.test(this.#pattern.slice(this.#at, this.#at + 3))
      ) {
        if (isFreeBefore && !isAnchoredAtStart) throw this.#fail(`${LOOKS_AHEAD} without ^ before it`);
        this.#ahead.push(this.#lookahead());
      } else if (this.#take('$')) {
        if (!mayEnd || (this.#at < this.#pattern.length && !/[|)]/.test(this.#peek))) {
          throw this.#fail('has $ where the text goes on');
        }
        isAnchoredAtEnd = true;
        this.#hasInnerAnchor = true;
        if (!isFreeBehind && depth > 0) this.#hasInnerEnd = true;
      } else {
        if (isAnchoredAtEnd) throw this.#fail('has $ where the text goes on');
        parts.push(this.#term(depth));
      }
    }
    if (isFreeBefore && !isAnchoredAtStart) parts.unshift(ANYTHING);
    if (isFreeBehind && !isAnchoredAtEnd) parts.push(ANYTHING);
    return parts.length === 0 ? EMPTY : sequence(...parts);
  }

  /** At the beginning of the text: a condition on all of it. */
  #lookahead(): Condition {
    const isNot = this.#pattern[this.#at + 2] === '!';
    this.#at += 3;
    const expression = this.#alternatives({
      depth: 1,
      mayBegin: false,
      mayEnd: true,
      isFreeBefore: false,
      isFreeBehind: true,
    });
    if (!this.#take(')')) throw this.#fail('has a bracket that does not close');
    if (/^[*+?{]/.test(this.#peek)) throw this.#fail(`${LOOKS_AHEAD} and repeats that`);
    return { expression, isNot };
  }

  #term(depth: number): Expression {
    const hadAnchor = this.#hasInnerAnchor;
    this.#hasInnerAnchor = false;
    const atom = this.#atom(depth);
    const hasAnchor = this.#hasInnerAnchor;
    this.#hasInnerAnchor ||= hadAnchor;
    const { least, most } = this.#quantifier();
    if (least > MOST_TIMES || (Number.isFinite(most) && most > MOST_TIMES)) {
      throw this.#fail(`repeats a part more than ${MOST_TIMES} times`);
    }
    if (hasAnchor && (least !== 1 || most !== 1)) throw this.#fail('repeats a part with ^ or $ in it');
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
      return this.#oneOf(ANY_OF_LINE);
    }
    if (character === '[' || character === '\\') {
      const reader = new ClassReader(this.#pattern, this.#at, (problem) => this.#fail(problem));
      const ranges = character === '[' ? reader.readClass() : reader.readEscape();
      this.#at = reader.at;
      return this.#oneOf(ranges);
    }
    this.#at += character.length;
    return text(character);
  }

  #oneOf(ranges: readonly CodePointRange[]): Expression {
    const known = this.#isUnicode ? ranges : intersectRanges(ranges, [[0, 0xffff]]);
    return known.length === 0 ? NEVER : oneOfCharacters(...known);
  }

  #group(depth: number): Expression {
    const begin = this.#at;
    this.#at++;
    if (this.#take('?')) {
      if (this.#take('<=') || this.#take('<!'))
        throw this.#fail('looks behind ((?<= or (?<!), which no grammar can say');
      if (this.#take('=') || this.#take('!'))
        throw this.#fail(`${LOOKS_AHEAD} elsewhere than at its beginning`);
      if (this.#take('<')) this.#at = this.#pattern.indexOf('>', this.#at) + 1;
      else if (!this.#take(':')) throw this.#fail('changes flags within itself, which is not supported');
    }
    // Anchors in brackets around the whole pattern are as good as those outside.
    const isFirst = begin === 0 && this.#isWhole;
    const context = { mayBegin: isFirst, mayEnd: isFirst, isFreeBefore: false, isFreeBehind: false };
    const expression = this.#alternatives({ depth: depth + 1, ...context });
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
