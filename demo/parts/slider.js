// A dial that a script makes: a slider with its name, its value in words and a hint.

import { make } from './elements.js';

export class Slider {
  element;
  #input;
  #output;
  #words;

  /**
   * @param {{ id: string, label: string, hint?: string, min: number, max: number, step: number, value: number,
   *   words(value: number): string, onChange?(value: number): void }} given
   */
  constructor({ id, label, hint, min, max, step, value, words, onChange }) {
    this.#words = words;
    this.#output = make('output', { id: `${id}-value`, for: id });
    const describes = hint === undefined ? {} : { 'aria-describedby': `${id}-hint` };
    this.#input = make('input', { type: 'range', id, min, max, step, ...describes });
    this.#input.addEventListener('input', () => {
      this.#show();
      onChange?.(this.value);
    });
    this.element = make(
      'div',
      { class: 'dial' },
      make('label', { for: id }, label),
      this.#output,
      this.#input,
    );
    if (hint !== undefined) this.element.append(make('p', { class: 'hint', id: `${id}-hint` }, hint));
    this.value = value;
  }

  get value() {
    return this.#input.valueAsNumber;
  }

  /** A value beyond the slider's end is the end; one of a model or a link may lie between its steps. */
  set value(value) {
    this.#input.value = value;
    this.#show();
  }

  /** @param {boolean} isUnused it does nothing at present */
  set isUnused(isUnused) {
    this.element.classList.toggle('is-unused', isUnused);
  }

  #show() {
    const { min, max, valueAsNumber } = this.#input;
    this.#output.textContent = this.#words(valueAsNumber);
    this.#input.setAttribute('aria-valuetext', this.#output.textContent);
    this.#input.style.setProperty('--at', `${((valueAsNumber - min) / (max - min || 1)) * 100}%`);
  }
}
