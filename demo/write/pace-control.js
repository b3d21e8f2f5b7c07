// The choice of the pace, the button for the next word, and in words what the pace does to what one sees.

import { count } from '../parts/format.js';
import { READING_RATE } from './pace.js';

export class PaceControl {
  #select = document.querySelector('#pace');
  #next = document.querySelector('#next-word');
  #words = document.querySelector('#pace-words');
  #pacer;
  #hasWaited = false;

  /**
   * @param {import('./pace.js').Pacer} pacer
   * @param {() => void} onNext the next word is asked for
   */
  constructor(pacer, onNext) {
    this.#pacer = pacer;
    this.#select.addEventListener('change', () => this.#set());
    this.#next.addEventListener('click', () => {
      if (this.#next.getAttribute('aria-disabled') === 'false') onNext();
    });
    // In the text the key goes from word to word first, and the sheet asks for the next one.
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowRight' || this.#pacer.pace !== 'step') return;
      if (!event.target.closest('input, select, textarea, #text')) onNext();
    });
    this.#set();
  }

  begin() {
    this.#hasWaited = false;
    this.show(0);
  }

  /**
   * Says how what is shown differs from what is written.
   *
   * @param {number} tokensPerSecond of the model
   */
  show(tokensPerSecond) {
    const { pace, nWaiting } = this.#pacer;
    this.#hasWaited ||=
      pace === 'step' ? nWaiting > 0 : pace === 'reading' && tokensPerSecond > READING_RATE && nWaiting > 1;
    this.#next.setAttribute('aria-disabled', String(nWaiting === 0 || pace !== 'step'));
    const words = this.#hasWaited && tokensPerSecond > 0 ? wordsFor(pace, tokensPerSecond, nWaiting) : '';
    if (this.#words.textContent !== words) this.#words.textContent = words;
  }

  #set() {
    this.#pacer.pace = this.#select.value;
    if (this.#pacer.pace === 'full') this.#hasWaited = false;
    this.#next.hidden = this.#select.value !== 'step';
    document.querySelector('#desk').dataset.pace = this.#select.value;
    this.show(0);
  }
}

function wordsFor(pace, tokensPerSecond, nWaiting) {
  const written = `Written at ${count(Math.round(tokensPerSecond))} tokens/s,`;
  if (pace === 'reading') return `${written} shown at reading pace.`;
  return `${written} step by step: ${nWaiting === 0 ? 'that was the last one' : `${count(nWaiting)} wait`}.`;
}
