// A mode whose code comes when it is first chosen, so that the page begins without it.

import { PageProblem } from './problems.js';
import { isSendKey } from './send-key.js';
import { bringStyle } from './style-sheet.js';

export class LaterMode {
  #name;
  #page;
  #bring;
  #coming = null;
  #mode = null;
  #model = null;
  #loading = [false];
  /** Whether it is to start as soon as its code is there. */
  #isWanted = false;

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
    // What is sent before the code is there waits for it.
    this.problemHome.addEventListener('submit', (event) => this.#startEarly(event));
    this.problemHome.addEventListener('keydown', (event) => {
      if (isSendKey(event) && event.target.matches('textarea')) this.#startEarly(event);
    });
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
    this.#isWanted = true;
    const mode = await this.open();
    if (!this.#isWanted) return;
    this.#isWanted = false;
    await mode?.start();
  }

  stop() {
    const wasWanted = this.#isWanted;
    this.#isWanted = false;
    return this.#mode?.stop() ?? wasWanted;
  }

  async end() {
    this.#isWanted = false;
    await this.#mode?.end();
  }

  #startEarly(event) {
    if (this.#mode !== null) return;
    event.preventDefault();
    this.start();
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
