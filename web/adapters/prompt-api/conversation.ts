import type { ChatOptions, ChatTemplateOptions } from '../../options/chat-options.js';
import type { LanguageModel } from '../../page/language-model.js';
import type { Session } from '../../page/session.js';
import type { ChatMessage } from '../../results/chat-message.js';
import { SottoError } from '../../results/errors.js';
import { type Constraint, constraintError, notMet } from './constraint.js';
import { quotaExceeded } from './errors.js';
import type { ReadInput } from './input.js';
import type { Tools } from './tools.js';

/** The most tokens of an answer, unless the caller says. */
const MOST_NEW_TOKENS = 1024;

/** The share of the context that is kept free for an answer, as long as there is something to let go. */
const ANSWER_SHARE = 1 / 4;

/** How often a model may call tools before it answers. */
const MOST_ROUNDS = 8;

/** How all of a session's answers are made. */
export interface AnswerOptions {
  chat: Omit<ChatOptions, 'signal' | 'responseFormat' | 'tools'>;
  tools: Tools;
}

/** What is asked of a conversation. */
export interface Turn {
  input: ReadInput;
  signal: AbortSignal;
  /** Called when messages have been let go. */
  onOverflow: () => void;
}

/**
 * The messages of a session and what the engine has read of them. Everything that is asked works on a fork, which takes the
 * place of what was there when it has succeeded: an error or an abort leaves the conversation as it was, but for messages that
 * had to be let go.
 */
export class Conversation {
  readonly #model: LanguageModel;
  readonly #options: AnswerOptions;
  #session: Session;
  #messages: readonly ChatMessage[];
  /** The tokens of the messages. */
  #length: number;
  /** So many of the first messages are never let go. */
  #nKept: number;
  /** What the tokenizer puts around a text, which is none of a chat's. */
  #nAround: number | null = null;

  private constructor(
    model: LanguageModel,
    options: AnswerOptions,
    { session, messages, nKept }: { session: Session; messages: readonly ChatMessage[]; nKept: number },
  ) {
    this.#model = model;
    this.#options = options;
    this.#session = session;
    this.#messages = messages;
    this.#length = session.length;
    this.#nKept = nKept;
  }

  /** @throws SottoError 'no-chat-template', 'no-tokenizer', so that nobody hears of it later only */
  static async create(model: LanguageModel, options: AnswerOptions): Promise<Conversation> {
    const session = await model.createSession();
    const conversation = new Conversation(model, options, { session, messages: [], nKept: 0 });
    try {
      await conversation.#count([{ role: 'user', content: '' }], { answers: false, isPrefixed: false });
    } catch (error) {
      await conversation.dispose();
      throw error;
    }
    return conversation;
  }

  /** The tokens of the messages, as far as they are read. */
  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** Keeps all messages that are there for good. */
  keepAll(): void {
    this.#nKept = this.#messages.length;
  }

  async fork(): Promise<Conversation> {
    const parts = { session: await this.#session.fork(), messages: this.#messages, nKept: this.#nKept };
    const copy = new Conversation(this.#model, this.#options, parts);
    copy.#length = this.#length;
    return copy;
  }

  /** How many tokens the context would hold more with these messages, and with what begins an answer. */
  async measure({ messages, isPrefixed }: ReadInput): Promise<number> {
    const nTokens = await this.#count([...this.#messages, ...messages], { answers: true, isPrefixed });
    return Math.max(0, nTokens - this.length);
  }

  /** Adds messages, and reads them. */
  async append({ input, signal, onOverflow }: Turn): Promise<void> {
    await this.#makeRoom(input, { answers: false, onOverflow });
    const messages = [...this.#messages, ...input.messages];
    await this.#onFork(async (fork) => {
      try {
        await fork.setMessages(messages);
        // An answer of one token, which is forgotten: only chats read messages.
        const reading = { temperature: 0, maxNewTokens: 1, addGenerationPrompt: false, signal };
        const { usage } = await fork.chat([], { ...this.#template(), ...reading }).result;
        await fork.truncate(usage.promptTokens);
      } catch (error) {
        // Some templates want a user's message before they say anything: it is read together with that.
        if (!(error instanceof SottoError && error.code === 'bad-template')) throw error;
      }
      return messages;
    });
    this.#keepSystem();
  }

  /** Adds messages and their answer, whose text is handed out as it comes. */
  async answer(turn: Turn & { constraint: Constraint | null; emit: (text: string) => void }): Promise<void> {
    const { input, signal, constraint, emit, onOverflow } = turn;
    await this.#makeRoom(input, { answers: true, onOverflow });
    const { tools } = this.#options;
    let answer = '';
    await this.#onFork(async (fork) => {
      await fork.setMessages([...this.#messages, ...input.messages]);
      for (let round = 0; ; round++) {
        const generation = fork.chat([], {
          maxNewTokens: MOST_NEW_TOKENS,
          ...this.#options.chat,
          ...this.#template(),
          signal,
          continueFinalMessage: input.isPrefixed && round === 0,
          ...(constraint && { responseFormat: constraint.format }),
        });
        for await (const { kind, text } of generation) {
          if (kind !== 'text' || text === '') continue;
          answer += text;
          emit(text);
        }
        const { message } = await generation.result;
        const answers = round < MOST_ROUNDS ? await tools.run(message, signal) : [];
        if (answers.length === 0) break;
        await fork.setMessages([...(await fork.messages()), ...answers]);
      }
      if (constraint !== null && !constraint.isMet(answer)) throw notMet(answer);
      return fork.messages();
    }).catch((error) => {
      throw constraint === null ? error : constraintError(error, constraint);
    });
    this.#keepSystem();
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  /** A system's message stays, however it came. */
  #keepSystem(): void {
    if (this.#nKept === 0 && this.#messages[0]?.role === 'system') this.#nKept = 1;
  }

  #template(): ChatTemplateOptions {
    const { chatTemplate, templateOptions } = this.#options.chat;
    const { descriptions } = this.#options.tools;
    return {
      ...(chatTemplate !== undefined && { chatTemplate }),
      ...(templateOptions !== undefined && { templateOptions }),
      ...(descriptions.length > 0 && { tools: descriptions }),
    };
  }

  /** @param work Resolves to the messages that there are then. */
  async #onFork(work: (fork: Session) => Promise<readonly ChatMessage[]>): Promise<void> {
    const before = this.#session;
    const fork = await before.fork();
    try {
      this.#messages = await work(fork);
      this.#session = fork;
      this.#length = fork.length;
      await before.dispose();
    } catch (error) {
      if (this.#session !== fork) await fork.dispose().catch(() => {});
      throw error;
    }
  }

  /**
   * Lets the oldest messages go, each with what was said to it, until there is room for new ones and, as far as possible, for an
   * answer.
   *
   * @throws QuotaExceededError where not even that is enough; nothing is let go then
   */
  async #makeRoom(
    { messages, isPrefixed }: ReadInput,
    { answers, onOverflow }: { answers: boolean; onOverflow: () => void },
  ): Promise<void> {
    const { contextLength } = this.#model.info;
    const { maxNewTokens = MOST_NEW_TOKENS } = this.#options.chat;
    const forAnswer = answers ? Math.min(maxNewTokens, Math.floor(contextLength * ANSWER_SHARE)) : 1;
    const count = (history: readonly ChatMessage[]) =>
      this.#count([...history, ...messages], { answers, isPrefixed });
    // Without a system's message of its own, the session may be given one now.
    const nKept = Math.max(this.#nKept, this.#messages[0]?.role === 'system' ? 1 : 0);
    let left = this.#messages;
    let nTokens = await count(left);
    while (nTokens > contextLength - forAnswer && left.length > nKept) {
      left = [...left.slice(0, nKept), ...withoutOldest(left.slice(nKept))];
      nTokens = await count(left);
    }
    if (nTokens > contextLength - 1) throw quotaExceeded(nTokens, contextLength);
    if (left === this.#messages) return;
    this.#messages = left;
    this.#length = await this.#count(left, { answers: false, isPrefixed: false });
    onOverflow();
  }

  /** How many tokens messages are in the model's format; about, where a text holds special tokens. */
  async #count(
    messages: readonly ChatMessage[],
    { answers, isPrefixed }: { answers: boolean; isPrefixed: boolean },
  ): Promise<number> {
    if (messages.length === 0) return 0;
    const end = { addGenerationPrompt: answers && !isPrefixed, continueFinalMessage: isPrefixed };
    try {
      const text = await this.#model.applyChatTemplate(messages, { ...this.#template(), ...end });
      this.#nAround ??= (await this.#model.encode('')).length;
      return (await this.#model.encode(text)).length - this.#nAround;
    } catch (error) {
      // As in `append`; what is wrong with the template the answer will tell.
      if (!answers && error instanceof SottoError && error.code === 'bad-template') return 0;
      throw error;
    }
  }
}

/** Messages without the first exchange: all up to the next that is said to the assistant after it has answered. */
function withoutOldest(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  let end = messages.findIndex(({ role }) => role === 'assistant');
  if (end === -1) return messages.slice(1);
  while (end < messages.length && messages[end]?.role !== 'user') end++;
  return messages.slice(end);
}
