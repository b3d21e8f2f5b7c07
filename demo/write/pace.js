// The pace at which what the model has written comes onto the page: a queue between the two. The model knows nothing of it.

/** Tokens a second, about as fast as one reads. */
export const READING_RATE = 30;

/** So many come at once at most, where frames are late. */
const MOST_AT_ONCE = 12;

/** What is written at full speed comes in parts that leave a frame its time. */
const MOST_PER_FRAME = 256;

/** A word of more tokens than that is shown in parts. */
const LONGEST_WORD = 8;

/** @typedef {'reading' | 'full' | 'step'} Pace */

export class Pacer {
  #show;
  #waiting = [];
  /** @type {Pace} */
  #pace = 'reading';
  #isFirst = true;
  #isComplete = false;
  #frame = 0;
  #shownMs = 0;
  #whenEmpty = [];

  /** @param {(pieces: import('../../web/index.ts').Piece[]) => void} show */
  constructor(show) {
    this.#show = show;
    document.addEventListener('visibilitychange', () => this.#schedule());
  }

  /** @returns {Pace} */
  get pace() {
    return this.#pace;
  }

  /** Full speed shows at once what waits. */
  set pace(pace) {
    this.#pace = pace;
    this.#shownMs = performance.now();
    this.#schedule();
  }

  get nWaiting() {
    return this.#waiting.length;
  }

  begin() {
    this.drop();
    this.#isFirst = true;
    this.#isComplete = false;
  }

  /** The first piece is shown at once at every pace. */
  add(piece) {
    this.#waiting.push(piece);
    if (!this.#isFirst) return this.#schedule();
    this.#isFirst = false;
    this.#shownMs = performance.now();
    this.next();
  }

  /** Shows one piece more; gives whether there was one. */
  next() {
    return this.#take(1);
  }

  /** Shows all that waits. */
  flush() {
    this.#take(this.#waiting.length);
  }

  /** Forgets what waits. */
  drop() {
    this.#waiting = [];
    this.#settle();
  }

  /** Nothing more is added. Resolves when all of it is shown, or dropped. */
  async end() {
    this.#isComplete = true;
    this.#schedule();
    if (this.#waiting.length > 0) await new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #schedule() {
    if (this.#waiting.length === 0 || this.#pace === 'step') return;
    if (document.hidden) return this.flush(); // there are no frames, and nobody looks
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const n = this.#wholeWords(this.#due());
      if (this.#pace === 'reading') this.#spend(n);
      this.#take(n);
      this.#schedule();
    });
  }

  #due() {
    if (this.#pace === 'full') return MOST_PER_FRAME;
    if (this.#pace === 'step') return 0;
    const n = Math.floor(((performance.now() - this.#shownMs) * READING_RATE) / 1000);
    return Math.min(n, MOST_AT_ONCE);
  }

  /** The time of so many tokens is over. What is late is not made up for. */
  #spend(n) {
    const most = (MOST_AT_ONCE * 1000) / READING_RATE;
    this.#shownMs = Math.max(this.#shownMs + (n * 1000) / READING_RATE, performance.now() - most);
  }

  /** As many as end with a word: one that grows at a line's end would jump to the next line. */
  #wholeWords(most) {
    let n = Math.min(most, this.#waiting.length);
    if (n === this.#waiting.length && this.#isComplete) return n;
    const isBeginning = ({ text }) => text === '' || /^\s/.test(text);
    while (n > 0 && !(n < this.#waiting.length && isBeginning(this.#waiting[n]))) n--;
    return n === 0 && Math.min(most, this.#waiting.length) > LONGEST_WORD ? LONGEST_WORD : n;
  }

  #take(n) {
    const pieces = this.#waiting.splice(0, n);
    if (pieces.length > 0) this.#show(pieces);
    this.#settle();
    return pieces.length > 0;
  }

  #settle() {
    if (this.#waiting.length > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }
}
