import type { SourceFile } from '../sources/source.js';
import { BLOCK_BYTES, type BlockFile, VALUE_BYTES } from '../stores/blocks.js';
import { BlockWriter } from './block-writer.js';

/** Told of what a store cannot do; the file goes on without it. */
export type OnStoreError = (error: unknown) => void;

/**
 * A file on a server, of which a store keeps what comes: blocks that are there are read, all others fetched, and kept. So what one
 * load has got, cut or given up, the next one need not fetch.
 */
export class KeptFile implements SourceFile {
  readonly name: string;
  readonly size: number;
  readonly seeks = true;
  readonly identity: SourceFile['identity'];
  /** Bytes that were read of the store. */
  fromStore = 0;
  readonly #remote: SourceFile;
  readonly #blocks: BlockFile;
  readonly #onError: OnStoreError;
  #lengths: Map<number, number> | null = null; // of the blocks that are there
  #keeps = true;

  constructor(remote: SourceFile & { size: number }, blocks: BlockFile, onError: OnStoreError) {
    this.name = remote.name;
    this.size = remote.size;
    this.identity = remote.identity;
    this.#remote = remote;
    this.#blocks = blocks;
    this.#onError = onError;
  }

  async *stream(begin = 0): AsyncGenerator<Uint8Array> {
    this.#lengths ??= await this.#blocks.have().catch((error) => this.#giveUp(error, new Map()));
    let at = begin;
    const buffer = new Uint8Array(Math.min(VALUE_BYTES, this.size + VALUE_BYTES - BLOCK_BYTES));
    while (at < this.size) {
      const block = await this.#kept(Math.floor(at / BLOCK_BYTES), buffer);
      const inBlock = at % BLOCK_BYTES;
      if (block !== null && block.byteLength > inBlock) {
        this.fromStore += block.byteLength - inBlock;
        at += block.byteLength - inBlock;
        yield block.subarray(inBlock);
      } else {
        for await (const chunk of this.#fetched(at, block)) {
          at += chunk.byteLength;
          yield chunk;
        }
      }
    }
    await this.close();
  }

  async close(): Promise<void> {
    await this.#remote.close?.();
  }

  async #kept(index: number, into: Uint8Array): Promise<Uint8Array | null> {
    if (!this.#lengths?.has(index)) return null;
    const block = await this.#blocks.read(index, into).catch((error) => this.#giveUp(error, null));
    if (block === null) this.#lengths.delete(index);
    return block;
  }

  /**
   * What the server sends from `at` on, up to a block that is there, and keeps it.
   *
   * @param beginning What is there of the block that `at` is in.
   */
  async *#fetched(at: number, beginning: Uint8Array | null): AsyncGenerator<Uint8Array> {
    const first = Math.floor(at / BLOCK_BYTES);
    const from = first * BLOCK_BYTES + (beginning?.byteLength ?? 0); // so that all blocks come whole
    const writer = this.#keeps ? new BlockWriter(this.#blocks, first, beginning) : null;
    let position = from;
    try {
      for await (const chunk of this.#remote.stream(from)) {
        const wanted = chunk.subarray(0, this.#lengthToKept(position, chunk.byteLength));
        await this.#write(writer, wanted);
        const begin = position;
        position += wanted.byteLength;
        if (position > at) yield wanted.subarray(Math.max(0, at - begin));
        if (wanted.byteLength < chunk.byteLength || this.#isKeptWhole(position)) return;
      }
    } finally {
      await this.#finish(writer);
    }
  }

  /** How much of a chunk lies before the next block that is there whole. */
  #lengthToKept(position: number, length: number): number {
    for (let end = nextBlock(position); end < position + length; end += BLOCK_BYTES) {
      if (this.#isKeptWhole(end)) return end - position;
    }
    return length;
  }

  #isKeptWhole(position: number): boolean {
    const index = position / BLOCK_BYTES;
    const length = this.#lengths?.get(index); // of no block where it is no whole number
    return length !== undefined && length === this.#blocks.lengthOf(index);
  }

  async #write(writer: BlockWriter | null, bytes: Uint8Array): Promise<void> {
    if (writer === null || !this.#keeps) return;
    await writer.write(bytes).catch((error) => this.#giveUp(error, undefined));
  }

  async #finish(writer: BlockWriter | null): Promise<void> {
    if (writer === null) return;
    await writer.flush().catch((error) => this.#giveUp(error, undefined));
    for (const [index, length] of writer.lengths) this.#lengths?.set(index, length);
  }

  #giveUp<T>(error: unknown, instead: T): T {
    if (this.#keeps) this.#onError(error);
    this.#keeps = false;
    return instead;
  }
}

function nextBlock(position: number): number {
  return (Math.floor(position / BLOCK_BYTES) + 1) * BLOCK_BYTES;
}
