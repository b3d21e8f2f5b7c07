import type { ChatMessage } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';
import { plainCopy } from './chat-messages.js';
import type { GenerateOptions } from './generate-options.js';
import type { ModelInfo } from './model-info.js';
import { badOption, boolean, type Checks, checkOptions, show } from './option-checks.js';
import { signaturesOf, type Tool, type ToolChoice, toolChoiceCheck, toolsCheck } from './tool-options.js';

/** How messages become a prompt. */
export interface ChatTemplateOptions {
  /**
   * The name of one of the model's templates (`info.chatTemplates`), a standard one, or the text of a Jinja template.
   * Default: the model's: 'tool_use' where there are tools and it has that, else 'default'.
   *
   * @group The conversation
   */
  chatTemplate?: 'chatml' | 'llama3' | 'gemma' | 'zephyr' | (string & {});
  /**
   * Whether the prompt ends with what begins an answer. Default: true, unless the last message is continued.
   *
   * @group The conversation
   */
  addGenerationPrompt?: boolean;
  /**
   * Whether the answer goes on with the last message instead of answering it. Default: false.
   *
   * @group The conversation
   */
  continueFinalMessage?: boolean;
  /**
   * What the model may call: `{ name, description, parameters }`, the same as OpenAI's `{ type: 'function', function }`, or whatever
   * else the template wants.
   *
   * @group Tools
   */
  tools?: readonly (Tool | object)[];
  /**
   * What else the template reads, such as `{ enable_thinking: false }`: plain data by name.
   *
   * @group The conversation
   */
  templateOptions?: Readonly<Record<string, unknown>>;
}

/** How a chat goes on. */
export interface ChatOptions extends Omit<GenerateOptions, 'specialTokens'>, ChatTemplateOptions {
  /**
   * Whether the model has to call one of the tools. Default: 'auto'.
   *
   * @group Tools
   */
  toolChoice?: ToolChoice;
}

/** The options of a chat that are not those of `generate`. */
export type ChatOwnOptions = ChatTemplateOptions & Pick<ChatOptions, 'toolChoice'>;

/** A chat as the worker gets it: complete. */
export interface ResolvedChat {
  messages: ChatMessage[];
  /** Null for the model's own. */
  chatTemplate: string | null;
  addGenerationPrompt: boolean;
  continueFinalMessage: boolean;
  tools: readonly unknown[] | null;
  /** 'auto' without tools. */
  toolChoice: ToolChoice;
  templateOptions: Readonly<Record<string, unknown>>;
}

/** Names that the library itself gives values to. */
const TAKEN: readonly string[] = ['messages', 'tools', 'add_generation_prompt', 'continue_final_message'];

export const chatTemplateChecks: Checks<ChatTemplateOptions> = {
  chatTemplate: (value, name) => {
    if (typeof value === 'string' && value !== '') return value;
    throw badOption(name, value, "a template's name or its text");
  },
  addGenerationPrompt: boolean,
  continueFinalMessage: boolean,
  tools: toolsCheck,
  templateOptions: (value, name) => {
    if (typeof value !== 'object' || value === null || Symbol.iterator in value) {
      throw badOption(name, value, 'an object, such as { enable_thinking: false }');
    }
    const copy = plainCopy(value, name) as Record<string, unknown>;
    const taken = TAKEN.find((key) => Object.hasOwn(copy, key));
    if (taken !== undefined) {
      throw new SottoError(
        'bad-option',
        `${name}.${taken} cannot be given here: it has an option of its own`,
      );
    }
    return copy;
  },
};

export const chatChecks: Checks<ChatOwnOptions> = { ...chatTemplateChecks, toolChoice: toolChoiceCheck };

/** @throws SottoError 'unknown-option', 'bad-option', 'no-tokenizer', 'no-chat-template' */
export function resolveTemplateOptions(
  messages: ChatMessage[],
  given: unknown,
  info: Pick<ModelInfo, 'hasTokenizer' | 'chatTemplates'>,
  caller: string,
): ResolvedChat {
  return completeChat(messages, checkOptions<ChatTemplateOptions>(given, chatTemplateChecks, caller), info);
}

/**
 * @param options Checked.
 * @throws SottoError 'bad-option', 'no-tokenizer', 'no-chat-template'
 */
export function completeChat(
  messages: ChatMessage[],
  options: ChatOwnOptions,
  info: Pick<ModelInfo, 'hasTokenizer' | 'chatTemplates'>,
): ResolvedChat {
  if (!info.hasTokenizer) {
    throw new SottoError(
      'no-tokenizer',
      'a chat is text, and this model came without a tokenizer: load it with its tokenizer.json',
    );
  }
  const { chatTemplate = null, continueFinalMessage = false, tools, templateOptions = {} } = options;
  if (chatTemplate === null && info.chatTemplates.length === 0) {
    throw new SottoError(
      'no-chat-template',
      "the model's files have no chat template: it may not be made for chats. Give the form that it was trained with, as " +
        "chatTemplate: 'chatml', 'llama3', 'gemma', 'zephyr' or the text of a Jinja template; or write the prompt " +
        'yourself, for generate',
    );
  }
  if (continueFinalMessage && options.addGenerationPrompt === true) {
    throw new SottoError(
      'bad-option',
      'continueFinalMessage and addGenerationPrompt contradict each other: the one goes on with the last message, the ' +
        'other begins an answer to it',
    );
  }
  return {
    messages,
    chatTemplate,
    continueFinalMessage,
    addGenerationPrompt: options.addGenerationPrompt ?? !continueFinalMessage,
    tools: tools === undefined || tools.length === 0 ? null : tools,
    toolChoice: checkedChoice(options),
    templateOptions,
  };
}

/** @throws SottoError 'bad-option' for a choice that the other options leave no way to keep */
function checkedChoice({ tools = [], toolChoice, continueFinalMessage = false }: ChatOwnOptions): ToolChoice {
  if (toolChoice === undefined) return 'auto';
  const fail = (problem: string) => new SottoError('bad-option', `toolChoice ${problem}`);
  if (tools.length === 0) throw fail('is given without tools: describe them with the option tools');
  if (toolChoice === 'auto' || toolChoice === 'none') return toolChoice;
  if (continueFinalMessage) {
    throw fail('asks for a call, and continueFinalMessage for text: give one of them');
  }
  const names = signaturesOf(tools).map(({ name }) => name);
  if (toolChoice !== 'required' && !names.includes(toolChoice.name)) {
    throw fail(`names ${show(toolChoice.name)}, which is none of the tools: ${names.join(', ')}`);
  }
  return toolChoice;
}

/** @throws SottoError 'bad-option' for a list without messages */
export function requireMessages(messages: readonly ChatMessage[]): void {
  if (messages.length > 0) return;
  throw new SottoError('bad-option', `messages is ${show([])}; it must hold at least one message to answer`);
}
