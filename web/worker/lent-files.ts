import { SottoError } from '../errors.js';
import { MemorySource } from '../sources/memory.js';
import type { ModelSource, SourceFile } from '../sources/source.js';
import type { SourceSpec } from '../sources/spec.js';

/**
 * Files in the caller's memory, for the worker to read chunk by chunk: sending the bytes themselves would copy whole
 * files. Blobs are sent as they are, which copies nothing; of the others their sizes, and chunks on request.
 */
export interface LentFiles {
  kind: 'lent';
  blobs: Record<string, Blob>;
  sizes: Record<string, number>; // in bytes
  port: MessagePort;
}

const CHUNK_BYTES = 1 << 20;

interface ChunkRequest {
  name: string;
  begin: number;
  end: number;
}

/** The bytes asked for, or null when the caller's buffer has become smaller (transferred, resized) since. */
type ChunkResponse = Uint8Array<ArrayBuffer> | null;

/** A source as the worker gets it. */
export type LoadSource = Exclude<SourceSpec, { kind: 'memory' }> | LentFiles;

/** Page side: makes a source ready to be sent, with what is to be transferred; `end` is called when all is read. */
export function lendSource(spec: SourceSpec): {
  source: LoadSource;
  transfer: MessagePort[];
  end: () => void;
} {
  if (spec.kind !== 'memory') return { source: spec, transfer: [], end: () => {} };
  const { port1, port2 } = new MessageChannel();
  const source: LentFiles = { kind: 'lent', blobs: {}, sizes: {}, port: port2 };
  const lentBytes = new Map<string, Uint8Array>();
  for (const [name, content] of Object.entries(spec.files)) {
    if (content instanceof Uint8Array) {
      lentBytes.set(name, content);
      source.sizes[name] = content.byteLength;
    } else {
      source.blobs[name] = content;
    }
  }
  port1.onmessage = ({ data: { name, begin, end } }: MessageEvent<ChunkRequest>) => {
    const bytes = lentBytes.get(name);
    const isThere = bytes !== undefined && bytes.byteLength >= end; // a detached buffer has no bytes
    const chunk: ChunkResponse = isThere ? new Uint8Array(bytes.subarray(begin, end)) : null;
    port1.postMessage(chunk, chunk === null ? [] : [chunk.buffer]);
  };
  return { source, transfer: [port2], end: () => port1.close() };
}

/** Worker side: the files that the page lends, as a source. Files are read one after the other or side by side. */
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
    return { name, size, seeks: true, stream: (begin = 0) => this.#stream(name, size, begin, signal) };
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
    const stopWaiting = () => {
      for (const resolve of this.#waiting.splice(0)) resolve(null);
    };
    signal?.addEventListener('abort', stopWaiting);
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
      signal?.removeEventListener('abort', stopWaiting);
    }
  }

  #request(request: ChunkRequest): Promise<ChunkResponse> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#port.postMessage(request);
    });
  }
}
