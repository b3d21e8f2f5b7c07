import type { WorkerLike } from '../options/load-options.js';
import type { Calls, CallType, Request, Response } from '../protocol/protocol.js';
import { fromWireError } from '../protocol/wire-error.js';
import { SottoError } from '../results/errors.js';
import { type Connection, cannotStart, connect } from './connection.js';

interface PendingCall {
  resolve(result: Calls[CallType]['result']): void;
  reject(error: unknown): void;
  onEvent(event: Calls[CallType]['event'], answer: (answer: boolean) => void): void;
}

interface CallOptions<Type extends CallType> {
  /** What it throws is reported to the runtime, not to the caller: do not let it throw. */
  onEvent?: (event: Calls[Type]['event'], answer: (answer: boolean) => void) => void;
  /** Each asks the worker to end a part of the call, which then says itself how it ended. */
  signals?: (AbortSignal | undefined)[];
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

  get isOpen(): boolean {
    return this.#end === null;
  }

  /** Throws why it was closed, when it was. */
  checkOpen(): void {
    if (this.#end !== null) throw this.#end.reason;
  }

  /** Asks the worker for something. Rejects with what the worker failed with, or with the reason of `close`. */
  async call<Type extends CallType>(
    type: Type,
    params: Calls[Type]['params'],
    { onEvent = () => {}, signals = [], transfer = [] }: CallOptions<Type> = {},
  ): Promise<Calls[Type]['result']> {
    this.checkOpen();
    const id = ++lastId;
    if (type === 'load') this.#loadId = id;
    const aborts = signals.map((signal, part) => ({
      signal,
      abort: () => this.#connection?.post({ type: 'abort', id, part }, []),
    }));
    try {
      return await new Promise<Calls[Type]['result']>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onEvent } as PendingCall);
        this.#connection?.setBusy(true);
        this.#connection?.post({ type, id, params } as Request, transfer);
        for (const { signal, abort } of aborts) {
          if (signal?.aborted) abort();
          signal?.addEventListener('abort', abort, { once: true });
        }
        this.#watchSilence();
      });
    } finally {
      for (const { signal, abort } of aborts) signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#connection?.setBusy(false);
    }
  }

  /**
   * Like `call`, for what the page's own code watches: rejects with the signal's reason when it is aborted, and with what
   * `onEvent` throws.
   */
  async callWatched<Type extends CallType>(
    type: Type,
    params: Calls[Type]['params'],
    { signal, onEvent }: { signal?: AbortSignal; onEvent?: (event: Calls[Type]['event']) => void },
  ): Promise<Calls[Type]['result']> {
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const watch = (event: Calls[Type]['event']) => {
        try {
          if (!controller.signal.aborted) onEvent?.(event);
        } catch (error) {
          controller.abort(error);
        }
      };
      const result = await this.call(type, params, { signals: [controller.signal], onEvent: watch });
      controller.signal.throwIfAborted(); // what happened last was the caller's wish
      return result;
    } catch (error) {
      if (controller.signal.aborted) throw controller.signal.reason;
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
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
      const { id } = response;
      call?.onEvent(response.event, (answer) => this.#connection?.post({ type: 'answer', id, answer }, []));
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
