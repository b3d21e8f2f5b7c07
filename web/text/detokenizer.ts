import { StopConditions, type StopKind } from './stop-conditions.js';

/** What is needed of a tokenizer to turn its ids into text as they come. */
export interface TokenDecoder {
  readonly isByteLevel: boolean;
  hasText(id: number): boolean;
  tokenBytes(id: number): Uint8Array;
  decode(ids: Iterable<number>): string;
}

/** A part of a generated text, with the tokens it is of, as they were pushed. */
export interface AssembledPiece<Token> {
  /** Whole characters; may be empty. */
  text: string;
  tokens: Token[];
}

/** What {@link Detokenizer.push} tells. */
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
export class Detokenizer<Token extends { id: number }> {
  readonly #stream: TokenStream | null;
  readonly #stops: StopConditions | null;
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
    this.#stream = tokenizer === null ? null : streamOf(tokenizer);
    this.#stops = stops.length === 0 ? null : new StopConditions(stops);
  }

  /** Takes the next token, which is not an end token. */
  push(token: Token): PieceResult<Token> {
    if (this.#stream === null) return { piece: { text: '', tokens: [token] }, stopped: null };
    this.#heldTokens.push({ token, textBegin: this.#decodedLength });
    const text = this.#show(this.#stream.push(token.id));
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
    const text = this.#show(this.#stream?.finish() ?? '') + (this.#stops?.flush() ?? '');
    const tokens = this.#heldTokens.map(({ token }) => token);
    if (endToken !== undefined) tokens.push(endToken);
    return text === '' && tokens.length === 0 ? null : { text, tokens };
  }

  /** The text that is held back now; half a character is none. */
  get heldText(): string {
    return this.#stops?.heldText ?? '';
  }

  /** Passes text through the search for what stops it; returns what of it can be shown. */
  #show(decoded: string): string {
    this.#decodedLength += decoded.length;
    if (this.#stops === null) {
      this.#shownLength = this.#decodedLength;
      return decoded;
    }
    const { text, stopped } = this.#stops.push(decoded);
    this.#shownLength += text.length;
    this.#stopped = stopped;
    return text;
  }
}

/**
 * Token ids to text, one by one. Only whole characters come out: the bytes of one that several tokens share wait
 * for the rest. Bytes that can be no UTF-8 any more become U+FFFD, as TextDecoder does it.
 */
export interface TokenStream {
  /** The text that becomes known with this token, often all of its own, sometimes none. */
  push(id: number): string;
  /** The text that waited for further tokens, when there are none. A character that is not whole is dropped. */
  finish(): string;
}

export function streamOf(tokenizer: TokenDecoder): TokenStream {
  return tokenizer.isByteLevel ? new ByteStream(tokenizer) : new TextWindow(tokenizer);
}

/** For byte-level tokenizers: exact, as their tokens are bytes. */
class ByteStream implements TokenStream {
  readonly #tokenizer: TokenDecoder;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(tokenizer: TokenDecoder) {
    this.#tokenizer = tokenizer;
  }

  push(id: number): string {
    return this.#decoder.decode(this.#tokenizer.tokenBytes(id), { stream: true });
  }

  finish(): string {
    return ''; // what the decoder still holds is the beginning of a character
  }
}

/** A character has at most four bytes: after that many tokens, U+FFFD at the end is not waiting for anything. */
const MAX_WAITING_TOKENS = 4;

/**
 * For all other tokenizers: a token's text may depend on the one before it (spaces between words) and on the ones
 * behind it (single bytes). So the last tokens are decoded again together with the new one, and what is new in
 * their text is the new token's.
 */
class TextWindow implements TokenStream {
  readonly #tokenizer: TokenDecoder;
  #ids: number[] = []; // those of the text that came out last, then those that wait
  #nWaiting = 0;
  #knownText = ''; // of the ids that do not wait

  constructor(tokenizer: TokenDecoder) {
    this.#tokenizer = tokenizer;
  }

  push(id: number): string {
    if (!this.#tokenizer.hasText(id)) return '';
    this.#ids.push(id);
    this.#nWaiting++;
    const text = this.#tokenizer.decode(this.#ids);
    if (text.endsWith('\uFFFD') && this.#nWaiting < MAX_WAITING_TOKENS) return '';
    const newText = text.slice(this.#knownText.length);
    this.#ids = this.#ids.slice(-this.#nWaiting);
    this.#nWaiting = 0;
    this.#knownText = this.#tokenizer.decode(this.#ids);
    return newText;
  }

  finish(): string {
    if (this.#nWaiting === 0) return '';
    return this.#tokenizer
      .decode(this.#ids)
      .slice(this.#knownText.length)
      .replace(/\uFFFD+$/, '');
  }
}
