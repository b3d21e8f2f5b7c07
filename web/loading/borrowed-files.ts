import { onAbort } from '../base/on-abort.js';
import type { ChunkRequest, ChunkResponse, LentFiles } from '../protocol/lent-files.js';
import { SottoError } from '../results/errors.js';
import { MemorySource } from '../sources/memory.js';
import { type ModelSource, namesIn, type SourceFile } from '../sources/source.js';

const CHUNK_BYTES = 1 << 20;

/** The files that the page lends, as a source. Files are read one after the other or side by side. */
export class BorrowedFiles implements ModelSource {
  readonly #blobs: MemorySource;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #port: MessagePort;
  readonly #waiting: ((chunk: ChunkResponse) => void)[] = []; // in the order of their requests

  constructor({ blobs, sizes, port }: LentFiles) {
    this.#blobs = new MemorySource(blobs);
    this.#sizes = new Map(Object.entries(sizes));
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<ChunkResponse>) => this.#waiting.shift()?.(data);
  }

  async open(name: string, signal?: AbortSignal): Promise<SourceFile | null> {
    const size = this.#sizes.get(name);
    if (size === undefined) return this.#blobs.open(name, signal);
    signal?.throwIfAborted();
    const stream = (begin = 0) => this.#stream(name, size, begin, signal);
    return { name, size, seeks: true, identity: null, stream };
  }

  async list(subfolder: string): Promise<string[]> {
    return [...(await this.#blobs.list(subfolder)), ...namesIn(subfolder, this.#sizes.keys())].sort();
  }

  location(name: string): string {
    return this.#sizes.size === 0 ? this.#blobs.location(name) : `no ${name} among the given files`;
  }

  async *#stream(
    name: string,
    size: number,
    from: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const stopListening = onAbort(signal, () => {
      for (const resolve of this.#waiting.splice(0)) resolve(null);
    });
    try {
      for (let begin = from; begin < size; begin += CHUNK_BYTES) {
        const chunk = await this.#request({ name, begin, end: Math.min(begin + CHUNK_BYTES, size) });
        signal?.throwIfAborted();
        if (chunk === null) {
          throw new SottoError(
            'bad-file',
            `the bytes of ${name} were transferred or resized while they were read`,
          );
        }
        yield chunk;
      }
    } finally {
      stopListening();
    }
  }

  #request(request: ChunkRequest): Promise<ChunkResponse> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#port.postMessage(request);
    });
  }
}
