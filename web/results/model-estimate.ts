/** What a model would take of the engine's memory, in bytes. */
export interface MemoryEstimate {
  /** The weights: what `info.weightBytes` would say. */
  weights: number;
  /** A text of `options.contextLength` tokens, at most: its keys and values or other state, and a row of logits. */
  context: number;
  /** The most that is in use while the model is loaded. The tokenizer is not in it: it is JavaScript's. */
  peak: number;
  /** What is in use once the model is loaded, with such a text. */
  total: number;
}

/** What a model would take with one of the values of `weights`. */
export interface WeightsEstimate {
  /** How the weights of products would be kept: what `info.weights` would say. */
  weights: 'f32' | 'q8' | 'q4' | 'q4_k' | 'q5_k' | 'q6_k' | 'mixed';
  memory: MemoryEstimate;
  /**
   * Whether that is within what WebAssembly gives the engine (4 GiB) or `options.memoryLimit`, and within the memory of the
   * device as far as the runtime tells: browsers tell no more than 8 GiB, or nothing.
   */
  fits: boolean;
}

/** What loading a model would take, told by its headers. The memory is that of the `weights` that were asked for. */
export interface ModelEstimate extends WeightsEstimate {
  /** The architecture's name, such as `gpt2`. */
  architecture: string;
  /** The most tokens that prompt and answer could have together. */
  contextLength: number;
  /** The number of weights, biases and norms included. */
  nParameters: number;
  /** The bytes of all files that loading would read. */
  downloadBytes: number;
  /** How many of them are kept already, so that they would not be fetched. */
  storedBytes: number;
  /** The same for each value of `weights`. */
  byWeights: Record<'auto' | 'f32' | 'q8' | 'q4', WeightsEstimate>;
}
