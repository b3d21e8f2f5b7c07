// What a mode does when its button is pressed: one run at a time, which waits for a model that is on its way, and which the
// other button stops.

export class Runner {
  #button;
  #stopButton;
  #words;
  #page;
  #work;
  #hasModel = false;
  #isLoading = false;
  #isWaiting = false;
  /** The run that is under way: { controller, done }; or null. */
  #run = null;

  /**
   * @param {object} mode
   * @param {string} mode.name what the ids of its buttons begin with
   * @param {{ idle: string, busy: string, later: string }} mode.words on its button, when it is idle and when it runs; and what
   *   is said of a run that waits for the model
   * @param {import('../modes.js').Page} mode.page
   * @param {(signal: AbortSignal) => Promise<void>} mode.work does not throw
   */
  constructor({ name, words, page, work }) {
    this.#button = document.querySelector(`#${name}-start`);
    this.#stopButton = document.querySelector(`#${name}-stop`);
    this.#words = words;
    this.#page = page;
    this.#work = work;
  }

  /** There is a model. */
  setModel() {
    this.#hasModel = true;
  }

  setLoading(isLoading, isWanted = true) {
    this.#isLoading = isLoading;
    const begins = !isLoading && this.#isWaiting && isWanted && this.#hasModel;
    if (!isLoading) this.#isWaiting = false;
    this.#showState();
    if (begins) this.start();
  }

  /** Resolves at the end, or at once where it waits for the model. */
  async start() {
    if (this.#run !== null) return;
    if (this.#isLoading) {
      this.#isWaiting = true;
      this.#page.announce(this.#words.later);
      return this.#showState();
    }
    if (!this.#hasModel) return;
    this.#page.problems.clear();
    const run = { controller: new AbortController(), done: null };
    this.#run = run;
    this.#showState();
    run.done = this.#work(run.controller.signal);
    await run.done;
    this.#run = null;
    this.#showState();
  }

  /** @returns {boolean} whether there was something to stop */
  stop() {
    const isBusy = this.#run !== null || this.#isWaiting;
    this.#isWaiting = false;
    this.#run?.controller.abort();
    this.#showState();
    return isBusy;
  }

  /** Resolves when nothing runs any more. */
  async ended() {
    await this.#run?.done;
  }

  #showState() {
    const isBusy = this.#run !== null || this.#isWaiting;
    const isIdle = !this.#hasModel && !this.#isLoading;
    this.#button.setAttribute('aria-disabled', String(isBusy || isIdle));
    this.#stopButton.setAttribute('aria-disabled', String(!isBusy));
    const waits = this.#isWaiting ? 'Waiting for the model…' : this.#words.busy;
    this.#button.textContent = isBusy ? waits : this.#words.idle;
  }
}
