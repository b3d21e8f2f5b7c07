/**
 * Calls back, once, when a signal is aborted; at once when it was.
 *
 * @returns Ends it: no listener stays on the signal.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal?.aborted) callback();
  else signal?.addEventListener('abort', callback, { once: true });
  return () => signal?.removeEventListener('abort', callback);
}
