import type { VariantName } from '../options/engine-options.js';

/** The binaries in the package, written out so that bundlers see the files. */
export const BINARIES: Readonly<Record<VariantName, () => URL>> = {
  simd: () => new URL('../wasm/simd.wasm', import.meta.url),
  relaxed: () => new URL('../wasm/relaxed.wasm', import.meta.url),
  'simd-threads': () => new URL('../wasm/simd-threads.wasm', import.meta.url),
  'relaxed-threads': () => new URL('../wasm/relaxed-threads.wasm', import.meta.url),
};
