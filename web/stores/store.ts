/** One value of a store, as it is listed. */
export interface StoredValue {
  key: string;
  /** In bytes. */
  size: number;
}

/**
 * Where bytes are kept beyond the life of a page: values by key, written whole. It knows nothing of models. Every
 * implementation passes wasm-tests/stores/conformance.mjs.
 *
 * A key is one or more parts of `[a-z0-9._-]`, joined by slashes; no part begins with a dot. Several pages or processes may use one store at
 * once: the last of those who write one key wins, and nobody ever sees half a value of a writer that is alive. One who is ended
 * in the middle may leave a value that is cut: whoever reads checks what he gets.
 */
export interface Store {
  /** For messages and for `ModelStore.kind`. */
  readonly kind: 'opfs' | 'cache' | 'folder' | 'memory';
  /** Null where there is no such value. The bytes are the caller's. @throws SottoError 'store' where it cannot be read. */
  read(key: string): Promise<Uint8Array | null>;
  /**
   * Writes a value, in place of what is there.
   *
   * @throws SottoError 'store-full' where there is no room, 'store' for another reason.
   */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** All values whose keys begin with `prefix` (any beginning; '' for all), in any order. @throws SottoError 'store' */
  list(prefix: string): Promise<StoredValue[]>;
  /** Forgets all values whose keys begin with `prefix`; nothing happens where there is none. @throws SottoError 'store' */
  delete(prefix: string): Promise<void>;
  /** Bytes in use and allowed by whoever owns the room; null where nobody tells. Not only of this store. */
  quota(): Promise<{ usage: number; quota: number } | null>;
  /** Asks that nothing is forgotten without the user's wish; whether that is so now. */
  persist(): Promise<boolean>;
}
