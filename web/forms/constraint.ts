/**
 * Which tokens may come next in one sequence, by those that came. It has a state of its own, and no part in the choice:
 * whoever chooses takes the mask, and tells which token it was.
 */
export interface Constraint {
  /**
   * A bit for each token of the vocabulary, 32 in a word, the lowest first: set where the token may come next. Null: every
   * token may. Valid until the next call.
   */
  mask(): Promise<Uint32Array | null>;
  /**
   * The tokens that come next whatever the model says, end tokens included; empty where there is a choice. While there are
   * some, the mask has the bit of the first one alone.
   */
  forced(): readonly number[];
  /** A token came. False, with nothing changed, where it may not come next. */
  accept(tokenId: number): boolean;
  /** Forgets the last tokens that were accepted. */
  rollback(nTokens: number): void;
  /** One that goes on from here by itself. */
  fork(): Promise<Constraint>;
  /** Frees what it holds. Idempotent. */
  dispose(): void;
}

/** What an answer has to look like, ready for use: for any number of sequences, each with a constraint of its own. */
export interface Form {
  start(): Promise<Constraint>;
}
