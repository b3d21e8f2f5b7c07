import type { Vocabulary } from '../vocabulary.js';
import type { State, States } from './states.js';

/** How many masks are kept for each grammar: of 19 KB each for the largest vocabularies. */
const MOST_MASKS = 128;

/** How many tokens are looked at for the shortest text. */
const MOST_FOUND = 1_000_000;

/** Which tokens of a vocabulary fit, state by state of a grammar. */
export class TokenMasks {
  readonly #vocabulary: Vocabulary;
  readonly #states: States;
  /** The latest last. */
  readonly #masks = new Map<State, Uint32Array>();

  constructor(vocabulary: Vocabulary, states: States) {
    this.#vocabulary = vocabulary;
    this.#states = states;
  }

  /** In words of 32 bits. */
  get length(): number {
    return Math.ceil(this.#vocabulary.size / 32);
  }

  /** Without end tokens, which have no bytes. Not to be changed. */
  of(state: State): Uint32Array {
    const known = this.#masks.get(state);
    this.#masks.delete(state);
    const mask = known ?? this.#judge(state);
    this.#masks.set(state, mask);
    if (this.#masks.size > MOST_MASKS) {
      const [oldest] = this.#masks.keys();
      this.#masks.delete(oldest as State);
    }
    return mask;
  }

  /**
   * The least tokens to where the text may end.
   *
   * @param most More are of no interest.
   */
  leastTokens(most: number): number | 'more' | 'unknown' {
    const seen = new Set([this.#states.begin]);
    let [frontier, nFound] = [[this.#states.begin], 0];
    for (let n = 0; n <= most; n++) {
      if (frontier.some(({ isComplete }) => isComplete)) return n;
      const next: State[] = [];
      for (const state of frontier) {
        this.#walk(state, (_, reached) => {
          nFound++;
          if (!seen.has(reached)) next.push(reached);
          seen.add(reached);
        });
        if (nFound > MOST_FOUND) return 'unknown';
      }
      frontier = next;
    }
    return 'more';
  }

  #judge(state: State): Uint32Array {
    const mask = new Uint32Array(this.length);
    this.#walk(state, (id) => {
      mask[id >> 5] = (mask[id >> 5] as number) | (1 << (id & 31));
    });
    return mask;
  }

  /** @param found Called with each token that fits, and the state behind it. */
  #walk(state: State, found: (id: number, reached: State) => void): void {
    this.#states.renewBudget();
    const { firsts } = this.#vocabulary;
    for (let byte = 0; byte < 256; byte++) {
      const [begin, end] = [firsts[byte] as number, firsts[byte + 1] as number];
      if (begin === end) continue;
      const next = this.#states.after(state, byte);
      if (next !== null) this.#walkFrom(begin, end, next, found);
    }
  }

  /** Over tokens that begin with the same byte, behind which `first` is. */
  #walkFrom(begin: number, end: number, first: State, found: (id: number, reached: State) => void): void {
    const { ids, begins, bytes, shared } = this.#vocabulary;
    const { classOfByte } = this.#states;
    const path: State[] = [first, first]; // by how many bytes came
    let nFit = 1; // bytes of the token before that fit
    let nBefore = 1; // of those that were tried, with the one that did not fit
    for (let i = begin; i < end; i++) {
      const from = begins[i] as number;
      const length = (begins[i + 1] as number) - from;
      const nShared = i === begin ? 1 : (shared[i] as number);
      if (nShared >= nBefore && nBefore > nFit) continue; // the byte that did not fit is in this one, too
      let n = Math.min(nShared, nFit);
      let state: State | null = path[n] as State;
      while (n < length) {
        const byte = bytes[from + n] as number;
        const known: State | null | undefined = state.next[classOfByte[byte] as number];
        state = known === undefined ? this.#states.after(state, byte) : known;
        if (state === null) break;
        path[++n] = state;
      }
      nFit = n;
      nBefore = state === null ? n + 1 : n;
      if (state !== null) found(ids[i] as number, state);
    }
  }
}
