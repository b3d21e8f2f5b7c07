import { engineBackend } from '../engine/backend.js';
import type { Engine } from '../engine/engine.js';
import { Chats } from '../generation/chats.js';
import {
  type Caller,
  chatInSession,
  generateFromPrompts,
  generateInSession,
} from '../generation/generate.js';
import { LazyForms } from '../generation/lazy-forms.js';
import type { ModelInUse } from '../generation/model-in-use.js';
import { PrefixCache } from '../generation/prefix-cache.js';
import { score } from '../generation/scoring.js';
import { appendToSession, logitsOf, truncateSession } from '../generation/session-calls.js';
import type { SessionSlot } from '../generation/session-slot.js';
import { requireChats, requireTokenizer } from '../generation/text-input.js';
import type { LoadedModel } from '../loading/load-model.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import type { CallContext, Calls, GenerateParams, ModelCallType } from '../protocol/protocol.js';
import { SessionTable } from './session-table.js';

type Handlers = {
  [Type in ModelCallType]: (
    params: Calls[Type]['params'],
    context: CallContext<Type>,
  ) => Calls[Type]['result'] | Promise<Calls[Type]['result']>;
};

/** A model that the page asks things of, with its sessions. */
export class ServedModel {
  readonly #engine: Engine;
  readonly #model: ModelInUse;
  readonly #sessions = new SessionTable();

  /** @param prefixCache In bytes. */
  constructor({ engine, model, tokenizer, chatTemplates, info }: LoadedModel, prefixCache: number) {
    this.#engine = engine;
    const cache = new PrefixCache(prefixCache);
    const chats = tokenizer && new Chats(tokenizer, chatTemplates);
    const forms = tokenizer && new LazyForms(tokenizer, info.vocabSize);
    this.#model = { backend: engineBackend(engine, model), tokenizer, chats, forms, info, cache };
  }

  readonly #handlers: Handlers = {
    generate: (params, context) => this.#generate(params, context),
    score: (params, { emit, signal }) => score(this.#model, params, { onProgress: emit, signal: signal() }),
    encode: ({ text, specialTokens }) =>
      requireTokenizer(this.#model.tokenizer, 'it').encodeAsync(text, specialTokens ? {} : { literal: true }),
    decode: ({ tokenIds }) => requireTokenizer(this.#model.tokenizer, 'what is asked for').decode(tokenIds),
    createSession: async () => {
      const { backend, cache } = this.#model;
      return this.#sessions.add(await cache.withMemory(() => backend.createSession())).state;
    },
    restoreSession: async ({ bytes }) => {
      const { backend, cache } = this.#model;
      return this.#sessions.add(await cache.withMemory(() => backend.restoreSession(bytes))).state;
    },
    append: async ({ session, ...text }, { emit, signal }) => {
      const slot = this.#sessions.get(session);
      await appendToSession(this.#model, slot, text, { onProgress: emit, signal: signal() });
      return slot.state;
    },
    truncate: async ({ session, length }) => {
      const slot = this.#sessions.get(session);
      await truncateSession(this.#model, slot, length);
      return slot.state;
    },
    fork: async ({ session }) => {
      const slot = this.#sessions.get(session);
      const fork = await this.#model.cache.withMemory(() => slot.session.fork());
      return this.#sessions.add(fork, slot.messages).state;
    },
    messages: ({ session }) => this.#sessions.get(session).messages,
    setMessages: ({ session, messages }) => {
      this.#sessions.get(session).messages = messages;
      return null;
    },
    tokens: ({ session }) => this.#sessions.get(session).session.tokens(),
    logits: ({ session }) => logitsOf(this.#model, this.#sessions.get(session)),
    kv: ({ session, layer }) => {
      const slot = this.#sessions.get(session);
      return this.#model.cache.withMemory(() => slot.session.readKv(layer));
    },
    tap: ({ session, names }) => {
      this.#sessions.get(session).tap(names);
      return null;
    },
    taps: ({ session }) => this.#sessions.get(session).taps,
    save: ({ session }) => {
      const slot = this.#sessions.get(session);
      return this.#model.cache.withMemory(() => slot.session.save());
    },
    disposeSession: ({ session }) => {
      this.#sessions.dispose(session);
      return null;
    },
    applyChatTemplate: async ({ chat }) => (await requireChats(this.#model).render(chat)).text,
    memory: () => this.#engine.memory(),
  };

  /** Does what a call asks for. */
  handle<Type extends ModelCallType>(
    type: Type,
    params: Calls[Type]['params'],
    context: CallContext<Type>,
  ): Calls[Type]['result'] | Promise<Calls[Type]['result']> {
    return this.#handlers[type](params, context);
  }

  /** Gives free what it holds besides the weights, which others may hold, too. */
  dispose(): void {
    this.#sessions.disposeAll();
    this.#model.cache.dispose();
  }

  async #generate({ from, options }: GenerateParams, context: CallContext<'generate'>): Promise<null> {
    if (Array.isArray(from)) {
      const callers = from.map((_, index) => callerOf(context, index, options));
      await generateFromPrompts(this.#model, from, options, callers);
    } else {
      const slot = this.#sessions.get(from.session);
      const caller = callerOf(context, 0, options, slot);
      if (from.chat === undefined) await generateInSession(this.#model, slot, options, caller);
      else await chatInSession(this.#model, slot, from.chat, options, caller);
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
