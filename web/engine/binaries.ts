import type { VariantName } from '../options/engine-options.js';

/** A binary that is a part of a script. */
export interface EmbeddedBinary {
  name: string;
  /** @throws SottoError 'unsupported-environment' */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The binaries in the package, written out so that bundlers see the files. */
const BINARIES: Readonly<Record<VariantName, () => URL>> = {
  simd: () => new URL('../wasm/simd.wasm', import.meta.url),
  relaxed: () => new URL('../wasm/relaxed.wasm', import.meta.url),
  'simd-threads': () => new URL('../wasm/simd-threads.wasm', import.meta.url),
  'relaxed-threads': () => new URL('../wasm/relaxed-threads.wasm', import.meta.url),
};

/** The package's binary of a variant. */
export function packageBinary(name: VariantName): URL | EmbeddedBinary {
  return BINARIES[name]();
}
