import {
  choice,
  EMPTY,
  type Expression,
  NEVER,
  oneOfCharacters,
  optional,
  repeat,
  sequence,
  text,
} from '../grammar.js';
import { DIGIT, MOST_DIGITS } from '../json-parts.js';

/** What numbers may be, all bounds together. */
export interface NumberBounds {
  /** -Infinity for none. */
  least: number;
  isLeastIn: boolean;
  /** Infinity for none. */
  most: number;
  isMostIn: boolean;
  /** Whole numbers of which all are multiples, or null. */
  multipleOf: number | null;
}

const MOST_INTEGER = 10 ** MOST_DIGITS - 1;

/** Integers within bounds; they are exact in a double. Null where it is not known how to write the multiples as a grammar. */
export function integersWithin(bounds: NumberBounds): Expression | null {
  const least = Math.max(
    bounds.isLeastIn ? Math.ceil(bounds.least) : Math.floor(bounds.least) + 1,
    -MOST_INTEGER,
  );
  const most = Math.min(bounds.isMostIn ? Math.floor(bounds.most) : Math.ceil(bounds.most) - 1, MOST_INTEGER);
  const factor = bounds.multipleOf ?? 1;
  if (factor === 1) return integers(least, most);
  const [first, last] = [Math.ceil(least / factor), Math.floor(most / factor)];
  if (last - first < 1000) {
    const all: Expression[] = [];
    for (let i = first; i <= last; i++) all.push(text(String(i * factor + 0)));
    return choice(...all);
  }
  const zeros = Math.round(Math.log10(factor));
  if (10 ** zeros === factor) {
    const tail = text('0'.repeat(zeros));
    const parts = [
      first < 0 ? sequence(text('-'), naturals(Math.max(1, -last), -first), tail) : NEVER,
      first <= 0 && last >= 0 ? text('0') : NEVER,
      last > 0 ? sequence(naturals(Math.max(1, first), last), tail) : NEVER,
    ];
    return choice(...parts);
  }
  return null;
}

function integers(least: number, most: number): Expression {
  if (least > most) return NEVER;
  const negative = least < 0 ? sequence(text('-'), naturals(Math.max(1, -most), -least)) : NEVER;
  const positive = most >= 0 ? naturals(Math.max(0, least), most) : NEVER;
  return choice(negative, positive);
}

/** Natural numbers from the first to the last, without zeros before them. */
function naturals(first: number, last: number): Expression {
  if (first > last) return NEVER;
  const options: Expression[] = [];
  for (let digits = String(first).length; digits <= String(last).length; digits++) {
    const low = Math.max(first, digits === 1 ? 0 : 10 ** (digits - 1));
    const high = Math.min(last, 10 ** digits - 1);
    if (low <= high) options.push(ofEqualLength(String(low), String(high)));
  }
  return choice(...options);
}

/** Digits from `low` to `high`, as many as these have. */
function ofEqualLength(low: string, high: string): Expression {
  if (low === '') return EMPTY;
  if (/^0*$/.test(low) && /^9*$/.test(high)) return repeat(DIGIT, low.length, low.length);
  const [a, b] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (a === b) return sequence(text(String(a)), ofEqualLength(lowRest, highRest));
  const nines = '9'.repeat(lowRest.length);
  const zeros = '0'.repeat(lowRest.length);
  const isLowWhole = lowRest === zeros;
  const isHighWhole = highRest === nines;
  const [from, to] = [isLowWhole ? a : a + 1, isHighWhole ? b : b - 1];
  return choice(
    isLowWhole ? NEVER : sequence(text(String(a)), ofEqualLength(lowRest, nines)),
    from <= to ? sequence(digits(from, to), repeat(DIGIT, lowRest.length, lowRest.length)) : NEVER,
    isHighWhole ? NEVER : sequence(text(String(b)), ofEqualLength(zeros, highRest)),
  );
}

function digits(from: number, to: number): Expression {
  return oneOfCharacters([0x30 + from, 0x30 + to]);
}

/** Numbers within bounds, written without an exponent, in at most 15 digits where that matters: so all are told apart. */
export function numbersWithin({ least, isLeastIn, most, isMostIn }: NumberBounds): Expression | null {
  const options: Expression[] = [];
  const low = Math.max(least, -MOST_INTEGER);
  const high = Math.min(most, MOST_INTEGER);
  if (low > high || (low === high && !(isLeastIn && isMostIn))) return NEVER;
  const lowIn = least < low || isLeastIn;
  const highIn = most > high || isMostIn;
  const positive = high >= 0 ? decimals(Math.max(0, low), low < 0 || lowIn, high, highIn) : NEVER;
  const negative = low < 0 ? decimals(Math.max(0, -high), high > 0 || highIn, -low, lowIn) : NEVER;
  if (positive === null || negative === null) return null;
  options.push(positive);
  if (negative !== NEVER) options.push(sequence(text('-'), negative));
  return choice(...options);
}

/** Decimals from 0 on; null for bounds that are not written as such. */
function decimals(low: number, lowIn: boolean, high: number, highIn: boolean): Expression | null {
  const [lowText, highText] = [decimalOf(low), decimalOf(high)];
  if (lowText === null || highText === null) return null;
  const [lowWhole, lowPart] = lowText;
  const [highWhole, highPart] = highText;
  const nPlaces = Math.max(1, MOST_DIGITS - String(highWhole).length);
  if (lowPart.length > nPlaces || highPart.length > nPlaces) return null;
  if (lowWhole === highWhole) {
    return sequence(text(String(lowWhole)), fraction(lowPart, lowIn, highPart, highIn, nPlaces));
  }
  return choice(
    sequence(text(String(lowWhole)), fraction(lowPart, lowIn, null, true, nPlaces)),
    sequence(naturals(lowWhole + 1, highWhole - 1), fraction('', true, null, true, nPlaces)),
    sequence(text(String(highWhole)), fraction('', true, highPart, highIn, nPlaces)),
  );
}

/** The whole part, and the digits behind the point without zeros at their end. */
function decimalOf(value: number): [whole: number, part: string] | null {
  const found = /^(\d+)(?:\.(\d+))?$/.exec(String(value));
  return found === null ? null : [Number(found[1]), found[2] ?? ''];
}

/**
 * What stands behind the whole part: nothing, or a point and 1 to `nPlaces` digits, such that the number they make is within bounds.
 *
 * @param high Null for none.
 */
function fraction(
  low: string,
  lowIn: boolean,
  high: string | null,
  highIn: boolean,
  nPlaces: number,
): Expression {
  const mayBeNone = low === '' && lowIn && (high === null || high !== '' || highIn);
  const behind = places(low, lowIn, high, highIn, nPlaces, 1);
  const withPoint = behind === NEVER ? NEVER : sequence(text('.'), behind);
  return mayBeNone ? optional(withPoint) : withPoint;
}

/** Digits that are above or at `low`, and below or at `high`; both are as if zeros followed. */
function places(
  low: string,
  lowIn: boolean,
  high: string | null,
  highIn: boolean,
  nPlaces: number,
  least: number,
): Expression {
  const isLowDone = low === '' && lowIn;
  if (isLowDone && high === null) return repeat(DIGIT, least, nPlaces);
  // Where the digits end here, what they make is at both bounds as far as these go.
  const mayEnd = least === 0 && isLowDone && (high === null || high !== '' || highIn);
  if (nPlaces === 0) return mayEnd ? EMPTY : NEVER;
  const a = Number(low[0] ?? 0);
  const b = high === null ? 9 : Number(high[0] ?? 0);
  const next = (nextLow: string, nextLowIn: boolean, nextHigh: string | null, nextHighIn: boolean) =>
    places(nextLow, nextLowIn, nextHigh, nextHighIn, nPlaces - 1, 0);
  const options: Expression[] = [];
  const add = (from: number, to: number, rest: Expression) => {
    if (from <= to && rest !== NEVER) options.push(sequence(digits(from, to), rest));
  };
  const highRest = high === null ? null : high.slice(1);
  if (high !== null && a > b) return mayEnd ? EMPTY : NEVER;
  if (high !== null && a === b) add(a, a, next(low.slice(1), lowIn, highRest, highIn));
  else {
    add(a, a, next(low.slice(1), lowIn, null, true));
    add(a + 1, high === null ? 9 : b - 1, next('', true, null, true));
    if (high !== null) add(b, b, next('', true, highRest, highIn));
  }
  if (mayEnd) options.push(EMPTY);
  return choice(...options);
}
