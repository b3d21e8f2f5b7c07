// What sotto uses of hash-wasm, whose SHA-256 the build puts here as sha256.js.

/** @throws CompileError where no WebAssembly may be compiled */
export function createSHA256(): Promise<{
  init(): void;
  update(bytes: Uint8Array): void;
  digest(form: 'hex'): string;
}>;
