import { SottoError } from '../results/errors.js';

/** The end of the text, whatever the flag m. */
const END = '(?![^])';

const QUANTIFIER = /[*+?]\??|\{\d+(?:,\d*)?\}\??/y;
const GROUP = /\((?:\?(?:<?[=!]|<[^>]*>|[a-z]*(?:-[a-z]*)?:))?/y;
const ASSERTION = /\\[bB]|\$/y;
const REFERENCE = /\\(?:k<([^>]*)>|([1-9]\d*))/y;
const STRINGS_IN_CLASS = /\\q\{|\\p\{(?:RGI_|Basic_Emoji|Emoji_Keycap)/;
// One character, not a class. Without the flags u and v, what is no known escape is the escaped character itself.
const CHARACTER = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[a-zA-Z]|.)|./sy;
const OCTAL = /\\([0-3][0-7]{0,2}|[4-7][0-7]?)/y;
const CHARACTER_UNICODE =
  /\\(?:x..|u\{[^}]+\}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|c.|[pP]\{[^}]+\}|.)|./suy;

/** How a part of the pattern is to be rewritten. */
interface Context {
  /** Whether it shall match where it may with further text, or only where it does whatever text follows. */
  truth: 'possible' | 'certain';
  /** Whether it is in a lookbehind, which never reaches beyond the place where it begins. */
  isBackward: boolean;
}

/** A capturing group that the reading has come by. */
interface Group {
  name: string | undefined;
  /** Its number in the rewritten pattern, which has more groups. */
  number: number;
  /** Whether what it captured is whole where the reading is: it is closed, and not in a lookaround that is. */
  isKnown: boolean;
}

/**
 * Rewrites a pattern so that it matches, from some place on, whenever the pattern itself may do so once the text is
 * continued. JavaScript knows no partial matching; so each part X that takes a character becomes (?:X|END): /abc/
 * becomes (?:a|END)(?:b|END)(?:c|END). Once the end is reached everything that follows is true, since it
 * would be looked for in text that is not there yet. Assertions whose truth depends on the next character (`$`, `\b`) may become
 * true at the end; what a negative lookaround denies must hold for certain, whatever text follows.
 * A backreference \1 may begin at the end of the text, as far as that goes: (?:\1|(?!\1)(rest)END), where the rest (\2),
 * which is shorter, is a beginning of \1 if there is a place further back at which both are found.
 *
 * @param pattern Of whose flags only u and v matter here: the rewritten pattern needs the same.
 * @returns Its source, and whether it has parts that look at the text behind a match.
 * @throws SottoError 'bad-option' for backreferences to what cannot be known, and for classes that hold strings.
 */
export function makePartialPattern(pattern: RegExp): { source: string; looksAhead: boolean } {
  const rewriter = new Rewriter(pattern);
  return {
    source: rewriter.rewrite({ truth: 'possible', isBackward: false }),
    looksAhead: rewriter.looksAhead,
  };
}

/** Reads the source, which is known to be valid, from left to right. */
class Rewriter {
  looksAhead = false;
  readonly #pattern: RegExp;
  readonly #source: string;
  readonly #isUnicode: boolean;
  readonly #nGroups: number;
  readonly #hasNames: boolean;
  readonly #groups: Group[] = [];
  #nRewritten = 0; // groups in what has been rewritten
  #at = 0;

  constructor(pattern: RegExp) {
    this.#pattern = pattern;
    this.#source = pattern.source;
    this.#isUnicode = pattern.unicode || pattern.unicodeSets;
    const emptyMatch = new RegExp(`${pattern.source}|`, pattern.flags).exec('') as RegExpExecArray;
    this.#nGroups = emptyMatch.length - 1;
    this.#hasNames = emptyMatch.groups !== undefined;
  }

  /** The alternatives up to the end of the group, or of the pattern. */
  rewrite(context: Context): string {
    let rewritten = '';
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      if (this.#take(/\|/y)) rewritten += '|';
      else rewritten += this.#term(context) + (this.#take(QUANTIFIER)?.[0] ?? '');
    }
    return rewritten;
  }

  #term(context: Context): string {
    const group = this.#take(GROUP);
    if (group) return this.#group(group[0], context);
    const isTrueAtEnd = context.truth === 'possible' && !context.isBackward;
    if (this.#take(/\^/y)) return isTrueAtEnd ? orEnd('^') : '^';
    const assertion = this.#take(ASSERTION);
    if (assertion) {
      this.looksAhead = true;
      return context.truth === 'possible' ? orEnd(assertion[0]) : `${assertion[0]}(?=[^])`;
    }
    const reference = this.#reference(isTrueAtEnd);
    if (reference !== null) return reference;
    const character = this.#character();
    if (this.#pattern.unicodeSets && STRINGS_IN_CLASS.test(character)) throw this.#stringsInClass(character);
    return isTrueAtEnd ? orEnd(character) : character;
  }

  #group(opening: string, context: Context): string {
    if (/[=!]$/.test(opening)) return this.#lookaround(opening, context);
    const isCapturing = !opening.endsWith(':');
    const group = { name: opening.slice(3, -1), number: this.#nRewritten + 1, isKnown: false };
    if (isCapturing) {
      this.#groups.push(group);
      this.#nRewritten++;
    }
    const rewritten = opening + this.rewrite(context) + this.#close();
    group.isKnown = true;
    return rewritten;
  }

  #lookaround(opening: string, context: Context): string {
    const isBackward = opening.startsWith('(?<');
    if (!isBackward) this.looksAhead = true;
    const opposite = context.truth === 'possible' ? 'certain' : 'possible';
    const truth = opening.endsWith('!') ? opposite : context.truth;
    const nGroupsBefore = this.#groups.length;
    const rewritten = opening + this.rewrite({ truth, isBackward }) + this.#close();
    for (const group of this.#groups.slice(nGroupsBefore)) group.isKnown = false;
    return context.truth === 'possible' ? orEnd(rewritten) : rewritten;
  }

  /** A backreference, or null where none is. */
  #reference(isTrueAtEnd: boolean): string | null {
    const begin = this.#at;
    const match = this.#take(REFERENCE);
    if (!match) return null;
    const [source, name, digits] = match;
    const isReference =
      this.#isUnicode || (digits === undefined ? this.#hasNames : Number(digits) <= this.#nGroups);
    if (!isReference) {
      this.#at = begin;
      return null;
    }
    const groups = this.#groups.filter((group, i) =>
      digits ? i + 1 === Number(digits) : group.name === name,
    );
    if (groups.length === 0 || groups.some(({ isKnown }) => !isKnown)) throw this.#unknownReference(source);
    const same = digits ? `\\${groups[0]?.number}` : source;
    if (!isTrueAtEnd) return `(?:${same})`;
    const rest = `\\${++this.#nRewritten}`;
    return `(?:${same}|(?!${same})([^]*)${END}(?<=(?=${rest})(?=${same})[^]*))`;
  }

  /** What takes one character, a class for instance. */
  #character(): string {
    if (this.#source[this.#at] === '[') return this.#class();
    if (this.#isUnicode) return (this.#take(CHARACTER_UNICODE) as RegExpExecArray)[0];
    // A backslash before c that makes no control character means itself.
    if (this.#take(/\\(?=c(?![a-zA-Z]))/y)) return '\\\\';
    // With the added groups, \2 could become a backreference.
    const octal = this.#take(OCTAL)?.[1];
    if (octal !== undefined) return `\\x${Number.parseInt(octal, 8).toString(16).padStart(2, '0')}`;
    return (this.#take(/\\([89])/y) ?? this.#take(CHARACTER) ?? []).at(-1) as string;
  }

  #class(): string {
    const begin = this.#at++;
    for (let depth = 1; depth > 0; this.#at++) {
      const character = this.#source[this.#at];
      if (character === '\\') this.#at++;
      else if (character === ']') depth--;
      else if (character === '[' && this.#pattern.unicodeSets) depth++;
    }
    return this.#source.slice(begin, this.#at);
  }

  #close(): string {
    this.#at++;
    return ')';
  }

  /** Reads what the sticky expression matches here, or nothing. */
  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#source);
    if (match) this.#at += match[0].length;
    return match;
  }

  #stringsInClass(part: string): SottoError {
    const advice = 'name the strings as alternatives, (?:…|…)';
    return new SottoError('bad-option', `stop: ${this.#pattern} has strings in the class ${part}; ${advice}`);
  }

  #unknownReference(reference: string): SottoError {
    const advice = 'refer to a group that is closed before, and not in a lookaround of its own';
    return new SottoError(
      'bad-option',
      `stop: ${this.#pattern} has the backreference ${reference} to what is not known there; ${advice}`,
    );
  }
}

function orEnd(part: string): string {
  return `(?:${part}|${END})`;
}
