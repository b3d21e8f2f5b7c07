import { StreamHash } from '../base/stream-hash.js';
import { isKey } from './keys.js';
import type { Store } from './store.js';

/** The bytes of a file that one value of a store holds; fewer in a file's last one, and where a download was cut. */
export const BLOCK_BYTES = 2 * 2 ** 20;

/** Before the bytes: FORMAT, how many they are, and their hash in two words, each in 4 bytes, the least first. */
const HEAD_BYTES = 16;

/** The most that a block takes in a store, in bytes. */
export const VALUE_BYTES = BLOCK_BYTES + HEAD_BYTES;

/** "sto1" */
const FORMAT = 0x316f_7473;

/** Of the index in a key: all keys of a file have one length, so that none is the beginning of another. */
const N_DIGITS = 7;

/** Where a store has the blocks of contents. */
export const BLOCKS = 'blocks/';

/**
 * The content of a file, as far as a store has it: blocks of BLOCK_BYTES under `blocks/<content>/<index>`. A block may be a
 * beginning, from which somebody goes on; it never changes but by growing. Damaged ones are as if they were not there.
 */
export class BlockFile {
  readonly #store: Store;
  readonly #prefix: string;
  readonly #size: number | null;

  /**
   * @param content What the bytes are known by: whoever uses the same has the same bytes. `contentId` makes it.
   * @param size Of the file, in bytes; null where it is not known yet.
   */
  constructor(store: Store, content: string, size: number | null) {
    this.#store = store;
    this.#prefix = contentPrefix(content);
    this.#size = size;
  }

  /** How many bytes the whole block holds: less than BLOCK_BYTES at the end of the file, 0 behind it. */
  lengthOf(index: number): number {
    if (this.#size === null) return BLOCK_BYTES;
    return Math.max(0, Math.min(BLOCK_BYTES, this.#size - index * BLOCK_BYTES));
  }

  /**
   * How many bytes there are of each block that there is: what a list of the store says, so `read` may find that it is damaged.
   *
   * @throws SottoError 'store'
   */
  async have(): Promise<Map<number, number>> {
    const lengths = new Map<number, number>();
    for (const { key, size } of await this.#store.list(this.#prefix)) {
      const block = parseKey(key);
      if (block !== null) lengths.set(block.index, Math.min(keptBytes(size), this.lengthOf(block.index)));
    }
    return lengths;
  }

  /**
   * The bytes of a block, or of its beginning; null where there is none, or a damaged one, which is deleted. They are the
   * caller's, inside of a larger buffer.
   *
   * @param into Where they may be put: VALUE_BYTES.
   * @throws SottoError 'store'
   */
  async read(index: number, into?: Uint8Array): Promise<Uint8Array | null> {
    const key = this.#keyOf(index);
    const value = await this.#store.read(key, into);
    if (value === null) return null;
    const bytes = checkedBytes(value);
    if (bytes !== null && bytes.byteLength <= this.lengthOf(index)) return bytes;
    await this.#store.delete(key).catch(() => {}); // it may be in use; whoever reads it next finds the same
    return null;
  }

  /**
   * Keeps a block, or its beginning, which does not replace a longer one.
   *
   * @param bytes From the block's first one on; not of shared memory. They may change when this has ended.
   * @throws SottoError 'store-full', 'store'; RangeError for more bytes than the block has
   */
  async write(index: number, bytes: Uint8Array): Promise<void> {
    const key = this.#keyOf(index);
    const length = this.lengthOf(index);
    if (bytes.byteLength > length) throw new RangeError(`block ${index} has ${length} bytes`);
    if (bytes.byteLength < length) {
      const [kept] = await this.#store.list(key);
      if (kept !== undefined && keptBytes(kept.size) > bytes.byteLength) return;
    }
    await this.#store.write(key, headOf(bytes), bytes);
  }

  /** Forgets all of it. @throws SottoError 'store' */
  async delete(): Promise<void> {
    await this.#store.delete(this.#prefix);
  }

  #keyOf(index: number): string {
    if (!Number.isInteger(index) || index < 0 || index >= 10 ** N_DIGITS) {
      throw new RangeError(`${index} is no index of a block`);
    }
    return this.#prefix + String(index).padStart(N_DIGITS, '0');
  }
}

/** The beginning of the keys of a content. */
export function contentPrefix(content: string): string {
  if (content.includes('/') || !isKey(content)) throw new TypeError(`${content} is no name of a content`);
  return `${BLOCKS}${content}/`;
}

/** What a block's key says; null for other keys. */
export function parseKey(key: string): { content: string; index: number } | null {
  const [, content, index] = new RegExp(`^${BLOCKS}([^/]+)/(\\d{${N_DIGITS}})$`).exec(key) ?? [];
  return content === undefined ? null : { content, index: Number(index) };
}

/** The bytes that a value of so many bytes holds of the file. */
export function keptBytes(valueBytes: number): number {
  return Math.max(0, valueBytes - HEAD_BYTES);
}

function headOf(bytes: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  const [first, second] = hashOf(bytes);
  for (const [i, word] of [FORMAT, bytes.byteLength, first, second].entries())
    head.setUint32(4 * i, word, true);
  return new Uint8Array(head.buffer);
}

/** A value without its head; null where it is not what was written. */
function checkedBytes(value: Uint8Array): Uint8Array | null {
  if (value.byteLength < HEAD_BYTES) return null;
  const head = new DataView(value.buffer, value.byteOffset, HEAD_BYTES);
  const [format, length, first, second] = [0, 4, 8, 12].map((at) => head.getUint32(at, true));
  const bytes = value.subarray(HEAD_BYTES);
  if (format !== FORMAT || length !== bytes.byteLength) return null;
  const words = hashOf(bytes);
  return words[0] === first && words[1] === second ? bytes : null;
}

function hashOf(bytes: Uint8Array): readonly [number, number] {
  const hash = new StreamHash();
  hash.add(bytes);
  return hash.words;
}
