// Writing: a beginning goes in, and the model writes on. What is asked for last replaces what is being written.

import { N_ALTERNATIVES } from './choice-panel.js';
import { FirstStory } from './first-story.js';
import { PromptBox } from './prompt-box.js';
import { Writer } from './writer.js';

export class WriteMode {
  #page;
  #button = document.querySelector('#generate');
  #label = document.querySelector('#generate-label');
  #stopButton = document.querySelector('#stop');
  #promptBox = new PromptBox();
  #firstStory = new FirstStory();
  #writer;
  #model = null;
  #isEmbedded = false;
  #isLoading = false;
  /** Whether a text was asked for while the model was still loading. */
  #isWaiting = false;
  /** What is under way, to its end. */
  #running = Promise.resolve();
  #isBusy = false;
  #isStopped = false;
  #turn = 0;
  /** The whole text that stands on the sheet, with what it was asked for by: { asked, text }; or null. */
  written = null;

  /** @param {import('../modes.js').Page} page */
  constructor(page) {
    this.#page = page;
    this.#writer = new Writer({
      announce: page.announce,
      onChoose: (index, id) => this.#instead(() => this.#writer.choose(index, id)),
      onSelect: (branch) => this.#instead(() => this.#writer.select(branch)),
    });
  }

  get stopButton() {
    return this.#stopButton;
  }

  get problemHome() {
    return document.querySelector('#actions');
  }

  /** What stands in the box and the controls. @throws {import('../parts/problems.js').PageProblem} */
  get asked() {
    return { prompt: this.#promptBox.read(), options: this.#page.controls.options };
  }

  setModel(model, { isEmbedded = false }) {
    this.#model = model;
    this.written = null;
    this.#isEmbedded = isEmbedded;
    this.#promptBox.setModel(model.info, isEmbedded);
    this.#writer.setModel(model);
  }

  /**
   * Once the model is there, what was asked for begins; `isWanted` false: not any more. Where nothing was asked for yet, the
   * page begins by itself.
   */
  setLoading(isLoading, isWanted = true) {
    this.#isLoading = isLoading;
    const isAsked = this.#isWaiting && isWanted;
    if (!isLoading) this.#isWaiting = false;
    this.#showState();
    if (isLoading || this.#model === null) return;
    const seed = this.#firstStory.take(this.#isEmbedded);
    if (isAsked) this.start();
    else if (seed !== null) this.#begin({ seed });
  }

  /** Writes a text; resolves at its end, or at once where it waits for the model. */
  async start() {
    if (this.#isLoading) {
      this.#isWaiting = true;
      this.#page.announce('The text begins when the model is ready.');
      this.#showState();
    } else if (this.#model !== null) await this.#begin({ isAsked: true });
  }

  /** @returns {boolean} whether there was something to stop */
  stop() {
    const wasBusy = this.#isBusy || this.#isWaiting;
    this.#isWaiting = false;
    this.#isStopped = true;
    if (this.#isBusy) this.#writer.halt();
    this.#showState();
    return wasBusy;
  }

  /** Gives up what is being written; resolves when the model is free. */
  async end() {
    this.#turn++;
    this.#writer.halt();
    await this.#running;
    this.#setBusy(false);
  }

  async #begin({ seed = null, isAsked = false }) {
    const { controls, problems, fail } = this.#page;
    problems.clear();
    try {
      const prompt = this.#promptBox.read();
      const options = controls.read({ seed });
      if (isAsked) this.#writer.bringIntoView();
      await this.#instead(async () => {
        this.written = null;
        const { text, finishReason } = await this.#writer.begin(prompt, {
          ...options,
          logprobs: N_ALTERNATIVES,
        });
        if (finishReason !== 'aborted') this.written = { asked: { prompt, options }, text };
      });
    } catch (error) {
      fail(error);
    }
  }

  /** Ends what is being written, and does something else then. Of several that wait, only the last is done. */
  async #instead(work) {
    if (this.#isLoading) return;
    const turn = ++this.#turn;
    this.#isStopped = false;
    this.#setBusy(true);
    this.#writer.halt();
    await this.#running;
    if (turn === this.#turn && !this.#isStopped) {
      this.#running = Promise.resolve().then(work).catch(this.#page.fail);
      await this.#running;
    }
    if (turn === this.#turn) this.#setBusy(false);
  }

  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    this.#writer.isBusy = isBusy;
    this.#showState();
  }

  #showState() {
    const isIdle = this.#model === null && !this.#isLoading;
    this.#button.setAttribute('aria-disabled', String(this.#isWaiting || isIdle));
    this.#stopButton.setAttribute('aria-disabled', String(!this.#isBusy && !this.#isWaiting));
    if (this.#isWaiting) this.#label.replaceChildren('Waiting', unseen(' for the model'), '…');
    else this.#label.textContent = 'Generate';
  }
}

/** Words for screen readers only. */
function unseen(words) {
  return Object.assign(document.createElement('span'), { className: 'unseen', textContent: words });
}
