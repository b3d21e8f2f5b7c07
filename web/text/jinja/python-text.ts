import { checkDepth, fail, spend, step } from './budget.js';
import { EMPTY, Str, TextBuilder } from './marked-text.js';
import {
  Callable,
  Dict,
  Float,
  isNumber,
  iterate,
  List,
  Namespace,
  numberOf,
  Range,
  typeName,
  Undefined,
  type Value,
  View,
} from './values.js';

/** Python's `str`. */
export function toStr(value: Value): Str {
  if (value instanceof Str) return value;
  if (value instanceof Undefined) return EMPTY;
  return repr(value);
}

/** Python's `repr`. */
export function repr(value: Value): Str {
  if (value instanceof Str) return reprOfStr(value);
  const builder = new TextBuilder();
  writeRepr(builder, value, 0);
  return builder.build();
}

function writeRepr(to: TextBuilder, value: Value, depth: number): void {
  step();
  checkDepth(depth);
  if (value instanceof Str) to.add(reprOfStr(value));
  else if (value instanceof List) {
    const [open, close] = value.isTuple ? ['(', value.items.length === 1 ? ',)' : ')'] : ['[', ']'];
    writeItems(to, open, value.items, close, depth);
  } else if (value instanceof Dict) writeDict(to, value, depth);
  else if (value instanceof View) writeItems(to, `dict_${value.kind}([`, iterate(value), '])', depth);
  else if (value instanceof Namespace) {
    const dict = new Dict();
    for (const [name, member] of value.members) dict.set(new Str(name), member);
    to.addText('<Namespace ');
    writeDict(to, dict, depth);
    to.addText('>');
  } else to.addText(plainRepr(value));
}

function plainRepr(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Range) {
    return `range(${value.start}, ${value.stop}${value.step === 1 ? '' : `, ${value.step}`})`;
  }
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Callable) return `<${value.kind} ${value.name}>`;
  return `<${typeName(value)} object>`;
}

function writeItems(
  to: TextBuilder,
  open: string,
  items: readonly Value[],
  close: string,
  depth: number,
): void {
  to.addText(open);
  items.forEach((item, i) => {
    if (i > 0) to.addText(', ');
    writeRepr(to, item, depth + 1);
  });
  to.addText(close);
}

function writeDict(to: TextBuilder, dict: Dict, depth: number): void {
  to.addText('{');
  dict.entries().forEach(([key, value], i) => {
    if (i > 0) to.addText(', ');
    writeRepr(to, key, depth + 1);
    to.addText(': ');
    writeRepr(to, value, depth + 1);
  });
  to.addText('}');
}

const UNPRINTABLE = /[\\'"]|(?! )[\p{C}\p{Z}]/gu;
const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function reprOfStr(value: Str): Str {
  const quote = value.text.includes("'") && !value.text.includes('"') ? '"' : "'";
  const escapeOf = (found: string): string => {
    if (found === "'" || found === '"') return found === quote ? `\\${found}` : found;
    const code = found.codePointAt(0) as number;
    const [mark, digits] = code < 0x100 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
    return SHORT_ESCAPES[found] ?? `\\${mark}${code.toString(16).padStart(digits as number, '0')}`;
  };
  spend(4 * value.text.length);
  const whole = new TextBuilder();
  whole.addText(quote);
  whole.add(value.mapParts((text) => text.replace(UNPRINTABLE, escapeOf)));
  whole.addText(quote);
  return whole.build();
}

/** Python's text of a float: the shortest that reads back, with an exponent outside of 1e-4 to 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('.') ? text : `${text}.0`;
}

const PERCENT = /%(?:\(([^()]*)\))?([-+ #0]*)(\d+|\*)?(?:\.(\d+))?([a-zA-Z%])/y;

/** Python's `format % values`. */
export function percentFormat(format: Str, given: Value): Str {
  const values = given instanceof List && given.isTuple ? given.items : [given];
  const to = new TextBuilder();
  let at = 0;
  let next = 0;
  for (;;) {
    const begin = format.text.indexOf('%', at);
    to.add(format.slice(at, begin < 0 ? undefined : begin));
    if (begin < 0) break;
    step();
    PERCENT.lastIndex = begin;
    const found = PERCENT.exec(format.text);
    if (found === null) fail("a '%' that begins no known format");
    at = PERCENT.lastIndex;
    const [, name, flags = '', width = '', precision, kind = ''] = found;
    if (kind === '%') {
      to.addText('%');
      continue;
    }
    if (width === '*') fail("a '%' format with a width of '*'");
    let value: Value | undefined;
    if (name === undefined) value = values[next++];
    else value = given instanceof Dict ? given.get(new Str(name)) : fail('a format with names needs a dict');
    if (value === undefined) fail(`the format has no value for ${found[0]}`);
    const align = flags.includes('-') ? '<' : '>';
    const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
    const zero = flags.includes('0') && align === '>' && !'sra'.includes(kind) ? '0' : '';
    const spec = {
      fill: ' ',
      align,
      sign,
      zero,
      width: Number(width),
      precision,
      kind,
      comma: '',
      alternate: flags.includes('#'),
    };
    to.add(formatOne(value, spec));
  }
  if (next < values.length && !(given instanceof Dict)) fail('more values than the format takes');
  return to.build();
}

interface Spec {
  fill: string;
  align: string;
  sign: string;
  zero: string;
  width: number;
  precision: string | undefined;
  kind: string;
  comma: string;
  alternate: boolean;
}

const SPEC = /^(?:(.)?([<>^=]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

/** Python's `format(value, spec)`. */
export function formatValue(value: Value, spec: string): Str {
  if (spec === '') return toStr(value);
  if (spec.length > 100) fail('a format that is too long');
  const found = SPEC.exec(spec);
  if (found === null) fail(`the format ${JSON.stringify(spec)} is unknown`);
  const [, fill, align, sign, alternate, zero, width, comma, precision, kind] = found;
  const isText = !isNumber(value) || typeof value === 'boolean';
  if (isText && kind !== undefined && kind !== 's')
    fail(`a value of type ${typeName(value)} takes no format '${kind}'`);
  if (!isText && kind === 's') fail("a number takes no format 's'");
  return formatOne(value, {
    fill: fill ?? ' ',
    align: align ?? (isText ? '<' : '>'),
    sign: sign ?? '',
    zero: align === undefined ? (zero ?? '') : '',
    width: Number(width ?? 0),
    precision,
    kind: kind ?? (isText ? 's' : ''),
    comma: comma ?? '',
    alternate: alternate !== undefined,
  });
}

function formatOne(value: Value, spec: Spec): Str {
  const { kind } = spec;
  if (Number(spec.precision ?? 0) > 100) fail('a format with more than 100 digits');
  if (kind === 's' || kind === 'r' || kind === 'a') {
    let text = kind === 's' ? toStr(value) : repr(value);
    if (spec.precision !== undefined)
      text = text.slice(0, text.pointsToUnits(Math.min(Number(spec.precision), text.length)));
    return pad(text, spec.width, spec.align, new Str(spec.fill));
  }
  if (kind === 'c')
    return pad(
      typeof value === 'number' ? new Str(String.fromCodePoint(value)) : toStr(value),
      spec.width,
      spec.align,
    );
  if (!isNumber(value)) return fail(`the format '${kind}' needs a number, not ${typeName(value)}`);
  const number = numberOf(value);
  let text = digitsOf(Math.abs(number), value instanceof Float, spec);
  if (spec.comma !== '')
    text = text.replace(/^\d+/, (digits) => digits.replace(/\B(?=(?:\d{3})+$)/g, spec.comma));
  const sign =
    number < 0 || Object.is(number, -0)
      ? value instanceof Float || number < 0
        ? '-'
        : ''
      : spec.sign === '-'
        ? ''
        : spec.sign;
  if (spec.zero !== '' || spec.align === '=') {
    const fill = spec.zero !== '' ? '0' : spec.fill;
    return pad(new Str(text), spec.width - sign.length, '>', new Str(fill), sign);
  }
  return pad(new Str(sign + text), spec.width, spec.align, new Str(spec.fill));
}

function digitsOf(value: number, isFloat: boolean, spec: Spec): string {
  const precision = Number(spec.precision ?? 6);
  switch (spec.kind) {
    case 'd':
    case 'i':
    case 'u':
      return String(Math.trunc(value));
    case 'x':
    case 'X':
    case 'o':
    case 'b': {
      const base = { x: 16, o: 8, b: 2 }[spec.kind.toLowerCase()] as number;
      const text = `${spec.alternate ? `0${spec.kind}` : ''}${Math.trunc(value).toString(base)}`;
      return spec.kind === 'X' ? text.toUpperCase() : text;
    }
    case 'f':
    case 'F':
      return fixed(value, precision);
    case '%':
      return `${fixed(value * 100, precision)}%`;
    case 'e':
    case 'E': {
      const text = withTwoDigits(value.toExponential(precision));
      return spec.kind === 'E' ? text.toUpperCase() : text;
    }
    case 'g':
    case 'G':
      return general(value, precision === 0 ? 1 : precision);
    case '':
      if (spec.precision !== undefined) return general(value, precision === 0 ? 1 : precision);
      return isFloat ? floatText(value) : String(value);
    default:
      return fail(`the format '${spec.kind}' is unknown`);
  }
}

function general(value: number, precision: number): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential(precision - 1).split('e')[1]);
  if (exponent >= -4 && exponent < precision) {
    const text = value.toFixed(Math.max(0, precision - 1 - exponent));
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  }
  return withTwoDigits(value.toExponential(precision - 1).replace(/\.?0+e/, 'e'));
}

function withTwoDigits(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Ties go to the even digit, as the exact value says: JavaScript's toFixed takes the larger. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  const text =
    value >= 1e21
      ? BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '')
      : value.toFixed(digits);
  // A tie is an odd number of halves of the last digit, which such products tell exactly.
  const halves = value * 2 ** (digits + 1) * 5 ** digits;
  const isTie =
    Number.isInteger(value * 2 ** (digits + 1)) && Number.isSafeInteger(halves) && halves % 2 === 1;
  if (!isTie) return text;
  const below = (halves - 1) / 2;
  return ((below % 2 === 0 ? below : below + 1) / 10 ** digits).toFixed(digits);
}

/** Fills a text up to a width. */
export function pad(text: Str, width: number, align: string, fill = new Str(' '), before = ''): Str {
  const missing = width - text.length;
  const to = new TextBuilder();
  to.addText(before);
  if (missing <= 0) {
    to.add(text);
    return to.build();
  }
  spend(missing);
  const left = align === '<' ? 0 : align === '^' ? Math.floor(missing / 2) : missing;
  to.add(repeat(fill, left));
  to.add(text);
  to.add(repeat(fill, missing - left));
  return to.build();
}

/** The text so many times. */
export function repeat(text: Str, count: number): Str {
  if (count <= 0 || text.text === '') return EMPTY;
  spend(Math.min(count * (text.text.length + text.marks.length), Number.MAX_SAFE_INTEGER));
  if (text.marks.length === 0) return new Str(text.text.repeat(count));
  if (text.isLiteral) return Str.literal(text.text.repeat(count));
  const to = new TextBuilder();
  for (let i = 0; i < count; i++) to.add(text);
  return to.build();
}
