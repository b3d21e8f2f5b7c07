// Tokens as they are shown: their text with its spaces, in boxes or in lines.
import { CHARACTER, element, escaped, rect, text, WIDTH } from './svg.mjs';

/** What stands for the token that begins a text, which has no text of its own. */
const BEGIN = '⟨begin⟩';

/**
 * @typedef {object} Shown
 * @property {number} id
 * @property {string} text what the token adds to a text
 * @property {string} label the same with what cannot be seen: a space in front, a new line, a part of a character
 *
 * @param {import('sotto').LanguageModel} model
 * @param {Iterable<number>} ids
 * @returns {Promise<Shown[]>}
 */
export function shownTokens(model, ids) {
  return Promise.all(
    [...ids].map(async (id) => {
      const own = await model.decode([id]);
      const label = id === model.info.bosTokenId ? BEGIN : own.replace(/^ /, '␣').replaceAll('\n', '↵');
      return { id, text: own, label };
    }),
  );
}

const PADDING = 7;
const GAP = 4;
const BOX_HEIGHT = 26;

/** How wide the box of a token is, with the id below. */
export const boxWidth = ({ label, id }) =>
  Math.max(label.length, String(id).length) * CHARACTER + 2 * PADDING;

/**
 * Boxes side by side, in as many rows as they need, each with its id below.
 *
 * @param {Shown[]} tokens
 * @param {number} left
 * @param {number} top
 * @returns {{ markup: string[], height: number }}
 */
export function boxes(tokens, left, top) {
  const markup = [];
  let x = left;
  let y = top;
  for (const token of tokens) {
    const width = boxWidth(token);
    if (x + width > WIDTH - 20) {
      x = left;
      y += BOX_HEIGHT + 26;
    }
    markup.push(
      rect(x, y, width, BOX_HEIGHT, 'box', { rx: 4 }),
      text(x + width / 2, y + 18, token.label, 'mono middle'),
      text(x + width / 2, y + BOX_HEIGHT + 14, token.id, 'mono small middle muted'),
    );
    x += width + GAP;
  }
  return { markup, height: y + BOX_HEIGHT + 18 - top };
}

/**
 * Where each token stands when a text runs in lines; words are not parted.
 *
 * @param {Shown[]} tokens
 * @param {number} columns characters in a line
 * @returns {{ line: number, column: number, text: string }[]} of each token, with the text that it shows there
 */
export function inLines(tokens, columns) {
  const places = [];
  let line = 0;
  let column = 0;
  for (const [index, token] of tokens.entries()) {
    const begins = /^\s/.test(token.text);
    let word = token.text.length;
    for (let next = index + 1; next < tokens.length && !/^\s/.test(tokens[next].text); next++)
      word += tokens[next].text.length;
    const breaks = token.text.includes('\n');
    if (column > 0 && !breaks && begins && column + word > columns) {
      line++;
      column = 0;
    }
    const shown = column === 0 ? token.text.trimStart() : token.text.replaceAll('\n', '');
    places.push({ line, column, text: shown });
    column += shown.length;
    if (breaks && column > 0) {
      line++;
      column = 0;
    }
  }
  return places;
}

/** A piece of a line, exactly as wide as its characters, whatever the font. */
export const fixedText = (x, y, content) =>
  element(
    'text',
    { x, y, class: 'mono', textLength: content.length * CHARACTER, lengthAdjust: 'spacingAndGlyphs' },
    escaped(content),
  );
