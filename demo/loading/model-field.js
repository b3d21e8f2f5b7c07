// The field that a model's name or address is typed into, and what it says below.

import { hubName } from './hub-address.js';
import { choiceOf, suggestions } from './model-address.js';

export class ModelField {
  #box = document.querySelector('#model-source');
  #hint = document.querySelector('#model-source-hint');

  /** @param {{ onChoice(choice: object): void, onProblem(problem: Error): void }} handlers */
  constructor({ onChoice, onProblem }) {
    document.querySelector('#model-form').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#box.value.trim() === '') return this.#box.focus();
      try {
        onChoice(choiceOf(this.#box.value));
      } catch (problem) {
        onProblem(problem);
        this.#box.focus();
      }
    });
    this.#box.addEventListener('input', () => this.say());
    document.querySelector('#model-suggestions').append(...suggestions.map((model) => this.#chip(model)));
    this.say();
  }

  /** Shows words about what was typed; without them, what can be typed. */
  say(words = `A name on ${hubName}, the address of a .gguf or a folder, or files dropped anywhere here.`) {
    this.#hint.textContent = words;
  }

  #chip({ label, name, words }) {
    const chip = document.createElement('button');
    chip.type = 'button';
    chip.className = 'quiet';
    chip.textContent = label;
    chip.addEventListener('click', () => {
      this.#box.value = name;
      this.say(words);
      this.#box.focus();
    });
    return chip;
  }
}
