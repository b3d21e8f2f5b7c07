import type { Pattern, PatternSearch } from './linear-pattern.js';

/** Finds a string. The empty one is found nowhere, as in the library that tokenizer.json files are made for. */
export class LiteralPattern implements Pattern {
  readonly #literal: string;

  constructor(literal: string) {
    this.#literal = literal;
  }

  search(text: string): PatternSearch {
    return new LiteralSearch(this.#literal, text);
  }
}

class LiteralSearch implements PatternSearch {
  begin = 0;
  end = 0;
  readonly #literal: string;
  readonly #text: string;

  constructor(literal: string, text: string) {
    this.#literal = literal;
    this.#text = text;
  }

  next(): boolean {
    if (this.#literal === '') return false;
    const begin = this.#text.indexOf(this.#literal, this.end);
    if (begin < 0) return false;
    this.begin = begin;
    this.end = begin + this.#literal.length;
    return true;
  }
}
