const NONE = -1;

/**
 * The ids of tokens, found by stretches of other strings: making a string of each part of half a million merges would take longer
 * than all else. A hash table with open addressing. Of tokens that are the same, the last is found.
 */
export class TokenIndex {
  readonly #tokens: readonly (string | null)[];
  readonly #slots: Int32Array;

  constructor(tokens: readonly (string | null)[]) {
    this.#tokens = tokens;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * tokens.length + 2))).fill(NONE);
    tokens.forEach((token, id) => {
      if (token === null) return;
      const slot = this.#slot(token, 0, token.length, token.length, token.length);
      this.#slots[slot] = id;
    });
  }

  /** The id of the token that is two stretches of a text, one behind the other; -1 for none. */
  find(text: string, begin: number, end: number, secondBegin = end, secondEnd = end): number {
    return this.#slots[this.#slot(text, begin, end, secondBegin, secondEnd)] as number;
  }

  /** Where the token is, or the free place for it. */
  #slot(text: string, begin: number, end: number, secondBegin: number, secondEnd: number): number {
    let hash = 0;
    for (let i = begin; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x9e3779b1) ^ (hash >>> 15);
    for (let i = secondBegin; i < secondEnd; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x9e3779b1) ^ (hash >>> 15);
    }
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 16)) & mask;
    for (;;) {
      const id = this.#slots[slot] as number;
      if (id === NONE || this.#is(this.#tokens[id] as string, text, begin, end, secondBegin, secondEnd))
        return slot;
      slot = (slot + 1) & mask;
    }
  }

  #is(
    token: string,
    text: string,
    begin: number,
    end: number,
    secondBegin: number,
    secondEnd: number,
  ): boolean {
    const middle = end - begin;
    if (token.length !== middle + secondEnd - secondBegin) return false;
    for (let i = 0; i < middle; i++) if (token.charCodeAt(i) !== text.charCodeAt(begin + i)) return false;
    for (let i = secondBegin; i < secondEnd; i++) {
      if (token.charCodeAt(middle + i - secondBegin) !== text.charCodeAt(i)) return false;
    }
    return true;
  }
}
