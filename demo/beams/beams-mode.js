// Contest: several texts compete, and the best as a whole wins (beam search). The search runs first; then the page plays
// it step by step.

import { bringIntoView } from '../parts/bring-into-view.js';
import { make } from '../parts/elements.js';
import { count } from '../parts/format.js';
import { readPrompt } from '../parts/prompt.js';
import { Runner } from '../parts/runner.js';
import { Slider } from '../parts/slider.js';
import { Player } from './player.js';
import { MOST_BEAMS, runContest, runGreedy } from './run-contest.js';
import { ScoreSheet } from './score-sheet.js';
import { Standings } from './standings.js';
import { Words } from './words.js';

const IDLE =
  'Several texts are written at the same time. At each step only the likeliest go on, and the best as a whole wins. Chance has no part in it.';

export class BeamsMode {
  stopButton = document.querySelector('#beams-stop');
  problemHome = document.querySelector('#beams-actions');
  #page;
  #says = make('p', { class: 'beams-says', id: 'beams-says' }, IDLE);
  #sheet = new ScoreSheet();
  #standings = new Standings();
  #player = new Player((step, isByHand) => this.#showStep(step, isByHand));
  #nBeams;
  #nSteps;
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #model = null;
  #runner;
  /** What was found: { asked, contest, words, winner, greedy }; or null. */
  #found = null;

  /** @param {import('../modes.js').Page} page */
  constructor(page) {
    this.#page = page;
    this.#runner = new Runner({
      name: 'beams',
      words: {
        idle: 'Begin the contest',
        busy: 'Searching…',
        later: 'The contest begins when the model is ready.',
      },
      page,
      work: (signal) => this.#run(signal),
    });
    this.#nBeams = new Slider({
      id: 'beams-number',
      label: 'Texts',
      min: 2,
      max: MOST_BEAMS,
      step: 1,
      value: 4,
      words: count,
      onChange: (value) => this.#found === null && this.#sheet.reserve(value),
    });
    this.#nSteps = new Slider({
      id: 'beams-length',
      label: 'Steps',
      hint: 'In each step every text grows by one token, a word or a part of one.',
      min: 2,
      max: 24,
      step: 1,
      value: 14,
      words: count,
    });
    document
      .querySelector('#beams-settings')
      .append(make('div', { class: 'dials' }, this.#nBeams.element, this.#nSteps.element));
    const { element: standings, result } = this.#standings;
    document
      .querySelector('#beams')
      .append(this.#says, this.#sheet.element, this.#player.element, standings, result);
    this.#sheet.reserve(this.#nBeams.value);
  }

  setModel(model) {
    this.#model = model;
    this.#runner.setModel();
    this.#clear();
    this.#says.textContent = IDLE;
  }

  setLoading(...loading) {
    this.#runner.setLoading(...loading);
  }

  /** How many texts and steps, as a link and the code have them. */
  get settings() {
    return { numBeams: this.#nBeams.value, maxNewTokens: this.#nSteps.value };
  }

  set settings({ numBeams, maxNewTokens }) {
    if (numBeams !== undefined) this.#nBeams.value = numBeams;
    if (maxNewTokens !== undefined) this.#nSteps.value = maxNewTokens;
  }

  /** What stands in the box and the controls. @throws {import('../parts/problems.js').PageProblem} */
  get asked() {
    return { prompt: readPrompt(this.#model.info.hasTokenizer), settings: this.settings };
  }

  /** The winner that stands there, with what it was asked for by: { asked, text }; or null. */
  get written() {
    return this.#found && { asked: this.#found.asked, text: this.#found.winner.text };
  }

  start() {
    return this.#runner.start();
  }

  /** @returns {boolean} whether there was something to stop */
  stop() {
    const wasPlaying = this.#player.pause();
    return this.#runner.stop() || wasPlaying;
  }

  async end() {
    this.stop();
    await this.#runner.ended();
  }

  async #run(signal) {
    try {
      await this.#search(signal);
    } catch (error) {
      this.#clear();
      this.#says.textContent = IDLE;
      if (error.name !== 'AbortError') this.#page.fail(error);
    }
    if (signal.aborted && this.#found === null) this.#says.textContent = 'You stopped it.';
  }

  async #search(signal) {
    const model = this.#model;
    const { asked } = this;
    const { prompt } = asked;
    const { numBeams, maxNewTokens } = asked.settings;
    this.#clear();
    this.#sheet.reserve(numBeams);
    this.#page.announce('The contest begins.');
    bringIntoView(document.querySelector('#beams'));
    const onStep = (nSteps) => {
      this.#says.textContent = `The contest runs: step ${count(nSteps)} of ${count(maxNewTokens)}.`;
    };
    const { contest, sequences } = await runContest(model, prompt, {
      numBeams,
      maxNewTokens,
      signal,
      onStep,
    });
    const greedy = await runGreedy(model, prompt, { maxNewTokens, signal });
    const words = new Words(model);
    const texts = contest.steps.flat().map(({ tokenIds }) => tokenIds);
    await words.learn([...texts, ...texts.map((ids) => ids.slice(-1))]);
    if (signal.aborted) return;
    const [winner] = sequences;
    this.#found = { asked, contest, words, winner, greedy };
    this.#sheet.draw(contest, words, winner.tokenIds);
    this.#says.textContent =
      'The bar is a text’s score: how likely the model finds its tokens, on average. Grey texts are dropped; a double bar is an end.';
    this.#player.load(contest.steps.length, !this.#still.matches);
  }

  #showStep(step, isByHand) {
    const { contest, words, winner, greedy } = this.#found;
    this.#sheet.show(step);
    const happened = this.#standings.show(contest, step, words);
    const isLast = step === contest.steps.length - 1;
    if (isLast) {
      this.#standings.showResult(winner, greedy);
      this.#page.announce(`The winner: ${winner.text}`);
    } else if (isByHand) this.#page.announce(`Step ${step + 1}. ${happened}`);
  }

  #clear() {
    this.#found = null;
    this.#player.clear();
    this.#sheet.clear();
    this.#standings.clear();
  }
}
