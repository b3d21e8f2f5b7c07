import { isNode } from '../base/environment.js';
import type { WorkerLike } from '../options/load-options.js';
import { toMessage } from '../protocol/messages.js';
import type { RequestBody } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import { ownWorkerNeeds, startOwnWorker } from './own-worker.js';
import { setRef, useSameThread } from './same-thread.js';

/** The way to the thread that a model runs in, whatever thread that is. */
export interface Connection {
  /** @throws what structured clone does not take */
  post(request: RequestBody, transfer: Transferable[]): void;
  /** Whether the process must stay alive for an answer; matters in Node only. */
  setBusy(isBusy: boolean): void;
  /** Ends the thread where it is ours, and always the model in it. No answer comes any more. */
  close(): void | Promise<void>;
  /** Whether the thread runs a script that we do not know. */
  isForeign: boolean;
}

/** What comes back. */
export interface Listener {
  /** Whatever the thread says, be it ours or not. */
  onMessage(message: unknown): void;
  /** The same, in an event. */
  onMessageEvent(event: { data: unknown }): void;
  /** An error in the thread that nobody caught; the thread may live on. */
  onError(detail: string): void;
  /** The thread has ended; `detail` says why, as far as anybody knows. */
  onExit(detail: string): void;
}

/** Whether a model gets a worker where the caller does not say. */
const wantsWorker = !isNode && typeof Worker !== 'undefined';

/** How many connections wait for a worker: models may share one of the caller's. */
const busyConnections = new WeakMap<object, number>();

/** How long `close` waits for a thread's end. */
const MOST_MS_TO_TERMINATE = 10_000;

type NodeWorker = import('node:worker_threads').Worker;

/**
 * Connects to a thread as `LoadOptions.worker` asks for.
 *
 * @throws SottoError 'unsupported-environment'
 */
export async function connect(
  worker: boolean | WorkerLike | undefined,
  listener: Listener,
): Promise<Connection> {
  if (typeof worker === 'object') return useWorker(worker, listener, { isForeign: true });
  if (!(worker ?? wantsWorker)) return useSameThread(listener);
  const own = await startOwnWorker().catch((cause: unknown) => {
    throw cannotStart(messageOf(cause), { isForeign: false, cause });
  });
  return useWorker(own, listener, { isForeign: false });
}

function useWorker(
  worker: WorkerLike,
  listener: Listener,
  { isForeign }: { isForeign: boolean },
): Connection {
  const stopListening = isEventTarget(worker)
    ? listenToWeb(worker, listener)
    : listenToNode(worker as NodeWorker, listener, { isForeign });
  setRef(worker, false);
  let wasBusy = false;
  const setBusy = (isBusy: boolean) => {
    if (isBusy === wasBusy) return;
    wasBusy = isBusy;
    const nBusy = (busyConnections.get(worker) ?? 0) + (isBusy ? 1 : -1);
    busyConnections.set(worker, nBusy);
    setRef(worker, nBusy > 0);
  };
  return {
    post: (request, transfer) => worker.postMessage(toMessage(request), transfer as never[]),
    setBusy,
    async close() {
      setBusy(false);
      stopListening();
      if (!isForeign) await atMost(MOST_MS_TO_TERMINATE, worker.terminate());
    },
    isForeign,
  };
}

/** The error for a worker that does not start. */
export function cannotStart(
  detail: string,
  { isForeign, cause }: { isForeign: boolean; cause?: unknown },
): SottoError {
  const advice = isForeign ? "The given worker's script must import 'sotto/worker'." : ownWorkerNeeds();
  return new SottoError('unsupported-environment', `the worker did not start (${detail}). ${advice}`, {
    cause,
  });
}

function listenToWeb(worker: Worker, { onMessageEvent, onError }: Listener): () => void {
  const error = (event: Event) => onError((event as ErrorEvent).message || 'no reason is given');
  worker.addEventListener('message', onMessageEvent);
  worker.addEventListener('error', error);
  worker.addEventListener('messageerror', error);
  return () => {
    worker.removeEventListener('message', onMessageEvent);
    worker.removeEventListener('error', error);
    worker.removeEventListener('messageerror', error);
  };
}

function listenToNode(
  worker: NodeWorker,
  { onMessage, onError, onExit }: Listener,
  { isForeign }: { isForeign: boolean },
): () => void {
  let lastError: string | null = null;
  const error = (cause: unknown) => {
    lastError = messageOf(cause);
    onError(lastError);
  };
  const exit = (code: number) => onExit(lastError ?? `the thread exited with code ${code}`);
  worker.on('message', onMessage);
  worker.on('error', error);
  worker.on('messageerror', error);
  worker.on('exit', exit);
  return () => {
    worker.off('message', onMessage);
    worker.off('messageerror', error);
    worker.off('exit', exit);
    // Without a listener, an error of ours on the way out would end the process. Those of others are theirs to hear.
    if (isForeign) worker.off('error', error);
  };
}

/** Waits for something that may not come, such as the end of a thread that is inside of a call of the system. */
async function atMost(ms: number, promise: unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function isEventTarget(worker: WorkerLike): worker is Worker {
  return 'addEventListener' in worker;
}
