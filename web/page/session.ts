import { bindMembers } from '../base/bind-members.js';
import { resolveMessages, resolveNewMessages } from '../options/chat-messages.js';
import { type ChatOptions, completeChat } from '../options/chat-options.js';
import type { GenerateOptions } from '../options/generate-options.js';
import type { ModelInfo } from '../options/model-info.js';
import { integer } from '../options/option-checks.js';
import { type ReadOptions, resolveReadOptions } from '../options/read-options.js';
import {
  type ResolvedCall,
  resolveChatOptions,
  resolveGenerateOptions,
} from '../options/resolve-generate-options.js';
import { checkTaps } from '../options/tap-names.js';
import { resolvePrompt } from '../options/token-ids.js';
import type { Calls, GenerateParams, SessionState } from '../protocol/protocol.js';
import type { ChatMessage } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';
import type { KeysValues, TapName, Taps } from '../results/session-values.js';
import { GenerateCall } from './generate-call.js';
import { Generation } from './generation.js';
import type { SharedModel } from './shared-model.js';
import { TurnQueue, takeAll } from './turn-queue.js';

type SessionCall = Exclude<
  keyof Calls,
  | 'load'
  | 'generate'
  | 'score'
  | 'encode'
  | 'decode'
  | 'applyChatTemplate'
  | 'memory'
  | 'createSession'
  | 'restoreSession'
>;

/**
 * A text that grows and keeps its keys and values: a conversation that is never read twice, a prompt that many answers
 * share. What is asked of a session happens in the order in which it is asked. Made by `LanguageModel.createSession`.
 *
 * ```ts
 * const session = await model.createSession();
 * await session.append('Once upon a time');
 * const branch = await session.fork();
 * console.log(await session.generate({ seed: 1 }).text(), await branch.generate({ seed: 2 }).text());
 * ```
 */
export class Session {
  readonly #model: SharedModel;
  readonly #id: number;
  readonly #turns = new TurnQueue();
  #length: number;
  #isDisposed = false;

  /** @internal */
  constructor(model: SharedModel, { session, length }: SessionState) {
    bindMembers(this);
    this.#model = model;
    this.#id = session;
    this.#length = length;
  }

  get [Symbol.toStringTag](): string {
    return 'Session';
  }

  /** The number of its tokens, after what has ended. */
  get length(): number {
    return this.#length;
  }

  /**
   * Reads text behind what is there. When it is aborted or fails, the session is what it was.
   *
   * @param input Text, or token ids. A begin token is put before text only where the session is empty.
   * @throws SottoError 'empty-prompt', 'prompt-too-long', 'no-tokenizer', 'bad-token', 'bad-option', 'unknown-option',
   * 'out-of-memory', 'disposed', 'engine-crashed'; the reason of the signal; what `onPrefillProgress` throws.
   */
  async append(input: string | ArrayLike<number>, options: ReadOptions = {}): Promise<void> {
    this.#checkOpen(); // now: what is asked for later, such as dispose(), happens later
    const { signal, onPrefillProgress, specialTokens = true } = resolveReadOptions(options, 'append');
    const checked = resolvePrompt(input, this.#model.info, 'input');
    const params = { session: this.#id, input: checked, specialTokens };
    const { client, turns } = this.#model;
    const leave = await takeAll([this.#turns, turns], signal && [signal]);
    if (leave === null) throw signal?.reason;
    const length = this.#length;
    try {
      const call = client.callWatched('append', params, {
        ...(signal && { signal }),
        ...(onPrefillProgress && { onEvent: onPrefillProgress }),
      });
      this.#length = (await call).length;
    } catch (error) {
      // An abort in the last moment comes when all is read.
      await client.call('truncate', { session: this.#id, length }, { dueMs: 0 }).catch(() => {});
      throw error;
    } finally {
      leave();
    }
  }

  /**
   * Continues the text; the answer, all tokens of it, becomes part of the session. On an error the session is what it
   * was; after an abort, or an error that a callback throws, it holds what there was of the answer.
   *
   * @throws SottoError as `LanguageModel.generate`
   */
  generate(options: GenerateOptions = {}): Generation {
    this.#checkOpen();
    const call = resolveGenerateOptions(options, this.#info());
    if (!call.options.specialTokens) {
      throw new SottoError(
        'bad-option',
        'specialTokens is about the text that is read, and generate of a session reads none: give it to append',
      );
    }
    return this.#start({ session: this.#id }, call);
  }

  /**
   * Answers in the session's conversation: the messages are added to it, and so is the answer. Only what is new of it is
   * read, as far as the template shows earlier answers as they were. What `append` and `generate` have put into the session
   * is none of the conversation, and goes. On an error the session is what it was; after an abort, or an error that a callback
   * throws, it holds what there was of the answer.
   *
   * @param messages One message, several, or the text of a user's. With none the last one that is there is answered.
   * @throws SottoError as `LanguageModel.chat`
   */
  chat(messages: string | ChatMessage | readonly ChatMessage[], options: ChatOptions = {}): Generation {
    this.#checkOpen();
    const added = resolveNewMessages(messages);
    const { template, ...call } = resolveChatOptions(options, this.#info());
    return this.#start({ session: this.#id, chat: completeChat(added, template, this.#model.info) }, call);
  }

  /** The conversation, answers included: a copy. @throws SottoError 'disposed', 'engine-crashed' */
  async messages(): Promise<ChatMessage[]> {
    return [...(await this.#call('messages', {}))];
  }

  /**
   * Puts another conversation in the place of the session's: an earlier part of it, to go on differently, or one of a restored
   * session. What was read stays read; the next `chat` reads on from where it is no longer the same.
   *
   * @throws SottoError 'bad-option', 'disposed', 'engine-crashed'
   */
  async setMessages(messages: readonly ChatMessage[]): Promise<void> {
    await this.#call('setMessages', { messages: resolveMessages(messages) });
  }

  /** Forgets the tokens from a position on. @throws SottoError 'bad-option', 'disposed', 'engine-crashed' */
  async truncate(length: number): Promise<void> {
    integer(0, Number.MAX_SAFE_INTEGER)(length, 'length');
    this.#length = (await this.#call('truncate', { length })).length;
  }

  /**
   * Another session with the same text, in no time: both share the memory of what they have in common.
   *
   * @throws SottoError 'out-of-memory', 'disposed', 'engine-crashed'
   */
  async fork(): Promise<Session> {
    return new Session(this.#model, await this.#call('fork', {}));
  }

  /** Its tokens. */
  async tokens(): Promise<Int32Array> {
    return this.#call('tokens', {});
  }

  /** How likely each token is to come next, before any sampling option: [vocabSize]. @throws SottoError 'empty-prompt' */
  async logits(): Promise<Float32Array> {
    return this.#call('logits', {});
  }

  /** A copy of the keys and values of a layer, as plain numbers. @throws SottoError 'bad-option', 'out-of-memory' */
  async kv(layer: number): Promise<KeysValues> {
    integer(0, this.#model.info.nLayers - 1)(layer, 'layer');
    return this.#call('kv', { layer });
  }

  /**
   * Says what is kept from the next `append` on, for `taps()`; [] ends it. Off by default, and without cost then.
   *
   * @throws SottoError 'bad-option', 'disposed'
   */
  async tap(names: readonly TapName[]): Promise<void> {
    await this.#call('tap', { names: checkTaps(names) });
  }

  /** What the taps kept of the last `append`, or of the last token of the last `generate` if that was later. */
  async taps(): Promise<Taps> {
    return this.#call('taps', {});
  }

  /** The session as bytes, for `LanguageModel.restoreSession`. @throws SottoError 'out-of-memory' */
  async save(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call('save', {});
  }

  /**
   * Frees its memory, as far as no other session shares it, when what was asked of it before has ended. Nothing is left to
   * do after the model's end. Idempotent.
   */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const { client } = this.#model;
    // Whatever is waited for here would never end in a worker that is stuck: this finds out.
    if (client.isOpen) void client.call('memory', {}, { dueMs: 0 }).catch(() => {});
    const leave = await takeAll([this.#turns]);
    try {
      await client.call('disposeSession', { session: this.#id }, { dueMs: 0 });
    } catch (error) {
      if (client.isOpen) throw error;
    } finally {
      leave?.();
    }
  }

  /** `dispose()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** A session has one text, whatever the model would rather give. */
  #info(): ModelInfo {
    const { info } = this.#model;
    return { ...info, generationDefaults: { ...info.generationDefaults, numReturnSequences: 1 } };
  }

  #start(from: GenerateParams['from'], { options, callbacks }: ResolvedCall): Generation {
    const model = this.#model;
    const onSession = ({ length }: SessionState) => {
      this.#length = length;
    };
    const queues = [this.#turns, model.turns];
    const call = new GenerateCall({ from, options }, { model, queues, callbacks, onSession });
    return new Generation((emit, signal) => call.follow(emit, signal), callbacks);
  }

  /** Asks the worker, behind what was asked of this session earlier. */
  async #call<Type extends SessionCall>(
    type: Type,
    params: Omit<Calls[Type]['params'], 'session'>,
  ): Promise<Calls[Type]['result']> {
    this.#checkOpen();
    const leave = await takeAll([this.#turns]);
    try {
      const all = { session: this.#id, ...params } as Calls[Type]['params'];
      return await this.#model.client.call(type, all);
    } finally {
      leave?.();
    }
  }

  #checkOpen(): void {
    this.#model.client.checkOpen();
    if (this.#isDisposed) throw new SottoError('disposed', 'this session was disposed; create another one');
  }
}
