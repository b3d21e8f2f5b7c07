import { SottoError } from '../results/errors.js';
import { makePartialPattern } from './partial-pattern.js';
import type { StopFinder, StopMatch } from './stop-match.js';

/**
 * Finds the first match of a regular expression in a text that comes in pieces, wherever the pieces' borders are.
 * The definition: characters (code points) arrive one by one; after each, the pattern is looked for anywhere in the
 * text so far, which is all it sees: `$` is true at every end so far, `\b` behind each last letter, and /a(?!b)/ finds
 * an a at once. The first match in the shortest such text counts, from the character on in which it begins.
 *
 * Text is held back exactly while it may be the beginning of a match; longer only for lookarounds and assertions: what
 * they ask for is checked each for itself, not whether all can be true together. Classes of the flag v that hold strings
 * (\q{…}, \p{RGI_Emoji}) are refused.
 *
 * Flags: i, m, s, u and v have their meaning; g and d only change what `exec` keeps and tells, and are ignored; y would
 * tie the pattern to one place, and is refused.
 *
 * Lookbehind and `\b` see all text before; it is kept. A piece costs a copy of the text and a search from `heldFrom` on;
 * as many searches as it has characters when the pattern looks ahead (`$`, `\b`, lookahead) or is found in it. A pattern
 * that takes exponential time takes it here, too: that is the caller's risk, as with every use of it.
 */
export class StopPattern implements StopFinder {
  readonly #whole: RegExp;
  readonly #partial: RegExp;
  readonly #looksAhead: boolean;
  #text = '';
  #heldFrom = 0;

  /** @throws SottoError 'bad-option' for patterns that match the empty text, the flag y, classes with strings and some backreferences. */
  constructor(pattern: RegExp) {
    if (pattern.sticky) {
      throw refused(
        pattern,
        'has the flag y, which ties it to one place; leave it out, and begin with ^ if it is meant',
      );
    }
    const flags = `g${pattern.flags.replace(/[gd]/g, '')}`;
    this.#whole = new RegExp(pattern.source, flags);
    if (this.#whole.test('')) {
      throw refused(
        pattern,
        'matches the empty text, so all text would end at once; make it need a character',
      );
    }
    const { source, looksAhead } = makePartialPattern(pattern);
    this.#partial = new RegExp(source, flags);
    this.#looksAhead = looksAhead;
  }

  get heldFrom(): number {
    return this.#heldFrom;
  }

  push(piece: string): StopMatch | null {
    const begin = this.#text.length;
    this.#text += piece;
    // A match can vanish with further text only where the pattern looks ahead: else all can be searched at once.
    if (this.#looksAhead || this.#find(this.#whole, this.#text) !== null) {
      let end = begin;
      for (const character of piece) {
        end += character.length;
        const found = this.#find(this.#whole, this.#text.slice(0, end));
        if (found !== null) return { begin: found, end };
      }
    }
    this.#heldFrom = this.#find(this.#partial, this.#text) ?? this.#text.length;
    return null;
  }

  /** Where the character is in which the first match begins. */
  #find(pattern: RegExp, text: string): number | null {
    pattern.lastIndex = this.#heldFrom;
    const match = pattern.exec(text);
    if (match === null) return null;
    const isInPair = /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(match.index - 1, match.index + 1));
    return isInPair ? match.index - 1 : match.index;
  }
}

function refused(pattern: RegExp, reason: string): SottoError {
  return new SottoError('bad-option', `stop: ${pattern} ${reason}`);
}
