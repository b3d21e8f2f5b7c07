import createPlain from '../wasm/plain.js';
import type { CreateModule } from './glue.js';

/** Emscripten's glue, for one thread. */
export async function loadGlue(): Promise<CreateModule> {
  return createPlain as CreateModule;
}
