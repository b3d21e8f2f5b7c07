import type { HasRandomAccess } from '../base/random-access.js';
import { SottoError } from '../results/errors.js';

/** What a parser needs of a file: sources give it, and so can anything else. */
export interface ByteFile extends HasRandomAccess {
  /** For messages. */
  readonly name: string;
  /** Bytes, or null when they are not known beforehand. */
  readonly size: number | null;
  /** Whether `stream` begins anywhere at once, and may be called again; else it reads from the first byte, once. */
  readonly seeks?: boolean;
  /** The bytes in order, from `begin` on; a chunk is valid until the next one is asked for. */
  stream(begin?: number): AsyncIterable<Uint8Array>;
}

/** Less is read and dropped where it is not wanted: to begin anew costs a request's way there and back. */
const LEAST_SEEK_BYTES = 1 << 20;

/** Reads a file from front to back in pieces of the reader's choice, whatever chunks it comes in. */
export class ByteReader {
  readonly #file: ByteFile;
  #iterator: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0); // what has arrived and is not read yet
  #position = 0;
  #wanted = 0; // what lies between the position and this is not

  /** @param begin Where reading begins; other than 0 only in a file that seeks. */
  constructor(file: ByteFile, begin = 0) {
    this.#file = file;
    this.#position = begin;
    this.#iterator = file.stream(begin)[Symbol.asyncIterator]();
  }

  /** The next bytes, `length` or what the file has left, which stay unread. Valid until more is read. */
  async peek(length: number): Promise<Uint8Array> {
    if (this.#chunk.byteLength < length) {
      const parts = [this.#chunk.slice()]; // a chunk is gone when the next one comes
      let total = this.#chunk.byteLength;
      while (total < length && (await this.#receive())) {
        parts.push(this.#chunk.slice());
        total += this.#chunk.byteLength;
      }
      this.#chunk = join(parts, total);
    }
    return this.#chunk.subarray(0, length);
  }

  /**
   * A copy of the next `length` bytes. It takes memory only as they arrive, so that a wrong length costs nothing.
   *
   * @throws SottoError 'bad-file' when the file ends before.
   */
  async read(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.readTo(this.#position + length)) parts.push(part.slice());
    return join(parts, length);
  }

  /**
   * The bytes up to the offset `end` of the file, as views of what arrives. May be left early and called again.
   *
   * @throws SottoError 'bad-file' when the file ends before.
   */
  async *readTo(end: number): AsyncGenerator<Uint8Array> {
    await this.#skip();
    yield* this.#parts(end);
  }

  /** Leaves the bytes up to the offset `end` of the file unread. Nothing happens before what lies behind is wanted. */
  skipTo(end: number): void {
    this.#wanted = Math.max(this.#wanted, end);
  }

  async *#parts(end: number): AsyncGenerator<Uint8Array> {
    while (this.#position < end) {
      if (this.#chunk.byteLength === 0 && !(await this.#receive())) {
        throw new SottoError(
          'bad-file',
          `${this.#file.name} is truncated: at least ${end} bytes are expected, and it ends after ` +
            `${this.#position}. Download the file again.`,
        );
      }
      const part = this.#chunk.subarray(0, end - this.#position);
      this.#chunk = this.#chunk.subarray(part.byteLength);
      this.#position += part.byteLength;
      yield part;
    }
  }

  async #skip(): Promise<void> {
    const wanted = this.#wanted;
    if (this.#file.seeks && wanted - this.#position - this.#chunk.byteLength >= LEAST_SEEK_BYTES) {
      await this.close();
      this.#chunk = new Uint8Array(0);
      this.#position = wanted;
      this.#iterator = this.#file.stream(wanted)[Symbol.asyncIterator]();
    }
    for await (const _ of this.#parts(wanted)); // it comes anyway
  }

  /** @throws SottoError 'bad-file' when the file goes on. */
  async expectEnd(): Promise<void> {
    await this.#skip();
    if (this.#chunk.byteLength > 0 || (await this.#receive())) {
      throw new SottoError(
        'bad-file',
        `${this.#file.name} goes on behind its last tensor, at byte ${this.#position}. Download the file again.`,
      );
    }
  }

  /** Lets go of the file, read to the end or not. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  /** Waits for the next chunk that is not empty; false at the end of the file. */
  async #receive(): Promise<boolean> {
    do {
      const { done, value } = await this.#iterator.next();
      if (done) return false;
      this.#chunk = value;
    } while (this.#chunk.byteLength === 0);
    return true;
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
