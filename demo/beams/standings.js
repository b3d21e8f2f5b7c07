// The texts as they stand at a step, in whole words, and at the end the winner beside what always taking the likeliest
// word would have written.

import { make } from '../parts/elements.js';
import { count } from '../parts/format.js';
import { scoreOf } from './contest.js';

export class Standings {
  element = make('ol', { class: 'standings' });
  result = make('div', { class: 'contest-result', hidden: true });

  /** @returns {string} what happened at the step, in words */
  show(contest, step, words) {
    const contestants = contest.steps[step];
    const rows = contestants.map((each) =>
      make(
        'li',
        { class: each.hasEnded ? 'is-ended' : contest.isDropped(step, each) ? 'is-dropped' : '' },
        make('span', { class: 'standing-text' }, words.of(each.tokenIds)),
        ...share(scoreOf(each)),
      ),
    );
    this.element.replaceChildren(...rows);
    return stepWords(contest, step);
  }

  clear() {
    this.element.replaceChildren();
    this.result.hidden = true;
    this.result.replaceChildren();
  }

  /** @param {{ text: string, score: number }} winner @param {{ text: string, score: number }} greedy */
  showResult(winner, greedy) {
    const entry = (title, { text, score }, name) =>
      make(
        'div',
        { class: `result is-${name}` },
        make('h3', {}, title),
        make('p', { class: 'result-text' }, text),
        make('p', { class: 'result-score' }, ...share(score), ' on average for each token'),
      );
    this.result.replaceChildren(
      entry('The winner', winner, 'winner'),
      entry('Always the likeliest word', greedy, 'greedy'),
      make('p', { class: 'contest-verdict' }, verdict(winner, greedy)),
    );
    this.result.hidden = false;
  }
}

/** A score as a bar and in hundredths: how likely the tokens are on average. */
function share(score) {
  const percent = Math.exp(score) * 100;
  const bar = make('span', { class: 'score-bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', `${percent}%`);
  return [bar, make('span', { class: 'score-number' }, `${percent.toFixed(1)} %`)];
}

function stepWords(contest, step) {
  const contestants = contest.steps[step];
  const nEnded = contestants.filter(({ hasEnded }) => hasEnded).length;
  const nDropped = contestants.filter((each) => contest.isDropped(step, each)).length;
  const texts = (n) => `${count(n)} ${n === 1 ? 'text' : 'texts'}`;
  if (step === contest.steps.length - 1) return `${texts(contestants.length)} at the end. The best one wins.`;
  const goOn = `${texts(contestants.length - nEnded - nDropped)} will go on`;
  const dropped = nDropped === 0 ? '' : `, ${count(nDropped)} will be dropped`;
  return `${goOn}${dropped}${nEnded === 0 ? '' : `, ${count(nEnded)} ended here`}.`;
}

export function verdict(winner, greedy) {
  if (winner.text === greedy.text) return 'Taking the likeliest word each time leads to the same text here.';
  return winner.score > greedy.score
    ? 'The winner is likelier as a whole, though it took a less likely word on the way.'
    : 'Here the contest missed the likelier text: it was dropped early, when others were ahead.';
}
