import { SottoError } from '../results/errors.js';
import type { StopFinder, StopMatch } from './stop-match.js';

/** A node of the automaton: the longest end of the text so far that some stop string begins with. */
class State {
  readonly next = new Map<string, State>();
  /** Length of this state's text, in UTF-16 units. */
  readonly length: number;
  /** The state of the longest proper end of this state's text; the root for itself. */
  fallback: State = this;
  /** Length of the longest stop string that this state's text ends with, or 0. */
  matchLength = 0;

  constructor(length: number) {
    this.length = length;
  }
}

/**
 * Finds the first stop string in a text that comes in pieces, wherever the pieces' borders are. The match that
 * ends first wins, and the longest of those that end there: so the result does not depend on the borders. Text is
 * held back exactly as long as it may be the beginning of a stop string.
 *
 * It is the automaton of Aho and Corasick ("Efficient string matching", 1975): the time is proportional to the
 * length of the text, whatever the stop strings.
 */
export class StopStrings implements StopFinder {
  readonly #root: State;
  #state: State;
  #length = 0; // of all text so far

  /** @throws SottoError 'bad-option' for an empty string, and for one with half a surrogate pair. */
  constructor(stops: readonly string[]) {
    this.#root = buildAutomaton(stops);
    this.#state = this.#root;
  }

  get heldFrom(): number {
    return this.#length - this.#state.length;
  }

  push(piece: string): StopMatch | null {
    for (let i = 0; i < piece.length; i++) {
      this.#state = this.#step(this.#state, piece.charAt(i));
      this.#length++;
      const { matchLength } = this.#state;
      if (matchLength > 0) return { begin: this.#length - matchLength, end: this.#length };
    }
    return null;
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
  const root = new State(0);
  for (const stop of stops) {
    if (stop === '' || /\p{Surrogate}/u.test(stop)) {
      throw new SottoError('bad-option', `stop: ${JSON.stringify(stop)} can never be found; leave it out`);
    }
    let state = root;
    for (let i = 0; i < stop.length; i++) {
      const next = state.next.get(stop.charAt(i)) ?? new State(i + 1);
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
