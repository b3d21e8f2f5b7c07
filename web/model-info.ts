import type { VariantName } from './load-options.js';
import type { ChainOptions } from './sampler-options.js';

/**
 * What is used where {@link GenerateOptions} leaves something out: from the model's generation_config.json. What matters
 * only when tokens are drawn is read from it when `do_sample` is true; else `temperature` is 0, which means greedy.
 */
export interface GenerationDefaults extends ChainOptions {
  /** `max_new_tokens`; 256 without. */
  maxNewTokens: number;
}

/**
 * How weights are kept in memory: 4 bytes each, or rounded to 8 or 4 bits in blocks of 32 that share a scale (1.06 and
 * 0.56 bytes each), the values of GGUF's Q8_0 and Q4_0.
 */
export type WeightType = 'f32' | 'q8' | 'q4';

/**
 * The forms of WebAssembly's relaxed dot product that products with quantised weights may use: 'pairs' adds up pairs of
 * products in 16 bits and then those in 32, 'quads' four products in 32 bits at once, which is one instruction on processors
 * that have it. Both give the same bits.
 */
export type DotForm = 'pairs' | 'quads';

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
}

/** How far loading is. Each file gives an event when it is begun and one when it is done, and some in between. */
export interface LoadProgress {
  /** What the file is for; 'engine' is the WebAssembly binary. */
  phase: 'engine' | 'config' | 'tokenizer' | 'weights';
  /** Its name inside the model's folder. */
  file: string;
  /** The bytes read so far. */
  loaded: number;
  /** The bytes of the file, or null when that is not known beforehand. */
  total: number | null;
}

/** The engine's memory. */
export interface MemoryStats {
  /** Bytes that are allocated now: weights, caches, workspace, lists, and a small reserve. */
  bytesInUse: number;
  /** The most that `bytesInUse` has been, or would have been if a call had needed all that it asked for: a `memoryLimit` that suffices. */
  peakBytes: number;
  /** Pages of the key and value cache, of 32 positions each, that sessions hold now. */
  kvPages: number;
  /** The size of the WebAssembly heap in bytes; it never shrinks until the model is disposed. */
  heapBytes: number;
}
