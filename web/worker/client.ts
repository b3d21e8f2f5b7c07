import { SottoError } from '../errors.js';
import type { WorkerLike } from '../options.js';
import { type Connection, cannotStart, connect } from './connection.js';
import type { Calls, CallType, Request, Response } from './protocol.js';
import { fromWireError } from './wire-error.js';

interface PendingCall {
  resolve(result: Calls[CallType]['result']): void;
  reject(error: unknown): void;
  onEvent(event: Calls[CallType]['event']): void;
}

interface CallOptions<Type extends CallType> {
  /** What it throws is reported to the runtime, not to the caller: do not let it throw. */
  onEvent?: (event: Calls[Type]['event']) => void;
  /** Asks the worker to end the call, which then says itself how it ended. */
  signal?: AbortSignal;
  transfer?: Transferable[];
}

/** How long a worker that is not ours may stay silent after the first request. */
const SILENCE_MS = 30_000;

let lastId = 0; // one series for the whole page: late answers to an earlier client of a worker find nobody

/** The page's side of a model in a worker, or in the same thread, which makes no difference here. */
export class WorkerClient {
  readonly #pending = new Map<number, PendingCall>();
  #connection: Connection | null = null;
  #hasAnswered = false;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #loadId: number | null = null;
  #end: { reason: unknown } | null = null;

  private constructor() {}

  /** @throws SottoError 'unsupported-environment' */
  static async connect(worker?: boolean | WorkerLike): Promise<WorkerClient> {
    const client = new WorkerClient();
    client.#connection = await connect(worker, {
      onMessage: (response) => client.#onMessage(response),
      onFailure: (detail) => client.#onFailure(detail),
    });
    return client;
  }

  /** Throws why it was closed, when it was. */
  checkOpen(): void {
    if (this.#end !== null) throw this.#end.reason;
  }

  /** Asks the worker for something. Rejects with what the worker failed with, or with the reason of `close`. */
  async call<Type extends CallType>(
    type: Type,
    params: Calls[Type]['params'],
    { onEvent = () => {}, signal, transfer = [] }: CallOptions<Type> = {},
  ): Promise<Calls[Type]['result']> {
    this.checkOpen();
    const id = ++lastId;
    if (type === 'load') this.#loadId = id;
    const abort = () => this.#connection?.post({ type: 'abort', id }, []);
    try {
      return await new Promise<Calls[Type]['result']>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onEvent } as PendingCall);
        this.#connection?.setBusy(true);
        this.#connection?.post({ type, id, params } as Request, transfer);
        if (signal?.aborted) abort();
        signal?.addEventListener('abort', abort, { once: true });
        this.#watchSilence();
      });
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#connection?.setBusy(false);
    }
  }

  /** Ends the worker and the model; what is pending rejects with the reason. Only the first call counts. */
  async close(reason: unknown): Promise<void> {
    if (this.#end !== null) return;
    this.#end = { reason };
    clearTimeout(this.#silence);
    for (const call of this.#pending.values()) call.reject(reason);
    const connection = this.#connection;
    this.#connection = null;
    if (connection?.isForeign && this.#loadId !== null)
      connection.post({ type: 'drop', id: this.#loadId }, []);
    await connection?.close();
  }

  #onMessage(response: Response): void {
    this.#hasAnswered = true;
    clearTimeout(this.#silence);
    const call = this.#pending.get(response.id);
    if (response.type === 'event') {
      call?.onEvent(response.event);
    } else if (response.type === 'result') {
      call?.resolve(response.result);
    } else {
      const error = fromWireError(response.error);
      call?.reject(error);
      if (error instanceof SottoError && error.code === 'engine-crashed') void this.close(error);
    }
  }

  #onFailure(detail: string): void {
    const message = `the worker ended unexpectedly (${detail}). Load the model again.`;
    const isForeign = this.#connection?.isForeign ?? false;
    void this.close(
      this.#hasAnswered ? new SottoError('engine-crashed', message) : cannotStart(detail, { isForeign }),
    );
  }

  /** Someone else's worker may run any script, even one that does not answer. */
  #watchSilence(): void {
    if (this.#hasAnswered || !this.#connection?.isForeign) return;
    this.#silence ??= setTimeout(() => {
      void this.close(cannotStart(`no answer for ${SILENCE_MS / 1000} s`, { isForeign: true }));
    }, SILENCE_MS);
  }
}
