// The contest as a score sheet: a column for each step, a place for each text, and lines from each to what it became.

import { make } from '../parts/elements.js';
import { scoreOf } from './contest.js';
import { shown } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const COLUMN = 112;
const ROW = 50;
const HEAD = 26;
const CARD_WIDTH = 92;
const CARD_HEIGHT = 42;

export class ScoreSheet {
  element = make('div', {
    class: 'score',
    role: 'group',
    'aria-label': 'The contest, step by step',
    tabindex: '0',
  });
  #inside = make('div', { class: 'score-inside' });
  #columns = [];
  #still = matchMedia('(prefers-reduced-motion: reduce)');

  constructor() {
    this.element.append(this.#inside);
  }

  /** @param {number} nRows room is kept for so many, before a contest is there */
  reserve(nRows) {
    this.element.style.setProperty('--score-height', `${HEAD + nRows * ROW}px`);
  }

  clear() {
    this.#columns = [];
    this.#inside.replaceChildren();
  }

  /**
   * Draws all steps; `show` then says how far they can be seen.
   *
   * @param {import('./contest.js').Contest} contest
   * @param {import('./words.js').Words} words
   * @param {number[]} winner its tokens
   */
  draw(contest, words, winner) {
    this.reserve(Math.max(...contest.steps.map(({ length }) => length)));
    this.#inside.style.width = `${contest.steps.length * COLUMN}px`;
    this.#columns = contest.steps.map((contestants, step) => {
      const column = make('div', { class: 'contest-step', hidden: true });
      column.style.left = `${step * COLUMN}px`;
      column.append(make('p', { class: 'contest-step-number' }, String(step + 1)));
      const lines = step === 0 ? [] : [this.#lines(contest, step, winner)];
      column.append(
        ...lines,
        ...contestants.map((each, row) => card(contest, step, each, row, words, winner)),
      );
      return column;
    });
    this.#inside.replaceChildren(...this.#columns);
  }

  /** Shows the steps up to this one; those without a place in the next one are crossed out once that is there. */
  show(step) {
    for (const [i, column] of this.#columns.entries()) {
      column.hidden = i > step;
      column.classList.toggle('is-past', i < step);
    }
    this.element.classList.toggle('is-decided', step === this.#columns.length - 1);
    this.element.scrollTo({
      left: (step + 1) * COLUMN - this.element.clientWidth,
      behavior: this.#still.matches ? 'auto' : 'smooth',
    });
  }

  #lines(contest, step, winner) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'score-lines');
    svg.setAttribute('aria-hidden', 'true');
    for (const [row, each] of contest.steps[step].entries()) {
      const from = contest.steps[step - 1].indexOf(contest.parentOf(step, each));
      const line = document.createElementNS(SVG, 'path');
      const [y1, y2] = [middle(from), middle(row)];
      const gap = COLUMN - CARD_WIDTH;
      line.setAttribute('d', `M0 ${y1} C${gap / 2} ${y1} ${gap / 2} ${y2} ${gap} ${y2}`);
      line.classList.toggle('of-winner', begins(winner, each.tokenIds));
      svg.append(line);
    }
    return svg;
  }
}

const middle = (row) => HEAD + row * ROW + CARD_HEIGHT / 2;
const begins = (winner, tokenIds) => tokenIds.every((id, i) => winner[i] === id);

function card(contest, step, contestant, row, words, winner) {
  const word = shown(words.of(contestant.tokenIds.slice(-1)));
  const percent = Math.exp(scoreOf(contestant)) * 100;
  const isDropped = contest.isDropped(step, contestant);
  const fate = contestant.hasEnded ? 'ended' : isDropped ? 'dropped' : 'runs';
  const bar = make('span', { class: 'score-bar' });
  bar.style.setProperty('--share', `${percent}%`);
  const made = make(
    'div',
    { class: `card is-${fate}` },
    make('span', { class: 'card-word' }, word),
    make(
      'span',
      { class: 'unseen' },
      `, ${Math.round(percent)} %${{ ended: ', ended', dropped: ', dropped', runs: '' }[fate]}`,
    ),
    bar,
  );
  made.classList.toggle('of-winner', begins(winner, contestant.tokenIds));
  made.style.top = `${HEAD + row * ROW}px`;
  return made;
}
