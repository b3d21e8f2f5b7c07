import { checkDepth, fail, step } from './budget.js';
import { Str, TextBuilder } from './marked-text.js';
import { floatText, repeat } from './python-text.js';
import { compare, Dict, Float, List, typeName, type Value } from './values.js';

export interface JsonOptions {
  isAscii: boolean;
  indent: Str | null;
  separators: readonly [item: Str, key: Str];
  sorts: boolean;
}

const ESCAPES: Record<string, string> = {
  ...{ '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b' },
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes.
const ESCAPED = /["\\\u0000-\u001f]/g;
const NOT_ASCII = /["\\]|[^ -~]/g;

/** Python's json.dumps. */
export function toJson(value: Value, options: JsonOptions): Str {
  const to = new TextBuilder();
  new Writer(to, options).write(value, 0);
  return to.build();
}

class Writer {
  readonly #to: TextBuilder;
  readonly #options: JsonOptions;

  constructor(to: TextBuilder, options: JsonOptions) {
    this.#to = to;
    this.#options = options;
  }

  write(value: Value, depth: number): void {
    step();
    checkDepth(depth);
    if (value instanceof Str) this.#string(value);
    else if (value instanceof List) {
      this.#all('[', ']', value.items, depth, (item) => this.write(item, depth + 1));
    } else if (value instanceof Dict) {
      const entries = value.entries();
      if (this.#options.sorts) entries.sort(([a], [b]) => compare(a, b));
      this.#all('{', '}', entries, depth, ([key, item]) => {
        this.#key(key);
        this.#to.add(this.#options.separators[1]);
        this.write(item, depth + 1);
      });
    } else
      this.#to.addText(scalar(value) ?? fail(`a value of type ${typeName(value)} cannot be written as JSON`));
  }

  #key(key: Value): void {
    if (key instanceof Str) this.#string(key);
    else {
      const text = scalar(key) ?? fail(`a key of type ${typeName(key)} cannot be written as JSON`);
      this.#to.addText(`"${text}"`);
    }
  }

  #all<T>(open: string, close: string, items: readonly T[], depth: number, write: (item: T) => void): void {
    const to = this.#to;
    to.addText(open);
    items.forEach((item, i) => {
      if (i > 0) to.add(this.#options.separators[0]);
      this.#newLine(depth + 1);
      write(item);
    });
    if (items.length > 0) this.#newLine(depth);
    to.addText(close);
  }

  #newLine(depth: number): void {
    const { indent } = this.#options;
    if (indent === null) return;
    this.#to.addText('\n');
    this.#to.add(repeat(indent, depth));
  }

  #string(value: Str): void {
    this.#to.addText('"');
    this.#to.add(
      value.mapParts((text) => text.replace(this.#options.isAscii ? NOT_ASCII : ESCAPED, escapeOf)),
    );
    this.#to.addText('"');
  }
}

function escapeOf(character: string): string {
  return ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function scalar(value: Value): string | null {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (!(value instanceof Float)) return null;
  if (Number.isFinite(value.value)) return floatText(value.value);
  return Number.isNaN(value.value) ? 'NaN' : value.value > 0 ? 'Infinity' : '-Infinity';
}
