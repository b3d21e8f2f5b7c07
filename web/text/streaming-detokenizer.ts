/** What is needed of a tokenizer to turn its ids into text as they come. */
export interface TokenDecoder {
  readonly isByteLevel: boolean;
  hasText(id: number): boolean;
  tokenBytes(id: number): Uint8Array;
  decode(ids: Iterable<number>): string;
}

/**
 * Token ids to text, one by one. Only whole characters come out: the bytes of one that several tokens share wait
 * for the rest. Bytes that can be no UTF-8 any more become U+FFFD, as TextDecoder does it.
 */
export class StreamingDetokenizer {
  readonly #stream: ByteStream | TextWindow;

  constructor(tokenizer: TokenDecoder) {
    this.#stream = tokenizer.isByteLevel ? new ByteStream(tokenizer) : new TextWindow(tokenizer);
  }

  /** The text that becomes known with this token, often all of its own, sometimes none. */
  push(id: number): string {
    return this.#stream.push(id);
  }

  /** The text that waited for further tokens, when there are none. A character that is not whole is dropped. */
  finish(): string {
    return this.#stream.finish();
  }
}

/** For byte-level tokenizers: exact, as their tokens are bytes. */
class ByteStream {
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
class TextWindow {
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
