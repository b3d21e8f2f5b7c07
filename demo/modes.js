// The things that the page does with a model, and the switch between them.

import { LaterMode } from './parts/later-mode.js';
import { WriteMode } from './write/write-mode.js';

/**
 * What the modes use of the page.
 *
 * @typedef {{ announce(message: string): void, fail(error: unknown): void,
 *   problems: import('./parts/problems.js').Problems, controls: import('./parts/controls.js').Controls }} Page
 */

/**
 * One of the things that the page does. Elements with `data-modes` are shown only in the modes that are named there.
 *
 * @typedef {object} Mode
 * @property {HTMLElement} stopButton stops it, for the page to listen to
 * @property {HTMLElement} problemHome what its problems are shown in, first
 * @property {(model: import('../web/index.ts').LanguageModel, choice: { isEmbedded?: boolean }, isSame: boolean) => void} setModel
 *   `isSame`: it is the model from before, loaded again
 * @property {(isLoading: boolean, isWanted?: boolean) => void} setLoading a model is on its way, or is there;
 *   `isWanted` false: what was asked for meanwhile is not wanted any more
 * @property {() => void} start does what the mode's main button does
 * @property {() => boolean} stop gives whether there was something to stop
 * @property {() => Promise<void>} end gives up what is being written; resolves when the model is free
 */

export class Modes {
  /** @type {Record<string, Mode>} */
  #modes;
  #mode = 'write';
  #desk = document.querySelector('#desk');
  #problems;
  #cancel;

  /**
   * @param {Page} page
   * @param {() => void} onCancel stop was asked for, and nothing was being written
   */
  constructor(page, onCancel) {
    this.#cancel = onCancel;
    this.#problems = page.problems;
    this.#modes = {
      write: new WriteMode(page),
      chat: new LaterMode('chat', page, async () => (await import('./chat/chat-mode.js')).ChatMode),
      compare: new LaterMode(
        'compare',
        page,
        async () => (await import('./compare/compare-mode.js')).CompareMode,
      ),
      beams: new LaterMode('beams', page, async () => (await import('./beams/beams-mode.js')).BeamsMode),
    };
    for (const [name, { stopButton }] of Object.entries(this.#modes)) {
      buttonOf(name).addEventListener('click', () => this.choose(name));
      stopButton.addEventListener('click', () => this.#stop());
    }
    document.querySelector('#composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#modes[this.#mode].start();
    });
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
    for (const mode of Object.values(this.#modes)) mode.setModel(model, choice, isSame);
    const canChat = model.info.chatTemplates.length > 0;
    buttonOf('chat').hidden = !canChat;
    if (this.#mode === 'chat' && !canChat) this.choose('write');
    else if (this.#mode === 'write') this.choose(canChat && !isSame ? 'chat' : 'write');
  }

  /** @param {boolean} [isWanted] whether what was asked for meanwhile is to begin */
  setLoading(isLoading, isWanted) {
    for (const mode of Object.values(this.#modes)) mode.setLoading(isLoading, isWanted);
  }

  /** Gives up what is being written; resolves when the model is free. */
  async end() {
    await Promise.all(Object.values(this.#modes).map((mode) => mode.end()));
  }

  /** The name of the mode that is shown. */
  get name() {
    return this.#mode;
  }

  /** @returns {Promise<Mode | null>} the mode that is shown; null where its code did not come */
  async current() {
    const mode = this.#modes[this.#mode];
    return mode instanceof LaterMode ? mode.open() : mode;
  }

  /** Shows a mode. */
  choose(name) {
    if (name !== this.#mode) this.#modes[this.#mode].stop();
    this.#mode = name;
    this.#desk.dataset.mode = name;
    for (const element of document.querySelectorAll('[data-modes]')) {
      element.hidden = !element.dataset.modes.split(' ').includes(name);
    }
    for (const mode of Object.keys(this.#modes)) {
      buttonOf(mode).setAttribute('aria-pressed', String(mode === name));
    }
    this.#problems.home = this.#modes[name].problemHome;
    this.current();
  }

  #stop() {
    if (!this.#modes[this.#mode].stop()) this.#cancel();
  }
}

const buttonOf = (name) => document.querySelector(`#mode-${name}`);
