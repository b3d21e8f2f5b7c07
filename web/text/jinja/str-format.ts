import { fail, step } from './budget.js';
import { Str, TextBuilder } from './marked-text.js';
import { itemOf } from './operators.js';
import { formatValue, repr, toStr } from './python-text.js';
import type { Keywords, Value } from './values.js';

const FIELD = /^([^.[\]!:{}]*)((?:\.[^.[\]!:{}]+|\[[^\]{}]+\])*)(?:!([rsa]))?(?::([^{}]*))?$/;
const MEMBER = /\.([^.[]+)|\[([^\]]+)\]/g;

/** Python's `text.format(…)`, without fields inside of formats. */
export function formatText(format: Str, args: readonly Value[], keywords: Keywords): Str {
  const { text } = format;
  const to = new TextBuilder();
  let next = 0;
  for (let at = 0; at < text.length; ) {
    step();
    let end = at;
    while (end < text.length && text[end] !== '{' && text[end] !== '}') end++;
    to.add(format.slice(at, end));
    if (end === text.length) break;
    if (text[end + 1] === text[end]) {
      to.add(format.slice(end, end + 1));
      at = end + 2;
      continue;
    }
    const close = text.indexOf('}', end);
    if (text[end] === '}' || close < 0) fail(`a single '${text[end]}' in a format`);
    if (close - end > 1000) fail('a field of a format is too long');
    const field = FIELD.exec(text.slice(end + 1, close));
    if (field === null) fail(`the field ${text.slice(end, close + 1)} of a format is unknown`);
    const [, name = '', members = '', conversion, spec = ''] = field;
    const key = name === '' ? String(next++) : name;
    let value = /^\d+$/.test(key) ? args[Number(key)] : keywords.get(key);
    for (const [, attribute, item] of members.matchAll(MEMBER)) {
      const member = item !== undefined && /^\d+$/.test(item) ? Number(item) : new Str(item ?? '');
      if (attribute !== undefined) fail('a format cannot look into values with a dot');
      value = value === undefined ? undefined : itemOf(value, member);
    }
    if (value === undefined) fail(`the format has no value for {${field[0]}}`);
    if (conversion !== undefined) value = conversion === 's' ? toStr(value) : repr(value);
    to.add(formatValue(value, spec));
    at = close + 1;
  }
  return to.build();
}
