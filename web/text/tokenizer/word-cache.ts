const MOST_WORDS = 10_000;
const LONGEST_WORD = 256;

/** Words that were encoded before, with their ids: texts say the same ones over and over. */
export class WordCache {
  readonly #idsOf = new Map<string, readonly number[]>();
  readonly #encode: (word: string) => readonly number[];

  /** @param encode What gives the ids of a word that is not known yet. */
  constructor(encode: (word: string) => readonly number[]) {
    this.#encode = encode;
  }

  /** Adds the ids of a word to `ids`. */
  addTo(ids: number[], word: string): void {
    let wordIds = this.#idsOf.get(word);
    if (wordIds === undefined) {
      wordIds = this.#encode(word);
      if (word.length <= LONGEST_WORD) {
        if (this.#idsOf.size >= MOST_WORDS) this.#idsOf.clear();
        this.#idsOf.set(word, wordIds);
      }
    }
    for (const id of wordIds) ids.push(id);
  }
}
