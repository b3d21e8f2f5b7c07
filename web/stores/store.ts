/** One value of a store, as it is listed. */
export interface StoredValue {
  key: string;
  /** In bytes. */
  size: number;
}

/** A kind of store: the browser's file system, its Cache API, a folder of Node's, or nothing but this page's memory. */
export type StoreKind = 'opfs' | 'cache' | 'folder' | 'memory';

/** What kinds of stores there are. */
export const STORE_KINDS: readonly StoreKind[] = ['opfs', 'cache', 'folder', 'memory'];

/**
 * Where bytes are kept beyond the life of a page: values by key, written whole. It knows nothing of models. Every
 * implementation passes wasm-tests/stores/conformance.mjs.
 *
 * Keys are those of `isKey`; none is another one with a slash and more behind it. Several pages or processes may use one store
 * at once: the last of those who write one key wins, or one of them where all values have the same size. One who is ended in the
 * middle, or in 'opfs' is not ready, may leave a value that is cut: whoever reads checks what he gets.
 */
export interface Store {
  /** For messages and for `ModelStore.kind`. */
  readonly kind: StoreKind;
  /**
   * Null where there is no such value. The bytes are the caller's.
   *
   * @param into Where they may be put, if they fit in: memory that was never used costs more than reading. Not shared.
   * @throws SottoError 'store' where it cannot be read
   */
  read(key: string, into?: Uint8Array): Promise<Uint8Array | null>;
  /**
   * Writes a value, in place of what is there.
   *
   * @param parts Its bytes, one part after the other; not of shared memory.
   * @throws SottoError 'store-full' where there is no room, 'store' for another reason.
   */
  write(key: string, ...parts: readonly Uint8Array[]): Promise<void>;
  /** All values whose keys begin with `prefix` (any beginning; '' for all), in any order. @throws SottoError 'store' */
  list(prefix: string): Promise<StoredValue[]>;
  /** Forgets all values whose keys begin with `prefix`; nothing happens where there is none. @throws SottoError 'store' */
  delete(prefix: string): Promise<void>;
  /** Bytes in use and allowed by whoever owns the room; null where nobody tells. Not only of this store. */
  quota(): Promise<StoreQuota | null>;
  /** Asks that nothing is forgotten without the user's wish; whether that is so now. */
  persist(): Promise<boolean>;
}

/** How much room there is, in bytes. */
export interface StoreQuota {
  usage: number;
  quota: number;
}
