// What `import wasm from 'sotto/wasm/simd.wasm'` gives at the edge: for its declaration alone, as the binary is what is imported.
declare const module: WebAssembly.Module;
export default module;
