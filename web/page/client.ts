import { onAbort } from '../base/on-abort.js';
import type { WorkerLike } from '../options/load-options.js';
import { cannotSend, isFreeCall, isOfOtherRelease, isResponse } from '../protocol/messages.js';
import type { Calls, CallType, RequestBody } from '../protocol/protocol.js';
import { fromWireError } from '../protocol/wire-error.js';
import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import { CallerFunctions } from './caller-functions.js';
import { type Connection, cannotStart, connect } from './connection.js';
import { afterAwake, graceMs } from './overdue.js';

interface PendingCall {
  resolve(result: Calls[CallType]['result']): void;
  reject(error: unknown): void;
  onEvent(event: Calls[CallType]['event'], answer: (answer: boolean) => void): void;
}

interface CallOptions<Type extends CallType> {
  /** It must not throw: nobody would hear of it but the runtime. The first answer to an event counts. */
  onEvent?: (event: Calls[Type]['event'], answer: (answer: boolean) => void) => void;
  /**
   * Each asks the worker to end a part of the call, which then says itself how it ended. When all are aborted, the call's
   * end is due.
   */
  signals?: (AbortSignal | undefined)[];
  /** After so many ms the call's end is due in any case. */
  dueMs?: number | null;
  transfer?: Transferable[];
}

/** How long a worker may take until it listens, in ms: ours has a script to fetch, one of the caller's runs already. */
const START_MS = { own: 60_000, foreign: 30_000 };

/**
 * One series for the whole page: late answers to an earlier client of a worker find nobody. It begins anywhere, as the page
 * may have this module twice, with one worker of the caller's for both.
 */
let lastId = Math.floor(Math.random() * 2 ** 40);

/** The page's side of a model in a worker, or in the same thread, which makes no difference here. */
export class WorkerClient {
  readonly #pending = new Map<number, PendingCall>();
  #connection: Connection | null = null;
  #hasAnswered = false;
  #helloId = 0;
  #unsent: (() => void)[] | null = []; // until the worker listens
  #stopWaitingForStart = () => {};
  #loadId: number | null = null;
  #end: { reason: unknown } | null = null;
  #graceMs = graceMs(0);
  #isDropped = false;

  private constructor() {}

  /** @throws SottoError 'unsupported-environment' */
  static async connect(worker?: boolean | WorkerLike): Promise<WorkerClient> {
    const client = new WorkerClient();
    client.#connection = await connect(worker, {
      onMessage: (message) => client.#onMessage(message),
      onMessageEvent: ({ data }) => client.#onMessage(data),
      onError: (detail) => client.#onError(detail),
      onExit: (detail) => client.#fail(detail),
    });
    client.#sayHello(client.#connection);
    return client;
  }

  get isOpen(): boolean {
    return this.#end === null;
  }

  /** How long the worker may take to end what is due, in ms. When it takes longer, it counts as gone. */
  get graceMs(): number {
    return this.#graceMs;
  }

  /** Tells how large the model is, which is how long a pass may take. */
  setModelSize(nParameters: number): void {
    this.#graceMs = graceMs(nParameters);
  }

  /** Throws why it was closed, when it was. */
  checkOpen(): void {
    if (this.#end !== null) throw this.#end.reason;
  }

  /**
   * Asks the worker for something. Rejects with what the worker failed with, or with the reason of `close`.
   *
   * @throws SottoError 'unsupported-environment', 'out-of-memory' when the parameters cannot be sent
   */
  async call<Type extends CallType>(
    type: Type,
    params: Calls[Type]['params'],
    { onEvent = () => {}, signals = [], dueMs = null, transfer = [] }: CallOptions<Type> = {},
  ): Promise<Calls[Type]['result']> {
    this.checkOpen();
    const id = ++lastId;
    if (type === 'load') this.#loadId = id;
    let stopWaiting = () => {};
    const expectEnd = (inMs: number) => {
      stopWaiting();
      stopWaiting = afterAwake(inMs + this.#graceMs, () => this.#declareGone());
    };
    const stops = [() => stopWaiting()];
    const abort = (part: number) => {
      this.#tell({ type: 'abort', id, part });
      if (signals.every((signal) => signal?.aborted)) expectEnd(0);
    };
    try {
      return await new Promise<Calls[Type]['result']>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onEvent } as PendingCall);
        this.#connection?.setBusy(true);
        const model = isFreeCall(type) ? {} : { model: this.#loadId };
        const request = { type, id, ...model, params } as RequestBody;
        this.#post(request, transfer, (error) => reject(cannotSend('what was given', error)));
        if (dueMs !== null) expectEnd(dueMs);
        for (const [part, signal] of signals.entries()) stops.push(onAbort(signal, () => abort(part)));
      });
    } finally {
      for (const stop of stops) stop();
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#connection?.setBusy(false);
      if (this.#isDropped) this.closeWhenIdle();
    }
  }

  /**
   * Like `call`, for what the page's own code watches: rejects with the signal's reason when it is aborted, and with what
   * `onEvent` throws or returns a promise of that rejects.
   */
  async callWatched<Type extends CallType>(
    type: Type,
    params: Calls[Type]['params'],
    { signal, onEvent }: { signal?: AbortSignal; onEvent?: (event: Calls[Type]['event']) => unknown },
  ): Promise<Calls[Type]['result']> {
    const controller = new AbortController();
    const stopListening = onAbort(signal, () => controller.abort(signal?.reason));
    const thrown: unknown[] = []; // an undefined one is no reason of a signal
    const functions = new CallerFunctions((error) => {
      if (!controller.signal.aborted) thrown.push(error);
      controller.abort(error);
    });
    try {
      const watch = (event: Calls[Type]['event']) => {
        if (!controller.signal.aborted) functions.call(onEvent, event);
      };
      const result = await this.call(type, params, { signals: [controller.signal], onEvent: watch });
      await functions.settled(controller.signal);
      controller.signal.throwIfAborted(); // what happened last was the caller's wish
      return result;
    } catch (error) {
      if (thrown.length > 0) throw thrown[0];
      if (controller.signal.aborted) throw controller.signal.reason;
      throw error;
    } finally {
      stopListening();
    }
  }

  /** Ends the worker and the model; what is pending rejects with the reason. Only the first call counts. Never rejects. */
  async close(reason: unknown): Promise<void> {
    if (this.#end !== null) return;
    this.#end = { reason };
    this.#stopWaitingForStart();
    for (const call of this.#pending.values()) call.reject(reason);
    const connection = this.#connection;
    this.#connection = null;
    try {
      if (connection?.isForeign && this.#loadId !== null)
        connection.post({ type: 'drop', id: this.#loadId }, []);
    } catch {
      // A worker that takes no message has no model either.
    }
    try {
      await connection?.close();
    } catch {
      // Nothing is left to be ended.
    }
  }

  /** Ends it as soon as nothing is pending: nobody has the model any more. */
  closeWhenIdle(): void {
    this.#isDropped = true;
    if (this.#pending.size > 0) return;
    void this.close(new SottoError('disposed', 'nothing of the model was held any more; load it again'));
  }

  #onMessage(message: unknown): void {
    if (isOfOtherRelease(message) && (this.#pending.has(message.id) || message.id === this.#helloId)) {
      this.#fail('its script is of another release of sotto than the page');
      return;
    }
    if (!isResponse(message)) return;
    if (message.type === 'ready') {
      this.#sendAll();
      return;
    }
    const call = this.#pending.get(message.id);
    if (call === undefined) return; // to another client of the worker's, or too late
    if (message.type === 'event') {
      call.onEvent(message.event, this.#answerTo(message.id, message.event));
    } else if (message.type === 'result') {
      call.resolve(message.result);
    } else {
      const error = fromWireError(message.error);
      call.reject(error);
      if (error instanceof SottoError && error.code === 'engine-crashed') void this.close(error);
    }
  }

  /** What answers a question, once. */
  #answerTo(id: number, event: Calls[CallType]['event']): (answer: boolean) => void {
    const part = 'index' in event ? event.index : 0;
    let isAnswered = false;
    return (answer) => {
      if (!isAnswered) this.#tell({ type: 'answer', id, part, answer });
      isAnswered = true;
    };
  }

  /** Asks whether the worker listens: a script may be on its way, or import ours late. */
  #sayHello(connection: Connection): void {
    this.#helloId = ++lastId;
    const { isForeign } = connection;
    const mostMs = isForeign ? START_MS.foreign : START_MS.own;
    this.#stopWaitingForStart = afterAwake(mostMs, () => {
      void this.close(cannotStart(`no answer for ${mostMs / 1000} s`, { isForeign }));
    });
    connection.post({ type: 'hello', id: this.#helloId }, []);
  }

  /** The worker listens. */
  #sendAll(): void {
    this.#hasAnswered = true;
    this.#stopWaitingForStart();
    const unsent = this.#unsent ?? [];
    this.#unsent = null;
    for (const send of unsent) send();
  }

  /** Sends a request as soon as the worker listens. */
  #post(request: RequestBody, transfer: Transferable[], onFailure: (error: unknown) => void): void {
    const send = () => {
      try {
        this.#connection?.post(request, transfer);
      } catch (error) {
        onFailure(error);
      }
    };
    if (this.#unsent === null) send();
    else this.#unsent.push(send);
  }

  /** Sends what has no answer. */
  #tell(request: RequestBody): void {
    this.#post(request, [], (error) => this.#fail(messageOf(error)));
  }

  #onError(detail: string): void {
    // A script of the caller's has errors of its own; when they end the thread, that is told, too.
    if (!this.#connection?.isForeign || !this.#hasAnswered) this.#fail(detail);
  }

  /** Takes the worker for gone; `detail` says why. */
  #fail(detail: string): void {
    const message = `the worker ended unexpectedly (${detail}). Load the model again.`;
    const isForeign = this.#connection?.isForeign ?? false;
    void this.close(
      this.#hasAnswered ? new SottoError('engine-crashed', message) : cannotStart(detail, { isForeign }),
    );
  }

  #declareGone(): void {
    const message =
      `the worker has not ended within ${Math.round(this.#graceMs / 1000)} s what it was told to end: it is stuck, or was ` +
      'terminated from outside. The model is gone; load it again.';
    const advice = this.#connection?.isForeign
      ? ' The worker is yours: terminate() it, and use another one.'
      : '';
    void this.close(new SottoError('engine-crashed', message + advice));
  }
}
