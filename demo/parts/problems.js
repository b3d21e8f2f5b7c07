// Errors on the page: what went wrong, in words, and a way on.

import { ADVICE, TITLES } from './problem-words.js';

/** The page's own complaints, with the codes of the library's. */
export class PageProblem extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The place where an error is shown, until it is closed or something works again. */
export class Problems {
  /** Where errors are shown that do not say where: put first into this element. */
  home = null;
  #place;

  /** @param {HTMLElement} place a live region */
  constructor(place) {
    this.#place = place;
  }

  /**
   * @param {unknown} error
   * @param {string} [remark] what else the reader should know, such as which model is still there
   * @param {HTMLElement} [near] what it is shown after
   * @param {{ label: string, act(): void }} [way] a way on, as a button
   */
  show(error, remark = '', near = null, way = null) {
    if (near !== null) near.after(this.#place);
    else if (this.home !== null && this.#place.parentNode !== this.home) this.home.prepend(this.#place);
    const { code, message = String(error) } = error ?? {};
    const title = document.createElement('strong');
    title.textContent = `${TITLES[code] ?? 'Something went wrong'}.`;
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = '×';
    close.className = 'close';
    close.setAttribute('aria-label', 'Close this message');
    close.addEventListener('click', () => this.clear());
    const words = [message && sentence(message), ADVICE[code], remark].filter(Boolean).join(' ');
    this.#place.replaceChildren(title, ` ${words}`, ...(way === null ? [] : [wayOn(way)]), close);
    this.#place.dataset.code = code ?? '';
    if (near !== null) this.#place.scrollIntoView({ block: 'nearest' });
  }

  /** Whether something is shown, and in this element. */
  isIn(element) {
    return this.#place.hasChildNodes() && element.contains(this.#place);
  }

  /** The code of what is shown; null where nothing is. */
  get code() {
    return this.#place.dataset.code ?? null;
  }

  clear() {
    this.#place.replaceChildren();
    delete this.#place.dataset.code;
  }
}

function wayOn({ label, act }) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'secondary way-on';
  made.textContent = label;
  made.addEventListener('click', act);
  return made;
}

/** The library's messages begin small and end without a full stop; a file's name keeps its letters. */
function sentence(message) {
  const begun = /^[a-z]+[ ,']/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
