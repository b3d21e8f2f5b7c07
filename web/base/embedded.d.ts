// What the build puts into inline.js (tools/build/embedded.mjs): all of it in gzip, in base64.

/** The engine's binaries for one thread. */
export const BINARIES: Readonly<Record<'simd' | 'relaxed', string>>;

/** The script of the worker. It takes the binaries from a constant in front of it, SOTTO_BINARIES. */
export const WORKER: string;
