import { engineBackend } from '../engine/backend.js';
import type { Engine } from '../engine/engine.js';
import { type Caller, generateFromPrompts, generateInSession } from '../generation/generate.js';
import type { ModelInUse } from '../generation/model-in-use.js';
import { PrefixCache } from '../generation/prefix-cache.js';
import { score } from '../generation/scoring.js';
import { appendToSession, logitsOf, truncateSession } from '../generation/session-calls.js';
import type { SessionSlot } from '../generation/session-slot.js';
import { requireTokenizer } from '../generation/text-input.js';
import { loadModel } from '../loading/load-model.js';
import { ProgressReporter } from '../loading/progress.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import type { ModelInfo } from '../options/model-info.js';
import type {
  CallContext,
  Calls,
  CallType,
  GenerateParams,
  LoadParams,
  Port,
  Request,
  Response,
} from '../protocol/protocol.js';
import { toWireError } from '../protocol/wire-error.js';
import { SottoError } from '../results/errors.js';
import type { MemoryStats } from '../results/memory-stats.js';
import { SessionTable } from './session-table.js';

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

type Handlers = {
  [Type in CallType]: (
    params: Calls[Type]['params'],
    context: CallContext<Type>,
  ) => Calls[Type]['result'] | Promise<Calls[Type]['result']>;
};

/** A call on its way, with the signals of its parts and the question that it waits for. */
class RunningCall {
  readonly #emit: (event: Calls[CallType]['event']) => void;
  readonly #parts = new Map<number, AbortController>();
  #isAborted = false;
  #receive: ((answer: boolean) => void) | null = null;

  constructor(emit: (event: Calls[CallType]['event']) => void) {
    this.#emit = emit;
  }

  context(id: number): CallContext<CallType> {
    return {
      id,
      emit: this.#emit,
      ask: (event) =>
        new Promise((resolve) => {
          this.#receive = resolve;
          this.#emit(event);
        }),
      signal: (part = 0) => this.#controller(part).signal,
    };
  }

  answer(answer: boolean): void {
    this.#receive?.(answer);
    this.#receive = null;
  }

  abort(part: number): void {
    this.#controller(part).abort();
    this.answer(false); // whoever gave it up does not answer any more
  }

  abortAll(): void {
    this.#isAborted = true;
    for (const part of this.#parts.keys()) this.abort(part);
  }

  #controller(part: number): AbortController {
    let controller = this.#parts.get(part);
    if (controller === undefined) {
      controller = new AbortController();
      if (this.#isAborted) controller.abort();
      this.#parts.set(part, controller);
    }
    return controller;
  }
}

class Server {
  readonly #send: (response: Response) => void;
  readonly #running = new Map<number, RunningCall>();
  #sessions = new SessionTable();
  #loadId: number | null = null; // of the load that has brought the model, or is under way
  #engine: Engine | null = null;
  #loaded: ModelInUse | null = null;

  constructor(send: (response: Response) => void) {
    this.#send = send;
  }

  readonly #handlers: Handlers = {
    load: (params, context) => this.#load(params, context),
    generate: (params, context) => this.#generate(params, context),
    score: ({ input }, { emit, signal }) =>
      score(this.#model(), input, { onProgress: emit, signal: signal() }),
    encode: ({ text }) => requireTokenizer(this.#model().tokenizer, 'it').encodeAsync(text),
    decode: ({ tokenIds }) => requireTokenizer(this.#model().tokenizer, 'what is asked for').decode(tokenIds),
    createSession: async () => {
      const { backend, cache } = this.#model();
      return this.#sessions.add(await cache.withMemory(() => backend.createSession())).state;
    },
    restoreSession: async ({ bytes }) => {
      const { backend, cache } = this.#model();
      return this.#sessions.add(await cache.withMemory(() => backend.restoreSession(bytes))).state;
    },
    append: async ({ session, input }, { emit, signal }) => {
      const slot = this.#session(session);
      await appendToSession(this.#model(), slot, input, { onProgress: emit, signal: signal() });
      return slot.state;
    },
    truncate: async ({ session, length }) => {
      const slot = this.#session(session);
      await truncateSession(this.#model(), slot, length);
      return slot.state;
    },
    fork: async ({ session }) => {
      const slot = this.#session(session);
      return this.#sessions.add(await this.#model().cache.withMemory(() => slot.session.fork())).state;
    },
    tokens: ({ session }) => this.#session(session).session.tokens(),
    logits: ({ session }) => logitsOf(this.#model(), this.#session(session)),
    kv: ({ session, layer }) => {
      const slot = this.#session(session);
      return this.#model().cache.withMemory(() => slot.session.readKv(layer));
    },
    tap: ({ session, names }) => {
      this.#session(session).tap(names);
      return null;
    },
    taps: ({ session }) => this.#session(session).taps,
    save: ({ session }) => {
      const slot = this.#session(session);
      return this.#model().cache.withMemory(() => slot.session.save());
    },
    disposeSession: ({ session }) => {
      this.#sessions.dispose(session);
      return null;
    },
    memory: (): MemoryStats => {
      this.#model();
      return (this.#engine as Engine).memory();
    },
  };

  async handle(request: Request): Promise<void> {
    const { id } = request;
    if (request.type === 'abort') {
      this.#running.get(id)?.abort(request.part);
      return;
    }
    if (request.type === 'answer') {
      this.#running.get(id)?.answer(request.answer);
      return;
    }
    if (request.type === 'drop') {
      if (id === this.#loadId) this.drop();
      return;
    }
    const call = new RunningCall((event) => this.#send({ type: 'event', id, event }));
    this.#running.set(id, call);
    try {
      const handler = this.#handlers[request.type] as Handlers[CallType];
      const result = await handler(request.params as never, call.context(id) as never);
      this.#send({ type: 'result', id, result });
    } catch (error) {
      this.#send({ type: 'failed', id, error: toWireError(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  /** Aborts what is running and gives the model's memory free. */
  drop(): void {
    for (const call of this.#running.values()) call.abortAll();
    this.#engine?.dispose();
    this.#engine = null;
    this.#loaded = null;
    this.#sessions = new SessionTable();
    this.#loadId = null;
  }

  async #load(params: LoadParams, context: CallContext<'load'>): Promise<ModelInfo> {
    const { id, emit } = context;
    const signal = context.signal();
    if (this.#loadId !== null) {
      throw new SottoError(
        'bad-option',
        'this worker holds a model already: dispose that, or use another worker',
      );
    }
    this.#loadId = id;
    try {
      const { engine, model, tokenizer, info } = await loadModel(params, new ProgressReporter(emit), signal);
      if (signal.aborted) engine.dispose();
      signal.throwIfAborted();
      this.#engine = engine;
      const cache = new PrefixCache(params.prefixCache);
      this.#loaded = { backend: engineBackend(engine, model), tokenizer, info, cache };
      return info;
    } catch (error) {
      if (this.#loadId === id) this.#loadId = null; // else it was dropped, and another one may be under way
      throw error;
    }
  }

  #model(): ModelInUse {
    if (this.#loaded !== null) return this.#loaded;
    throw new SottoError('disposed', 'there is no model in this worker: it was disposed; load it again');
  }

  #session(id: number): SessionSlot {
    this.#model();
    return this.#sessions.get(id);
  }

  async #generate({ from, options }: GenerateParams, context: CallContext<'generate'>): Promise<null> {
    const model = this.#model();
    if (Array.isArray(from)) {
      const callers = from.map((_, index) => callerOf(context, index, options));
      await generateFromPrompts(model, from, options, callers);
    } else {
      const slot = this.#session(from.session);
      await generateInSession(model, slot, options, callerOf(context, 0, options, slot));
    }
    return null;
  }
}

/** The page as the caller of one text of a call; of a session, it hears with the end how that stands. */
function callerOf(
  { emit, ask, signal }: CallContext<'generate'>,
  index: number,
  { reportsPrefill }: ResolvedGenerateOptions,
  slot?: SessionSlot,
): Caller {
  return {
    signal: signal(index),
    stopWhen: (question) => ask({ type: 'question', index, question }),
    streamer: {
      put: (piece) => emit({ type: 'piece', index, piece }),
      ...(reportsPrefill && { prefill: (progress) => emit({ type: 'prefill', index, progress }) }),
      end: (result) => emit({ type: 'end', index, result, ...(slot && { session: slot.state }) }),
      fail: (result) => emit({ type: 'partial', index, result }),
    },
  };
}
