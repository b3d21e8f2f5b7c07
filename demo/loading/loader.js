// Loading: one model at a time, and the one before it stays until the new one is there.

import { bytes } from '../parts/format.js';
import { LanguageModel } from '../sotto/index.js';
import { takeFirstLoad } from './first-load.js';
import { Quarters, shareWords } from './load-words.js';
import { ModelBar } from './model-bar.js';

/** What may pass: then the next page offers to go on as well. */
const MAY_PASS = ['network', 'offline'];

export class Loader {
  /** The model that is there, { model, choice }; null where none is. */
  current = null;
  #bar;
  #page;
  /** The loading that is under way, { choice, controller, download, ended }; null where none is. */
  #loading = null;

  /**
   * @param {{ announce(words: string): void, onBegin(): Promise<void>, onModel(memory: object, isAgain: boolean): void,
   *   onStopped(choice: object): void, onProblem(problem: unknown, choice: object, came: string): void,
   *   onEnd(isWanted: boolean): Promise<void>, onStop(): void }} page `onBegin`: resolves when the model that is there
   *   is free; `onStop`: the visitor wants no more of what is shown in the bar
   */
  constructor(page) {
    this.#page = page;
    this.#bar = new ModelBar({ onStop: page.onStop });
    addEventListener('offline', () => {
      if (this.#loading === null || !isDownload(this.#loading.choice)) return;
      this.#bar.showWaiting('No connection: waiting for it…');
      page.announce('There is no connection. Loading goes on when it is back.');
    });
  }

  get isLoading() {
    return this.#loading !== null;
  }

  stop() {
    if (this.#loading === null) return;
    this.#loading.download?.forget();
    this.#loading.controller.abort();
  }

  /** Stops what is being loaded, where it is what is meant; resolves when that has ended. */
  async stopIf(isMeant) {
    const { choice, ended } = this.#loading ?? {};
    if (choice === undefined || !isMeant(choice)) return;
    this.stop();
    await ended;
  }

  /** Shows that a choice is looked at, where nothing is being loaded. */
  showLooking(choice) {
    if (!this.isLoading) this.#bar.showLoading(choice, 'Looking at what it takes…');
  }

  /** Shows the model that is there, where nothing is being loaded. */
  showCurrent() {
    if (this.isLoading) return;
    if (this.current === null) this.#bar.showNone();
    else this.#bar.showReady(this.current.choice, this.current.model.info);
  }

  /** @param {{ isAgain?: boolean }} [options] whether it is the model that was there, which has stopped */
  async load(choice, { isAgain = false } = {}) {
    const isFree = this.#page.onBegin();
    this.stop();
    const mine = { choice, controller: new AbortController(), download: null, came: '' };
    this.#loading = mine;
    this.#bar.showLoading(choice);
    this.#page.announce(`Loading ${choice.name}.`);
    mine.ended = this.#run(mine, isFree, isAgain);
    await mine.ended;
  }

  async #run(mine, isFree, isAgain) {
    const { choice, controller } = mine;
    try {
      await isFree;
      if (isDownload(choice)) mine.download = new (await import('./download.js')).Download(choice);
      const model = await this.#fetched(mine);
      const memory = await model.memory();
      if (this.#loading !== mine) return await model.dispose();
      const before = this.current;
      this.current = { model, choice };
      this.#bar.showReady(choice, model.info);
      this.#page.onModel(memory, isAgain);
      await before?.model.dispose();
      mine.download?.forget();
    } catch (error) {
      if (this.#loading !== mine) return;
      if (isAgain) this.current = null;
      this.#loading = null;
      this.showCurrent();
      const { problemOf } = await import('./load-problems.js');
      const problem = problemOf(error, choice);
      if (!MAY_PASS.includes(problem.code)) mine.download?.forget();
      if (controller.signal.aborted) this.#page.onStopped(choice);
      else this.#page.onProblem(problem, choice, mine.came);
    }
    if (this.#loading === mine) this.#loading = null;
    else if (this.#loading !== null) return;
    mine.download?.end();
    await this.#page.onEnd(!controller.signal.aborted);
  }

  #fetched(mine) {
    const { choice, controller } = mine;
    const quarters = new Quarters();
    const onProgress = (progress) => {
      if (this.#loading !== mine) return;
      const { loaded, total } = progress.all;
      if (total)
        mine.came = `${shareWords(loaded, total)} of it is here: ${bytes(loaded)} of ${bytes(total)}.`;
      this.#bar.showProgress(progress);
      const words = quarters.pass(progress);
      if (words !== null) this.#page.announce(words);
    };
    const options = { ...choice.options, onProgress, signal: controller.signal };
    const load = () => LanguageModel.load(choice.source, options);
    if (choice.isEmbedded) return takeFirstLoad(options) ?? load();
    return mine.download?.run(load) ?? load();
  }
}

/** What the visitor named comes from elsewhere; files and the page's own model are near. */
const isDownload = ({ origin }) => origin !== undefined;
