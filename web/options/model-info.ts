import type { DotForm, VariantName, WeightType } from './engine-options.js';
import type { ChainOptions } from './sampler-options.js';

/**
 * What is used where {@link GenerateOptions} leaves something out: from the model's generation_config.json. What matters
 * only when tokens are drawn is read from it when `do_sample` is true; else `temperature` is 0, which means greedy.
 */
export interface GenerationDefaults extends ChainOptions {
  /** `max_new_tokens`; 256 without. */
  maxNewTokens: number;
}

/** What a loaded model is. */
export interface ModelInfo {
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
  /** What the weights take in the engine's memory, in bytes. */
  weightBytes: number;
  /** How the weights are kept, whatever the type in their files. */
  weights: WeightType;
  /** How keys and values are kept: as the weights, plain or rounded. */
  kvCache: 'f32' | 'int8';
  /** The WebAssembly binary that runs here, and why no other. */
  variant: VariantName;
  variantReason: string;
  /**
   * By type of quantised weights, the form of the dot product that was the faster one here, measured at load; empty for f32,
   * and where the variant has no relaxed SIMD.
   */
  dotForms: Partial<Record<WeightType, DotForm>>;
  /** The threads that work on the model. */
  threads: number;
  /** Whether text goes in and comes out; else token ids only. */
  hasTokenizer: boolean;
  /** The token that begins a text, where the model has one. */
  bosTokenId: number | null;
  /** The tokens that end a text; generation stops at each of them. */
  eosTokenIds: number[];
  generationDefaults: GenerationDefaults;
  /** Names of the tensors in the model's files that it does not need: other heads, masks, parts for images. */
  skippedTensors: string[];
  /** What else of the model's files was passed over, and why, in sentences: tokens beyond the vocabulary, refused files. */
  notices: string[];
}
