import type { DotForm, KeptWeightType, VariantName } from './engine-options.js';
import type { ChainOptions } from './sampler-options.js';
import type { PromptLookupOptions } from './strategies/sampling.js';

/**
 * What is used where {@link GenerateOptions} leaves something out: from the model's generation_config.json, or from
 * config.json where there is none. What matters only when tokens are drawn is read from it when `do_sample` is true; else
 * `temperature` is 0, which means greedy. What may be absent is so where the files do not ask for it. All of it gives way
 * to what the caller asks for.
 */
export interface GenerationDefaults extends ChainOptions {
  /**
   * `max_new_tokens`; without, what `maxLength` leaves behind a prompt of one token. Without both it is 256, or 20 as in
   * transformers where config.json stands in and asks for something.
   */
  maxNewTokens: number;
  /** `max_length`: the most tokens of prompt and answer together. Absent where `max_new_tokens` goes before it. */
  maxLength?: number;
  /** `min_length`: no end token before so many of both. Absent where `min_new_tokens` goes before it. */
  minLength?: number;
  /** `stop_strings` */
  stop?: readonly string[];
  /** `max_time`, in milliseconds. */
  maxTime?: number;
  /** `num_beams`, 2 or more. Absent where `do_sample` or `stop_strings` stand beside it: those go before it. */
  numBeams?: number;
  /** `length_penalty`, for the model's beams and the caller's. */
  lengthPenalty?: number;
  /** `early_stopping`, for the same. */
  earlyStopping?: boolean | 'never';
  /** `num_return_sequences`, 2 or more. A session has one answer all the same. */
  numReturnSequences?: number;
  /** `penalty_alpha`, above 0; `topK` then is the number of candidates, else 50 as in transformers. */
  penaltyAlpha?: number;
  /** `prompt_lookup_num_tokens` and `max_matching_ngram_size`, each at most 64. */
  promptLookup?: Required<PromptLookupOptions>;
  /** `begin_suppress_tokens`: never the first token of an answer. */
  beginSuppressTokens?: readonly number[];
  /** `forced_bos_token_id`: the first token of the answer to a prompt of a single token. */
  forcedBosTokenId?: number;
  /** `forced_eos_token_id`: one of them is the token at which an answer reaches its greatest length. */
  forcedEosTokenIds?: readonly number[];
}

/** What a loaded model is. */
export interface ModelInfo {
  /** What the model is called, and its licence, where its files say so: GGUF files do. */
  name: string | null;
  license: string | null;
  /** The mixture of types that a GGUF file has, such as `Q4_K_M`; null of other files. */
  fileType: string | null;
  /** The architecture's name, such as `gpt2`. */
  architecture: string;
  /** The most tokens that prompt and answer can have together. */
  contextLength: number;
  /** Token ids are 0 to `vocabSize - 1`. */
  vocabSize: number;
  nLayers: number;
  /** Heads of the first layer with attention, as the next two are; null where no layer has it. */
  nHeads: number | null;
  /** Heads of keys and values. */
  nKvHeads: number | null;
  /** The width of a head. */
  headDim: number | null;
  hiddenSize: number;
  /** The number of weights, biases and norms included. */
  nParameters: number;
  /** What the weights take in the engine's memory, in bytes: without a table that stays in its file (Gemma 3n and 4). */
  weightBytes: number;
  /** How the weights of products are kept; 'mixed' where several types are, as in GGUF files. */
  weights: KeptWeightType | 'mixed';
  /** The bytes that they take, by type. */
  weightTypes: Partial<Record<KeptWeightType, number>>;
  /** How keys and values are kept: as the weights, plain or rounded. */
  kvCache: 'f32' | 'int8';
  /** The WebAssembly binary that runs here, and why no other. */
  variant: VariantName;
  variantReason: string;
  /**
   * By type of quantised weights, the form of the dot product that was the faster one here, measured at load; empty for f32,
   * and where the variant has no relaxed SIMD.
   */
  dotForms: Partial<Record<KeptWeightType, DotForm>>;
  /** The threads that work on the model. */
  threads: number;
  /** Whether text goes in and comes out; else token ids only. */
  hasTokenizer: boolean;
  /** Names of the model's chat templates, 'default' among them where there is one; empty where there is none. */
  chatTemplates: string[];
  /** The token that begins a text, where the model has one. */
  bosTokenId: number | null;
  /** The tokens that end a text; generation stops at each of them. */
  eosTokenIds: number[];
  generationDefaults: GenerationDefaults;
  /**
   * What the model's files ask for at generation and do not get, by their own keys, such as `guidance_scale`; end and begin
   * tokens that the vocabulary does not have among it. Empty for nearly all models.
   */
  ignoredDefaults: Record<string, unknown>;
  /** Names of the tensors in the model's files that it does not need: other heads, masks, parts for images. */
  skippedTensors: string[];
  /** What else of the model's files was passed over, and why, in sentences: tokens beyond the vocabulary, refused files. */
  notices: string[];
}
