import { browserPersist, browserQuota, storageManager } from './browser-room.js';
import { checkKey, joinKey, splitKey } from './keys.js';
import { readFile, writeAtOnce, writeReplacing } from './opfs-file.js';
import type { Store, StoredValue, StoreQuota } from './store.js';
import { isNamed, storeError, writeError } from './store-errors.js';

/** The folder in the origin's private file system. */
const FOLDER = 'sotto-models';

/** Somebody else writes the file, or deletes it. */
const IS_BUSY = [
  'NoModificationAllowedError',
  'InvalidModificationError',
  'InvalidStateError',
  'NotReadableError',
];

/** It is not there, or not any more; or a folder is where a file should be, which is the same for us. */
const IS_GONE = ['NotFoundError', 'TypeMismatchError'];

const N_TRIES = 40;
const WAIT_MS = 50;

/**
 * Values as files of the origin private file system (https://fs.spec.whatwg.org): in dedicated workers written at once, where
 * others see them grow; elsewhere replaced as a whole.
 */
export class OpfsStore implements Store {
  readonly kind = 'opfs';
  readonly #origin: FileSystemDirectoryHandle;
  /** By the beginning of keys that they stand for: asking for a folder costs as much as a small file. */
  readonly #folders = new Map<string, FileSystemDirectoryHandle>();

  private constructor(origin: FileSystemDirectoryHandle) {
    this.#origin = origin;
  }

  /** @throws SottoError 'store' where the browser has none, or refuses: in private windows, in frames of others. */
  static async create(): Promise<OpfsStore> {
    const storage = storageManager();
    try {
      if (storage?.getDirectory === undefined) throw new Error('this browser has none, or not on this page');
      return new OpfsStore(await storage.getDirectory());
    } catch (cause) {
      throw storeError({ kind: 'opfs' }, 'opened', cause);
    }
  }

  /** Whether this thread can write, too: in some browsers only workers can. */
  static get isWritable(): boolean {
    const { prototype } = globalThis.FileSystemFileHandle ?? {};
    return (
      prototype !== undefined && ('createSyncAccessHandle' in prototype || 'createWritable' in prototype)
    );
  }

  async read(key: string, into?: Uint8Array): Promise<Uint8Array | null> {
    checkKey(key);
    const { folder, name } = splitKey(key);
    try {
      return await whenFree(async () => {
        const bytes = await this.#within(folder, false, async (inside) =>
          readFile(await inside.getFileHandle(name), into),
        );
        return bytes ?? null;
      });
    } catch (cause) {
      if (isNamed(cause, ...IS_GONE)) return null;
      throw storeError(this, 'read', cause);
    }
  }

  async write(key: string, ...parts: readonly Uint8Array[]): Promise<void> {
    checkKey(key);
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const { folder, name } = splitKey(key);
    for (let triesLeft = N_TRIES; ; triesLeft--) {
      try {
        await this.#within(folder, true, async (inside) => {
          const handle = await inside.getFileHandle(name, { create: true });
          await ('createSyncAccessHandle' in handle ? writeAtOnce : writeReplacing)(handle, parts);
        });
        return;
      } catch (cause) {
        const isBusy = isNamed(cause, ...IS_BUSY);
        if (triesLeft > 0 && (isBusy || isNamed(cause, 'NotFoundError'))) {
          await waitShortly();
          // Whoever has the file has mostly the same to write.
          if (isBusy && (await this.#sizeOf(key)) === size) return;
          continue;
        }
        const error = await writeError(this, size, cause);
        if (!isBusy) await this.delete(key).catch(() => {}); // the beginning of it; the first error is the one to tell
        throw error;
      }
    }
  }

  async list(prefix: string): Promise<StoredValue[]> {
    const { folder, name } = splitKey(prefix);
    try {
      const values = await this.#within(folder, false, (inside) => listFolder(inside, folder, name));
      return values ?? [];
    } catch (cause) {
      if (isNamed(cause, ...IS_GONE)) return [];
      throw storeError(this, 'listed', cause);
    }
  }

  async delete(prefix: string): Promise<void> {
    const { folder, name } = splitKey(prefix);
    try {
      // All of a folder goes at once, with it.
      if (name === '' && folder !== '')
        await this.#remove(splitKey(folder), (entry) => entry === splitKey(folder).name);
      else await this.#remove({ folder }, (entry) => entry.startsWith(name));
    } catch (cause) {
      throw storeError(this, 'cleared', cause);
    } finally {
      this.#folders.clear();
    }
  }

  quota(): Promise<StoreQuota | null> {
    return browserQuota();
  }

  persist(): Promise<boolean> {
    return browserPersist();
  }

  async #remove({ folder }: { folder: string }, isMeant: (name: string) => boolean): Promise<void> {
    const names: string[] = [];
    await this.#within(folder, false, async (inside) => {
      for await (const name of inside.keys()) if (isMeant(name)) names.push(name);
    }).catch(unlessGone);
    for (const name of names) {
      await whenFree(() =>
        this.#within(folder, false, (inside) => inside.removeEntry(name, { recursive: true })),
      ).catch(unlessGone);
    }
  }

  async #sizeOf(key: string): Promise<number | null> {
    const [value] = (await this.list(key).catch(() => [])).filter((listed) => listed.key === key);
    return value?.size ?? null;
  }

  /** What `use` gives for a folder; undefined where there is no such folder. */
  async #within<T>(
    folder: string,
    create: boolean,
    use: (inside: FileSystemDirectoryHandle) => Promise<T>,
  ): Promise<T | undefined> {
    const known = this.#folders.get(folder);
    if (known !== undefined) {
      try {
        return await use(known);
      } catch (cause) {
        // What is not there may be the folder: somebody has deleted it.
        if (!isNamed(cause, 'NotFoundError')) throw cause;
        this.#folders.clear();
      }
    }
    let inside = this.#origin;
    try {
      for (const part of [FOLDER, ...folder.split('/')]) {
        if (part !== '') inside = await inside.getDirectoryHandle(part, { create });
      }
    } catch (cause) {
      if (!create && isNamed(cause, ...IS_GONE)) return undefined;
      throw cause;
    }
    this.#folders.set(folder, inside);
    return use(inside);
  }
}

/** The values below a folder whose keys begin with the folder's and with `beginning` behind it. */
async function listFolder(
  inside: FileSystemDirectoryHandle,
  folder: string,
  beginning: string,
): Promise<StoredValue[]> {
  const found: Promise<StoredValue[]>[] = [];
  for await (const [name, handle] of inside.entries()) {
    if (!name.startsWith(beginning)) continue;
    const key = joinKey(folder, name);
    const listing =
      handle.kind === 'directory'
        ? listFolder(handle as FileSystemDirectoryHandle, key, '')
        : (handle as FileSystemFileHandle).getFile().then(({ size }) => [{ key, size }]);
    found.push(listing.catch((cause) => unlessGone(cause) ?? []));
  }
  return (await Promise.all(found)).flat();
}

/** Does something again while another one uses the file. */
async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  for (let triesLeft = N_TRIES; ; triesLeft--) {
    try {
      return await work();
    } catch (cause) {
      if (triesLeft === 0 || !isNamed(cause, ...IS_BUSY)) throw cause;
      await waitShortly();
    }
  }
}

function waitShortly(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, WAIT_MS));
}

function unlessGone(cause: unknown): undefined {
  if (!isNamed(cause, ...IS_GONE)) throw cause;
}
