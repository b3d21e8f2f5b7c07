import type { BlockFile } from '../stores/blocks.js';

/** Gathers bytes that come in order into blocks, and keeps each as it is full, while the next one is gathered. */
export class BlockWriter {
  /** What was kept, by index. */
  readonly lengths = new Map<number, number>();
  readonly #blocks: BlockFile;
  #index: number;
  #filled = 0; // bytes of the block that is gathered
  #buffer = new Uint8Array(0);
  #spare: Uint8Array<ArrayBuffer> | null = null; // of the block that was kept last
  #writing: Promise<void> = Promise.resolve();

  /** @param beginning What is kept of the first block already. */
  constructor(blocks: BlockFile, index: number, beginning: Uint8Array | null) {
    this.#blocks = blocks;
    this.#index = index;
    if (beginning !== null) this.#gather(beginning);
  }

  /** @throws what the store throws of this block or the one before */
  async write(bytes: Uint8Array): Promise<void> {
    for (let begin = 0; begin < bytes.byteLength; ) {
      const room = this.#blocks.lengthOf(this.#index) - this.#filled;
      const part = bytes.subarray(begin, begin + room);
      if (part.byteLength === 0) return; // behind the file's end
      this.#gather(part);
      begin += part.byteLength;
      if (part.byteLength === room) await this.#keep();
    }
  }

  /** Keeps what there is of a block that is not full, and waits for all. @throws as `write` */
  async flush(): Promise<void> {
    if (this.#filled > 0) await this.#keep();
    await this.#writing;
  }

  #gather(part: Uint8Array): void {
    const length = this.#blocks.lengthOf(this.#index);
    if (this.#buffer.byteLength < length) this.#buffer = new Uint8Array(length);
    this.#buffer.set(part, this.#filled);
    this.#filled += part.byteLength;
  }

  async #keep(): Promise<void> {
    const [index, length, bytes] = [this.#index, this.#filled, this.#buffer];
    await this.#writing;
    this.#writing = this.#blocks.write(index, bytes.subarray(0, length)).then(() => {
      this.lengths.set(index, length);
    });
    this.#writing.catch(() => {}); // told when it is waited for
    this.#index++;
    this.#filled = 0;
    this.#buffer = this.#spare ?? new Uint8Array(0);
    this.#spare = bytes;
  }
}
