import { onAbort } from '../../base/on-abort.js';

/** A signal that is aborted with the first of several; `end()` lets go of them. */
export function anySignal(...signals: (AbortSignal | undefined)[]): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const ends = signals.map((signal) => onAbort(signal, () => controller.abort(signal?.reason)));
  return {
    signal: controller.signal,
    end() {
      for (const end of ends) end();
    },
  };
}

/** What a promise comes to, or the signal's reason where that is aborted before. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(end);
  });
}
