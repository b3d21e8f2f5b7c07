// What the engine takes: memory, threads, and which form of it runs here.

import { bytes } from '../parts/format.js';

const VARIANTS = {
  simd: 'plain SIMD',
  relaxed: 'relaxed SIMD, faster',
  'simd-threads': 'plain SIMD',
  'relaxed-threads': 'relaxed SIMD, faster',
};

export class EngineFigures {
  #memory = document.querySelector('#figure-memory');
  #threads = document.querySelector('#figure-threads');
  #engine = document.querySelector('#figure-engine');

  /** @param {import('../../web/index.ts').ModelInfo} info */
  setModel({ threads, variant }) {
    this.#threads.textContent = String(threads);
    this.#engine.textContent = VARIANTS[variant] ?? variant;
  }

  /** @param {import('../../web/index.ts').MemoryStats} stats */
  showMemory({ heapBytes }) {
    this.#memory.textContent = bytes(heapBytes);
  }
}
