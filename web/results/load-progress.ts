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
  /** Of the bytes read so far, how many came from a store and not over the network. */
  fromStore: number;
  /** All files of the model together, the engine's not among them. */
  all: LoadTotals;
}

/** How far loading is with all files. */
export interface LoadTotals {
  /** The bytes read so far. */
  loaded: number;
  /** Those of all files that are needed, or null as long as that is not known. */
  total: number | null;
  /** Of those read so far, how many came from a store. */
  fromStore: number;
  /** What the network brought lately; null as long as nothing came over it. */
  bytesPerSecond: number | null;
  /** How long the rest takes at that speed; null where that is not known. */
  secondsLeft: number | null;
}
