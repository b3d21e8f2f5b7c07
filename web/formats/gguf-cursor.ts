import { SottoError } from '../results/errors.js';

/** No header is longer: the largest known vocabularies take 20 MB. */
export const MAX_GGUF_HEADER_BYTES = 128 << 20;

/** Thrown where the header goes on behind the bytes that are there. */
export class MoreBytesNeeded extends Error {
  readonly end: number;

  /** @param end The header is at least so long. */
  constructor(end: number) {
    super();
    this.end = end;
  }
}

const SHORT_TEXT = 48;

/** Reads the numbers and strings of a GGUF header one after the other, never behind its end. */
export class GgufCursor {
  readonly fileName: string;
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #most: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /**
   * @param bytes The beginning of the file.
   * @param fileSize Bytes of the whole file, or null where that is not known.
   */
  constructor(bytes: Uint8Array, fileName: string, fileSize: number | null) {
    this.fileName = fileName;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#most = Math.min(fileSize ?? Number.POSITIVE_INFINITY, MAX_GGUF_HEADER_BYTES);
  }

  /**
   * Steps over `length` bytes, which may be absurd: it is held against the file before anything is done with it.
   *
   * @returns Where they begin.
   * @throws SottoError 'bad-file' where the file has not so many; {@link MoreBytesNeeded}
   */
  take(length: number, what: () => string): number {
    const begin = this.position;
    const end = begin + length;
    if (!(end <= this.#most)) {
      const limit =
        this.#most === MAX_GGUF_HEADER_BYTES
          ? `a header has at most ${this.#most} bytes`
          : `the file has ${this.#most} bytes`;
      throw this.damaged(`${what()} takes ${length} bytes from byte ${begin} on, and ${limit}`);
    }
    if (end > this.#bytes.byteLength) throw new MoreBytesNeeded(end);
    this.position = end;
    return begin;
  }

  u32(what: () => string): number {
    return this.#view.getUint32(this.take(4, what), true);
  }

  /** A number of 64 bits that counts something: beyond 2^53 it is rounded, and absurd anyway. */
  count(what: () => string): number {
    return Number(this.#view.getBigUint64(this.take(8, what), true));
  }

  /** What `DataView` reads by the given name, little-endian. */
  view(bytes: number, what: () => string): { view: DataView; at: number } {
    return { view: this.#view, at: this.take(bytes, what) };
  }

  /** A copy. */
  bytes(length: number, what: () => string): Uint8Array<ArrayBuffer> {
    const begin = this.take(length, what);
    return this.#bytes.slice(begin, begin + length) as Uint8Array<ArrayBuffer>;
  }

  /** A string with its length before it. What is no UTF-8 becomes U+FFFD. */
  text(what: () => string): string {
    const length = this.count(what);
    const begin = this.take(length, what);
    const bytes = this.#bytes;
    if (length > SHORT_TEXT) return this.#decoder.decode(bytes.subarray(begin, begin + length));
    // Vocabularies have hundreds of thousands of these: to call the decoder takes longer than to read them.
    let text = '';
    for (let i = begin; i < begin + length; i++) {
      const byte = bytes[i] as number;
      if (byte > 0x7f) return this.#decoder.decode(bytes.subarray(begin, begin + length));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  damaged(problem: string): SottoError {
    return new SottoError('bad-file', `${this.fileName} is damaged: ${problem}. Download the file again.`);
  }
}
