// The text on the sheet: the prompt and an element for each token, shaded. It is plain text to read; the keys go through it.

import { bitsOf } from './surprise.js';

export class TextView {
  #text = document.querySelector('#text');
  #prompt = document.querySelector('#text-prompt');
  #voice = document.querySelector('#text-voice');
  #blank = document.querySelector('#blank');
  #elements = [];
  #promptElements = [];
  #selected = null;
  #hovered = null;
  #showsIds = false;

  /**
   * @param {{ onSelect(index: number): void, onHover(index: number | null): void, onMove(step: number): void,
   *   onOpen(): void }} handlers `onMove`: by so many tokens, to the beginning or the end where it is infinite
   */
  constructor({ onSelect, onHover, onMove, onOpen }) {
    this.#text.tabIndex = 0;
    this.#voice.addEventListener('click', (event) => {
      const index = this.#indexOf(event.target);
      // Whoever marks text does not choose a word.
      if (index >= 0 && getSelection().isCollapsed) onSelect(index);
    });
    this.#voice.addEventListener('pointerover', ({ target }) => {
      const index = this.#indexOf(target);
      onHover(index < 0 ? null : index);
    });
    this.#voice.addEventListener('pointerleave', () => onHover(null));
    this.#text.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const step = STEPS[event.key];
      if (step !== undefined) onMove(step);
      else if (event.key === 'Enter') onOpen();
      else return;
      event.preventDefault();
    });
  }

  /** @param {string | number[]} prompt */
  begin(prompt) {
    this.#showsIds = typeof prompt !== 'string';
    this.#blank.hidden = true;
    this.#text.classList.toggle('ids', this.#showsIds);
    this.#prompt.textContent = this.#showsIds ? prompt.join(' ') : prompt;
    this.#promptElements = [];
    this.clear();
  }

  /** Takes all tokens away. */
  clear() {
    this.#voice.replaceChildren();
    this.#elements = [];
    this.#selected = null;
    this.#hovered = null;
  }

  /**
   * @param {import('./story.js').Token[]} tokens
   * @param {boolean} isFresh whether they are seen to arrive
   */
  add(tokens, isFresh = false) {
    const fragment = document.createDocumentFragment();
    for (const { id, text, logprob, isEnd } of tokens) {
      const made = appendToken(fragment, this.#showsIds ? ` ${id}` : text);
      if (isFresh) made.classList.add('fresh');
      if (isEnd) made.classList.add('is-end');
      made.style.setProperty('--surprise', bitsOf(logprob).toFixed(2));
      this.#elements.push(made);
      fragment.append(made);
    }
    this.#voice.append(fragment);
  }

  set isBusy(isBusy) {
    this.#text.setAttribute('aria-busy', String(isBusy));
  }

  select(index) {
    this.#selected?.classList.remove('is-selected');
    this.#selected = this.#elements[index] ?? null;
    this.#selected?.classList.add('is-selected');
  }

  /** Brings what is selected into view, for whom the keys brought there. */
  reveal() {
    this.#selected?.scrollIntoView({ block: 'nearest' });
  }

  hover(index) {
    this.#hovered?.classList.remove('is-hovered');
    this.#hovered = this.#elements[index] ?? null;
    this.#hovered?.classList.add('is-hovered');
  }

  focus() {
    this.#text.focus();
  }

  /**
   * Shades by other numbers than the surprise.
   *
   * @param {{ promptTexts: string[], weights: number[] } | null} shading the weights, from 0 to 1, of the tokens of the prompt
   *   and of those behind it, as far as they go; null: by the surprise again
   */
  shade(shading) {
    this.#text.parentElement.classList.toggle('shows-attention', shading !== null);
    if (shading === null) return;
    const { promptTexts, weights } = shading;
    if (this.#promptElements.length === 0) this.#split(promptTexts);
    for (const [index, part] of [...this.#promptElements, ...this.#elements].entries())
      part.style.setProperty('--weight', (weights[index] ?? 0).toFixed(4));
  }

  /** Makes elements of the prompt's tokens. A token without a text that fits stands for nothing. */
  #split(texts) {
    let rest = this.#prompt.textContent;
    const parts = texts.map((text) => {
      const at = text === '' ? -1 : rest.indexOf(text);
      const taken = at < 0 ? '' : rest.slice(0, at + text.length);
      rest = rest.slice(taken.length);
      return taken;
    });
    const fragment = document.createDocumentFragment();
    this.#promptElements = parts.map((part) => appendToken(fragment, part));
    this.#prompt.replaceChildren(fragment, rest);
  }

  #indexOf(target) {
    return this.#elements.indexOf(target.closest('.token'));
  }
}

/** A space before a word stands outside of its element, so that it is not shaded where a line ends. */
function appendToken(parent, text) {
  const made = document.createElement('span');
  const word = text.trimStart();
  const isWord = word !== '' && /^ /.test(text);
  made.className = 'token';
  made.textContent = isWord ? word : text;
  if (isWord) parent.append(text.slice(0, -word.length));
  parent.append(made);
  return made;
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY };
