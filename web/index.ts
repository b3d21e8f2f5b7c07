export { AbortError, SOTTO_ERROR_CODES, SottoError, type SottoErrorCode } from './errors.js';
export type {
  GenerateOptions,
  LogitsProcessor,
  Overflow,
  PromptLookupOptions,
  StopQuestion,
} from './generate-options.js';
export type { Generation } from './generation.js';
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
} from './generation-result.js';
export { LanguageModel } from './language-model.js';
export type { LoadOptions, VariantName, WasmSource, WorkerLike } from './load-options.js';
export type {
  DotForm,
  GenerationDefaults,
  LoadProgress,
  MemoryStats,
  ModelInfo,
  WeightType,
} from './model-info.js';
export type { SamplerOptions, TokenBiases } from './sampler-options.js';
export type { ReadOptions, Session } from './session.js';
export type { KeysValues, Score, TapName, Taps } from './session-values.js';
export type { SourceInput } from './sources/spec.js';
