// The sheet: the prompt, then the text as it comes. The first piece is shown at once, the others once per frame.

import { Staff } from './staff.js';

export class Output {
  #sheet = document.querySelector('#sheet');
  #text = document.querySelector('#text');
  #prompt = document.querySelector('#text-prompt');
  #voice = document.querySelector('#text-voice');
  #blank = document.querySelector('#blank');
  #copy = document.querySelector('#copy');
  #staff = new Staff(document.querySelector('#staff'));
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  /** The text whose arrival is over; what is arriving stands behind it in elements of its own. */
  #settled = document.createTextNode('');
  #waiting = [];
  #frame = 0;
  #showsIds = false;

  /** @param {(message: string) => void} announce tells screen readers */
  constructor(announce) {
    this.#voice.addEventListener('animationend', (event) => this.#settle(event.target));
    this.#copy.addEventListener('click', () => this.#copyText(announce));
  }

  /**
   * Begins a new text.
   *
   * @param {string | number[]} prompt
   */
  begin(prompt) {
    this.#showsIds = typeof prompt !== 'string';
    this.#waiting = [];
    this.#settled.data = '';
    this.#staff.clear();
    this.#blank.hidden = true;
    this.#text.classList.toggle('ids', this.#showsIds);
    this.#prompt.textContent = this.#showsIds ? prompt.join(' ') : prompt;
    this.#voice.replaceChildren(this.#settled);
    this.#text.setAttribute('aria-busy', 'true');
    this.#copy.setAttribute('aria-disabled', 'false');
    this.#bringIntoView();
  }

  /** @param {{ text: string, tokenIds: number[] }} piece */
  add(piece) {
    this.#waiting.push(piece);
    if (this.#voice.textContent === '') this.#show();
    else this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  /** Shows what is left, and that nothing more comes. */
  end() {
    this.#show();
    this.#text.setAttribute('aria-busy', 'false');
  }

  #show() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const pieces = this.#waiting;
    this.#waiting = [];
    if (pieces.length === 0) return;
    for (const { text, tokenIds } of pieces) if (tokenIds.length > 0) this.#staff.add(text, tokenIds[0]);
    const words = pieces
      .map(({ text, tokenIds }) => (this.#showsIds ? ` ${tokenIds.join(' ')}` : text))
      .join('');
    if (this.#still.matches) {
      this.#settled.data += words;
    } else if (words !== '') {
      const fresh = document.createElement('span');
      fresh.className = 'fresh';
      fresh.textContent = words;
      this.#voice.append(fresh);
    }
  }

  /** Arrivals end in their order, so the element is the first behind the settled text. */
  #settle(fresh) {
    if (fresh.previousSibling !== this.#settled) return;
    this.#settled.data += fresh.textContent;
    fresh.remove();
  }

  /**
   * Once, at the beginning, for where the sheet stands below the composer. The page does not follow the text: it
   * comes faster than anyone reads.
   */
  #bringIntoView() {
    const top = this.#sheet.getBoundingClientRect().top;
    if (top >= 0 && top < window.innerHeight / 2) return;
    this.#sheet.scrollIntoView({ behavior: this.#still.matches ? 'auto' : 'smooth' });
  }

  async #copyText(announce) {
    if (this.#copy.getAttribute('aria-disabled') === 'true') return;
    try {
      await navigator.clipboard.writeText(`${this.#prompt.textContent}${this.#voice.textContent}`);
      this.#sayOnButton('Copied');
      announce('The text was copied.');
    } catch {
      // Without permission, or on plain http: mark the text, and the keys do it.
      getSelection().setBaseAndExtent(this.#prompt, 0, this.#voice, this.#voice.childNodes.length);
      this.#sayOnButton('Marked');
      announce('The text is marked. Copy it with Control or Command and C.');
    }
  }

  #sayOnButton(word) {
    this.#copy.textContent = word;
    setTimeout(() => {
      this.#copy.textContent = 'Copy';
    }, 1600);
  }
}
