import { StopConditions, type StopKind } from './stop-conditions.js';
import { StreamingDetokenizer, type TokenDecoder } from './streaming-detokenizer.js';

/** A part of a generated text, with the tokens it is of, as they were pushed. */
export interface AssembledPiece<Token> {
  /** Whole characters; may be empty. */
  text: string;
  tokens: Token[];
}

/** What {@link PieceAssembler.push} tells. */
export interface PieceResult<Token> {
  /** What can be shown now, or null while all is held back. */
  piece: AssembledPiece<Token> | null;
  /** What ended the text: then nothing more is to be pushed. Null while it goes on. */
  stopped: StopKind | null;
}

/**
 * Makes pieces of the tokens that a model chooses: whole characters only, nothing of what stops the text. A token comes
 * with the piece that carries the beginning of its text, so together the pieces hold every token once, in order.
 *
 * @typeParam Token A token's id, with whatever the caller wants back with its piece.
 */
export class PieceAssembler<Token extends { id: number }> {
  readonly #detokenizer: StreamingDetokenizer | null;
  readonly #stops: StopConditions;
  readonly #heldTokens: { token: Token; textBegin: number }[] = [];
  #decodedLength = 0; // of all text so far, in UTF-16 units
  #shownLength = 0;
  #stopped: StopKind | null = null;

  /**
   * @param tokenizer Null for a model without one: then every token is a piece without text.
   * @param stops Strings and patterns before which the text ends: {@link StopConditions}.
   * @throws SottoError 'bad-option' for those that cannot be used.
   */
  constructor(tokenizer: TokenDecoder | null, stops: readonly (string | RegExp)[]) {
    this.#detokenizer = tokenizer === null ? null : new StreamingDetokenizer(tokenizer);
    this.#stops = new StopConditions(stops);
  }

  /** Takes the next token, which is not an end token. */
  push(token: Token): PieceResult<Token> {
    if (this.#detokenizer === null) return { piece: { text: '', tokens: [token] }, stopped: null };
    this.#heldTokens.push({ token, textBegin: this.#decodedLength });
    const text = this.#show(this.#detokenizer.push(token.id));
    if (text === '') return { piece: null, stopped: this.#stopped };
    const nShown = this.#heldTokens.findIndex(({ textBegin }) => textBegin >= this.#shownLength);
    const shown = this.#heldTokens.splice(0, nShown < 0 ? this.#heldTokens.length : nShown);
    return { piece: { text, tokens: shown.map(({ token }) => token) }, stopped: this.#stopped };
  }

  /**
   * Ends the text, for whatever reason; to be called once.
   *
   * @param endToken The end token that the model chose, if it did; it has no text.
   * @returns What was held back, or null when that is nothing.
   */
  finish(endToken?: Token): AssembledPiece<Token> | null {
    const text = this.#show(this.#detokenizer?.finish() ?? '') + this.#stops.flush();
    const tokens = this.#heldTokens.map(({ token }) => token);
    if (endToken !== undefined) tokens.push(endToken);
    return text === '' && tokens.length === 0 ? null : { text, tokens };
  }

  /** The text that is held back now; half a character is none. */
  get heldText(): string {
    return this.#stops.heldText;
  }

  /** Passes text through the search for what stops it; returns what of it can be shown. */
  #show(decoded: string): string {
    this.#decodedLength += decoded.length;
    const { text, stopped } = this.#stops.push(decoded);
    this.#shownLength += text.length;
    this.#stopped = stopped;
    return text;
  }
}
