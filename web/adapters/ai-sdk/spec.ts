// The AI SDK's language models, versions 3 and 4 of the specification, as far as they are spoken here. Types of our own: those of
// @ai-sdk/provider come in two versions, and who uses this package without the SDK has neither.

/** A version of the specification of language models. `ai` 6 takes v3, `ai` 7 takes both. */
export type SpecificationVersion = 'v3' | 'v4';

/** Values that JSON has. */
export type JsonValue =
  | null
  | string
  | number
  | boolean
  | JsonValue[]
  | { [key: string]: JsonValue | undefined };

export type TextPromptPart = { type: 'text'; text: string };
export type ReasoningPromptPart = { type: 'reasoning'; text: string };
export type FilePromptPart = { type: 'file'; mediaType: string };
export type ToolCallPromptPart = { type: 'tool-call'; toolCallId: string; toolName: string; input: unknown };
export type ToolResultPromptPart = {
  type: 'tool-result';
  toolCallId: string;
  toolName: string;
  output: ToolResultOutput;
};
/** What only other providers make, or read. */
export type ForeignPromptPart = { type: 'reasoning-file' | 'custom' | 'tool-approval-response' };

export type ToolResultOutput =
  | { type: 'text' | 'error-text'; value: string }
  | { type: 'json' | 'error-json'; value: unknown }
  | { type: 'execution-denied'; reason?: string | undefined }
  | { type: 'content'; value: readonly { type: string; text?: string | undefined }[] };

export type PromptPart =
  | TextPromptPart
  | ReasoningPromptPart
  | FilePromptPart
  | ToolCallPromptPart
  | ToolResultPromptPart
  | ForeignPromptPart;

export type PromptMessage =
  | { role: 'system'; content: string }
  | { role: 'user' | 'assistant' | 'tool'; content: readonly PromptPart[] };

export type SdkTool =
  | {
      type: 'function';
      name: string;
      description?: string | undefined;
      inputSchema: object;
      inputExamples?: readonly unknown[] | undefined;
    }
  | { type: 'provider'; id: string; name: string };

export type SdkToolChoice = { type: 'auto' | 'none' | 'required' } | { type: 'tool'; toolName: string };

export type SdkResponseFormat =
  | { type: 'text' }
  | {
      type: 'json';
      schema?: object | undefined;
      name?: string | undefined;
      description?: string | undefined;
    };

/** What a call of the SDK asks for. */
export interface CallOptions {
  prompt: readonly PromptMessage[];
  maxOutputTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  presencePenalty?: number | undefined;
  frequencyPenalty?: number | undefined;
  stopSequences?: readonly string[] | undefined;
  seed?: number | undefined;
  responseFormat?: SdkResponseFormat | undefined;
  tools?: readonly SdkTool[] | undefined;
  toolChoice?: SdkToolChoice | undefined;
  includeRawChunks?: boolean | undefined;
  abortSignal?: AbortSignal | undefined;
  /** Of v4. */
  reasoning?: string | undefined;
  providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

/** What a call asked for and does not get. */
export type Warning =
  | { type: 'unsupported'; feature: string; details?: string }
  | { type: 'compatibility'; feature: string; details?: string }
  | { type: 'other'; message: string };

export interface SdkFinishReason {
  unified: 'stop' | 'length' | 'tool-calls' | 'error' | 'other';
  /** As sotto says it. */
  raw: string | undefined;
}

export interface SdkUsage {
  inputTokens: {
    total: number | undefined;
    noCache: number | undefined;
    cacheRead: number | undefined;
    cacheWrite: number | undefined;
  };
  outputTokens: { total: number | undefined; text: number | undefined; reasoning: number | undefined };
  raw?: { [key: string]: JsonValue | undefined };
}

export type ProviderMetadata = { [provider: string]: { [key: string]: JsonValue | undefined } };

export type ToolCallContent = { type: 'tool-call'; toolCallId: string; toolName: string; input: string };

export type Content = { type: 'text' | 'reasoning'; text: string } | ToolCallContent;

export interface ResponseMetadata {
  id: string;
  timestamp: Date;
  modelId: string;
}

export interface GenerateResult {
  content: Content[];
  finishReason: SdkFinishReason;
  usage: SdkUsage;
  providerMetadata: ProviderMetadata;
  response: ResponseMetadata;
  warnings: Warning[];
}

/** What an answer is made of. */
export type AnswerPart =
  | { type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end' | 'tool-input-end'; id: string }
  | { type: 'text-delta' | 'reasoning-delta' | 'tool-input-delta'; id: string; delta: string }
  | { type: 'tool-input-start'; id: string; toolName: string }
  | ToolCallContent;

export type StreamPart =
  | AnswerPart
  | { type: 'stream-start'; warnings: Warning[] }
  | ({ type: 'response-metadata' } & ResponseMetadata)
  | { type: 'raw'; rawValue: unknown }
  | { type: 'error'; error: unknown }
  | {
      type: 'finish';
      finishReason: SdkFinishReason;
      usage: SdkUsage;
      providerMetadata?: ProviderMetadata;
    };

export interface StreamResult {
  stream: ReadableStream<StreamPart>;
}

/** A model for the AI SDK. Versions 3 and 4 differ in files alone, which no model here reads or makes. */
export interface SottoLanguageModel<Version extends SpecificationVersion = 'v3'> {
  readonly specificationVersion: Version;
  readonly provider: string;
  readonly modelId: string;
  /** None: no model here fetches anything. */
  readonly supportedUrls: Record<string, RegExp[]>;
  /** The whole answer to a call of the SDK. */
  doGenerate(options: CallOptions): Promise<GenerateResult>;
  /** The answer in parts, as they come. */
  doStream(options: CallOptions): Promise<StreamResult>;
}
