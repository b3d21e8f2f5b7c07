// Values as the source text of JavaScript.

const LINE = 90;
const NAME = /^[a-zA-Z_$][\w$]*$/;

/** "it's" -> 'it\'s'; what would end a script of a page is written otherwise. */
export function quote(text) {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inside.replace(/<(?=\/?script|!--)/gi, '\\x3c')}'`;
}

/**
 * @param {unknown} value of strings, numbers, lists and objects
 * @param {string} [indent] of the line that it begins in
 */
export function literal(value, indent = '') {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{ ', ' }'];
  const entries = Object.entries(value).map(([name, each]) => {
    const words = literal(each, `${indent}  `);
    if (Array.isArray(value)) return words;
    return `${NAME.test(name) ? name : quote(name)}: ${words}`;
  });
  const flat = `${open}${entries.join(', ')}${close}`;
  if (entries.length === 0) return open.trim() + close.trim();
  if (indent.length + flat.length <= LINE && !flat.includes('\n') && entries.length < 4) return flat;
  if (typeof value[0] === 'number') return flat;
  return `${open.trim()}\n${entries.map((each) => `${indent}  ${each},\n`).join('')}${indent}${close.trim()}`;
}
