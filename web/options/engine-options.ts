import { shownAddress } from '../base/address.js';
import { pageAddress } from '../base/environment.js';
import { copyBytes, isBytes } from './given-bytes.js';
import { badOption, type Checks, integer, oneOf, tag } from './option-checks.js';

/** Where the engine's WebAssembly binary comes from, when it is not the file beside the package's scripts. */
export type WasmSource = { url: string | URL } | { module: WebAssembly.Module } | { bytes: BufferSource };

/** The binaries of the package: 128-bit SIMD, plain or relaxed, for one thread or several. */
export type VariantName = 'simd' | 'relaxed' | 'simd-threads' | 'relaxed-threads';

/**
 * How weights are kept in memory: 4 bytes each, or rounded to 8 or 4 bits in blocks of 32 that share a scale (1.06 and
 * 0.56 bytes each), the values of GGUF's Q8_0 and Q4_0.
 */
export type WeightType = 'f32' | 'q8' | 'q4';

/** These, and what weights are kept as that come so in a GGUF file: its types Q4_K, Q5_K and Q6_K. */
export type KeptWeightType = WeightType | 'q4_k' | 'q5_k' | 'q6_k';

/**
 * The forms of WebAssembly's relaxed dot product that products with quantised weights may use: 'pairs' adds up pairs of
 * products in 16 bits and then those in 32, 'quads' four products in 32 bits at once, which is one instruction on processors
 * that have it. Both give the same bits.
 */
export type DotForm = 'pairs' | 'quads';

const MOST_THREADS = 32;

export const WEIGHT_TYPES: readonly WeightType[] = ['f32', 'q8', 'q4'];

export const KEPT_WEIGHT_TYPES: readonly KeptWeightType[] = [...WEIGHT_TYPES, 'q4_k', 'q5_k', 'q6_k'];

/** The options of loading that the engine takes. */
export const engineChecks: Checks<{
  threads?: number | 'auto';
  variant?: VariantName | 'auto';
  wasm?: WasmSource;
  memoryLimit?: number;
}> = {
  threads: (value, name) => (value === 'auto' ? value : integer(1, MOST_THREADS)(value, name)),
  variant: oneOf(['auto', 'simd', 'relaxed', 'simd-threads', 'relaxed-threads']),
  wasm: wasmSource,
  memoryLimit: integer(1, Number.MAX_SAFE_INTEGER),
};

/** How `Engine.createModel` keeps weights. */
export interface ModelOptions {
  /** Of tensors that come as elements. Default: 'f32'. */
  weights?: WeightType;
  /**
   * Of tensors that come as blocks, quantised already: 'keep' keeps their values, exactly where the type that
   * docs/quantized-files.md names can hold them; 'convert' makes them `weights`, too. Default: 'keep'.
   */
  blocks?: 'keep' | 'convert';
}

export const modelChecks: Checks<ModelOptions> = {
  weights: oneOf(WEIGHT_TYPES),
  blocks: oneOf(['keep', 'convert']),
};

function wasmSource(value: unknown, name: string): WasmSource {
  const { url, module, bytes } = Object(value) as { url?: unknown; module?: unknown; bytes?: unknown };
  if (tag(module) === 'WebAssembly.Module') return { module: module as WebAssembly.Module };
  if (isBytes(bytes)) return { bytes: copyBytes(bytes, `${name}.bytes`) };
  if (typeof url !== 'string' && tag(url) !== 'URL') {
    throw badOption(name, value, '{ url }, { module: WebAssembly.Module } or { bytes: ArrayBuffer or view }');
  }
  // A worker would take a relative URL as relative to its own script. Outside of browsers it may be a path.
  const base = pageAddress();
  if (base === null) return { url: String(url) };
  try {
    return { url: new URL(String(url), base).href };
  } catch {
    throw badOption(`${name}.url`, shownAddress(String(url)), 'a valid URL');
  }
}
