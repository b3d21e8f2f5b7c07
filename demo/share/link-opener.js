// Does what a share link says: sets the page, and writes the text once its model is there.

import { hubName } from '../loading/hub-address.js';
import { shortHash } from './link.js';
import { showSlip } from './slip.js';

const DAMAGED = 'A part of this link was lost or changed on its way. What could be read of it was taken.';

export class LinkOpener {
  #page;
  #state;
  #isWhole;
  #isDone = false;
  #hasAsked = false;

  /**
   * @param {object} page
   * @param {{ state: object, isWhole: boolean }} link
   */
  constructor(page, { state, isWhole }) {
    this.#page = page;
    this.#state = state;
    this.#isWhole = isWhole;
    if (state.prompt !== undefined) document.querySelector('#prompt').value = state.prompt;
  }

  /** A model is there: that of the link, or another one. */
  async modelReady() {
    const current = this.#page.current();
    if (this.#isDone || current === null) return;
    const { model } = this.#state;
    const { choice } = current;
    const isIts = model === undefined ? choice.isEmbedded === true : choice.name === model;
    if (isIts) {
      this.#isDone = true;
      await this.#write();
    } else if (!this.#hasAsked) {
      this.#hasAsked = true;
      this.#askForModel();
    }
  }

  /** A model is large, and fetched only where the visitor says so. */
  #askForModel() {
    const { model } = this.#state;
    const next = { label: 'Show the models', act: () => document.querySelector('#change-model').click() };
    if (model === undefined) {
      return this.#say(
        'This link was made with the built-in model. Choose it, and the text is written.',
        next,
      );
    }
    document.querySelector('#model-source').value = model;
    const where = /^https?:/.test(model) ? 'its address' : hubName;
    this.#say(
      `This link was made with the model ${model}, which comes from ${where}. Its name stands among the models: press Load there, and the text is written. Nothing is fetched before.`,
      next,
    );
  }

  async #write() {
    const { controls, modes } = this.#page;
    const { seed, temperature, topK, topP, maxNewTokens, stop, text } = this.#state;
    const isChat = this.#state.mode === 'chat';
    const canChat = this.#page.current().model.info.chatTemplates.length > 0;
    const name = isChat && !canChat ? 'write' : (this.#state.mode ?? 'write');
    controls.apply({ seed, temperature, topK, topP, maxNewTokens, stop });
    modes.choose(name);
    const mode = await modes.current();
    if (mode === null) return;
    this.#setMode(name, mode);
    if (isChat || this.#state.prompt === undefined) {
      return this.#say(isChat ? 'The settings are those of the link.' : '');
    }
    this.#say('');
    await mode.start();
    if (text === undefined || mode.written === null) return;
    this.#say(
      shortHash(mode.written.text) === text
        ? 'This text was written anew here, on this device, and it is word for word the one that was shared.'
        : 'This text was written anew here, and it is not the one that was shared: the page or the model has changed since.',
    );
  }

  #setMode(name, mode) {
    const { one, two, numBeams, steps } = this.#state;
    if (name === 'compare') mode.settings = [one ?? {}, two ?? {}];
    if (name === 'beams') mode.settings = { numBeams, maxNewTokens: steps };
  }

  #say(words, next) {
    const said = [this.#isWhole ? '' : DAMAGED, words].filter(Boolean).join(' ');
    if (said === '') return;
    showSlip(said, next);
    this.#page.announce(said);
  }
}
