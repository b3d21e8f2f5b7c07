import { fail, spend } from './budget.js';
import { isSpace } from './lexer.js';
import { Str, TextBuilder } from './marked-text.js';
import { repeat, toStr } from './python-text.js';
import { splitLines, splitText, titleCase } from './str-operations.js';
import { integerOf, isTrue, typeName, used, type Value } from './values.js';

/** The filter `indent`. */
export function indented(
  value: Value,
  width: Value | undefined,
  first: Value | undefined,
  blank: Value | undefined,
): Str {
  if (!(used(value) instanceof Str)) fail(`indent takes a text, not ${typeName(value)}`);
  const count = width instanceof Str ? 0 : integerOf(width ?? 4, 'the width');
  const space = width instanceof Str ? width : repeat(new Str(' '), count);
  const to = new TextBuilder();
  splitLines((value as Str).plus(new Str('\n')), false).forEach((line, i) => {
    if (i > 0) to.addText('\n');
    if (i > 0 ? line.text !== '' || isTrue(blank) : isTrue(first)) to.add(space);
    to.add(line);
  });
  return to.build();
}

/** The filter `truncate`. */
export function truncated(
  value: Value,
  length: Value | undefined,
  kills: Value | undefined,
  end: Value | undefined,
  leeway: Value | undefined,
): Str {
  const text = toStr(used(value));
  const tail = end === undefined ? new Str('...') : toStr(end);
  const most = integerOf(length ?? 255, 'the length');
  const spare = leeway === undefined || leeway === null ? 5 : integerOf(leeway, 'the leeway');
  if (most < tail.length || spare < 0) fail('truncate to less than its end');
  if (text.length <= most + spare) return text;
  const kept = text.slice(0, text.pointsToUnits(most - tail.length));
  if (isTrue(kills)) return kept.plus(tail);
  return (splitText(kept, new Str(' '), 1, true)[0] as Str).plus(tail);
}

const WORD_BEGIN = /[-\s({[<]/;

/** The title filter's words begin behind space, hyphens and opening brackets. */
export function titledWords(value: Value): Str {
  return toStr(value).mapAll((text) => {
    let result = '';
    let isFirst = true;
    for (const character of text) {
      result += isFirst ? titleCase(character) : character.toLowerCase();
      isFirst = WORD_BEGIN.test(character) || isSpace(character);
    }
    return result;
  });
}

/** The filter `wordcount`. */
export function wordCount(value: Value): number {
  const { text } = toStr(value);
  spend(4 * text.length);
  return text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0;
}
