import { onAbort } from '../base/on-abort.js';

/**
 * Calls the caller's functions whose value nobody needs, and answers for all that comes of it: what they throw, and what
 * promises that they return reject with.
 */
export class CallerFunctions {
  readonly #open = new Set<Promise<void>>();
  readonly #fail: (error: unknown) => void;

  /** @param fail Told of each error. */
  constructor(fail: (error: unknown) => void) {
    this.#fail = fail;
  }

  call<T>(callback: ((value: T) => unknown) | undefined, value: T): void {
    try {
      const returned = callback?.(value);
      if ((typeof returned !== 'object' && typeof returned !== 'function') || returned === null) return;
      const settled: Promise<void> = Promise.resolve(returned)
        .then(() => {}, this.#fail)
        .finally(() => this.#open.delete(settled));
      this.#open.add(settled);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Waits until all promises are settled, or the signal is aborted. */
  async settled(signal?: AbortSignal): Promise<void> {
    if (this.#open.size === 0 || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const stopListening = onAbort(signal, resolve);
      void Promise.all(this.#open).then(() => {
        stopListening();
        resolve();
      });
    });
  }
}
