import {
  choice,
  type Expression,
  oneOfCharacters,
  optional,
  repeat,
  rule,
  sequence,
  text,
} from './grammar.js';

/**
 * How JSON is written in forms: as Python's json.dumps writes it, on one line, with a space after each comma and colon. Models have
 * seen it most, and there is no white space without end.
 */
export const COMMA = text(', ');
export const COLON = text(': ');

/** The most digits before the point: all such integers are exact in a double. */
export const MOST_DIGITS = 15;
/** The most digits behind the point. */
export const MOST_DECIMALS = 16;

export const DIGIT = oneOfCharacters([0x30, 0x39]);
const HEX = oneOfCharacters([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]);

/** A character that stands in a JSON string as it is. */
export const PLAIN = oneOfCharacters([0x20, 0x21], [0x23, 0x5b], [0x5d, 0xd7ff], [0xe000, 0x10ffff]);

/** Any character of a JSON string, one code point in each of the ways to write it. */
export const CHARACTER: Expression = choice(
  PLAIN,
  sequence(
    text('\\'),
    choice(
      // " / \ b f n r t
      oneOfCharacters(
        [0x22, 0x22],
        [0x2f, 0x2f],
        [0x5c, 0x5c],
        [0x62, 0x62],
        [0x66, 0x66],
        [0x6e, 0x6e],
        [0x72, 0x72],
        [0x74, 0x74],
      ),
      sequence(text('u'), basicEscape()),
    ),
  ),
);

/** Four hexadecimal digits that are no half of a character. */
function basicEscape(): Expression {
  const first = oneOfCharacters([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]);
  const d = oneOfCharacters([0x44, 0x44], [0x64, 0x64]);
  const twoHex = repeat(HEX, 2, 2);
  return choice(sequence(first, HEX, twoHex), sequence(d, oneOfCharacters([0x30, 0x37]), twoHex));
}

export const ANY_STRING: Expression = sequence(text('"'), repeat(CHARACTER, 0), text('"'));

const NATURAL = choice(text('0'), sequence(oneOfCharacters([0x31, 0x39]), repeat(DIGIT, 0, MOST_DIGITS - 1)));

export const ANY_INTEGER: Expression = choice(
  NATURAL,
  sequence(text('-'), oneOfCharacters([0x31, 0x39]), repeat(DIGIT, 0, MOST_DIGITS - 1)),
);

const FRACTION = sequence(text('.'), repeat(DIGIT, 1, MOST_DECIMALS));
const EXPONENT = sequence(
  oneOfCharacters([0x45, 0x45], [0x65, 0x65]),
  optional(oneOfCharacters([0x2b, 0x2b], [0x2d, 0x2d])),
  repeat(DIGIT, 1, 2),
);

export const ANY_NUMBER: Expression = sequence(
  optional(text('-')),
  NATURAL,
  optional(FRACTION),
  optional(EXPONENT),
);

export const ANY_BOOLEAN = choice(text('true'), text('false'));

/** The rules of any value. */
export const VALUE_RULES: readonly (readonly [string, Expression])[] = [
  ['string', ANY_STRING],
  ['integer', ANY_INTEGER],
  ['number', ANY_NUMBER],
  ['object', listOf('{', sequence(rule('string'), COLON, rule('value')), '}')],
  ['array', listOf('[', rule('value'), ']')],
  ['value', choice(rule('object'), rule('array'), rule('string'), rule('number'), ANY_BOOLEAN, text('null'))],
];

function listOf(open: string, item: Expression, close: string): Expression {
  return sequence(text(open), optional(sequence(item, repeat(sequence(COMMA, item), 0))), text(close));
}
