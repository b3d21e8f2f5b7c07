// The line about the model at the top of the page: what is there, or how far loading is.

import { bytes, count, parameters } from '../parts/format.js';
import { progressWords } from './load-words.js';

export class ModelBar {
  #name = document.querySelector('#model-name');
  #facts = document.querySelector('#model-facts');
  #loading = document.querySelector('#model-loading');
  #progress = document.querySelector('#progress');
  #fill = document.querySelector('#progress-fill');
  #words = document.querySelector('#progress-text');

  /** @param {{ onStop(): void }} handlers */
  constructor({ onStop }) {
    document.querySelector('#cancel-loading').addEventListener('click', onStop);
  }

  /**
   * @param {{ name: string }} choice
   * @param {string} [words] what is being done
   */
  showLoading({ name }, words = 'Opening…') {
    this.#name.textContent = name;
    this.#showsLoading(true);
    this.#showShare(0, words);
  }

  /** @param {import('../../web/index.ts').LoadProgress} progress */
  showProgress(progress) {
    const { loaded, total } = progress.all;
    this.#showShare(total === null || total === 0 ? 0 : loaded / total, progressWords(progress));
  }

  /** Says something in place of how far loading is, until it goes on. */
  showWaiting(words) {
    this.#words.textContent = words;
  }

  /**
   * @param {{ name: string }} choice
   * @param {import('../../web/index.ts').ModelInfo} info
   */
  showReady({ name }, info) {
    this.#name.textContent = name;
    this.#showFacts(
      [
        info.architecture,
        `${parameters(info.nParameters)} parameters`,
        `${bytes(info.weightBytes)} (${info.weights})`,
        `${count(info.contextLength)} tokens of context`,
      ].join(' · '),
    );
  }

  showNone() {
    this.#name.textContent = 'No model';
    this.#showFacts('Choose one to begin.');
  }

  #showFacts(words) {
    this.#showsLoading(false);
    this.#words.textContent = '';
    this.#facts.textContent = words;
  }

  #showsLoading(isLoading) {
    const hasFocus = this.#loading.contains(document.activeElement);
    this.#loading.hidden = !isLoading;
    if (hasFocus && !isLoading) document.querySelector('#change-model').focus();
    this.#facts.hidden = isLoading;
  }

  #showShare(share, words) {
    const percent = Math.round(share * 100);
    this.#fill.style.width = `${percent}%`;
    this.#progress.setAttribute('aria-valuenow', percent);
    this.#progress.setAttribute('aria-valuetext', words);
    this.#words.textContent = words;
  }
}
