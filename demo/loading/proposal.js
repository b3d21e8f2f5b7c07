// Before a model is loaded: what it would take is looked at, and where it is much the visitor is asked.

import { LanguageModel, ModelStore } from '../sotto/index.js';
import { outlookOf } from './estimate-words.js';
import { keptNameOf } from './model-address.js';

const find = (part) => document.querySelector(`#proposal-${part}`);

export class Proposal {
  #dialog;
  #announce;
  #name = find('name');
  #load = find('load');
  #smaller = find('smaller');
  #not = find('not');
  #store = new ModelStore();
  /** Ends the looking that is under way; null where there is none. */
  #looking = null;
  /** Takes the visitor's answer; null where none is waited for. */
  #answer = null;

  /** @param {{ dialog: import('./model-dialog.js').ModelDialog, announce(words: string): void }} page */
  constructor({ dialog, announce }) {
    this.#dialog = dialog;
    this.#announce = announce;
    this.#load.addEventListener('click', () => this.#answer?.('load'));
    this.#smaller.addEventListener('click', () => this.#answer?.('smaller'));
    this.#not.addEventListener('click', () => this.stop());
  }

  /** Ends the looking, or the question, as if it were answered with no. */
  stop() {
    this.#looking?.abort();
    this.#answer?.('not');
  }

  /**
   * @param {object} choice
   * @returns {Promise<object | null>} the choice as it is to be loaded; null where it is not
   * @throws what the library says of the model
   */
  async agree(choice) {
    this.stop();
    if (choice.isEmbedded) return choice;
    const looking = new AbortController();
    this.#looking = looking;
    const wasOpen = this.#dialog.isOpen;
    if (wasOpen || choice.origin !== undefined) this.#showLooking(choice);
    this.#announce(`Looking at ${choice.name}.`);
    const wasKept = await this.#isKept(choice);
    try {
      const options = { ...choice.options, signal: looking.signal };
      const estimate = await LanguageModel.estimate(choice.source, options);
      looking.signal.throwIfAborted();
      const outlook = outlookOf(estimate, choice, await this.#store.quota().catch(() => null), wasKept);
      const answer = outlook.isAsked ? await this.#ask(choice, outlook) : 'load';
      if (answer === 'load') return choice;
      if (answer === 'smaller')
        return { ...choice, options: { ...choice.options, weights: outlook.smaller } };
      await this.#leave(choice, wasKept, wasOpen);
      return null;
    } catch (error) {
      await this.#leave(choice, wasKept, wasOpen);
      if (looking.signal.aborted) return null;
      throw error;
    } finally {
      if (this.#looking === looking) this.#looking = null;
    }
  }

  /** Lets nothing behind of what was only looked at, and goes back to where the choice was made. */
  async #leave(choice, wasKept, wasOpen) {
    const name = keptNameOf(choice);
    if (!wasKept && name !== null) await this.#store.delete(name).catch(() => false);
    if (!this.#dialog.isOpen) return;
    if (wasOpen) this.#dialog.open('choices');
    else this.#dialog.close();
  }

  async #isKept(choice) {
    const name = keptNameOf(choice);
    const models = name === null ? [] : await this.#store.list().catch(() => []);
    return models.some((model) => model.name === name);
  }

  #showLooking({ name }) {
    this.#show(name, { what: '…', download: '…', memory: '…', verdict: 'Looking at what it takes…' });
    this.#load.classList.add('is-away');
    this.#smaller.hidden = true;
    this.#not.textContent = 'Stop';
    this.#dialog.open('proposal');
    this.#name.focus();
  }

  #ask({ name }, outlook) {
    this.#show(name, outlook);
    const { smaller, canTry, what, download, memory, verdict } = outlook;
    this.#load.textContent = smaller === null ? 'Load it' : 'Load it all the same';
    this.#smaller.hidden = smaller === null;
    this.#load.className = smaller === null ? 'primary' : 'secondary';
    this.#load.classList.toggle('is-away', !canTry);
    this.#not.textContent = 'Not now';
    this.#dialog.open('proposal');
    if (document.activeElement !== this.#not) this.#name.focus();
    this.#announce(`${name}: ${what}. Download: ${download}. Memory: ${memory}. ${verdict}`);
    return new Promise((resolve) => {
      this.#answer = (answer) => {
        this.#answer = null;
        resolve(answer);
      };
    });
  }

  #show(name, words) {
    this.#name.textContent = name;
    for (const part of ['what', 'download', 'memory', 'verdict']) find(part).textContent = words[part];
  }
}
