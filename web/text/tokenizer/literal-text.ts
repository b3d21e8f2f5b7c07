import type { AddedTokenEntry } from './added-tokens.js';
import { STEPS_TO_TOUCH, type StepBudget } from './step-budget.js';
import { TokenTrie } from './token-trie.js';

/** A stretch of a text, in UTF-16 units. */
export type TextRange = readonly [begin: number, end: number];

/**
 * Where a text is literal, so that no added token is found in it: sorted, without empty or overlapping ranges.
 *
 * @param literal True for all of it.
 */
export function readLiteral(literal: true | readonly TextRange[] | undefined, length: number): TextRange[] {
  if (literal === true) return length > 0 ? [[0, length]] : [];
  const ranges: [number, number][] = [];
  for (const [begin, end] of [...(literal ?? [])].sort(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (end <= begin) continue;
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end);
    else ranges.push([begin, end]);
  }
  return ranges;
}

/** The ranges as they lie in a section of the text, counted from its beginning. */
export function rangesWithin(ranges: readonly TextRange[], begin: number, end: number): TextRange[] {
  return ranges
    .filter((range) => range[0] < end && range[1] > begin)
    .map((range) => [Math.max(range[0], begin) - begin, Math.min(range[1], end) - begin]);
}

/** Cuneiform letters: no normal form, no lower case and no kind of white space or punctuation is about them. */
const MARKS = { first: 0x12000, last: 0x12399 };

/**
 * Normalises a text, and tells where its literal ranges have come to lie. A mark stands at each border while it is
 * normalised, so what is at its two sides never melts together: a combining mark that a user's text begins with
 * leaves the token before it whole.
 */
export function normalizeWithRanges(
  normalize: (text: string) => string,
  text: string,
  literal: readonly TextRange[],
): { text: string; literal: TextRange[] } {
  const parts = partsOf(text, literal);
  const mark = unusedMark(text);
  const marked = mark === null ? [] : normalize(parts.join(mark)).split(mark);
  // Where a normaliser drops marks, each part is normalised as if it stood alone.
  const normalized = marked.length === parts.length ? marked : parts.map((part) => normalize(part));
  const ranges: TextRange[] = [];
  let begin = 0;
  let isLiteral = literal[0]?.[0] === 0;
  for (const part of normalized) {
    const end = begin + part.length;
    if (isLiteral && end > begin) ranges.push([begin, end]);
    begin = end;
    isLiteral = !isLiteral;
  }
  return { text: normalized.join(''), literal: ranges };
}

/** Literal and other parts in turn. */
function partsOf(text: string, literal: readonly TextRange[]): string[] {
  const borders = [0, ...literal.flat().filter((at) => at > 0 && at < text.length), text.length];
  return borders.slice(1).map((end, i) => text.slice(borders[i], end));
}

function unusedMark(text: string): string | null {
  for (let code = MARKS.first; code <= MARKS.last; code++) {
    const mark = String.fromCodePoint(code);
    if (!text.includes(mark)) return mark;
  }
  return null;
}

/**
 * Whether literal text may hold the token after all: white space that is a token of its own, as of indented code, steers
 * nothing.
 */
export function isPlainText({ content, special }: AddedTokenEntry): boolean {
  return !special && /^[\p{White_Space}\u2581]+$/u.test(content);
}

/** Breaks the texts of tokens, for models whose vocabulary holds them: Unigram would choose `</s>` as any other word. */
export class TokenBreaker {
  readonly #trie = new TokenTrie();
  readonly #ids = new Set<number>();

  constructor(tokens: readonly AddedTokenEntry[]) {
    for (const token of tokens) {
      if (isPlainText(token) || lengthAt(token.content, 0) === token.content.length) continue;
      this.#trie.add(token.content, token.id);
      this.#ids.add(token.id);
    }
  }

  /** Whether one of the tokens is among the ids from `begin` on. */
  isAmong(ids: readonly number[], begin: number): boolean {
    for (let i = begin; i < ids.length; i++) if (this.#ids.has(ids[i] as number)) return true;
    return false;
  }

  /** The parts of a word, none of which holds a token's text: it is cut behind the first character of each. */
  cut(word: string, budget: StepBudget): string[] {
    const parts: string[] = [];
    let begin = 0;
    for (let at = 0; at < word.length; ) {
      const next = at + lengthAt(word, at);
      if (this.#holdsAt(word, at, budget)) {
        parts.push(word.slice(begin, next));
        begin = next;
      }
      at = next;
    }
    parts.push(word.slice(begin));
    return parts;
  }

  #holdsAt(word: string, begin: number, budget: StepBudget): boolean {
    let node = 0;
    let end = begin;
    let isToken = false;
    while (end < word.length && node >= 0 && !isToken) {
      node = this.#trie.step(node, word.charCodeAt(end++));
      isToken = node >= 0 && this.#trie.valueAt(node) >= 0;
    }
    budget.spend(STEPS_TO_TOUCH * (end - begin));
    return isToken;
  }
}

function lengthAt(text: string, at: number): number {
  return (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
}
