// Files of others, changed at random: JSON in its structure, and anything in its bytes.

/** JSON that cannot be made of a value: what stands here is the text itself. */
class RawJson {
  constructor(text) {
    this.text = text;
  }
}

const raw = (text) => new RawJson(text);

function nested(depth) {
  let value = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

const NUMBERS = [
  0, 1, 2, 3, -1, -2, 0.5, 1.5, 7, 11, 64, 1e3, 1e6, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 1e-9, 1e-45, 5e-324, 1e38, 3.5e38,
  1e308, -1e308, 1e18,
]; // biome-ignore format: a list to be read as one
const STRINGS = [
  '', ' ', 'a', '0', '1', 'true', 'null', 'NaN', '\ud83d', '\udc4d\ud83d', '\0', '\u2028', '__proto__', 'constructor', 'toString',
  'hasOwnProperty', '../x.json', '/etc/passwd', 'x'.repeat(5000), 'é'.repeat(300), '\0'.repeat(300), '\ud800'.repeat(300), '👍'.repeat(300), '%', '%E0%A4%A',
]; // biome-ignore format: a list to be read as one
const OTHERS = [
  null, true, false, [], {}, [null], [[]], [[1]], [[[1], 2]], [[[1], -1e9]], [1, 2], [-1], [1.5], ['a'], [0, 'a', null], { a: 1 }, { length: 5 },
  { 0: 1 }, nested(30), nested(99), nested(101), nested(600), Array(50).fill(1), Array(3000).fill('a'), raw('NaN'), raw('Infinity'),
  raw('-Infinity'), raw('1e999'), raw('-0'), raw(`${'['.repeat(5e4)}${']'.repeat(5e4)}`), raw('{"a":1,"a":2}'), raw('{"__proto__":{"polluted":1}}'), raw('{"constructor":null,"toString":1}'),
  raw('"\\ud800"'), raw('12345678901234567890123'),
]; // biome-ignore format: a list to be read as one
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  '\ud800',
  'x'.repeat(3000),
  '\0'.repeat(300),
  'a.b',
  'content',
  'type',
];

/** Text of a value that may hold raw JSON, and own keys of any name. */
export function toJson(value) {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${toJson(item)}`)
    .join(',')}}`;
}

/** Changes JSON at random places; `keys` and `values` are those that the file may know. */
export class Mutator {
  constructor(random, { keys = [], values = [] } = {}) {
    Object.assign(this, { random, keys, values });
  }

  /** Some changes of a copy. Gives the text. */
  mutated(json) {
    const root = { json: structuredClone(json) };
    for (let left = this.random.pick([1, 1, 1, 2, 4]); left > 0; left--) this.#change(root);
    return toJson(root.json);
  }

  /** Bytes with some of them changed, doubled or cut off. */
  broken(bytes) {
    const { random } = this;
    const at = random.integer(0, Math.max(0, bytes.length - 1));
    const length = random.integer(1, random.pick([1, 4, 100]));
    const kind = random.integer(0, 4);
    if (kind === 0) return bytes.slice(0, at);
    if (kind === 1) return joined(bytes.slice(0, at), bytes.slice(at + length));
    if (kind === 2) return joined(bytes.slice(0, at + length), bytes.slice(at));
    const changed = bytes.slice();
    const place = random.next() < 0.5 ? at : random.integer(0, Math.min(400, at)); // headers are small
    for (let i = place; i < Math.min(place + length, bytes.length); i++)
      changed[i] = kind === 3 ? changed[i] ^ (1 << random.integer(0, 7)) : random.integer(0, 255);
    return changed;
  }

  #change(root) {
    const { random } = this;
    const [holder, key] = this.#place(root);
    const value = holder[key];
    switch (random.integer(0, 9)) {
      case 0:
        if (key !== 'json') delete holder[key];
        if (Array.isArray(holder)) holder.length = Math.max(0, holder.length - 1);
        break;
      case 1:
        holder[key] = [value];
        break;
      case 2:
        holder[key] = { [random.pick(KEYS)]: value };
        break;
      case 3: {
        const [other, otherKey] = this.#place(root);
        holder[key] = structuredCloneOf(other[otherKey]);
        break;
      }
      case 4:
        holder[key] = this.#altered(value);
        break;
      case 5:
        if (isPlain(value)) setOwn(value, random.pick(KEYS), this.value());
        else holder[key] = this.value();
        break;
      case 6:
      case 7:
        if (isPlain(root.json) && this.keys.length > 0)
          setOwn(this.#section(root.json), random.pick(this.keys), this.value());
        else holder[key] = this.value();
        break;
      default:
        holder[key] = this.value();
    }
  }

  value() {
    const { random, values } = this;
    if (values.length > 0 && random.next() < 0.35) return structuredCloneOf(random.pick(values));
    return structuredCloneOf(random.pick(random.pick([NUMBERS, STRINGS, OTHERS])));
  }

  #altered(value) {
    const { random } = this;
    if (typeof value === 'number')
      return random.pick([value + 1, value - 1, -value, value * 2, value / 2, value * 1e9, String(value)]);
    if (typeof value === 'string')
      return random.pick([`${value}x`, value.slice(1), value.toUpperCase(), value.repeat(50), [value]]);
    if (typeof value === 'boolean') return random.pick([!value, Number(value), String(value)]);
    if (Array.isArray(value))
      return random.pick([
        value.slice(1),
        [...value, ...value],
        value.toReversed?.() ?? [],
        Object.fromEntries(value.entries()),
      ]);
    return isPlain(value) ? Object.values(value) : 1;
  }

  /** The root, or an object in it. */
  #section(root) {
    const inside = Object.values(root).filter(isPlain);
    return inside.length > 0 && this.random.next() < 0.3 ? this.random.pick(inside) : root;
  }

  /** A place, more often a shallow one: what holds it, and its key. */
  #place(root) {
    let holder = root;
    let key = 'json';
    let isAtRoot = true;
    while (isAtRoot ? this.random.next() < 0.97 : this.random.next() < 0.6) {
      const value = holder[key];
      if (typeof value !== 'object' || value === null || value instanceof RawJson) break;
      const keys = Object.keys(value);
      if (keys.length === 0) break;
      holder = value;
      key = this.random.pick(keys);
      isAtRoot = false;
    }
    return [holder, key];
  }
}

function joined(first, second) {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function isPlain(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawJson);
}

function structuredCloneOf(value) {
  return value instanceof RawJson ? value : JSON.parse(JSON.stringify(value ?? null, keepRaw), reviveRaw);
}

function keepRaw(_, value) {
  return value instanceof RawJson ? { '\0raw': value.text } : value;
}

function reviveRaw(_, value) {
  return isPlain(value) && Object.hasOwn(value, '\0raw') ? raw(value['\0raw']) : value;
}

function setOwn(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
