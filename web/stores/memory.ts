import { checkKey } from './keys.js';
import type { Store, StoredValue } from './store.js';

/** Values in the memory of this thread: they are gone with it. */
export class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly #values = new Map<string, Uint8Array>();

  async read(key: string): Promise<Uint8Array | null> {
    checkKey(key);
    return this.#values.get(key)?.slice() ?? null;
  }

  async write(key: string, ...parts: readonly Uint8Array[]): Promise<void> {
    checkKey(key);
    const value = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    let at = 0;
    for (const part of parts) {
      value.set(part, at);
      at += part.byteLength;
    }
    this.#values.set(key, value);
  }

  async list(prefix: string): Promise<StoredValue[]> {
    return [...this.#values]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { byteLength }]) => ({ key, size: byteLength }));
  }

  async delete(prefix: string): Promise<void> {
    for (const key of [...this.#values.keys()]) if (key.startsWith(prefix)) this.#values.delete(key);
  }

  async quota(): Promise<null> {
    return null;
  }

  async persist(): Promise<boolean> {
    return false;
  }
}
