// The model's memory of the text: a cell for each page of 32 positions, which fill as tokens come.

import { bytes, count } from '../parts/format.js';

export const PAGE_POSITIONS = 32;

/** More cells than that stand for several pages each. */
const MOST_CELLS = 64;

export class MemoryStrip {
  #strip = document.querySelector('#memory-strip');
  #words = document.querySelector('#memory-words');
  #cells = [];
  #perCell = PAGE_POSITIONS;
  #contextLength = 0;
  #promptLength = 0;
  #measured = null;
  /** Whether 32 positions are one page. */
  #isPlain = true;
  #nFilled = 0;

  /** @param {{ contextLength: number }} info */
  setModel({ contextLength }) {
    this.#contextLength = contextLength;
    this.#measured = null;
    this.#isPlain = true;
    this.#promptLength = 0;
    this.#divide(contextLength);
    this.show(0);
  }

  /** Begins with the prompt, which stands in another tone. */
  begin(promptLength, maxNewTokens) {
    this.#promptLength = promptLength;
    this.#divide(Math.min(promptLength + maxNewTokens, this.#contextLength));
    this.show(promptLength);
  }

  /**
   * @param {{ bytesPerPage: number, pages: number, length: number }} measured what the library counted: `pages` of the story
   *   with its branches, none where a model keeps its past in another way; `length` of the text that was shown then
   */
  measure(measured) {
    this.#measured = measured;
  }

  /**
   * @param {number} length the tokens of the text that is shown
   * @param {number} [nTexts] how many there are with its branches
   */
  show(length, nTexts = 1) {
    const last = Math.min(this.#cells.length, Math.ceil(length / this.#perCell));
    for (let cell = 0; cell < Math.max(last, this.#nFilled); cell++) {
      // What was full stays full; with a shorter text all of them change.
      if (cell < this.#nFilled - 1 && cell < last - 1) continue;
      this.#cells[cell].style.setProperty('--filled', this.#shareOf(cell, length));
      this.#cells[cell].style.setProperty('--prompt', this.#shareOf(cell, this.#promptLength));
    }
    this.#nFilled = last;
    this.#words.textContent = `${this.#wordsFor(length, nTexts)}${this.#wordsForAll(nTexts)}.`;
  }

  /** Makes as many cells as the text may come to fill. */
  #divide(mostTokens) {
    const nPages = Math.ceil(mostTokens / PAGE_POSITIONS);
    const nCells = Math.max(1, Math.min(nPages, MOST_CELLS));
    this.#perCell = (nPages * PAGE_POSITIONS) / nCells;
    this.#nFilled = nCells;
    if (this.#cells.length === nCells) return;
    this.#cells = Array.from({ length: nCells }, () => document.createElement('span'));
    this.#strip.replaceChildren(...this.#cells);
  }

  #shareOf(cell, length) {
    return Math.min(1, Math.max(0, length / this.#perCell - cell)).toFixed(3);
  }

  #wordsFor(length, nTexts) {
    if (length === 0) return 'The model’s memory of this text: nothing yet';
    const tokens = `The model’s memory of this text: ${count(length)} of ${count(this.#contextLength)} tokens`;
    if (this.#measured?.pages === 0) return tokens;
    // Layers of several kinds have pages of their own, which only the count of a single text tells.
    const isCounted = nTexts === 1 && this.#measured?.length === length;
    const computed = Math.ceil(length / PAGE_POSITIONS);
    if (isCounted) this.#isPlain = this.#measured.pages === computed;
    if (!isCounted && !this.#isPlain) return tokens;
    const pages = isCounted ? this.#measured.pages : computed;
    return [
      tokens,
      `${count(pages)} page${pages === 1 ? '' : 's'}`,
      this.#measured !== null && bytes(pages * this.#measured.bytesPerPage),
    ]
      .filter(Boolean)
      .join(', ');
  }
  #wordsForAll(nTexts) {
    if (nTexts === 1 || !this.#measured?.pages) return '';
    const { pages, bytesPerPage } = this.#measured;
    const all = nTexts === 2 ? 'both texts' : `all ${nTexts} texts`;
    return `; ${all} together ${count(pages)} pages, ${bytes(pages * bytesPerPage)}`;
  }
}
