import type { StepBudget } from './step-budget.js';

const PAGE_BITS = 8;
const PAGE_SIZE = 1 << PAGE_BITS;

/** One small number for each fork at each place of a text, 0 at first; in pages, so that only what is used takes memory. */
export class Marks {
  readonly #nForks: number;
  readonly #nPlaces: number;
  readonly #budget: StepBudget;
  readonly #pages: (Uint8Array | undefined)[] = [];
  #nForgotten = 0; // pages

  /** @param length Of the text. */
  constructor(nForks: number, length: number, budget: StepBudget) {
    this.#nForks = nForks;
    this.#nPlaces = length + 1;
    this.#budget = budget;
  }

  get(fork: number, pos: number): number {
    const page = this.#pages[pos >> PAGE_BITS];
    return page === undefined ? 0 : (page[(pos & (PAGE_SIZE - 1)) * this.#nForks + fork] as number);
  }

  set(fork: number, pos: number, value: number): void {
    const index = pos >> PAGE_BITS;
    let page = this.#pages[index];
    if (page === undefined) {
      const nPlaces = Math.min(PAGE_SIZE, this.#nPlaces - index * PAGE_SIZE);
      page = new Uint8Array(nPlaces * this.#nForks);
      this.#budget.spend(page.length);
      while (this.#pages.length < index) this.#pages.push(undefined);
      this.#pages[index] = page;
    }
    page[(pos & (PAGE_SIZE - 1)) * this.#nForks + fork] = value;
  }

  /** Forgets what was kept of all forks at a place. */
  clear(pos: number): void {
    const begin = (pos & (PAGE_SIZE - 1)) * this.#nForks;
    this.#pages[pos >> PAGE_BITS]?.fill(0, begin, begin + this.#nForks);
  }

  /** Gives the memory back of what lies before a place. */
  forgetBefore(pos: number): void {
    for (; this.#nForgotten < pos >> PAGE_BITS; this.#nForgotten++) {
      if (this.#nForgotten < this.#pages.length) this.#pages[this.#nForgotten] = undefined;
    }
  }
}
