// What sotto may use of wasm-feature-detect, whose ES module the build puts here as wasm-feature-detect.js.
// Each resolves to whether the running engine has the feature, by compiling a few bytes that use it.

export function simd(): Promise<boolean>;
export function relaxedSimd(): Promise<boolean>;
export function threads(): Promise<boolean>;
