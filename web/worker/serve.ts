import { generateFromPrompts, generateInSession } from '../generation/generating.js';
import type { ModelInUse } from '../generation/model-in-use.js';
import { PrefixCache } from '../generation/prefix-cache.js';
import { score } from '../generation/scoring.js';
import { appendToSession, logitsOf, truncateSession } from '../generation/session-calls.js';
import type { SessionSlot } from '../generation/session-slot.js';
import { requireTokenizer } from '../generation/text-input.js';
import { loadModel } from '../loading/load-model.js';
import { ProgressReporter } from '../loading/progress.js';
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
  #loaded: ModelInUse | null = null;

  constructor(post: (response: ResponseBody) => void) {
    this.#post = post;
  }

  readonly #handlers: Handlers = {
    load: (params, context) => this.#load(params, context),
    generate: (params, context) => this.#generate(params, context),
    score: ({ input }, context) => score(this.#model(), input, context),
    encode: ({ text }) => requireTokenizer(this.#model().tokenizer, 'it').encode(text),
    decode: ({ tokenIds }) => requireTokenizer(this.#model().tokenizer, 'what is asked for').decode(tokenIds),
    createSession: () => {
      const { model, cache } = this.#model();
      return this.#sessions.add(cache.withMemory(() => model.createSession())).state;
    },
    restoreSession: ({ bytes }) => {
      const { model, cache } = this.#model();
      return this.#sessions.add(cache.withMemory(() => model.restoreSession(bytes))).state;
    },
    append: async ({ session, input }, context) => {
      const slot = this.#session(session);
      await appendToSession(this.#model(), slot, input, context);
      return slot.state;
    },
    truncate: async ({ session, length }) => {
      const slot = this.#session(session);
      await truncateSession(this.#model(), slot, length);
      return slot.state;
    },
    fork: ({ session }) => {
      const slot = this.#session(session);
      return this.#sessions.add(this.#model().cache.withMemory(() => slot.session.fork())).state;
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
    memory: (): MemoryStats => this.#model().engine.memory(),
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
    this.#loaded?.engine.dispose();
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
      const loaded = await loadModel(params, new ProgressReporter(emit), signal);
      if (signal.aborted) loaded.engine.dispose();
      signal.throwIfAborted();
      this.#loaded = { ...loaded, cache: new PrefixCache(params.prefixCache) };
      return loaded.info;
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
    const loaded = this.#model();
    if (Array.isArray(from)) await generateFromPrompts(loaded, from, options, context);
    else await generateInSession(loaded, this.#session(from.session), options, context);
    return null;
  }
}
