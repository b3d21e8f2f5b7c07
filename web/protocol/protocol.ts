import type { ResolvedChat } from '../options/chat-options.js';
import type { EstimateOptions } from '../options/estimate-options.js';
import type { ResolvedGenerateOptions, StopQuestion } from '../options/generate-options.js';
import type { LoadOptions } from '../options/load-options.js';
import type { ModelInfo } from '../options/model-info.js';
import type { Prompt } from '../options/token-ids.js';
import type { ChatMessage } from '../results/chat-message.js';
import type { Piece, PrefillProgress, RequestOutput } from '../results/generation-result.js';
import type { LoadProgress } from '../results/load-progress.js';
import type { MemoryStats } from '../results/memory-stats.js';
import type { ModelEstimate } from '../results/model-estimate.js';
import type { KeysValues, Score, TapName, Taps } from '../results/session-values.js';
import type { HttpOptions } from '../sources/http.js';
import type { StoreSpec } from '../stores/open.js';
import type { LoadSource } from './lent-files.js';
import type { WireError } from './wire-error.js';

/** A text to be read, and whether special tokens are found in it. */
export interface TextInput {
  input: Prompt;
  specialTokens: boolean;
}

/** What the page can ask of the worker: parameters, events on the way, result. */
export interface Calls {
  load: { params: LoadParams; event: LoadProgress; result: ModelInfo };
  estimate: { params: EstimateParams; event: never; result: ModelEstimate };
  generate: { params: GenerateParams; event: GenerateEvent; result: null };
  score: { params: TextInput; event: PrefillProgress; result: Score };
  encode: { params: { text: string; specialTokens: boolean }; event: never; result: number[] };
  decode: { params: { tokenIds: Int32Array }; event: never; result: string };
  applyChatTemplate: { params: { chat: ResolvedChat }; event: never; result: string };
  memory: { params: Record<never, never>; event: never; result: MemoryStats };
  createSession: { params: Record<never, never>; event: never; result: SessionState };
  restoreSession: { params: { bytes: Uint8Array }; event: never; result: SessionState };
  append: { params: OnSession & TextInput; event: PrefillProgress; result: SessionState };
  truncate: { params: OnSession & { length: number }; event: never; result: SessionState };
  fork: { params: OnSession; event: never; result: SessionState };
  tokens: { params: OnSession; event: never; result: Int32Array };
  messages: { params: OnSession; event: never; result: readonly ChatMessage[] };
  setMessages: { params: OnSession & { messages: ChatMessage[] }; event: never; result: null };
  logits: { params: OnSession; event: never; result: Float32Array };
  kv: { params: OnSession & { layer: number }; event: never; result: KeysValues };
  tap: { params: OnSession & { names: TapName[] }; event: never; result: null };
  taps: { params: OnSession; event: never; result: Taps };
  save: { params: OnSession; event: never; result: Uint8Array<ArrayBuffer> };
  disposeSession: { params: OnSession; event: never; result: null };
}

export type CallType = keyof Calls;

/** What is asked of a model. */
export type ModelCallType = Exclude<CallType, FreeCallType>;

/** What is asked without one. */
export type FreeCallType = 'load' | 'estimate';

/**
 * From the page, in which ids are unique. A worker can hold several models: calls name theirs by the id of the load that
 * brought it. `abort` names the call to end, and which part of it where it has several. `answer` is to the question that a
 * part of a call asks. `drop` names a load: whatever runs on its model ends, and the model's memory is free. `hello` asks
 * whether anybody listens: before there is an answer, nothing else is sent.
 */
export type RequestBody =
  | { [Type in FreeCallType]: { type: Type; id: number; params: Calls[Type]['params'] } }[FreeCallType]
  | {
      [Type in ModelCallType]: { type: Type; id: number; model: number; params: Calls[Type]['params'] };
    }[ModelCallType]
  | { type: 'abort'; id: number; part: number }
  | { type: 'answer'; id: number; part: number; answer: boolean }
  | { type: 'drop'; id: number }
  | { type: 'hello'; id: number };

/**
 * From the worker: events of a call in order, then its one end. `ready` answers a `hello`, or tells, with the id 0, that the
 * worker listens from now on.
 */
export type ResponseBody =
  | { type: 'event'; id: number; event: Calls[CallType]['event'] }
  | { type: 'result'; id: number; result: Calls[CallType]['result'] }
  | { type: 'failed'; id: number; error: WireError }
  | { type: 'ready'; id: number };

/** A request as it is sent: the mark tells it from messages that are not ours (messages.ts). */
export type Request = RequestBody & { sotto: number };

/** What comes back, marked as well. */
export type Response = ResponseBody & { sotto: number };

/** The options of loading that concern the worker. */
export type LoadParams = Pick<LoadOptions, 'weights' | 'threads' | 'variant' | 'wasm' | 'memoryLimit'> & {
  source: LoadSource;
  prefixCache: number;
  files: FileParams;
};

/** How files are fetched, and kept. */
export interface FileParams {
  http: HttpOptions;
  store: StoreSpec;
  update?: boolean;
  /** Lends the page's function that makes the requests (lent-fetch.ts). */
  fetch?: MessagePort;
}

/** Those of an estimate. */
export type EstimateParams = Pick<
  EstimateOptions,
  'weights' | 'threads' | 'variant' | 'wasm' | 'memoryLimit' | 'contextLength'
> & { source: LoadSource; files: FileParams };

/** Names a session by the number that the worker gave it. */
export interface OnSession {
  session: number;
}

/** What the page knows of a session. */
export interface SessionState extends OnSession {
  length: number;
}

/**
 * Continues prompts, all in the same passes, or one session: as it stands, or with an answer in its conversation, to which
 * the messages are added first.
 */
export interface GenerateParams {
  from: (Prompt | ResolvedChat)[] | (OnSession & { chat?: ResolvedChat });
  options: ResolvedGenerateOptions;
}

/**
 * `index` tells of which prompt. Each has one end; the call ends after all of them. Where the call fails instead, `partial`
 * comes before, with what there is of a text that has begun.
 */
export type GenerateEvent =
  | { type: 'piece'; index: number; piece: Piece }
  | { type: 'prefill'; index: number; progress: PrefillProgress }
  | { type: 'question'; index: number; question: StopQuestion }
  | { type: 'partial'; index: number; result: RequestOutput }
  | { type: 'end'; index: number; result: RequestOutput; session?: SessionState };

/** What a handler of a call can do besides returning its result. */
export interface CallContext<Type extends CallType> {
  id: number;
  emit(event: Calls[Type]['event']): void;
  /** Emits an event that the page answers; false when the part of the call that asks is given up. One question at a time. */
  ask(event: Calls[Type]['event']): Promise<boolean>;
  /** Aborted when the page gives up this part of the call; the first one stands for a call without parts. */
  signal(part?: number): AbortSignal;
}

/** The worker's end of the line. */
export type Port = Pick<MessagePort, 'postMessage' | 'addEventListener' | 'removeEventListener'> & {
  /** Ports of channels wait for it, a worker's own does not. */
  start?: () => void;
};
