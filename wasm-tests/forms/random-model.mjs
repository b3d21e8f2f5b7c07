// A model that knows nothing: it takes any token that a constraint lets through, by a seeded generator.
import { Forms } from '../../build/web/forms/forms.js';
import { Tokenizer } from '../../build/web/text/tokenizer.js';
import { byteLevelJson } from '../text/tiny-tokenizers.mjs';

/** Tokens of several bytes, so that tokens and parts of a form do not end together. */
const MERGES = [
  ['"', ','],
  ['",', 'Ġ'],
  ['Ġ', '"'],
  [':', 'Ġ'],
  ['":', 'Ġ'],
  ['"', ':'],
  ['a', 'b'],
  ['1', '2'],
  ['tr', 'ue'],
  ['t', 'r'],
  ['u', 'e'],
  ['Ã', '©'],
  ['{', '"'],
  ['"', '}'],
  ['}', '}'],
  ['\\', '"'],
];

/** @returns A byte-level tokenizer of bytes and a few merges, and the forms of a model that has it. */
export function tinyForms() {
  const json = byteLevelJson(MERGES);
  const tokenizer = Tokenizer.create(json);
  const end = json.added_tokens.find(({ content }) => content === '<|end|>').id;
  const vocabSize = end + 8; // padded
  return { tokenizer, endTokenIds: [end], vocabSize, forms: new Forms(tokenizer, vocabSize) };
}

/** Numbers from 0 to below 1 (mulberry32). */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The ids of a mask. */
export function idsOf(mask) {
  const ids = [];
  for (const [i, word] of mask.entries()) {
    for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) ids.push(32 * i + bit);
  }
  return ids;
}

/**
 * Tokens by chance until an end token, or the limit.
 *
 * @returns The text, its tokens, and whether it ended by itself.
 */
export async function generateByChance(made, form, random, mostTokens = 200) {
  const constraint = await form.start();
  const ids = [];
  let isComplete = false;
  try {
    while (ids.length < mostTokens && !isComplete) {
      const allowed = idsOf(await constraint.mask());
      if (allowed.length === 0)
        throw new Error(`nothing fits after ${JSON.stringify(made.tokenizer.decode(ids))}`);
      const id = allowed[Math.floor(random() * allowed.length)];
      if (!constraint.accept(id)) throw new Error(`${id} is in the mask and not accepted`);
      isComplete = made.endTokenIds.includes(id);
      if (!isComplete) ids.push(id);
    }
  } finally {
    constraint.dispose();
  }
  return { text: made.tokenizer.decode(ids), ids, isComplete };
}
