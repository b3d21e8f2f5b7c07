import { checkLength, fail, spend, step } from './budget.js';
import { isSpace } from './lexer.js';
import { type Str, TextBuilder } from './marked-text.js';

/** Takes characters of a set from the ends; without a set, white space. */
export function strip(self: Str, characters: Str | null, side: 'both' | 'left' | 'right'): Str {
  const set = characters === null ? null : new Set(characters.text);
  const { text } = self;
  const isCut = (character: string) => (set === null ? isSpace(character) : set.has(character));
  let begin = 0;
  let end = text.length;
  if (side !== 'right') {
    while (begin < end) {
      const character = String.fromCodePoint(text.codePointAt(begin) as number);
      if (!isCut(character)) break;
      begin += character.length;
    }
  }
  if (side !== 'left') {
    while (begin < end) {
      const pair = end - begin > 1 ? text.slice(end - 2, end) : '';
      const character =
        pair !== '' && (pair.codePointAt(0) as number) > 0xffff ? pair : (text[end - 1] as string);
      if (!isCut(character)) break;
      end -= character.length;
    }
  }
  spend(4 * (text.length - (end - begin)));
  return self.slice(begin, end);
}

/** Cuts at a separator, or at white space without one; at most so often, from the left or the right. */
export function splitText(self: Str, separator: Str | null, most: number, fromRight: boolean): Str[] {
  const limit = most < 0 ? Number.POSITIVE_INFINITY : most;
  if (separator === null) return fromRight ? splitSpaceFromRight(self, limit) : splitSpace(self, limit);
  const { text } = self;
  const cut = separator.text;
  if (cut === '') fail('the separator is empty');
  spend(text.length);
  const parts: Str[] = [];
  if (fromRight) {
    let end = text.length;
    while (parts.length < limit && end > 0) {
      const at = end < cut.length ? -1 : text.lastIndexOf(cut, end - cut.length);
      if (at < 0) break;
      step();
      parts.push(self.slice(at + cut.length, end));
      end = at;
    }
    return [...parts, self.slice(0, end)].reverse();
  }
  let begin = 0;
  while (parts.length < limit) {
    const at = text.indexOf(cut, begin);
    if (at < 0) break;
    step();
    parts.push(self.slice(begin, at));
    begin = at + cut.length;
  }
  return [...parts, self.slice(begin)];
}

function splitSpace(self: Str, limit: number): Str[] {
  const { text } = self;
  const parts: Str[] = [];
  spend(4 * text.length);
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at])) at++;
    if (at === text.length) return parts;
    step();
    if (parts.length >= limit) return [...parts, self.slice(at)];
    const begin = at;
    while (at < text.length && !isSpace(text[at])) at++;
    parts.push(self.slice(begin, at));
  }
}

function splitSpaceFromRight(self: Str, limit: number): Str[] {
  const { text } = self;
  const parts: Str[] = [];
  spend(4 * text.length);
  let at = text.length;
  for (;;) {
    while (at > 0 && isSpace(text[at - 1])) at--;
    if (at === 0) return parts.reverse();
    step();
    if (parts.length >= limit) return [...parts, self.slice(0, at)].reverse();
    const end = at;
    while (at > 0 && !isSpace(text[at - 1])) at--;
    parts.push(self.slice(at, end));
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these end lines in Python.
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

export function splitLines(self: Str, keepsEnds: boolean): Str[] {
  spend(2 * self.text.length);
  const lines: Str[] = [];
  let begin = 0;
  for (const { index, 0: end } of self.text.matchAll(LINE_END)) {
    step();
    lines.push(self.slice(begin, keepsEnds ? index + end.length : index));
    begin = index + end.length;
  }
  if (begin < self.text.length) lines.push(self.slice(begin));
  return lines;
}

export function joinAll(separator: Str, parts: readonly Str[]): Str {
  const to = new TextBuilder();
  parts.forEach((part, i) => {
    if (i > 0) to.add(separator);
    to.add(part);
  });
  return to.build();
}

export function replaceAll(self: Str, old: Str, by: Str, most: number): Str {
  if (old.text !== '') {
    const parts = splitText(self, old, most, false);
    return parts.length === 1 ? self : joinAll(by, parts);
  }
  const characters = self.characters();
  const limit = most < 0 ? characters.length + 1 : Math.min(most, characters.length + 1);
  checkLength(self.text.length + limit * by.text.length);
  const to = new TextBuilder();
  for (let i = 0; i < limit || i < characters.length; i++) {
    if (i < limit) to.add(by);
    if (i < characters.length) to.add(characters[i] as Str);
  }
  return to.build();
}

/** Python's str.title: a letter behind another is small. */
export function titled(self: Str): Str {
  return self.mapAll((text) => {
    let result = '';
    let isInside = false;
    for (const character of text) {
      const isLetter = character.toLowerCase() !== character.toUpperCase();
      result += isInside ? character.toLowerCase() : titleCase(character);
      isInside = isLetter;
    }
    return result;
  });
}

/** Letters that are two in one, and how they begin a word. */
const DIGRAPHS = [...'\u01c4\u01c5\u01c7\u01c8\u01ca\u01cb\u01f1\u01f2'];

/** A character as the first of a word: some become two, the second small. */
export function titleCase(character: string): string {
  const upper = character.toUpperCase();
  const digraph = DIGRAPHS.indexOf(upper);
  if (digraph >= 0) return DIGRAPHS[digraph + 1] as string;
  const [first = '', ...rest] = upper;
  return first + rest.join('').toLowerCase();
}
