import type { VariantName } from '../options/engine-options.js';

/** The package's binary of a variant, which has one thread here. Written out so that bundlers see the files. */
export function packageBinary(name: VariantName): URL {
  return name === 'relaxed'
    ? new URL('../wasm/relaxed.wasm', import.meta.url)
    : new URL('../wasm/simd.wasm', import.meta.url);
}
