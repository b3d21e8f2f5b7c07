import type { Grammar } from './grammar.js';

/** Where a text is in a grammar. */
export interface Matcher {
  /** A bit for each token, 32 in a word, the lowest first; end tokens where the text may end, and nowhere else. */
  mask(): Uint32Array;
  /** The bytes that come next whatever the choice; perhaps not all of them. */
  nextBytes(): Uint8Array;
  /** False, with nothing changed, where the token may not come next. */
  accept(tokenId: number): boolean;
  /** Whether an end token came. */
  readonly isOver: boolean;
  /** Forgets the last tokens, at most those that came. */
  rollback(nTokens: number): void;
  /** One that goes on from here by itself. */
  fork(): Matcher;
}

/** A grammar that is ready for use with one vocabulary, by any number of texts. */
export interface CompiledGrammar {
  /** @param endTokenIds Those that may end the text. */
  match(endTokenIds: readonly number[]): Matcher;
  /** The least tokens of a text, without an end token: 'more' than a limit, or 'unknown' where that takes too long to find out. */
  leastTokens(most: number): number | 'more' | 'unknown';
}

/** What knows grammars, for one vocabulary. */
export interface GrammarEngine {
  /**
   * @param grammar One that has been checked: see check-grammar.ts.
   * @throws SottoError 'bad-option' for one that takes too long
   */
  compile(grammar: Grammar): CompiledGrammar;
}
