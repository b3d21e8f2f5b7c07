/** A byte range, both ends included. */
export type ByteRange = readonly [first: number, last: number];

/** Code points from the first to the last. */
export type CodePointRange = readonly [first: number, last: number];

const MOST = 0x10ffff;
const SURROGATES: CodePointRange = [0xd800, 0xdfff];

/** All that text is made of: a half of a character of two UTF-16 units is none. */
export const ALL_CODE_POINTS: readonly CodePointRange[] = [
  [0, SURROGATES[0] - 1],
  [SURROGATES[1] + 1, MOST],
];

/** In order, without overlaps, and without halves of characters. */
export function normalizeRanges(ranges: readonly CodePointRange[]): CodePointRange[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else joined.push([first, last]);
  }
  return intersectRanges(joined, ALL_CODE_POINTS);
}

/** Of two lists in order. */
export function intersectRanges(
  a: readonly CodePointRange[],
  b: readonly CodePointRange[],
): CodePointRange[] {
  const common: CodePointRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as CodePointRange, b[j] as CodePointRange];
    const [first, last] = [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
    if (first <= last) common.push([first, last]);
    if (one[1] < other[1]) i++;
    else j++;
  }
  return common;
}

/** All other code points of text. */
export function invertRanges(ranges: readonly CodePointRange[]): CodePointRange[] {
  const others: CodePointRange[] = [];
  let next = 0;
  for (const [first, last] of normalizeRanges(ranges)) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= MOST) others.push([next, MOST]);
  return intersectRanges(others, ALL_CODE_POINTS);
}

/** The greatest code point of each length in UTF-8. */
const LAST_OF_LENGTH = [0x7f, 0x7ff, 0xffff, MOST];

/** A range of code points as rows of byte ranges, in UTF-8: any byte of the first one, then any of the second. */
export function utf8Rows([first, last]: CodePointRange): ByteRange[][] {
  const rows: ByteRange[][] = [];
  let begin = first;
  for (const [i, lastOfLength] of LAST_OF_LENGTH.entries()) {
    if (begin > last) break;
    const end = Math.min(last, lastOfLength);
    if (begin <= end) addRows(begin, end, i + 1, rows);
    begin = Math.max(begin, lastOfLength + 1);
  }
  return rows;
}

/** Splits until all bytes after the first one that differs are whole ranges. */
function addRows(first: number, last: number, length: number, rows: ByteRange[][]): void {
  for (let i = 1; i < length; i++) {
    const mask = (1 << (6 * i)) - 1;
    if ((first & ~mask) === (last & ~mask)) continue;
    if ((first & mask) !== 0) {
      addRows(first, first | mask, length, rows);
      addRows((first | mask) + 1, last, length, rows);
      return;
    }
    if ((last & mask) !== mask) {
      addRows(first, (last & ~mask) - 1, length, rows);
      addRows(last & ~mask, last, length, rows);
      return;
    }
  }
  const [low, high] = [utf8Of(first), utf8Of(last)];
  rows.push(low.map((byte, i) => [byte, high[i] as number]));
}

function utf8Of(codePoint: number): number[] {
  return [...new TextEncoder().encode(String.fromCodePoint(codePoint))];
}
