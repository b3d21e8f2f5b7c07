/** Where a stop string or pattern was found, in UTF-16 units from the beginning of all text. */
export interface StopMatch {
  /** The text ends here. */
  begin: number;
  /** With the text up to here the match exists for the first time. */
  end: number;
}

/** Searches a text that comes in pieces, of whole characters each. */
export interface StopFinder {
  /** Takes the next piece, and returns the first match, if there is one; then nothing more is to be pushed. */
  push(piece: string): StopMatch | null;
  /** No match in this text or a longer one can begin before this; what is before it can be shown. */
  readonly heldFrom: number;
}
