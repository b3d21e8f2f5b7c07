/**
 * How bytes are written for the grammar engine, whose character classes are right for ASCII alone: each byte becomes one or two
 * characters of ASCII, in the vocabulary and in grammars alike.
 *
 *     09-0D, 20-7F   as they are
 *     80-FF          two: U+0001 to U+0008 for the upper half of the byte, U+0010 to U+001F for the lower one
 *     others         two: U+000E, and U+0040 + byte
 */
const UPPER = 0x01;
const LOWER = 0x10;
const CONTROL = 0x0e;
const CONTROL_BASE = 0x40;

/** A byte range, both ends included. */
export type ByteRange = readonly [first: number, last: number];

/** Alternatives, each a row of character classes. */
export type CodeRanges = readonly (readonly ByteRange[])[];

const isPlain = (byte: number) => (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x20 && byte <= 0x7f);

const CODES: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (isPlain(byte)) return String.fromCharCode(byte);
  if (byte >= 0x80) return String.fromCharCode(UPPER + (byte >> 4) - 8, LOWER + (byte & 15));
  return String.fromCharCode(CONTROL, CONTROL_BASE + byte);
});

export function encodeBytes(bytes: Uint8Array): string {
  let code = '';
  for (const byte of bytes) code += CODES[byte] as string;
  return code;
}

/** The bytes of a code; a half of one at its end is left out. */
export function decodeBytes(code: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < code.length; i++) {
    const unit = code.charCodeAt(i);
    if (isPlain(unit)) {
      bytes.push(unit);
      continue;
    }
    const second = code.charCodeAt(++i);
    if (Number.isNaN(second)) break;
    bytes.push(unit === CONTROL ? second - CONTROL_BASE : ((unit - UPPER + 8) << 4) | (second - LOWER));
  }
  return Uint8Array.from(bytes);
}

/** The codes of a range of bytes. */
export function codesOfRange([first, last]: ByteRange): CodeRanges {
  const rows: ByteRange[][] = [];
  const within = (from: number, to: number, add: (low: number, high: number) => void) => {
    const [low, high] = [Math.max(first, from), Math.min(last, to)];
    if (low <= high) add(low, high);
  };
  const controls = (low: number, high: number) =>
    rows.push([
      [CONTROL, CONTROL],
      [CONTROL_BASE + low, CONTROL_BASE + high],
    ]);
  within(0x00, 0x08, controls);
  within(0x09, 0x0d, (low, high) => rows.push([[low, high]]));
  within(0x0e, 0x1f, controls);
  within(0x20, 0x7f, (low, high) => rows.push([[low, high]]));
  within(0x80, 0xff, (low, high) => rows.push(...codesOfHighBytes(low, high)));
  return rows;
}

/** Rows of the upper halves, with those of equal lower halves in one. */
function codesOfHighBytes(low: number, high: number): ByteRange[][] {
  const row = (upperFirst: number, upperLast: number, lowerFirst: number, lowerLast: number): ByteRange[] => [
    [UPPER + upperFirst - 8, UPPER + upperLast - 8],
    [LOWER + lowerFirst, LOWER + lowerLast],
  ];
  const [lowUpper, highUpper] = [low >> 4, high >> 4];
  if (lowUpper === highUpper) return [row(lowUpper, lowUpper, low & 15, high & 15)];
  const rows: ByteRange[][] = [];
  const firstWhole = (low & 15) === 0 ? lowUpper : lowUpper + 1;
  const lastWhole = (high & 15) === 15 ? highUpper : highUpper - 1;
  if (firstWhole > lowUpper) rows.push(row(lowUpper, lowUpper, low & 15, 15));
  if (firstWhole <= lastWhole) rows.push(row(firstWhole, lastWhole, 0, 15));
  if (lastWhole < highUpper) rows.push(row(highUpper, highUpper, 0, high & 15));
  return rows;
}
