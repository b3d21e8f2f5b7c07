// The two things that the page does with a model, and the switch between them: chat where the model has a template.

import { ChatMode } from './chat-mode.js';
import { TextMode } from './text-mode.js';

/**
 * What the modes use of the page.
 *
 * @typedef {{ announce(message: string): void, fail(error: unknown): void,
 *   problems: import('./problems.js').Problems, controls: import('./controls.js').Controls }} Page
 */

export class Modes {
  #modes;
  #mode = 'text';
  #desk = document.querySelector('#desk');
  #switch = document.querySelector('#modes');
  #buttons = { chat: document.querySelector('#mode-chat'), text: document.querySelector('#mode-text') };
  #onlyText = ['#beginning', '#actions', '#sheet'].map((id) => document.querySelector(id));
  #onlyChat = document.querySelector('#chat');
  #problems;
  #cancel;

  /**
   * @param {Page} page
   * @param {() => void} onCancel stop was asked for, and nothing was being written
   */
  constructor(page, onCancel) {
    this.#cancel = onCancel;
    this.#problems = page.problems;
    this.#modes = { chat: new ChatMode(page), text: new TextMode(page) };
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.addEventListener('click', () => this.#choose(name));
    }
    for (const { stopButton } of Object.values(this.#modes)) {
      stopButton.addEventListener('click', () => this.#stop());
    }
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#modes[this.#mode].start();
      else if (event.key === 'Escape' && !event.defaultPrevented) this.#stop();
    });
  }

  /**
   * @param {import('../web/index.ts').LanguageModel} model
   * @param {{ isEmbedded?: boolean }} choice
   * @param {boolean} isSame whether it is the model from before, loaded again
   */
  setModel(model, choice, isSame) {
    const canChat = model.info.chatTemplates.length > 0;
    this.#modes.text.setModel(model, choice);
    this.#modes.chat.setModel(model, isSame);
    this.#switch.hidden = !canChat;
    if (!canChat || !isSame) this.#choose(canChat ? 'chat' : 'text');
  }

  /** @param {boolean} [isWanted] whether what was asked for meanwhile is to begin */
  setLoading(isLoading, isWanted) {
    for (const mode of Object.values(this.#modes)) mode.setLoading(isLoading, isWanted);
  }

  /** Gives up what is being written; resolves when the model is free. */
  async end() {
    await Promise.all(Object.values(this.#modes).map((mode) => mode.end()));
  }

  #choose(name) {
    if (name !== this.#mode) this.#modes[this.#mode].stop();
    this.#mode = name;
    const isChat = name === 'chat';
    this.#desk.dataset.mode = name;
    for (const element of this.#onlyText) element.hidden = isChat;
    this.#onlyChat.hidden = !isChat;
    for (const [mode, button] of Object.entries(this.#buttons)) {
      button.setAttribute('aria-pressed', String(mode === name));
    }
    // Beside the buttons of the mode that is shown.
    this.#problems.home = document.querySelector(isChat ? '#message-form' : '#actions');
  }

  #stop() {
    if (!this.#modes[this.#mode].stop()) this.#cancel();
  }
}
