// The texts of single tokens, which are asked for once.

export class TokenTexts {
  #model;
  #known = new Map();
  #coming = null;

  /** @param {import('../../web/index.ts').LanguageModel} model */
  constructor(model) {
    this.#model = model;
  }

  /** The token's text in the middle of a text: "(the end)" of an end token; null where it is not known yet. */
  get(id) {
    return this.#known.get(id) ?? null;
  }

  /** Asks for those that are not known yet, and calls `onKnown` when they have come. */
  ask(ids, onKnown) {
    const missing = ids.filter((id) => !this.#known.has(id));
    if (missing.length === 0) return;
    this.#coming ??= this.all(missing)
      .catch(() => {}) // the model is gone
      .then(() => {
        this.#coming = null;
        onKnown();
      });
  }

  /**
   * @param {Iterable<number>} ids
   * @returns {Promise<string[]>}
   */
  all(ids) {
    return Promise.all(Array.from(ids, (id) => this.#read(id)));
  }

  async #read(id) {
    if (!this.#known.has(id)) this.#known.set(id, await this.#decode(id));
    return this.#known.get(id);
  }

  async #decode(id) {
    const { info } = this.#model;
    if (!info.hasTokenizer) return ` ${id}`;
    if (info.eosTokenIds.includes(id)) return END;
    // Some tokenizers drop the space at a text's beginning, so there is another token before it.
    const [one, two] = await Promise.all([this.#model.decode([id]), this.#model.decode([id, id])]);
    return two.startsWith(one) ? two.slice(one.length) : one;
  }
}

export const END = '(the end)';
