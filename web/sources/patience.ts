import { onAbort } from '../base/on-abort.js';
import type { FetchedResponse } from './http.js';

const FIRST_DELAY_MS = 250;
const MOST_DELAY_MS = 8_000;

/** A server that asks for more has said no: the hub's own windows are five minutes. */
const MOST_ASKED_MS = 330_000;

/** How often something that failed is tried again, and how long it is waited before: each time twice as long. */
export class Patience {
  readonly #retries: number;
  #failures = 0;

  constructor(retries: number) {
    this.#retries = retries;
  }

  /** It went on: later failures are counted anew. */
  reset(): void {
    this.#failures = 0;
  }

  /**
   * Waits before the next try.
   *
   * @param askedMs How long the server asks to wait; null where it does not say.
   * @returns False, at once, where there is no next try. @throws what `signal` was aborted with
   */
  async wait(askedMs: number | null, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#failures >= this.#retries || (askedMs ?? 0) > MOST_ASKED_MS) return false;
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#failures++, MOST_DELAY_MS);
    await sleep(askedMs ?? delay * (1 + Math.random() / 2), signal); // not all who were cut come back at once
    return true;
  }
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    const stopListening = onAbort(signal, done);
    function done() {
      clearTimeout(timer);
      stopListening?.();
      resolve();
    }
  });
  signal?.throwIfAborted();
}

/** How long a server asks to wait, in ms: Retry-After (RFC 9110, section 10.2.3), or the hub's `ratelimit: "…";r=0;t=…`. */
export function askedDelay({ headers }: FetchedResponse): number | null {
  const rateLimit = /(?:^|;)\s*r=0\s*;.*?\bt=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  if (rateLimit !== undefined) return Number(rateLimit) * 1000;
  const retryAfter = headers.get('retry-after');
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
