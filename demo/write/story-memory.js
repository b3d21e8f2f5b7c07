// What a story takes of the model's memory, as the library counts it, on the strip of pages and among the figures.

import { EngineFigures } from './engine-figures.js';
import { MemoryStrip } from './memory-strip.js';

export class StoryMemory {
  #figures = new EngineFigures();
  #strip = new MemoryStrip();
  #model = null;
  /** The engine's memory when the model had been loaded. */
  #first = null;
  /** How many pages others hold, such as a chat. */
  #others = 0;
  /** How many the story holds, with its branches. */
  #pages = 0;
  #promptLength = 0;
  #maxNewTokens = 0;
  /** The tokens of the text that is shown. */
  #length = 0;

  /** @param {import('../../web/index.ts').LanguageModel} model */
  setModel(model) {
    this.#model = model;
    this.#pages = 0;
    this.#figures.setModel(model.info);
    this.#strip.setModel(model.info);
    this.#first = this.#read();
  }

  /**
   * Begins a new story. It is called before its first token is read.
   *
   * @param {number} maxNewTokens
   */
  begin(maxNewTokens) {
    this.#maxNewTokens = maxNewTokens;
    const pages = this.#pages;
    this.#others = this.#read().then((now) => (now === null ? 0 : now.kvPages - pages));
    this.#promptLength = 0;
    this.#strip.show(0);
  }

  /** The prompt is read. */
  setPrompt(length) {
    this.#promptLength = length;
    this.#strip.begin(length, this.#maxNewTokens);
  }

  /** @param {number} nTokens that the text has behind the prompt */
  show(nTokens, nTexts) {
    this.#length = this.#promptLength + nTokens;
    this.#strip.show(this.#length, nTexts);
  }

  /** Asks the library what is held now. */
  async measure() {
    const [first, others, now] = await Promise.all([this.#first, this.#others, this.#read()]);
    if (first === null || now === null) return;
    this.#pages = now.kvPages - others;
    const nMore = now.kvPages - first.kvPages;
    const bytesPerPage = nMore === 0 ? 0 : (now.bytesInUse - first.bytesInUse) / nMore;
    this.#strip.measure({ bytesPerPage, pages: this.#pages, length: this.#length });
  }

  /** Null: the model is gone. */
  async #read() {
    try {
      const stats = await this.#model.memory();
      this.#figures.showMemory(stats);
      return stats;
    } catch {
      return null;
    }
  }
}
