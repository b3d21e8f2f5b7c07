// The words of tokens, each asked for once.

export class Words {
  #model;
  #known = new Map();

  /** @param {import('../../web/index.ts').LanguageModel} model */
  constructor(model) {
    this.#model = model;
  }

  /** Finds the words of these texts, so that `of` has them. @param {number[][]} texts as token ids */
  async learn(texts) {
    await Promise.all(
      texts.map(async (ids) => {
        const key = ids.join(' ');
        if (this.#known.has(key)) return;
        this.#known.set(key, this.#model.info.hasTokenizer ? await this.#model.decode(ids) : key);
      }),
    );
  }

  /** @param {number[]} ids */
  of(ids) {
    return this.#known.get(ids.join(' ')) ?? '';
  }
}

/** Of one token, as a label: what cannot be seen has a sign. */
export function shown(text) {
  if (text.trim() !== '') return text.trim();
  if (text.includes('\n')) return '↵';
  return text === '' ? '∎' : '␣';
}
