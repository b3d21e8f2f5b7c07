import { allowFor, checkDepth, fail } from './budget.js';
import { Str } from './marked-text.js';
import { Dict, Float, List, type Value } from './values.js';

/** A role is a word of the template's as well: the same text is the same, whichever of them writes it. */
const ROLE = /^[a-z_]+$/;

/** Copies what the caller gives: plain JSON only, so nothing of JavaScript is in reach of a template. */
export class ContextCopier {
  readonly #isLiteral: boolean;
  /** Values that come twice are copied once; null while one is copied. */
  readonly #copies = new Map<object, Value | null>();

  constructor(isLiteral: boolean) {
    this.#isLiteral = isLiteral;
  }

  copy(value: unknown, depth = 0): Value {
    checkDepth(depth);
    allowFor(64);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
      if (Number.isInteger(value)) fail('what is given holds an integer beyond 2^53');
      return new Float(value);
    }
    if (typeof value !== 'object')
      return fail(`what is given holds a ${typeof value}; only plain JSON is taken`);
    const copied = this.#copies.get(value);
    if (copied === null) fail('what is given holds itself');
    if (copied !== undefined) return copied;
    this.#copies.set(value, null);
    const made = this.#object(value, depth);
    this.#copies.set(value, made);
    return made;
  }

  #text(text: string): Str {
    allowFor(text.length);
    return this.#isLiteral ? Str.literal(text) : new Str(text);
  }

  #object(value: object, depth: number): Value {
    if (Array.isArray(value)) return new List(value.map((item) => this.copy(item, depth + 1)));
    if (Object.prototype.toString.call(value) !== '[object Object]') {
      fail('what is given holds an object that is not plain; only plain JSON is taken');
    }
    const dict = new Dict();
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      const isRole = key === 'role' && typeof item === 'string' && ROLE.test(item);
      dict.set(this.#text(key), isRole ? new Str(item) : this.copy(item, depth + 1));
    }
    return dict;
  }
}
