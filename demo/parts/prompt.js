// The prompt that stands on the page: text, or token ids for a model that came without a tokenizer.

import { PageProblem } from './problems.js';

/**
 * @param {boolean} takesText
 * @returns {string | number[]}
 * @throws {PageProblem} where something else than a number stands among the ids
 */
export function readPrompt(takesText) {
  const text = document.querySelector('#prompt').value;
  if (takesText) return text;
  const words = text.split(/[\s,]+/).filter(Boolean);
  const stranger = words.find((word) => !/^\d+$/.test(word));
  if (stranger === undefined) return words.map(Number);
  throw new PageProblem('bad-token', `“${stranger}” is no token id: this model takes whole numbers only.`);
}
