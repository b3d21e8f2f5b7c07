import { SottoError } from '../errors.js';

/** A node of the automaton: the longest end of the text so far that some stop string begins with. */
class State {
  readonly next = new Map<string, State>();
  /** A stop string that begins with this state's text. */
  readonly stop: string;
  /** Length of this state's text, in UTF-16 units. */
  readonly length: number;
  /** The state of the longest proper end of this state's text; the root for itself. */
  fallback: State = this;
  /** Length of the longest stop string that this state's text ends with, or 0. */
  matchLength = 0;

  constructor(stop: string, length: number) {
    this.stop = stop;
    this.length = length;
  }
}

/** What {@link StopStrings.push} tells. */
export interface StopStringsResult {
  /** Text that is certain to be shown: none of it can belong to a stop string any more. */
  text: string;
  /** Whether a stop string was found; `text` ends before it, and what follows is to be dropped. */
  stopped: boolean;
}

/**
 * Finds the first stop string in a text that comes in pieces, wherever the pieces' borders are. The match that
 * ends first wins, and the longest of those that end there: so the result does not depend on the borders. Text is
 * held back exactly as long as it may be the beginning of a stop string.
 *
 * It is the automaton of Aho and Corasick ("Efficient string matching", 1975): the time is proportional to the
 * length of the text, whatever the stop strings.
 */
export class StopStrings {
  readonly #root: State;
  #state: State;
  #stopped = false;

  /** @throws SottoError 'bad-option' for an empty string, and for one with half a surrogate pair. */
  constructor(stops: readonly string[]) {
    this.#root = buildAutomaton(stops);
    this.#state = this.#root;
  }

  /** Takes the next piece of the text. After a match, all further text is dropped. */
  push(text: string): StopStringsResult {
    if (this.#stopped) return { text: '', stopped: true };
    const heldBefore = this.#state;
    for (let i = 0; i < text.length; i++) {
      this.#state = this.#step(this.#state, text.charAt(i));
      if (this.#state.matchLength > 0) {
        this.#stopped = true;
        return { text: join(heldBefore, text, i + 1 - this.#state.matchLength), stopped: true };
      }
    }
    return { text: join(heldBefore, text, text.length - this.#state.length), stopped: false };
  }

  /** The text that is held back, when no further text comes. */
  flush(): string {
    const held = this.#stopped ? '' : heldText(this.#state);
    this.#state = this.#root;
    return held;
  }

  #step(from: State, character: string): State {
    for (let state = from; ; state = state.fallback) {
      const next = state.next.get(character);
      if (next !== undefined) return next;
      if (state === this.#root) return state;
    }
  }
}

function buildAutomaton(stops: readonly string[]): State {
  const root = new State('', 0);
  for (const stop of stops) {
    if (stop === '' || /\p{Surrogate}/u.test(stop)) {
      throw new SottoError('bad-option', `stop: ${JSON.stringify(stop)} can never be found; leave it out`);
    }
    let state = root;
    for (let i = 0; i < stop.length; i++) {
      const next = state.next.get(stop.charAt(i)) ?? new State(stop, i + 1);
      state.next.set(stop.charAt(i), next);
      state = next;
    }
    state.matchLength = stop.length;
  }
  // By increasing length, so that a state's fallback, which is shorter, is complete before it.
  const states = [root];
  for (const state of states) {
    for (const [character, next] of state.next) {
      let fallback = state.fallback;
      while (fallback !== root && !fallback.next.has(character)) fallback = fallback.fallback;
      next.fallback = state === root ? root : (fallback.next.get(character) ?? root);
      next.matchLength ||= next.fallback.matchLength;
      states.push(next);
    }
  }
  return root;
}

/** The text that a state holds back. It is the beginning of a stop string, so it need not be kept. */
function heldText(state: State): string {
  return state.stop.slice(0, state.length);
}

/** What `held` holds back and then `text` up to `end`; a negative `end` leaves off the end of what was held. */
function join(held: State, text: string, end: number): string {
  return end < 0 ? held.stop.slice(0, held.length + end) : heldText(held) + text.slice(0, end);
}
