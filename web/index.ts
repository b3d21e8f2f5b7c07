export { SOTTO_ERROR_CODES, SottoError, type SottoErrorCode } from './errors.js';
export type { Generation } from './generation.js';
export type { FinishReason, GenerationResult, Piece, Timings, Usage } from './generation-result.js';
export { LanguageModel } from './language-model.js';
export type { GenerationDefaults, LoadProgress, MemoryStats, ModelInfo, WeightType } from './model-info.js';
export type { GenerateOptions, LoadOptions, VariantName, WasmSource, WorkerLike } from './options.js';
export type { SamplerOptions, TokenBiases } from './sampler-options.js';
export type { SourceInput } from './sources/spec.js';
