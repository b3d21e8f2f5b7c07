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
