import type { Grammar } from '../grammar.js';
import type { CompiledGrammar, GrammarEngine, Matcher } from '../grammar-engine.js';
import type { TokenTexts, Vocabulary } from '../vocabulary.js';
import { makeNetwork } from './network.js';
import { type State, States } from './states.js';
import { TokenMasks } from './token-masks.js';

/** The most text that is foreseen at once, in bytes. */
const MOST_FORESEEN = 1024;

/** Grammars without a compiler: what is met is found out when it is met, and kept. */
export class OwnEngine implements GrammarEngine {
  readonly #vocabulary: Vocabulary;
  readonly #tokenizer: TokenTexts;

  constructor(vocabulary: Vocabulary, tokenizer: TokenTexts) {
    this.#vocabulary = vocabulary;
    this.#tokenizer = tokenizer;
  }

  compile(grammar: Grammar): CompiledGrammar {
    const states = new States(makeNetwork(grammar));
    const masks = new TokenMasks(this.#vocabulary, states);
    masks.of(states.begin); // what takes too long is found out before anything is generated
    return {
      leastTokens: (most) => masks.leastTokens(most),
      match: (endTokenIds) => new OwnMatcher(states, masks, this.#tokenizer, endTokenIds, [states.begin]),
    };
  }
}

/** A text so far, as the states it went through: so that going back and forking cost nothing. */
class OwnMatcher implements Matcher {
  readonly #states: States;
  readonly #masks: TokenMasks;
  readonly #tokenizer: TokenTexts;
  readonly #endTokenIds: readonly number[];
  /** One for each token, and the first; null behind an end token. */
  readonly #path: (State | null)[];

  constructor(
    states: States,
    masks: TokenMasks,
    tokenizer: TokenTexts,
    endTokenIds: readonly number[],
    path: readonly (State | null)[],
  ) {
    this.#states = states;
    this.#masks = masks;
    this.#tokenizer = tokenizer;
    this.#endTokenIds = endTokenIds;
    this.#path = [...path];
  }

  mask(): Uint32Array {
    const state = this.#state;
    if (state === null) return new Uint32Array(this.#masks.length);
    const mask = this.#masks.of(state).slice();
    for (const id of this.#endTokenIds) {
      const [word, bit] = [mask[id >> 5] as number, 1 << (id & 31)];
      mask[id >> 5] = state.isComplete ? word | bit : word & ~bit; // whatever text it has
    }
    return mask;
  }

  nextBytes(): Uint8Array {
    const bytes: number[] = [];
    let state = this.#state;
    while (state !== null && bytes.length < MOST_FORESEEN) {
      const byte = this.#states.onlyByte(state);
      if (byte === null) break;
      bytes.push(byte);
      state = this.#states.after(state, byte);
    }
    return Uint8Array.from(bytes);
  }

  accept(tokenId: number): boolean {
    const state = this.#state;
    if (state === null) return false;
    if (this.#endTokenIds.includes(tokenId)) {
      if (state.isComplete) this.#path.push(null);
      return state.isComplete;
    }
    const next = this.#after(state, this.#tokenizer.bytesWithin(tokenId));
    if (next !== null) this.#path.push(next);
    return next !== null;
  }

  get isOver(): boolean {
    return this.#state === null;
  }

  rollback(nTokens: number): void {
    this.#path.length -= nTokens;
  }

  fork(): Matcher {
    return new OwnMatcher(this.#states, this.#masks, this.#tokenizer, this.#endTokenIds, this.#path);
  }

  get #state(): State | null {
    return this.#path.at(-1) as State | null;
  }

  #after(state: State, bytes: Uint8Array | null): State | null {
    if (bytes === null || bytes.length === 0) return null;
    this.#states.renewBudget();
    let at: State | null = state;
    for (const byte of bytes) {
      at = this.#states.after(at, byte);
      if (at === null) return null;
    }
    return at;
  }
}
