import { browserPersist, browserQuota } from './browser-room.js';
import { checkKey } from './keys.js';
import type { Store, StoredValue, StoreQuota } from './store.js';
import { storeError, writeError } from './store-errors.js';

/** The name of the cache, and of the made-up folder of this origin that its URLs are in. */
const NAME = 'sotto-models';

/** Of a request: how many bytes its response has, so that a list needs no response. */
const SIZE = 'x-sotto-size';

/** Values as responses in the Cache API (https://w3c.github.io/ServiceWorker/#cache-interface). */
export class CacheStore implements Store {
  readonly kind = 'cache';
  readonly #root = new URL(`/${NAME}/`, location.origin).href;

  private constructor() {}

  /** @throws SottoError 'store' where the browser has none, or refuses: in private windows, in frames of others. */
  static async create(): Promise<CacheStore> {
    try {
      // It may throw where it is only looked at.
      if (globalThis.caches === undefined) throw new Error('this browser has none, or not on this page');
      await caches.open(NAME);
      return new CacheStore();
    } catch (cause) {
      throw storeError({ kind: 'cache' }, 'opened', cause);
    }
  }

  async read(key: string): Promise<Uint8Array | null> {
    const url = this.#urlOf(key);
    try {
      const response = await (await caches.open(NAME)).match(url);
      return response === undefined ? null : new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      throw storeError(this, 'read', cause);
    }
  }

  async write(key: string, ...parts: readonly Uint8Array[]): Promise<void> {
    const url = this.#urlOf(key);
    const blob = new Blob(parts as Uint8Array<ArrayBuffer>[], { type: 'application/octet-stream' });
    try {
      const request = new Request(url, { headers: { [SIZE]: `${blob.size}` } });
      // Opened anew each time: who clears the origin deletes the cache under its handles.
      await (await caches.open(NAME)).put(request, new Response(blob));
    } catch (cause) {
      throw await writeError(this, blob.size, cause);
    }
  }

  async list(prefix: string): Promise<StoredValue[]> {
    try {
      const cache = await caches.open(NAME);
      const requests = await this.#requests(cache, prefix);
      return await Promise.all(
        requests.map(async (request) => ({
          key: this.#keyOf(request),
          size: Number(request.headers.get(SIZE) ?? (await (await cache.match(request))?.blob())?.size ?? 0),
        })),
      );
    } catch (cause) {
      throw storeError(this, 'listed', cause);
    }
  }

  async delete(prefix: string): Promise<void> {
    try {
      const cache = await caches.open(NAME);
      const requests = await this.#requests(cache, prefix);
      await Promise.all(requests.map((request) => cache.delete(request)));
    } catch (cause) {
      throw storeError(this, 'cleared', cause);
    }
  }

  quota(): Promise<StoreQuota | null> {
    return browserQuota();
  }

  persist(): Promise<boolean> {
    return browserPersist();
  }

  async #requests(cache: Cache, prefix: string): Promise<Request[]> {
    return (await cache.keys()).filter(({ url }) => url.startsWith(this.#root + prefix));
  }

  #urlOf(key: string): string {
    checkKey(key);
    return this.#root + key;
  }

  #keyOf({ url }: Request): string {
    return url.slice(this.#root.length);
  }
}
