import type { ChatMessage } from '../../results/chat-message.js';
import { SottoError } from '../../results/errors.js';
import { type AnswerFormat, answerFormatOf } from '../answer/answer-format.js';
import { AnswerParser } from '../answer/answer-parser.js';
import type { KnownTool } from '../answer/text-arguments.js';
import { ChatTemplate, type Rendering } from '../jinja/template.js';
import type { AddedToken, Tokenizer } from '../tokenizer.js';

export { chooseTemplate } from './choose-template.js';

/** What a template is given. */
export interface Conversation {
  messages: readonly ChatMessage[];
  tools: readonly unknown[] | null;
  templateOptions: Readonly<Record<string, unknown>>;
  addGenerationPrompt: boolean;
  continueFinalMessage: boolean;
}

/** Stands behind the final message's text, where the prompt is to end, or where an answer's end is looked for. */
const END_OF_TEXT = '\uE000end of text\uE001';

/** What the caller gives: no special token is found in what comes from there. */
const LITERAL = ['messages', 'tools', 'documents'] as const;

/** How a model and its users talk: a template, and what it says of answers. */
export class ChatFormat {
  /** The template's text. */
  readonly source: string;
  /** How thoughts and tool calls look in answers. */
  readonly answers: AnswerFormat;
  /** Tokens that are no text of an answer, but may begin or end a part of it: id to text. */
  readonly markers: ReadonlyMap<number, string>;
  /** The tokens that end a turn of the model's, as far as the template shows them. */
  readonly endTokenIds: ReadonlySet<number>;
  readonly #template: ChatTemplate;
  readonly #tokenizer: Tokenizer;

  /**
   * @param source The template's text.
   * @throws SottoError 'bad-template'
   */
  constructor(source: string, tokenizer: Tokenizer) {
    this.source = source;
    this.#template = ChatTemplate.parse(source);
    this.#tokenizer = tokenizer;
    this.answers = answerFormatOf(source);
    const isText = ({ content, special }: AddedToken) => !special && !isMarker(this.answers, content);
    const markers = [...tokenizer.addedTokens].filter(([, token]) => !isText(token));
    this.markers = new Map(markers.map(([id, { content }]) => [id, content]));
    this.endTokenIds = new Set(this.#turnEnd());
  }

  /**
   * The prompt, and where in it there is nothing but text.
   *
   * @throws SottoError 'bad-template'
   */
  render(conversation: Conversation): Rendering {
    const { messages, continueFinalMessage } = conversation;
    if (!continueFinalMessage) return this.#render(messages, conversation);
    const final = messages.at(-1) as ChatMessage;
    const marked = { ...final, content: `${final.content}${END_OF_TEXT}` };
    const rendered = this.#render([...messages.slice(0, -1), marked], conversation);
    const end = rendered.text.lastIndexOf(END_OF_TEXT);
    if (end < 0) {
      throw new SottoError(
        'bad-template',
        `the chat template does not show the text of a final message of the role '${final.role}', so it cannot be continued`,
      );
    }
    const literal = rendered.literal.flatMap(([from, to]): [number, number][] =>
      from < end ? [[from, Math.min(to, end)]] : [],
    );
    return { text: rendered.text.slice(0, end), literal };
  }

  /**
   * For one answer.
   *
   * @param prompt What it answers.
   * @param tools Those that it tells of.
   * @param mayCall Whether what looks like a call of one is a call.
   */
  answerParser(prompt: string, tools: readonly KnownTool[], mayCall: boolean): AnswerParser {
    const specialTokens = new Set(this.markers.values());
    const answers = mayCall ? this.answers : { ...this.answers, toolCalls: null };
    return new AnswerParser(answers, { tools, prompt, specialTokens });
  }

  #render(
    messages: readonly ChatMessage[],
    { tools, templateOptions, addGenerationPrompt }: Omit<Conversation, 'messages' | 'continueFinalMessage'>,
  ): Rendering {
    const context = {
      ...this.#tokenizer.specialTokens,
      tools,
      documents: null,
      ...templateOptions,
      messages,
      add_generation_prompt: addGenerationPrompt,
    };
    return this.#template.render(context, { literal: LITERAL });
  }

  /** The special token behind the text of an answer in a conversation that is over: none where there is no such. */
  #turnEnd(): number[] {
    const messages = [
      { role: 'user', content: '.' },
      { role: 'assistant', content: END_OF_TEXT },
    ];
    try {
      const options = { tools: null, templateOptions: {}, addGenerationPrompt: false };
      const { text } = this.#render(messages, options);
      const at = text.lastIndexOf(END_OF_TEXT);
      if (at < 0) return [];
      const rest = text.slice(at + END_OF_TEXT.length).trimStart();
      const [first] = this.#tokenizer.encode(rest, { isContinuation: true });
      const content = first === undefined ? undefined : this.markers.get(first);
      return content === undefined || isMarker(this.answers, content) ? [] : [first as number];
    } catch (error) {
      if (error instanceof SottoError) return []; // a template that wants something else
      throw error;
    }
  }
}

/** Whether a token's text begins something that the format knows. */
function isMarker({ thinking, toolCalls }: AnswerFormat, content: string): boolean {
  const calls = toolCalls === null ? [] : [...toolCalls.begins, toolCalls.end, ...(toolCalls.hidden ?? [])];
  return [thinking?.begin, thinking?.end, ...calls].some((marker) => marker?.startsWith(content));
}
