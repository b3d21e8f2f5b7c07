// A mode whose code comes when it is first chosen, so that the page begins without it.

import { PageProblem } from './problems.js';
import { bringStyle } from './style-sheet.js';

export class LaterMode {
  #name;
  #page;
  #bring;
  #coming = null;
  #mode = null;
  #model = null;
  #loading = [false];

  /**
   * @param {string} name of its folder and its style sheet, and what the ids of its buttons begin with
   * @param {import('../modes.js').Page} page
   * @param {() => Promise<new (page: object) => import('../modes.js').Mode>} bring
   */
  constructor(name, page, bring) {
    this.#name = name;
    this.#page = page;
    this.#bring = bring;
    this.stopButton = document.querySelector(`#${name}-stop`);
    this.problemHome = document.querySelector(`#${name}-actions`);
  }

  /** @returns {Promise<import('../modes.js').Mode | null>} the mode; null where its code did not come */
  open() {
    this.#coming ??= this.#make();
    return this.#coming;
  }

  setModel(...model) {
    this.#model = model;
    this.#mode?.setModel(...model);
  }

  setLoading(...loading) {
    this.#loading = loading;
    this.#mode?.setLoading(...loading);
  }

  async start() {
    await (await this.open())?.start();
  }

  stop() {
    return this.#mode?.stop() ?? false;
  }

  async end() {
    await this.#mode?.end();
  }

  async #make() {
    try {
      const style = new URL(`../${this.#name}/${this.#name}.css`, import.meta.url);
      const [LoadedMode] = await Promise.all([this.#bring(), bringStyle(style)]);
      this.#mode = new LoadedMode(this.#page);
    } catch {
      this.#coming = null;
      this.#page.problems.show(new PageProblem('network', 'This part of the page did not come'));
      return null;
    }
    if (this.#model !== null) this.#mode.setModel(...this.#model);
    this.#mode.setLoading(...this.#loading);
    return this.#mode;
  }
}
