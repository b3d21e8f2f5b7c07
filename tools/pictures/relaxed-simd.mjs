// Imported before anything is compiled: Node 20 has relaxed SIMD behind a flag, later releases without.
import { setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
