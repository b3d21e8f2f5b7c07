export type { ChatOptions, ChatTemplateOptions } from './options/chat-options.js';
export type {
  DotForm,
  KeptWeightType,
  VariantName,
  WasmSource,
  WeightType,
} from './options/engine-options.js';
export type { EstimateOptions } from './options/estimate-options.js';
export type {
  GenerateOptions,
  LogitsProcessor,
  Overflow,
  StopQuestion,
} from './options/generate-options.js';
export type { LoadOptions, WorkerLike } from './options/load-options.js';
export type { GenerationDefaults, ModelInfo } from './options/model-info.js';
export type { ReadOptions, TextOptions } from './options/read-options.js';
export type { JsonSchemaFormat, ResponseFormat } from './options/response-format.js';
export type { SamplerOptions, TokenBiases } from './options/sampler-options.js';
export type { PromptLookupOptions } from './options/strategies/sampling.js';
export type { Tool, ToolChoice } from './options/tool-options.js';
export type { Generation } from './page/generation.js';
export { LanguageModel } from './page/language-model.js';
export type { Session } from './page/session.js';
export type {
  AssistantMessage,
  ChatMessage,
  MessageToolCall,
  TextPart,
  ToolCall,
} from './results/chat-message.js';
export {
  AbortError,
  SOTTO_ERROR_CODES,
  SottoError,
  type SottoErrorCode,
  type SottoErrorOptions,
} from './results/errors.js';
export type {
  FinishReason,
  GenerationResult,
  Piece,
  PrefillProgress,
  SequenceResult,
  Timings,
  TokenLogProbabilities,
  TokenLogProbability,
  Usage,
} from './results/generation-result.js';
export type { LoadProgress, LoadTotals } from './results/load-progress.js';
export type { MemoryStats } from './results/memory-stats.js';
export type { MemoryEstimate, ModelEstimate, WeightsEstimate } from './results/model-estimate.js';
export type { KeysValues, Score, TapName, Taps } from './results/session-values.js';
export type { SourceInput } from './sources/spec.js';
export {
  type DeleteModelOptions,
  ModelStore,
  type ModelStoreOptions,
  type StoredFile,
  type StoredModel,
} from './stores/model-store.js';
export type { StoreKind, StoreQuota } from './stores/store.js';
