import type { BackendSession } from '../engine/backend.js';
import { SottoError } from '../results/errors.js';

interface Entry {
  session: BackendSession;
  tokens: Int32Array;
  bytes: number;
}

/**
 * Keeps sessions of ended generations, so that a prompt which begins like one of them is read from there on only. The
 * least recently used go when the rest does not fit into the budget.
 */
export class PrefixCache {
  #budget: number;
  #entries: Entry[] = []; // the most recently used last

  /** @param budget In bytes of keys and values. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /**
   * A session with the longest beginning of `ids` that is kept, without the last of them, whose logits are wanted, unless
   * it has those; or with less, where its model keeps less to go back to. It is the caller's from now on. Null when there
   * is none.
   */
  take(ids: Int32Array): BackendSession | null {
    const usable = ids.subarray(0, -1);
    let best: Entry | null = null;
    let bestLength = 0;
    for (const entry of this.#entries) {
      const isWhole = entry.tokens.length === ids.length && entry.session.facts.nLogitRows > 0;
      const length = commonLength(entry.tokens, isWhole ? ids : usable);
      if (length > bestLength) [best, bestLength] = [entry, length];
    }
    if (best === null) return null;
    this.#remove(best);
    if (bestLength === best.tokens.length) return best.session; // it only grows: nothing of it is lost
    this.#entries.push(best);
    const session = best.session.fork();
    if (session.rewind(bestLength) > 0) return session;
    session.dispose();
    return null;
  }

  /** Takes over a session that is not needed any more. */
  put(session: BackendSession): void {
    if (session.length === 0 || session.kvBytes > this.#budget) {
      session.dispose(); // alone it would drive out all others, and then itself
      return;
    }
    const tokens = session.tokens();
    for (const entry of this.#entries.filter(
      (kept) => commonLength(kept.tokens, tokens) === kept.tokens.length,
    )) {
      this.#remove(entry);
      entry.session.dispose();
    }
    session.keepLastLogits();
    this.#entries.push({ session, tokens, bytes: session.kvBytes });
    let bytes = this.#entries.reduce((sum, entry) => sum + entry.bytes, 0);
    while (bytes > this.#budget) {
      const oldest = this.#entries.shift() as Entry;
      oldest.session.dispose();
      bytes -= oldest.bytes;
    }
  }

  /** Calls `use`, a second time without anything kept when there was no memory. */
  async withMemory<T>(use: () => T | Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      return this.retry(error, use);
    }
  }

  /** Calls `use` again without anything kept; throws the error of the first time where that cannot help. */
  retry<T>(error: unknown, use: () => T): T {
    const isMemory = error instanceof SottoError && error.code === 'out-of-memory';
    if (!isMemory || this.#entries.length === 0) throw error;
    this.#clear();
    return use();
  }

  /** Gives all of it free, and keeps nothing from now on. */
  dispose(): void {
    this.#budget = 0;
    this.#clear();
  }

  #clear(): void {
    for (const { session } of this.#entries) session.dispose();
    this.#entries = [];
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}

/** The number of tokens with which both begin. */
export function commonLength(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
