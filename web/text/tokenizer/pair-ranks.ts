const NONE = -1;

/** The ranks of pairs of ids: a hash table with open addressing, as a Map of half a million numbers takes half a second. */
export class PairRanks {
  readonly #firsts: Int32Array;
  readonly #seconds: Int32Array;
  readonly #ranks: Int32Array;

  /** @param most How many there will be. */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * most + 2));
    this.#firsts = new Int32Array(size).fill(NONE);
    this.#seconds = new Int32Array(size);
    this.#ranks = new Int32Array(size);
  }

  /** It takes the place of an earlier one of the same pair. */
  set(first: number, second: number, rank: number): void {
    const slot = this.#slot(first, second);
    this.#firsts[slot] = first;
    this.#seconds[slot] = second;
    this.#ranks[slot] = rank;
  }

  /** Undefined for none, and for ids that are negative. */
  get(first: number, second: number): number | undefined {
    if (first < 0 || second < 0) return undefined;
    const slot = this.#slot(first, second);
    return this.#firsts[slot] === NONE ? undefined : this.#ranks[slot];
  }

  /** Where the pair is, or the free place for it. */
  #slot(first: number, second: number): number {
    const mask = this.#firsts.length - 1;
    let slot = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & mask;
    while (this.#firsts[slot] !== NONE && (this.#firsts[slot] !== first || this.#seconds[slot] !== second)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
