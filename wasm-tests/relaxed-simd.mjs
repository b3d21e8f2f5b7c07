// Imported first by tests that want relaxed SIMD: Node 20 has it behind a flag, later releases without.
import { setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
