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
import { isOfOtherRelease, isRequest, toMessage } from '../protocol/messages.js';
import type {
  CallContext,
  Calls,
  CallType,
  GenerateParams,
  LoadParams,
  Port,
  Request,
  ResponseBody,
} from '../protocol/protocol.js';
import { toWireError } from '../protocol/wire-error.js';
import { SottoError } from '../results/errors.js';
import type { MemoryStats } from '../results/memory-stats.js';
import { RunningCall } from './running-call.js';
import { SessionTable } from './session-table.js';

/**
 * Answers the page's requests on a port, with at most one model at a time.
 *
 * @returns Ends it: aborts what is running and drops the model.
 */
export function serve(port: Port): () => void {
  const post = (response: ResponseBody) => port.postMessage(toMessage(response));
  const server = new Server(post);
  // Others may listen and talk here as well.
  const listen = ({ data }: MessageEvent<unknown>) => {
    if (isRequest(data)) server.handle(data);
    else if (isOfOtherRelease(data)) post({ type: 'failed', id: data.id, error: toWireError(null) });
  };
  port.addEventListener('message', listen);
  port.start?.();
  return () => {
    port.removeEventListener('message', listen);
    server.drop();
  };
}

type Handlers = {
  [Type in CallType]: (
    params: Calls[Type]['params'],
    context: CallContext<Type>,
  ) => Calls[Type]['result'] | Promise<Calls[Type]['result']>;
};

class Server {
  readonly #post: (response: ResponseBody) => void;
  readonly #running = new Map<number, RunningCall>();
  #sessions = new SessionTable();
  #loadId: number | null = null; // of the load that has brought the model, or is under way
  #engine: Engine | null = null;
  #loaded: ModelInUse | null = null;

  constructor(post: (response: ResponseBody) => void) {
    this.#post = post;
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
      if (id === this.#loadId) this.drop();
      return;
    }
    if (this.#running.has(id)) return; // it came twice
    const call = new RunningCall(id, this.#post);
    this.#running.set(id, call);
    const handler = this.#handlers[request.type] as Handlers[CallType];
    void call
      .run((context) => handler(request.params as never, context as never))
      .then(() => this.#running.delete(id));
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
