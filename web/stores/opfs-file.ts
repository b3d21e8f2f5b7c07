import { roomFor } from './room-for.js';

/** What is used of FileSystemSyncAccessHandle, which dedicated workers have. */
interface SyncAccessHandle {
  getSize(): number;
  read(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  write(bytes: Uint8Array, options: { at: number }): number;
  close(): void;
}

interface WorkerFileHandle {
  createSyncAccessHandle(options?: { mode: 'read-only' }): Promise<SyncAccessHandle>;
}

/** All bytes of a file, as many as there are now, in `into` if they fit and it can be. @throws DOMException */
export async function readFile(handle: FileSystemFileHandle, into?: Uint8Array): Promise<Uint8Array> {
  const access = await openForReading(handle);
  if (access === null) return new Uint8Array(await (await handle.getFile()).arrayBuffer());
  try {
    const bytes = roomFor(sizeOf(access), into);
    return bytes.subarray(0, access.read(bytes, { at: 0 }));
  } finally {
    access.close();
  }
}

/** Twice as fast as a blob; null where this thread cannot, or somebody else has the file: a blob needs no lock. */
async function openForReading(handle: object): Promise<SyncAccessHandle | null> {
  if (!('createSyncAccessHandle' in handle)) return null;
  return (handle as WorkerFileHandle).createSyncAccessHandle({ mode: 'read-only' }).catch(() => null);
}

/**
 * Writes a file in its place; others see it grow, and nobody else can write it meanwhile.
 *
 * @throws DOMException 'NoModificationAllowedError' where somebody else does, 'QuotaExceededError' where there is no room
 */
export async function writeAtOnce(handle: object, parts: readonly Uint8Array[]): Promise<void> {
  const access = await (handle as WorkerFileHandle).createSyncAccessHandle();
  try {
    access.truncate(0);
    let at = 0;
    for (const part of parts) {
      for (let begin = 0; begin < part.byteLength; ) {
        const nBytes = access.write(part.subarray(begin), { at });
        if (nBytes === 0) throw noRoom();
        begin += nBytes;
        at += nBytes;
      }
    }
    // Chromium's private windows say of bytes for which there is no room that they were written.
    if (sizeOf(access) < at) throw noRoom();
  } finally {
    access.close();
  }
}

/** Chromium says -1 of a file that was deleted meanwhile. */
function sizeOf(access: SyncAccessHandle): number {
  const size = access.getSize();
  if (size < 0) throw new DOMException('it was deleted meanwhile', 'NotFoundError');
  return size;
}

function noRoom(): DOMException {
  return new DOMException('not all of it could be written', 'QuotaExceededError');
}

/** Writes a file beside it, which takes its place at the end. @throws DOMException as `writeAtOnce` */
export async function writeReplacing(handle: object, parts: readonly Uint8Array[]): Promise<void> {
  const stream = await (handle as FileSystemFileHandle).createWritable();
  try {
    for (const part of parts) await stream.write(part as Uint8Array<ArrayBuffer>);
    await stream.close();
  } catch (cause) {
    await stream.abort().catch(() => {}); // it is broken already
    throw cause;
  }
}
