import { onAbort } from '../base/on-abort.js';

/** One at a time, in the order of arrival. */
export class TurnQueue {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * Waits for a turn.
   *
   * @returns The function that ends the turn, to be called once; null when the signal was aborted first.
   */
  async take(signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return null;
    if (this.#isTaken && !(await this.#wait(signal))) return null;
    this.#isTaken = true;
    return () => this.#next();
  }

  /** Resolves with whether the turn came. */
  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const start = () => {
        stopListening();
        resolve(true);
      };
      this.#waiting.push(start);
      const stopListening = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        resolve(false);
      });
    });
  }

  #next(): void {
    const start = this.#waiting.shift();
    // The turn goes on without a gap in which a newcomer could take it.
    if (start === undefined) this.#isTaken = false;
    else start();
  }
}

/**
 * Takes a turn in each of the queues, one after the other. Whoever takes several names them in the same order.
 *
 * @param signals It gives up when all of them are aborted.
 * @returns The function that ends the turns; null when it was given up.
 */
export async function takeAll(
  queues: readonly TurnQueue[],
  signals: readonly AbortSignal[] = [],
): Promise<(() => void) | null> {
  const controller = new AbortController();
  const abort = () => {
    if (signals.length > 0 && signals.every(({ aborted }) => aborted)) controller.abort();
  };
  const stops = signals.map((signal) => onAbort(signal, abort));
  const ends: (() => void)[] = [];
  const leave = () => {
    for (const end of ends) end();
  };
  try {
    for (const queue of queues) {
      const end = await queue.take(controller.signal);
      if (end === null) {
        leave();
        return null;
      }
      ends.push(end);
    }
    return leave;
  } finally {
    for (const stop of stops) stop();
  }
}
