// Writing: a beginning goes in, and the model writes on.

import { Figures } from '../parts/figures.js';
import { follow } from '../parts/follow.js';
import { Output } from './output.js';
import { PromptBox } from './prompt-box.js';

export class WriteMode {
  #page;
  #button = document.querySelector('#generate');
  #label = document.querySelector('#generate-label');
  #stopButton = document.querySelector('#stop');
  #promptBox = new PromptBox();
  #figures = new Figures();
  #output;
  #model = null;
  #isLoading = false;
  /** The generation that is under way, or null. */
  #generation = null;
  /** Whether a text was asked for while the model was still loading. */
  #isWaiting = false;

  /** @param {import('../modes.js').Page} page */
  constructor(page) {
    this.#page = page;
    this.#output = new Output(page.announce);
    document.querySelector('#composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.start();
    });
  }

  get stopButton() {
    return this.#stopButton;
  }

  get problemHome() {
    return document.querySelector('#actions');
  }

  setModel(model, { isEmbedded = false }) {
    this.#model = model;
    this.#promptBox.setModel(model.info, isEmbedded);
  }

  /** Once the model is there, what was asked for begins; `isWanted` false: not any more. */
  setLoading(isLoading, isWanted = true) {
    this.#isLoading = isLoading;
    const begins = !isLoading && this.#isWaiting && isWanted && this.#model !== null;
    if (!isLoading) this.#isWaiting = false;
    this.#showState();
    if (begins) this.start();
  }

  async start() {
    if (this.#generation !== null) return;
    const { announce, controls, problems, fail } = this.#page;
    if (this.#isLoading) {
      this.#isWaiting = true;
      announce('The text begins when the model is ready.');
      return this.#showState();
    }
    if (this.#model === null) return;
    problems.clear();
    try {
      const prompt = this.#promptBox.read();
      this.#generation = this.#model.generate(prompt, controls.read());
      this.#output.begin(prompt);
    } catch (error) {
      return fail(error);
    }
    this.#showState();
    announce('Writing.');
    try {
      await follow(this.#generation, { figures: this.#figures, view: this.#output, announce });
    } catch (error) {
      fail(error);
    }
    this.#output.end();
    this.#generation = null;
    this.#showState();
  }

  /** @returns {boolean} whether there was something to stop */
  stop() {
    const isBusy = this.#generation !== null || this.#isWaiting;
    if (this.#generation !== null) this.#generation.abort();
    else this.#isWaiting = false;
    this.#showState();
    return isBusy;
  }

  /** Gives up what is being written; resolves when the model is free. */
  async end() {
    this.#generation?.abort();
    await this.#generation?.result.catch(() => {});
  }

  #showState() {
    const isBusy = this.#generation !== null;
    const isIdle = this.#model === null && !this.#isLoading;
    this.#button.setAttribute('aria-disabled', String(isBusy || this.#isWaiting || isIdle));
    this.#stopButton.setAttribute('aria-disabled', String(!isBusy && !this.#isWaiting));
    this.#label.textContent = isBusy ? 'Writing…' : this.#isWaiting ? 'Waiting for the model…' : 'Generate';
  }
}
