// Shows two texts at the same steady pace, as far as they have come.

const TICK_MS = 40;
const LONGEST_MS = 7000;

export class Replay {
  #show;
  #isEnding = false;
  #shown = 0;
  #step;
  #timer = 0;
  #resolve;
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  /** How many pieces there are of the text that came last; and of the longer one. */
  #come = 0;

  /**
   * @param {number} most pieces that can come
   * @param {(shown: number) => void} show
   */
  constructor(most, show) {
    this.#show = show;
    this.#step = Math.max(1, Math.ceil((most * TICK_MS) / LONGEST_MS));
    this.whenShown = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @param {number} come so many pieces can be shown */
  follow(come) {
    this.#come = come;
    if (this.#still.matches) return;
    this.#timer ||= setInterval(() => this.#tick(), TICK_MS);
  }

  /** All is there: `come` pieces of the longer text. @param {boolean} isAtOnce show the rest now */
  end(come, isAtOnce) {
    this.#come = come;
    this.#isEnding = true;
    if (isAtOnce || this.#still.matches) this.#shown = come;
    else this.#timer ||= setInterval(() => this.#tick(), TICK_MS);
    if (this.#shown >= come) this.#finish();
  }

  /** Shows what there is at once. */
  hurry() {
    if (!this.#isEnding) return;
    this.#shown = this.#come;
    this.#finish();
  }

  #tick() {
    this.#shown = Math.min(this.#come, this.#shown + this.#step);
    this.#show(this.#shown);
    if (this.#isEnding && this.#shown >= this.#come) this.#finish();
  }

  #finish() {
    clearInterval(this.#timer);
    this.#show(this.#shown);
    this.#resolve();
  }
}
