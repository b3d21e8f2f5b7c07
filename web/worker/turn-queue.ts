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
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        resolve(false);
      };
      const start = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      this.#waiting.push(start);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #next(): void {
    const start = this.#waiting.shift();
    // The turn goes on without a gap in which a newcomer could take it.
    if (start === undefined) this.#isTaken = false;
    else start();
  }
}
