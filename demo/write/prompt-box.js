// The prompt: text, or token ids for a model that came without a tokenizer. Each keeps its own draft.

import { count } from '../parts/format.js';
import { readPrompt } from '../parts/prompt.js';

export class PromptBox {
  #box = document.querySelector('#prompt');
  #label = document.querySelector('#prompt-label');
  #hint = document.querySelector('#prompt-hint');
  #chips = document.querySelector('#chips');
  #takesText = true;
  #otherDraft = '1 2 3';

  constructor() {
    this.#chips.addEventListener('click', (event) => {
      const { prompt } = event.target.dataset;
      if (prompt !== undefined) this.#box.value = prompt;
    });
  }

  /**
   * @param {import('../../web/index.ts').ModelInfo} info
   * @param {boolean} hasSuggestions whether the suggestions suit the model
   */
  setModel(info, hasSuggestions) {
    if (info.hasTokenizer !== this.#takesText) {
      [this.#box.value, this.#otherDraft] = [this.#otherDraft, this.#box.value];
      this.#takesText = info.hasTokenizer;
    }
    this.#chips.hidden = !hasSuggestions;
    this.#label.textContent = this.#takesText ? 'Begin with' : 'Begin with token ids';
    this.#hint.hidden = this.#takesText;
    this.#hint.textContent = `This model came without tokenizer.json: write numbers from 0 to ${count(info.vocabSize - 1)}, with spaces between.`;
    this.#box.classList.toggle('ids', !this.#takesText);
  }

  /** @throws {import('../parts/problems.js').PageProblem} where something else than a number stands among the ids */
  read() {
    return readPrompt(this.#takesText);
  }
}
