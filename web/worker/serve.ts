import { SottoError } from '../errors.js';
import type { MemoryStats, ModelInfo } from '../model-info.js';
import { generate } from './generating.js';
import { type LoadedModel, loadModel } from './loading.js';
import { ProgressReporter } from './progress.js';
import type { Calls, CallType, LoadParams, Port, Request, Response } from './protocol.js';
import { toWireError } from './wire-error.js';

/**
 * Answers the page's requests on a port, with at most one model at a time.
 *
 * @returns Ends it: aborts what is running and drops the model.
 */
export function serve(port: Port): () => void {
  const server = new Server((response) => port.postMessage(response));
  port.onmessage = ({ data }: MessageEvent<Request>) => void server.handle(data);
  return () => {
    port.onmessage = null;
    server.drop();
  };
}

/** What a handler of a call can do besides returning its result. */
interface CallContext<Type extends CallType> {
  id: number;
  emit(event: Calls[Type]['event']): void;
  signal: AbortSignal;
}

type Handlers = {
  [Type in CallType]: (
    params: Calls[Type]['params'],
    context: CallContext<Type>,
  ) => Calls[Type]['result'] | Promise<Calls[Type]['result']>;
};

class Server {
  readonly #send: (response: Response) => void;
  readonly #running = new Map<number, AbortController>();
  #loadId: number | null = null; // of the load that has brought the model, or is under way
  #loaded: LoadedModel | null = null;

  constructor(send: (response: Response) => void) {
    this.#send = send;
  }

  readonly #handlers: Handlers = {
    load: (params, context) => this.#load(params, context),
    generate: (params, { emit, signal }) => generate(this.#model(), params, emit, signal),
    encode: ({ text }) => this.#tokenizer().encode(text),
    decode: ({ tokenIds }) => this.#tokenizer().decode(tokenIds),
    memory: (): MemoryStats => this.#model().engine.memory(),
  };

  async handle(request: Request): Promise<void> {
    const { id } = request;
    if (request.type === 'abort') {
      this.#running.get(id)?.abort();
      return;
    }
    if (request.type === 'drop') {
      if (id === this.#loadId) this.drop();
      return;
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    const { signal } = controller;
    const context = {
      id,
      signal,
      emit: (event: Calls[CallType]['event']) => this.#send({ type: 'event', id, event }),
    };
    try {
      const handler = this.#handlers[request.type] as Handlers[CallType];
      const result = await handler(request.params as never, context as never);
      this.#send({ type: 'result', id, result });
    } catch (error) {
      this.#send({ type: 'failed', id, error: toWireError(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  /** Aborts what is running and gives the model's memory free. */
  drop(): void {
    for (const controller of this.#running.values()) controller.abort();
    this.#loaded?.engine.dispose();
    this.#loaded = null;
    this.#loadId = null;
  }

  async #load(params: LoadParams, context: CallContext<'load'>): Promise<ModelInfo> {
    const { id, emit, signal } = context;
    if (this.#loadId !== null) {
      throw new SottoError(
        'bad-option',
        'this worker holds a model already: dispose that, or use another worker',
      );
    }
    this.#loadId = id;
    try {
      const loaded = await loadModel(params, new ProgressReporter(emit), signal);
      if (signal.aborted) loaded.engine.dispose();
      signal.throwIfAborted();
      this.#loaded = loaded;
      return loaded.info;
    } catch (error) {
      if (this.#loadId === id) this.#loadId = null; // else it was dropped, and another one may be under way
      throw error;
    }
  }

  #model(): LoadedModel {
    if (this.#loaded !== null) return this.#loaded;
    throw new SottoError('disposed', 'there is no model in this worker: it was disposed; load it again');
  }

  #tokenizer(): NonNullable<LoadedModel['tokenizer']> {
    const { tokenizer } = this.#model();
    if (tokenizer !== null) return tokenizer;
    throw new SottoError(
      'no-tokenizer',
      'this model came without a tokenizer: load it with its tokenizer.json',
    );
  }
}
