// How far loading is, and how much is there, in words.

import { bytes, duration } from '../parts/format.js';

const MOST_OFTEN_MS = 10_000;

/** @param {import('../../web/index.ts').LoadProgress} progress */
export function progressWords({ all }) {
  const { loaded, total, fromStore, bytesPerSecond, secondsLeft } = all;
  if (loaded === 0) return 'Opening…';
  const amount = total === null ? bytes(loaded) : `${bytes(loaded)} of ${bytes(total)}`;
  if (fromStore === loaded) return `${amount}, kept here`;
  if (loaded === total) return `${amount}, checking…`;
  return [
    amount,
    bytesPerSecond !== null && `${bytes(bytesPerSecond)}/s`,
    secondsLeft !== null && `${duration(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** For those who cannot see the progress: a word at each quarter, and not more often than every few seconds. */
export class Quarters {
  #told = 0;
  #toldMs = performance.now();

  /** @returns {string | null} what to say now */
  pass({ all: { loaded, total } }) {
    const quarter = total === null || total === 0 ? 0 : Math.floor((4 * loaded) / total);
    if (quarter <= this.#told || quarter === 4 || performance.now() - this.#toldMs < MOST_OFTEN_MS)
      return null;
    this.#told = quarter;
    this.#toldMs = performance.now();
    return `${quarter * 25} percent of the model is here.`;
  }
}

/** How much of something is there, for those who do not reckon. */
export function shareWords(part, whole) {
  const share = part / whole;
  if (share < 0.1) return 'A little';
  if (share < 0.37) return 'About a quarter';
  if (share < 0.63) return 'About half';
  return share < 0.87 ? 'About three quarters' : 'Nearly all';
}
