import type { ResolvedChat } from '../options/chat-options.js';
import { signaturesOf, type ToolChoice, type ToolSignature } from '../options/tool-options.js';
import { cannotImport } from '../results/environment-errors.js';
import { SottoError } from '../results/errors.js';
import type { ChatFormat } from '../text/chat/chat-format.js';
import type { Tokenizer } from '../text/tokenizer.js';

type Ranges = readonly (readonly [begin: number, end: number])[];

/** A prompt that came out of messages. */
export interface ChatPrompt {
  format: ChatFormat;
  text: string;
  /** Where the text is a user's: see `EncodeOptions.literal`. */
  literal: Ranges;
  ids: Int32Array;
  /** The tools that the model was told of, and whether it has to call one. */
  tools: readonly ToolSignature[];
  toolChoice: ToolChoice;
  /** What the message held before that the answer goes on with; empty where it is a new one. */
  continued: string;
}

/** A prompt with its answer, as they were read. */
interface ReadText {
  text: string;
  /** Of the prompt. */
  literal: Ranges;
  promptLength: number;
  ids: Int32Array;
}

/** Conversations whose texts are kept; the ids of each take a few KB. */
const MOST_KEPT = 32;

/** Templates that are kept ready. */
const MOST_FORMATS = 8;

/** The chats of one model: its templates, and the texts that it has read, so that they need not be tokenized anew. */
export class Chats {
  readonly #tokenizer: Tokenizer;
  readonly #templates: ReadonlyMap<string, string>;
  readonly #formats = new Map<string, ChatFormat>();
  #read: ReadText[] = []; // the latest last

  /** @param templates The model's own, by name. */
  constructor(tokenizer: Tokenizer, templates: ReadonlyMap<string, string>) {
    this.#tokenizer = tokenizer;
    this.#templates = templates;
  }

  /** @throws SottoError 'no-chat-template', 'bad-template', 'unsupported-environment' */
  async render(chat: ResolvedChat): Promise<{ format: ChatFormat; text: string; literal: Ranges }> {
    const format = await this.#formatFor(chat);
    return { format, ...format.render(chat) };
  }

  /**
   * The prompt of a chat. Where it begins with a prompt and its answer that were read before, it begins with just their
   * tokens: an answer may be other tokens than the usual ones of its text.
   *
   * @throws SottoError as `render`, 'empty-prompt'; the reason of the signal
   */
  async encode(chat: ResolvedChat, signal: AbortSignal): Promise<ChatPrompt> {
    const { format, text, literal } = await this.render(chat);
    const known = this.#longestBeginning(text, literal);
    const begin = known?.text.length ?? 0;
    const rest = await this.#tokenizer.encodeAsync(text.slice(begin), {
      isContinuation: true, // the template writes what stands at the beginning
      literal: within(literal, begin, text.length),
      signal,
    });
    const ids = Int32Array.from([...(known?.ids ?? []), ...rest]);
    if (ids.length === 0) {
      throw new SottoError('empty-prompt', 'the chat template makes an empty text of these messages');
    }
    const { toolChoice } = chat;
    const continued = chat.continueFinalMessage ? String(chat.messages.at(-1)?.content ?? '') : '';
    return { format, text, literal, ids, continued, tools: signaturesOf(chat.tools ?? []), toolChoice };
  }

  /**
   * Keeps what an answer came to, for the prompt that goes on with it.
   *
   * @param answer Its text, markers included.
   * @param answerIds Its tokens, without an end token.
   */
  remember({ text, literal, ids }: ChatPrompt, answer: string, answerIds: readonly number[]): void {
    this.#read.push({
      text: text + answer,
      literal,
      promptLength: text.length,
      ids: Int32Array.from([...ids, ...answerIds]),
    });
    if (this.#read.length > MOST_KEPT) this.#read.shift();
  }

  #longestBeginning(text: string, literal: Ranges): ReadText | null {
    let longest: ReadText | null = null;
    for (const read of this.#read) {
      if (read.text.length <= (longest?.text.length ?? 0) || !text.startsWith(read.text)) continue;
      const ofPrompt = within(literal, 0, read.promptLength);
      if (JSON.stringify(ofPrompt) === JSON.stringify(read.literal)) longest = read;
    }
    return longest;
  }

  /** What reads and writes chats is brought with the first of them: a page that has none does not fetch it. */
  async #formatFor({ chatTemplate, tools }: ResolvedChat): Promise<ChatFormat> {
    const { ChatFormat, chooseTemplate } = await import('../text/chat/chat-format.js').catch(
      (cause: unknown) => {
        throw cannotImport('what reads chat templates', cause);
      },
    );
    const source = chooseTemplate(chatTemplate, this.#templates, tools !== null);
    const known = this.#formats.get(source);
    if (known !== undefined) return known;
    const format = new ChatFormat(source, this.#tokenizer);
    if (this.#formats.size >= MOST_FORMATS) this.#formats.clear();
    this.#formats.set(source, format);
    return format;
  }
}

/** The parts of ranges that lie in a stretch, counted from its beginning. */
function within(ranges: Ranges, begin: number, end: number): [number, number][] {
  return ranges.flatMap(([from, to]): [number, number][] => {
    const [first, last] = [Math.max(from, begin), Math.min(to, end)];
    return first < last ? [[first - begin, last - begin]] : [];
  });
}
