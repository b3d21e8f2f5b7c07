// Play, pause, and step through what has been computed.

import { button, make } from '../parts/elements.js';

const STEP_MS = 900;

export class Player {
  element;
  #onStep;
  #play;
  #back;
  #next;
  #where = make('output', { class: 'player-where', id: 'beams-step' }, '–');
  #nSteps = 0;
  #step = 0;
  #timer = 0;

  /** @param {(step: number, isByHand: boolean) => void} onStep shows a step */
  constructor(onStep) {
    this.#onStep = onStep;
    this.#back = button('Back', 'quiet', () => this.#go(this.#step - 1), { id: 'beams-back' });
    this.#play = button('Play', 'quiet', () => this.#toggle(), { id: 'beams-play' });
    this.#next = button('Next', 'quiet', () => this.#go(this.#step + 1), { id: 'beams-next' });
    const set = { class: 'player', role: 'group', 'aria-label': 'Steps' };
    this.element = make('div', set, this.#back, this.#play, this.#next, this.#where);
    this.#showState();
  }

  /** @param {number} nSteps @param {boolean} plays whether it begins by itself; else it shows the end */
  load(nSteps, plays) {
    this.pause();
    this.#nSteps = nSteps;
    this.#step = plays ? 0 : nSteps - 1;
    this.#show(false);
    if (plays) this.#start();
  }

  clear() {
    this.pause();
    this.#nSteps = 0;
    this.#showState();
  }

  /** @returns {boolean} whether it was playing */
  pause() {
    const wasPlaying = this.#timer !== 0;
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#showState();
    return wasPlaying;
  }

  #toggle() {
    if (this.#nSteps === 0 || this.pause()) return;
    if (this.#step === this.#nSteps - 1) this.#step = -1;
    this.#advance();
    this.#start();
  }

  #start() {
    if (this.#step < this.#nSteps - 1) this.#timer = setInterval(() => this.#advance(), STEP_MS);
    this.#showState();
  }

  #advance() {
    this.#step++;
    this.#show(false);
    if (this.#step === this.#nSteps - 1) this.pause();
  }

  #go(step) {
    if (step < 0 || step >= this.#nSteps) return;
    this.pause();
    this.#step = step;
    this.#show(true);
  }

  #show(isByHand) {
    this.#onStep(this.#step, isByHand);
    this.#showState();
  }

  #showState() {
    this.#play.textContent = this.#timer === 0 ? 'Play' : 'Pause';
    const isNone = this.#nSteps === 0;
    this.#where.textContent = isNone ? '–' : `Step ${this.#step + 1} of ${this.#nSteps}`;
    this.#play.setAttribute('aria-disabled', String(isNone));
    this.#back.setAttribute('aria-disabled', String(isNone || this.#step === 0));
    this.#next.setAttribute('aria-disabled', String(isNone || this.#step === this.#nSteps - 1));
  }
}
