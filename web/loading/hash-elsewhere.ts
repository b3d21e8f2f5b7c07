import { startWorker } from '../base/start-worker.js';
import type { ContentHash } from './content-hash.js';

/** Below so many bytes a thread costs more than it saves. */
const LEAST_BYTES = 4 << 20;

/** How long a thread may take to start: its script is small. */
const START_MS = 3_000;

/** So much is on its way at most. */
const MOST_PIECES = 16;
const PIECE_BYTES = 1 << 20;

/** To the thread (hash-worker.ts): bytes, whose buffer comes back, or null for the end. */
export type HashRequest = Uint8Array<ArrayBuffer> | null;

/** From it: that it runs, a buffer to be filled again, or the hash in hex. */
export type HashResponse = 'ready' | ArrayBuffer | { hex: string };

/**
 * SHA-256 in a thread of its own, which takes the time of the other processor and not that of loading. Null for small files, and
 * where no thread starts.
 */
export async function hashElsewhere(size: number): Promise<ContentHash | null> {
  if (size < LEAST_BYTES || typeof Worker === 'undefined') return null;
  let worker: Worker;
  try {
    const start = () => new Worker(new URL('./hash-worker.js', import.meta.url), { type: 'module' });
    worker = startWorker(start, new URL('./hash-worker.js', import.meta.url), {});
  } catch {
    return null;
  }
  const hash = new HashThread(worker);
  if (await hash.hasStarted()) return hash;
  hash.end();
  return null;
}

class HashThread implements ContentHash {
  readonly #worker: Worker;
  readonly #free: ArrayBuffer[] = [];
  #nPieces = 0; // that were made
  #onMessage: (response: HashResponse) => void = () => {};
  #onError: () => void = () => {};

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<HashResponse>) => {
      if (data instanceof ArrayBuffer) this.#free.push(data);
      this.#onMessage(data);
    };
    worker.onerror = () => this.#onError();
  }

  async hasStarted(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isReady = await new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), START_MS);
      this.#onMessage = () => resolve(true);
      this.#onError = () => resolve(false);
    });
    clearTimeout(timer);
    return isReady;
  }

  async add(bytes: Uint8Array): Promise<void> {
    for (let begin = 0; begin < bytes.byteLength; begin += PIECE_BYTES) {
      const part = bytes.subarray(begin, begin + PIECE_BYTES);
      const piece = new Uint8Array(await this.#buffer(), 0, part.byteLength);
      piece.set(part);
      this.#post(piece, [piece.buffer]);
    }
  }

  async hex(): Promise<string> {
    const told = this.#next((response) => typeof response === 'object' && 'hex' in response);
    this.#post(null);
    const { hex } = (await told) as { hex: string };
    this.end();
    return hex;
  }

  end(): void {
    this.#worker.terminate();
  }

  async #buffer(): Promise<ArrayBuffer> {
    if (this.#free.length === 0 && this.#nPieces < MOST_PIECES) {
      this.#nPieces++;
      return new ArrayBuffer(PIECE_BYTES);
    }
    while (this.#free.length === 0) await this.#next((response) => response instanceof ArrayBuffer);
    return this.#free.pop() as ArrayBuffer;
  }

  #post(request: HashRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #next(isWanted: (response: HashResponse) => boolean): Promise<HashResponse> {
    return new Promise((resolve, reject) => {
      this.#onMessage = (response) => {
        if (isWanted(response)) resolve(response);
      };
      this.#onError = () => reject(new Error('the thread that hashes has stopped'));
    });
  }
}
