// The story that the page begins by itself, so that a visitor sees a text being written before he touches anything.

import { openedLink } from '../share/opened-link.js';

/** With the beginning and the settings that the page opens with, this one tells of a night in a tent. */
const SEED = 8;

export class FirstStory {
  #isDue;

  constructor() {
    // A page that was opened by a link with settings shows what the link is about.
    this.#isDue = openedLink === null;
    for (const event of ['input', 'submit', 'click']) {
      document.querySelector('#composer').addEventListener(event, () => this.#leave(), { capture: true });
    }
  }

  /**
   * The seed of the story, once: null where the visitor was there first, and for models that he chose.
   *
   * @param {boolean} isEmbedded whether the model is the page's own
   */
  take(isEmbedded) {
    const isDue = this.#isDue && isEmbedded;
    this.#leave();
    return isDue ? SEED : null;
  }

  #leave() {
    this.#isDue = false;
  }
}
