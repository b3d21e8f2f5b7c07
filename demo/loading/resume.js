// After a reload in the middle of a download: what of it is here, and an offer to go on.

import { bytes } from '../parts/format.js';
import { cutDownload, isDownloading, remember } from './downloads.js';
import { shareWords } from './load-words.js';
import { choiceOf, keptNameOf } from './model-address.js';

export class Resume {
  #place = document.querySelector('#resume');
  #words = document.querySelector('#resume-words');
  #announce;
  #choice = null;
  /** What the page before this one did not end. */
  #cut = cutDownload();

  /** @param {{ onChoice(choice: object): void, announce(words: string): void }} handlers */
  constructor({ onChoice, announce }) {
    this.#announce = announce;
    document.querySelector('#resume-go').addEventListener('click', () => {
      this.hide();
      onChoice(this.#choice);
    });
    document.querySelector('#resume-not').addEventListener('click', () => {
      this.hide();
      document.querySelector('#change-model').focus();
    });
  }

  /**
   * Offers to go on where a download was cut, and something of it is kept.
   *
   * @param {import('../../web/index.ts').StoredModel[]} kept
   */
  async offer(kept) {
    if (this.#cut === null) return;
    const choice = choiceOf(this.#cut);
    this.#cut = null; // it is offered once
    const name = keptNameOf(choice);
    if (await isDownloading(name)) return; // another tab's
    remember(null);
    const model = kept.find((one) => one.name === name);
    if (model === undefined || model.isComplete) return;
    this.#choice = choice;
    const share = `${shareWords(model.bytes, model.totalBytes)} of ${choice.name} is here`;
    const words = `${share}: ${bytes(model.bytes)} of ${bytes(model.totalBytes)}. The page was closed before the rest came.`;
    this.#words.textContent = words;
    this.#place.hidden = false;
    this.#announce(`${words} You can go on.`);
  }

  hide() {
    this.#place.hidden = true;
  }
}
