import type { ChatOptions } from '../../options/chat-options.js';
import type { LoadOptions } from '../../options/load-options.js';
import type { LanguageModel } from '../../page/language-model.js';
import type { SourceInput } from '../../sources/spec.js';

// The names are those of the draft without their common beginning: `LanguageModelMessage` is `PromptMessage` here.

/** Whether a session can be had: not at all, after a download that is to begin or runs, or at once. */
export type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';

/** How free the choice of words is, from the likeliest to all kinds. */
export type SamplingMode =
  | 'most-predictable'
  | 'predictable'
  | 'slightly-predictable'
  | 'balanced'
  | 'slightly-creative'
  | 'creative'
  | 'most-creative';

/** Who says a message. */
export type PromptRole = 'system' | 'user' | 'assistant';

/** The draft's types of content; all but text are refused. */
export type PromptContentType = 'text' | 'image' | 'audio' | 'tool-call' | 'tool-response';

/** A part of a message. */
export interface PromptContent {
  type: PromptContentType;
  value: unknown;
}

/** What one side of the conversation says. */
export interface PromptMessage {
  role: PromptRole;
  content: string | readonly PromptContent[];
  /** Of the last message, an assistant's: the answer goes on with it. */
  prefix?: boolean;
}

/** A user's text, or messages. */
export type PromptInput = string | readonly PromptMessage[];

/** What a session is to read or to write: text, in some languages. */
export interface PromptExpected {
  type: PromptContentType;
  languages?: readonly string[];
}

/** A function that the model may call, and that is run for it. */
export interface PromptTool {
  name: string;
  description: string;
  /** The JSON Schema of its arguments, an object's. */
  inputSchema: object;
  /** Runs it; what the promise gives is what the model reads as its result. */
  // biome-ignore lint/suspicious/noExplicitAny: the draft's own type; arguments are what the schema says
  execute(...args: any[]): Promise<string>;
}

/** What `create` and `availability` both take. */
export interface CreateCoreOptions {
  /** Keeps the k likeliest tokens. */
  topK?: number;
  temperature?: number;
  /** In the place of `topK` and `temperature`. */
  samplingMode?: SamplingMode;
  expectedInputs?: readonly PromptExpected[];
  expectedOutputs?: readonly PromptExpected[];
  tools?: readonly PromptTool[];
}

/** How a session is created. */
export interface CreateOptions extends CreateCoreOptions {
  /** Ends the creation; later it destroys the session. */
  signal?: AbortSignal;
  /** Gets what tells of the download. */
  monitor?: (monitor: CreateMonitor) => void;
  /** What the session begins with, and keeps. */
  initialPrompts?: readonly PromptMessage[];
}

/** How a prompt is answered. */
export interface PromptOptions {
  /** A JSON Schema or a RegExp that the answer has to fit. */
  responseConstraint?: object;
  /** Has no effect, as the constraint is never put into the prompt. */
  omitResponseConstraintInput?: boolean;
  signal?: AbortSignal;
}

/** How messages are read. */
export interface AppendOptions {
  signal?: AbortSignal;
}

/** How a session is copied. */
export interface CloneOptions {
  signal?: AbortSignal;
}

/** What `params()` tells of the model. */
export interface SamplingParams {
  readonly defaultTopK: number;
  readonly maxTopK: number;
  readonly defaultTemperature: number;
  readonly maxTemperature: number;
}

/** Tells of a download: 'downloadprogress' events, whose `loaded` goes from 0 to 1. */
export interface CreateMonitor extends EventTarget {
  /** Called with each event. */
  ondownloadprogress: ((this: CreateMonitor, event: ProgressEvent) => unknown) | null;
  addEventListener(
    type: 'downloadprogress',
    listener: (this: CreateMonitor, event: ProgressEvent) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** What of a chat's options a session itself decides. */
type Decided =
  | 'signal'
  | 'responseFormat'
  | 'tools'
  | 'addGenerationPrompt'
  | 'continueFinalMessage'
  | 'numReturnSequences'
  | 'overflow'
  | 'keepTokens'
  | 'temperature'
  | 'topK';

/** Which model answers, and how: the options of `chat` hold for every answer. */
export interface PromptApiOptions extends Omit<ChatOptions, Decided> {
  /** Where the model is, as for `LanguageModel.load`. It is loaded when the first session is created. */
  source?: SourceInput;
  /** How it is loaded. */
  loadOptions?: Omit<LoadOptions, 'signal'>;
  /** Instead of a source: a model that is loaded. It stays the caller's. */
  model?: LanguageModel;
}
