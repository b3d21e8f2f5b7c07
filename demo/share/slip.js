// A slip of paper at the page's edge with a few words, until it is put away. It moves nothing on the page.

import { button, make } from '../parts/elements.js';
import { bringStyle } from '../parts/style-sheet.js';

const words = make('p');
const way = make('p', { class: 'slip-way' });
const slip = make(
  'aside',
  { class: 'slip', id: 'link-slip', 'aria-label': 'About the link' },
  words,
  way,
  button('×', 'slip-close', () => slip.remove(), { 'aria-label': 'Close this note' }),
);

/**
 * @param {string} text
 * @param {{ label: string, act(): void }} [next] a way on, as a button
 */
export async function showSlip(text, next) {
  await bringStyle(new URL('../style/paper.css', import.meta.url));
  words.textContent = text;
  way.replaceChildren(...(next === undefined ? [] : [button(next.label, 'quiet', next.act)]));
  if (!slip.isConnected) document.body.append(slip);
}
