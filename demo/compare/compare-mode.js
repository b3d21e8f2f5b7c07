// Compare: one reading of the prompt, and two texts that go on from it with settings of their own and the same seed.
// The model writes one after the other; the page shows both at the same pace.

import { bringIntoView } from '../parts/bring-into-view.js';
import { make } from '../parts/elements.js';
import { count, milliseconds } from '../parts/format.js';
import { readPrompt } from '../parts/prompt.js';
import { Runner } from '../parts/runner.js';
import { commonPieces, partingWords } from './parting.js';
import { Replay } from './replay.js';
import { Side } from './side.js';

const IDLE =
  'The model reads the beginning once. From there it writes two texts, each with its own settings.';
const HOW =
  'It writes one after the other, with the same throw of the dice; the page shows both at the same pace.';

export class CompareMode {
  stopButton = document.querySelector('#compare-stop');
  problemHome = document.querySelector('#compare-actions');
  #page;
  #read = make('p', { class: 'compare-read', id: 'compare-read' }, IDLE);
  #part = make('p', { class: 'compare-part', id: 'compare-part' });
  #sides = [
    new Side({ id: 'compare-one', title: 'First text', preset: 'careful' }),
    new Side({ id: 'compare-two', title: 'Second text', preset: 'daring' }),
  ];
  #model = null;
  #runner;
  /** What shows both texts while they are compared; null else. */
  #replay = null;
  /** The two texts that stand there, with what they were asked for by: { asked, text }; or null. */
  written = null;

  /** @param {import('../modes.js').Page} page */
  constructor(page) {
    this.#page = page;
    this.#runner = new Runner({
      name: 'compare',
      words: { idle: 'Write both', busy: 'Writing…', later: 'The texts begin when the model is ready.' },
      page,
      work: (signal) => this.#run(signal),
    });
    document
      .querySelector('#compare')
      .append(
        make('div', { class: 'compare-head' }, this.#read, make('p', {}, HOW), this.#part),
        make('div', { class: 'sides' }, ...this.#sides.map((side) => side.element)),
      );
  }

  setModel(model) {
    this.#model = model;
    this.#runner.setModel();
    this.written = null;
  }

  setLoading(...loading) {
    this.#runner.setLoading(...loading);
  }

  /** The two settings, as a link and the code have them. */
  get settings() {
    return this.#sides.map(({ options }) => options);
  }

  set settings(settings) {
    for (const [i, options] of settings.entries()) this.#sides[i]?.apply(options);
  }

  /** What stands in the box and the controls. @throws {import('../parts/problems.js').PageProblem} */
  get asked() {
    const { maxNewTokens, seed } = this.#page.controls.options;
    return { prompt: readPrompt(this.#model.info.hasTokenizer), settings: this.settings, maxNewTokens, seed };
  }

  start() {
    return this.#runner.start();
  }

  /** @returns {boolean} whether there was something to stop */
  stop() {
    const isBusy = this.#runner.stop();
    this.#replay?.hurry(); // all may be written, and only shown still
    return isBusy;
  }

  async end() {
    this.stop();
    await this.#runner.ended();
  }

  async #run(signal) {
    try {
      await this.#compare(signal);
    } catch (error) {
      if (error.name !== 'AbortError' && error !== signal.reason) this.#page.fail(error);
    }
    this.#replay = null;
    for (const side of this.#sides) side.rest();
  }

  async #compare(signal) {
    const { announce, controls } = this.#page;
    controls.read();
    const { asked } = this;
    const { prompt, maxNewTokens, seed } = asked;
    const settings = asked.settings.map((options) => ({ ...options, maxNewTokens, seed }));
    const session = await this.#model.createSession();
    const forks = [];
    try {
      const began = performance.now();
      await session.append(prompt, { signal });
      const readMs = performance.now() - began;
      for (const side of this.#sides) side.begin(typeof prompt !== 'string');
      this.written = null;
      announce('Writing both texts.');
      bringIntoView(document.querySelector('#compare'));
      this.#part.textContent = '';
      const once = `The beginning was read once, ${count(session.length)} tokens in ${milliseconds(readMs)}.`;
      for (const _ of this.#sides) forks.push(await session.fork());
      this.#replay = new Replay(maxNewTokens, (shown) => this.#show(shown));
      const results = [];
      for (const [i, fork] of forks.entries()) {
        if (signal.aborted) break;
        const generation = fork.generate({ ...settings[i], signal });
        results.push(await this.#write(generation, i));
      }
      const isWhole = !signal.aborted;
      this.#read.textContent = `${once} Each text goes on from there.`;
      this.#replay.end(Math.max(...this.#sides.map(({ pieces }) => pieces.length)), !isWhole);
      await this.#replay.whenShown;
      for (const [i, result] of results.entries()) this.#sides[i].end(result);
      if (isWhole) this.written = { asked, text: results.map(({ text }) => text).join('\n\n') };
      const words = partingWords(...this.#sides.map(({ pieces }) => pieces));
      this.#part.textContent = isWhole ? words : 'You stopped it.';
      announce(isWhole ? `Both texts are there. ${words}` : 'Stopped.');
    } finally {
      await Promise.all([session, ...forks].map((each) => each.dispose()));
    }
  }

  async #write(generation, i) {
    const side = this.#sides[i];
    try {
      for await (const piece of generation) {
        side.pieces.push(piece);
        if (i > 0) this.#replay.follow(side.pieces.length);
        else this.#read.textContent = `Writing the first text: ${count(side.pieces.length)} tokens.`;
      }
      return await generation.result;
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
      return error.result;
    }
  }

  #show(shown) {
    const common = commonPieces(...this.#sides.map(({ pieces }) => pieces));
    for (const side of this.#sides) side.show(shown, common);
  }
}
