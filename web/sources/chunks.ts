import type { RandomAccess } from '../base/random-access.js';
import { SottoError } from '../results/errors.js';
import type { SourceFile } from './source.js';

/** Bytes per chunk where the source itself sets no size: large enough to be cheap, small enough to abort soon. */
export const CHUNK_BYTES = 1 << 20;

/** A file over bytes in memory: its chunks are views of them. */
export function bytesFile(name: string, bytes: Uint8Array, signal?: AbortSignal): SourceFile {
  return {
    name,
    size: bytes.byteLength,
    seeks: true,
    identity: null,
    async *stream(from = 0) {
      for (let begin = from; begin < bytes.byteLength; begin += CHUNK_BYTES) {
        signal?.throwIfAborted();
        yield bytes.subarray(begin, begin + CHUNK_BYTES);
      }
    },
  };
}

/** Blobs are read at once in workers only. */
export const hasBlobAccess: boolean = 'FileReaderSync' in globalThis;

/** A file over a blob, read piece by piece. */
export function blobFile(name: string, blob: Blob, signal?: AbortSignal): SourceFile {
  return {
    name,
    size: blob.size,
    seeks: true,
    identity: 'lastModified' in blob ? { lastModified: Number(blob.lastModified), size: blob.size } : null,
    async *stream(from = 0) {
      for (let begin = from; begin < blob.size; begin += CHUNK_BYTES) {
        signal?.throwIfAborted();
        yield await readSlice(name, blob.slice(begin, begin + CHUNK_BYTES));
      }
      signal?.throwIfAborted();
    },
    ...(hasBlobAccess && { openRandomAccess: async () => blobAccess(name, blob) }),
  };
}

function blobAccess(name: string, blob: Blob): RandomAccess {
  const reader = new (globalThis as unknown as { FileReaderSync: new () => SyncReader }).FileReaderSync();
  return {
    read(begin, into) {
      const end = begin + into.byteLength;
      if (end > blob.size) throw new SottoError('bad-file', `${name} has ${blob.size} bytes, and not ${end}`);
      try {
        into.set(new Uint8Array(reader.readAsArrayBuffer(blob.slice(begin, begin + into.byteLength))));
      } catch (cause) {
        throw unreadable(name, cause);
      }
    },
    close() {},
  };
}

/** What is used of FileReaderSync. */
interface SyncReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

async function readSlice(name: string, slice: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await slice.arrayBuffer());
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

/** A File is a promise of the disk: it may be changed or removed after it was chosen. */
function unreadable(name: string, cause: unknown): SottoError {
  return new SottoError('bad-file', `${name} cannot be read any more (${reason(cause)}); choose it again`, {
    cause,
  });
}

/** The message of whatever was thrown, and of its cause where there is one (Node's fetch hides the reason there). */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
