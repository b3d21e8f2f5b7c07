import { importNode } from '../base/environment.js';
import { checkKey, isKey, joinKey, splitKey } from './keys.js';
import { roomFor } from './room-for.js';
import type { Store, StoredValue, StoreQuota } from './store.js';
import { isNamed, storeError, writeError } from './store-errors.js';

/** What is used of Node, imported where it is needed so that bundlers for browsers do not see it. */
interface NodeModules {
  fs: typeof import('node:fs/promises');
  path: typeof import('node:path');
}

/** The end of all names of ours: what else somebody has in the folder is neither listed nor deleted. */
const ENDING = '.sotto';

/** The end of the names of values that are being written; they begin with a dot. */
const UNREADY_ENDING = '.sotto-part';

/** A value that was being written so long ago will never be ready. */
const STALE_MS = 3600_000;

/** On Windows a file that somebody reads cannot be replaced meanwhile. */
const BUSY = ['EPERM', 'EACCES', 'EBUSY'];
const N_TRIES = 20;
const WAIT_MS = 20;

/** Values as files below a folder of the disk, outside of browsers. They are never seen half written. */
export class FolderStore implements Store {
  readonly kind = 'folder';
  /** Absolute. */
  readonly folder: string;
  readonly #node: NodeModules;

  private constructor(node: NodeModules, folder: string) {
    this.#node = node;
    this.folder = folder;
  }

  /** @param folder Made with the first value. Default: what SOTTO_CACHE names, else `.cache/sotto/models` in the user's folder. */
  static async create(folder?: string): Promise<FolderStore> {
    const [fs, path, os] = await Promise.all([
      importNode('node:fs/promises'),
      importNode('node:path'),
      importNode('node:os'),
    ]);
    const usual = process.env.SOTTO_CACHE || path.join(os.homedir(), '.cache', 'sotto', 'models');
    return new FolderStore({ fs, path }, path.resolve(folder ?? usual));
  }

  async read(key: string, into?: Uint8Array): Promise<Uint8Array | null> {
    const path = this.#pathOf(key);
    try {
      return await this.#readFile(path, into);
    } catch (cause) {
      if (isNamed(cause, 'ENOENT', 'ENOTDIR')) return null;
      throw storeError(this, 'read', cause);
    }
  }

  async #readFile(path: string, into?: Uint8Array): Promise<Uint8Array> {
    const handle = await this.#node.fs.open(path);
    try {
      const { size } = await handle.stat();
      const bytes = roomFor(size, into);
      let end = 0;
      while (end < size) {
        const { bytesRead } = await handle.read(bytes, end, size - end, end);
        if (bytesRead === 0) break;
        end += bytesRead;
      }
      return bytes.subarray(0, end);
    } finally {
      await handle.close();
    }
  }

  async write(key: string, ...parts: readonly Uint8Array[]): Promise<void> {
    const path = this.#pathOf(key);
    const { dirname, basename, join } = this.#node.path;
    const folder = dirname(path);
    const random = Math.random().toString(36).slice(2);
    const unready = join(folder, `.${basename(path, ENDING)}-${process.pid}-${random}${UNREADY_ENDING}`);
    try {
      for (let triesLeft = N_TRIES; ; triesLeft--) {
        try {
          await this.#node.fs.mkdir(folder, { recursive: true });
          await this.#writeFile(unready, parts);
          return await this.#rename(unready, path);
        } catch (cause) {
          // Somebody deletes what is there, the empty folder included.
          if (triesLeft === 0 || !isNamed(cause, 'ENOENT')) throw cause;
        }
      }
    } catch (cause) {
      await this.#node.fs.rm(unready, { force: true }).catch(() => {}); // the first error is the one to tell
      throw await writeError(this, sumOf(parts), cause);
    }
  }

  async #writeFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
    const handle = await this.#node.fs.open(path, 'w');
    try {
      for (const part of parts) {
        for (let begin = 0; begin < part.byteLength; ) {
          begin += (await handle.write(part, begin, part.byteLength - begin)).bytesWritten;
        }
      }
    } finally {
      await handle.close();
    }
  }

  async #rename(from: string, to: string): Promise<void> {
    for (let triesLeft = N_TRIES; ; triesLeft--) {
      try {
        return await this.#node.fs.rename(from, to);
      } catch (cause) {
        if (triesLeft === 0 || !isNamed(cause, ...BUSY)) throw cause;
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
      }
    }
  }

  async list(prefix: string): Promise<StoredValue[]> {
    const values: StoredValue[] = [];
    try {
      for await (const { key, path } of this.#walk(prefix)) {
        const status = await this.#node.fs.stat(path).catch(() => null); // null: it was deleted just now
        if (status === null) continue;
        if (key !== null) values.push({ key, size: status.size });
        else if (Date.now() - status.mtimeMs > STALE_MS) await this.#remove(path);
      }
    } catch (cause) {
      throw storeError(this, 'listed', cause);
    }
    return values;
  }

  async delete(prefix: string): Promise<void> {
    const folders = new Set<string>();
    try {
      for await (const { path } of this.#walk(prefix)) {
        await this.#remove(path);
        folders.add(this.#node.path.dirname(path));
      }
    } catch (cause) {
      throw storeError(this, 'cleared', cause);
    }
    // What else is there, or comes meanwhile, keeps its folder.
    for (const folder of folders) {
      if (folder !== this.folder) await this.#node.fs.rmdir(folder).catch(() => {});
    }
  }

  async #remove(path: string): Promise<void> {
    await this.#node.fs.rm(path, { force: true, maxRetries: 3 });
  }

  async quota(): Promise<StoreQuota | null> {
    for (let folder = this.folder; ; folder = this.#node.path.dirname(folder)) {
      const disk = await this.#node.fs.statfs(folder).catch(() => null);
      if (disk !== null) {
        const { bsize, blocks, bavail } = disk;
        return { usage: (blocks - bavail) * bsize, quota: blocks * bsize };
      }
      if (folder === this.#node.path.dirname(folder)) return null;
    }
  }

  async persist(): Promise<boolean> {
    return true;
  }

  #pathOf(key: string): string {
    checkKey(key);
    return this.#node.path.join(this.folder, ...key.split('/')) + ENDING;
  }

  /** The files whose keys begin with `prefix`, and those of them that are being written, whose key is null here. */
  async *#walk(prefix: string): AsyncGenerator<{ key: string | null; path: string }> {
    const { folder, name: beginning } = splitKey(prefix);
    const inside = this.#node.path.join(this.folder, ...folder.split('/'));
    const entries = await this.#node.fs.readdir(inside, { withFileTypes: true }).catch((cause: unknown) => {
      if (isNamed(cause, 'ENOENT', 'ENOTDIR')) return [];
      throw cause;
    });
    for (const entry of entries) {
      const path = this.#node.path.join(inside, entry.name);
      const isUnready = entry.name.startsWith('.') && entry.name.endsWith(UNREADY_ENDING);
      const name = isUnready ? entry.name.slice(1) : entry.name;
      if (!name.startsWith(beginning)) continue;
      const key = joinKey(folder, name);
      if (entry.isDirectory() && isKey(key)) yield* this.#walk(`${key}/`);
      else if (isUnready) yield { key: null, path };
      else if (name.endsWith(ENDING) && isKey(key)) yield { key: key.slice(0, -ENDING.length), path };
    }
  }
}

function sumOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}
