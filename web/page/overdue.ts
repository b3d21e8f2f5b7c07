const MOST_MS_OF_TIMER = 2 ** 31 - 1; // beyond that, timers fire at once

/** A timer that is so much too late tells that the page was suspended or blocked: what it waited for had no chance. */
const LATE_MS = 5_000;

/**
 * How long a worker may take to end what it was told to end, in ms: until then it may be in the middle of a pass, and hears
 * nothing. The longest one, a prompt's 128 tokens, takes twice 128 operations for each parameter; this allows for 2.5 billion
 * of them a second, which is far below what a slow phone does.
 */
export function graceMs(nParameters: number): number {
  return 30_000 + 100 * Math.floor(nParameters / 1e6);
}

/** Calls back once, after so many ms in which the page was awake. Returns what cancels it. */
export function afterAwake(ms: number, callback: () => void): () => void {
  const most = Math.min(ms, MOST_MS_OF_TIMER);
  const endMs = Date.now() + most;
  let cancelNext: (() => void) | null = null;
  const cancel = afterMs(most, () => {
    if (Date.now() > endMs + LATE_MS) cancelNext = afterAwake(ms, callback);
    else callback();
  });
  return () => {
    cancel();
    cancelNext?.();
  };
}

/** `setTimeout` for any number of ms. Returns what cancels it. */
export function afterMs(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(ms, MOST_MS_OF_TIMER));
  return () => clearTimeout(timer);
}
