import { shown } from '../../base/json.js';
import { damaged, JsonPart } from './json-part.js';
import { isPlainText, type TextRange } from './literal-text.js';
import { checkToken } from './make-model.js';
import { STEPS_TO_TOUCH, type StepBudget } from './step-budget.js';
import { TokenTrie } from './token-trie.js';

/** A token outside of the learnt vocabulary, as tokenizer.json has it. */
export interface AddedTokenEntry {
  content: string;
  id: number;
  /** Whether it steers the model and is no text. */
  special: boolean;
  /** Whether white space before it, and behind it, belongs to it. */
  lstrip: boolean;
  rstrip: boolean;
  /** Whether it is only found where no letter, digit or the like stands beside it. */
  singleWord: boolean;
  /** Whether it is looked for in the normalised text. */
  normalized: boolean;
}

/** A stretch of a text, from `begin` to `end` in UTF-16 units: a token, with the white space that belongs to it, or other text. */
export interface Section {
  token: AddedTokenEntry | null;
  begin: number;
  end: number;
}

/** Published files have up to 2000. */
const MAX_ADDED_TOKENS = 100_000;

/** Longer ones would make long work of texts that look like them; published ones have up to 60. */
const MAX_CONTENT_LENGTH = 512;

/** @throws SottoError 'bad-file' */
export function readAddedTokens(json: unknown): AddedTokenEntry[] {
  const list = json ?? [];
  if (!Array.isArray(list)) throw damaged('added_tokens is no list');
  if (list.length > MAX_ADDED_TOKENS) throw damaged(`added_tokens has ${list.length} entries`);
  const entries = (list as unknown[]).map((entry, i) => {
    const part = new JsonPart(entry, `added_tokens[${i}]`);
    const content = part.get('content');
    if (typeof content !== 'string' || content === '') {
      throw damaged('added_tokens holds an entry without content');
    }
    if (content.length > MAX_CONTENT_LENGTH) {
      throw part.bad('content', `should have at most ${MAX_CONTENT_LENGTH} characters`);
    }
    checkToken(content, part.get('id'), part.path);
    const special = part.flag('special', false);
    return {
      content,
      id: part.count('id', 0),
      special,
      lstrip: part.flag('lstrip', false),
      rstrip: part.flag('rstrip', false),
      singleWord: part.flag('single_word', false),
      normalized: part.flag('normalized', !special),
    };
  });
  checkUnique(entries);
  return entries;
}

function checkUnique(entries: readonly AddedTokenEntry[]): void {
  const byId = new Map<number, string>();
  const byContent = new Map<string, number>();
  for (const { id, content } of entries) {
    const other = byId.get(id);
    if (other !== undefined && other !== content) {
      throw damaged(`the added tokens ${shown(other)} and ${shown(content)} have the same id, ${id}`);
    }
    if ((byContent.get(content) ?? id) !== id) {
      throw damaged(`the added token ${shown(content)} has the ids ${byContent.get(content)} and ${id}`);
    }
    byId.set(id, content);
    byContent.set(content, id);
  }
}

const WHITE_SPACE = /\p{White_Space}/u;
const WORD_CHARACTER = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Finds added tokens in texts: the leftmost, and of those that begin there the longest. */
export class AddedTokenSplitter {
  readonly #tokens: readonly AddedTokenEntry[];
  readonly #trie = new TokenTrie();
  readonly #splitsSpecial: boolean;
  readonly #firstUnits = new Set<number>();

  /**
   * @param texts What is looked for, for each token; none where it is empty.
   * @param options.splitsSpecial Whether special tokens are text.
   */
  constructor(
    tokens: readonly AddedTokenEntry[],
    texts: readonly string[],
    { splitsSpecial }: { splitsSpecial: boolean },
  ) {
    this.#tokens = tokens;
    this.#splitsSpecial = splitsSpecial;
    texts.forEach((text, i) => {
      if (text === '') return;
      this.#trie.add(text, i);
      this.#firstUnits.add(text.charCodeAt(0));
    });
  }

  /** Whether there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#firstUnits.size === 0;
  }

  /** @param literal Where no token is found: one has to lie wholly outside. */
  split(text: string, literal: readonly TextRange[], budget: StepBudget): Section[] {
    const sections: Section[] = [];
    let behind = 0; // all that is found
    let nPassed = 0; // literal ranges
    for (let begin = 0; begin < text.length; ) {
      while (nPassed < literal.length && (literal[nPassed] as TextRange)[1] <= begin) nPassed++;
      const border = literal[nPassed]?.[0] ?? text.length;
      const found = this.#firstUnits.has(text.charCodeAt(begin))
        ? this.#longestAt(text, begin, border, budget)
        : null;
      if (found === null) {
        begin++;
        continue;
      }
      const { token, end } = found;
      const isText =
        (token.special && this.#splitsSpecial) || (token.singleWord && isInWord(text, begin, end));
      if (isText) {
        begin = end;
        continue;
      }
      const before = token.lstrip ? beginOfWhiteSpace(text, behind, begin) : begin;
      if (before > behind) sections.push({ token: null, begin: behind, end: before });
      behind = token.rstrip ? endOfWhiteSpace(text, end) : end;
      sections.push({ token, begin: before, end: behind });
      begin = behind;
    }
    if (behind < text.length) sections.push({ token: null, begin: behind, end: text.length });
    return sections;
  }

  /** @param border Behind which only tokens are found that are plain text. */
  #longestAt(
    text: string,
    begin: number,
    border: number,
    budget: StepBudget,
  ): { token: AddedTokenEntry; end: number } | null {
    let longest: { token: AddedTokenEntry; end: number } | null = null;
    let node = 0;
    let end = begin;
    while (end < text.length) {
      node = this.#trie.step(node, text.charCodeAt(end++));
      if (node < 0) break;
      const token = this.#tokens[this.#trie.valueAt(node)];
      if (token !== undefined && (end <= border || isPlainText(token))) longest = { token, end };
    }
    budget.spend(STEPS_TO_TOUCH * (end - begin));
    return longest;
  }
}

function isInWord(text: string, begin: number, end: number): boolean {
  // The last two units are a character of two, or hold the last one of one.
  const before = Array.from(text.slice(Math.max(0, begin - 2), begin)).at(-1) ?? '';
  const behind = String.fromCodePoint(text.codePointAt(end) ?? 0x20);
  return WORD_CHARACTER.test(before) || WORD_CHARACTER.test(behind);
}

function beginOfWhiteSpace(text: string, least: number, end: number): number {
  let begin = end;
  while (begin > least && WHITE_SPACE.test(text.charAt(begin - 1))) begin--;
  return begin;
}

function endOfWhiteSpace(text: string, begin: number): number {
  let end = begin;
  while (end < text.length && WHITE_SPACE.test(text.charAt(end))) end++;
  return end;
}
