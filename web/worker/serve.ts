import { estimateModel } from '../loading/estimate-model.js';
import { loadModel } from '../loading/load-model.js';
import { ProgressReporter } from '../loading/progress.js';
import { isOfOtherRelease, isRequest, toMessage } from '../protocol/messages.js';
import type { CallContext, Calls, CallType, Port, Request } from '../protocol/protocol.js';
import { toWireError } from '../protocol/wire-error.js';
import { SottoError } from '../results/errors.js';
import { RunningCall } from './running-call.js';
import { ServedModel } from './served-model.js';

/**
 * Answers the page's requests on a port.
 *
 * @returns Ends it: aborts what is running and drops all models.
 */
export function serve(port: Port): () => void {
  const server = new Server(port);
  // Others may listen and talk here as well.
  const listen = ({ data }: MessageEvent<unknown>) => {
    if (isRequest(data)) server.handle(data);
    else if (isOfOtherRelease(data)) {
      port.postMessage(toMessage({ type: 'failed', id: data.id, error: toWireError(null) }));
    }
  };
  port.addEventListener('message', listen);
  port.start?.();
  port.postMessage(toMessage({ type: 'ready', id: 0 })); // to those who said hello before
  return () => {
    port.removeEventListener('message', listen);
    server.dropAll();
  };
}

/** What goes on for one model, from the load that brings it on. */
interface Room {
  model: ServedModel | null; // null while it is loaded
  calls: Set<RunningCall>;
  /** Gives up the weights. */
  release(): void;
}

class Server {
  readonly #port: Port;
  readonly #running = new Map<number, RunningCall>();
  readonly #rooms = new Map<number, Room>(); // by the ids of their loads

  constructor(port: Port) {
    this.#port = port;
  }

  handle(request: Request): void {
    const { id } = request;
    if (request.type === 'abort') {
      this.#running.get(id)?.abort(request.part);
      return;
    }
    if (request.type === 'answer') {
      this.#running.get(id)?.answer(request.part, request.answer);
      return;
    }
    if (request.type === 'drop') {
      this.#drop(id);
      return;
    }
    if (request.type === 'hello') {
      this.#port.postMessage(toMessage({ type: 'ready', id }));
      return;
    }
    if (this.#running.has(id)) return; // it came twice
    const call = new RunningCall(id, this.#port);
    this.#running.set(id, call);
    if (request.type === 'load') this.#rooms.set(id, { model: null, calls: new Set(), release() {} });
    const isFree = request.type === 'load' || request.type === 'estimate';
    const room = this.#rooms.get(isFree ? id : request.model);
    room?.calls.add(call);
    void call
      .run((context) => this.#answer(request, room, context))
      .then(() => {
        this.#running.delete(id);
        room?.calls.delete(call);
      });
  }

  dropAll(): void {
    for (const id of this.#rooms.keys()) this.#drop(id);
  }

  #answer(
    request: Extract<Request, { params: unknown }>,
    room: Room | undefined,
    context: CallContext<CallType>,
  ): Calls[CallType]['result'] | Promise<Calls[CallType]['result']> {
    if (request.type === 'estimate') return estimateModel(request.params, context.signal());
    if (request.type === 'load' && room !== undefined) return this.#load(request, room, context);
    const model = room?.model;
    if (model === undefined || model === null || request.type === 'load') {
      throw new SottoError(
        'disposed',
        'there is no such model in this worker: it was disposed; load it again',
      );
    }
    return model.handle(request.type, request.params as never, context as never);
  }

  async #load(
    { id, params }: Extract<Request, { type: 'load' }>,
    room: Room,
    { emit, signal }: CallContext<'load'>,
  ): Promise<Calls['load']['result']> {
    try {
      const loaded = await loadModel(params, new ProgressReporter(emit), signal());
      if (signal().aborted) loaded.release();
      signal().throwIfAborted();
      room.release = loaded.release;
      room.model = new ServedModel(loaded, params.prefixCache);
      return loaded.info;
    } catch (error) {
      this.#rooms.delete(id);
      throw error;
    }
  }

  /** Aborts what runs on a model, and gives its memory free. */
  #drop(id: number): void {
    const room = this.#rooms.get(id);
    if (room === undefined) return;
    this.#rooms.delete(id);
    for (const call of room.calls) call.abortAll();
    room.model?.dispose();
    room.release();
  }
}
