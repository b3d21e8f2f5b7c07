// A model on its way from elsewhere, which other tabs know of, and the next page where this one is closed before it ends.

import { remember, tellOfChange, tellOthers } from './downloads.js';
import { keptNameOf, typedNameOf } from './model-address.js';

export class Download {
  #choice;

  constructor(choice) {
    this.#choice = choice;
    remember(typedNameOf(choice));
  }

  /**
   * @param {() => Promise<T>} load
   * @returns {Promise<T>}
   * @template T
   */
  run(load) {
    return tellOthers(keptNameOf(this.#choice), load);
  }

  /** The next page has nothing to go on with: it is here, it was given up, or it cannot be had. */
  forget() {
    remember(null);
  }

  /** What is kept has changed. */
  end() {
    tellOfChange();
  }
}
