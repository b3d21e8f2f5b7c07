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
