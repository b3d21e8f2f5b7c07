import { HeldText } from './held-text.js';
import type { StopFinder } from './stop-match.js';
import { StopPattern } from './stop-pattern.js';
import { StopStrings } from './stop-strings.js';

/** What ended a text. */
export type StopKind = 'stop-string' | 'stop-pattern';

/** What {@link StopConditions.push} tells. */
export interface StopResult {
  /** Text that is certain to be shown: none of it can belong to a match any more. */
  text: string;
  /** What was found, or null; `text` ends before it, and what follows is to be dropped. */
  stopped: StopKind | null;
}

/**
 * Ends a text that comes in pieces before the first stop string or pattern. The definition: characters (code points)
 * arrive one by one. After each, every string and pattern is looked for anywhere in the text so far; as soon as one is
 * there, it is over, and the text ends before the leftmost beginning of those that are there, a string named before
 * a pattern where both begin there. So the pieces' borders do not matter, and a match need not be as long as it
 * could become: /\d+/ stops at the first digit. Text is held back as long as it may be the beginning of a match.
 *
 * The text is cut between characters only: before the whole character where a pattern without the flags u and v
 * finds half a surrogate pair. Half a pair at the end of a piece waits for its other half.
 */
export class StopConditions {
  readonly #finders: { kind: StopKind; finder: StopFinder }[] = [];
  readonly #held = new HeldText();
  #half = ''; // the first half of a surrogate pair
  #length = 0; // of all text so far but that half, in UTF-16 units
  #shownLength = 0;
  #stopped: StopKind | null = null;

  /** @throws SottoError 'bad-option' for what can never be found or would always be, and for what is not supported. */
  constructor(stops: readonly (string | RegExp)[]) {
    const strings = stops.filter((stop) => typeof stop === 'string');
    if (strings.length > 0) this.#finders.push({ kind: 'stop-string', finder: new StopStrings(strings) });
    for (const stop of stops) {
      if (typeof stop === 'string') continue;
      this.#finders.push({ kind: 'stop-pattern', finder: new StopPattern(stop) });
    }
  }

  /** Takes the next piece of the text. After a match, all further text is dropped. */
  push(piece: string): StopResult {
    if (this.#stopped !== null) return { text: '', stopped: this.#stopped };
    const given = this.#half + piece;
    const whole = /[\ud800-\udbff]$/.test(given) ? given.slice(0, -1) : given;
    this.#half = given.slice(whole.length);
    this.#held.push(whole);
    this.#length += whole.length;

    let end = Number.POSITIVE_INFINITY;
    let showUntil = this.#length;
    for (const { kind, finder } of this.#finders) {
      const match = finder.push(whole);
      if (match === null) {
        if (this.#stopped === null) showUntil = Math.min(showUntil, finder.heldFrom);
      } else if (match.end < end || (match.end === end && match.begin < showUntil)) {
        this.#stopped = kind;
        end = match.end;
        showUntil = match.begin;
      }
    }
    const text = this.#held.take(showUntil - this.#shownLength);
    this.#shownLength = showUntil;
    return { text, stopped: this.#stopped };
  }

  /** The whole characters that are held back now. */
  get heldText(): string {
    return this.#held.text;
  }

  /** The text that is held back, when no further text comes. */
  flush(): string {
    const held = this.#held.takeAll() + this.#half;
    this.#half = '';
    return this.#stopped === null ? held : '';
  }
}
