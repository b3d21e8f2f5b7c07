// sotto in one script: the worker's and the engine's binaries are inside of it.
export * from './index.js';
