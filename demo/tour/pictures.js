// What the tour draws: tokens, what is kept of them, and chances.

import { make } from '../parts/elements.js';

const SVG = 'http://www.w3.org/2000/svg';
const CELL = 9;
const MOST_LAYERS = 12;

/** Of one token, as a label: what cannot be seen has a sign. */
export function sign(word) {
  if (word.trim() !== '') return word.trim();
  if (word.includes('\n')) return '↵';
  return word === '' ? '∎' : '␣';
}

/** @param {{ word: string, id: number }[]} tokens */
export function tokenList(tokens) {
  const entries = tokens.map(({ word, id }) =>
    make(
      'li',
      {},
      make('span', { class: 'token-word' }, sign(word)),
      make('span', { class: 'token-id' }, String(id)),
    ),
  );
  return make('ol', { class: 'tour-tokens' }, ...entries);
}

/** A square for each token in each layer. */
export function cachePicture(nTokens, nLayers) {
  const rows = Math.min(nLayers, MOST_LAYERS);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'tour-cache');
  svg.setAttribute('viewBox', `0 0 ${nTokens * CELL} ${rows * CELL}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.style.setProperty('max-width', `${nTokens * CELL * 2}px`);
  for (let token = 0; token < nTokens; token++) {
    for (let row = 0; row < rows; row++) {
      const cell = document.createElementNS(SVG, 'rect');
      const place = { x: token * CELL + 1, y: row * CELL + 1, width: CELL - 2, height: CELL - 2, rx: 1 };
      for (const [name, value] of Object.entries(place)) cell.setAttribute(name, value);
      svg.append(cell);
    }
  }
  return svg;
}

/**
 * Bars of chances.
 *
 * @param {{ word: string, chance: number, isLeft?: boolean, isChosen?: boolean }[]} rows
 */
export function chanceList(rows) {
  const entries = rows.map(({ word, chance, isLeft = true, isChosen = false }) => {
    const bar = make('span', { class: 'tour-bar', 'aria-hidden': 'true' });
    bar.style.setProperty('--share', `${chance * 100}%`);
    const made = make(
      'li',
      { class: isLeft ? '' : 'is-out' },
      make('span', { class: 'token-word' }, sign(word)),
      bar,
      make('span', { class: 'tour-percent' }, isLeft ? percent(chance) : 'left out'),
    );
    if (isChosen) made.classList.add('is-chosen');
    return made;
  });
  return make('ol', { class: 'tour-chances' }, ...entries);
}

/** 0.1234 -> "12.3 %", 0.00001 -> "< 0.1 %", 0.99999 -> "> 99.9 %" */
export function percent(chance) {
  if (chance > 0.9995 && chance < 1) return '> 99.9 %';
  return chance < 0.001 && chance > 0 ? '< 0.1 %' : `${(chance * 100).toFixed(1)} %`;
}
