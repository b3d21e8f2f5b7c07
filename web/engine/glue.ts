import { cannotImport } from '../results/environment-errors.js';
import createPlain, { type MainModule } from '../wasm/plain.js';

/** What a variant's glue takes: `helpers` are the threads besides the caller's, for variants that have any. */
export interface ModuleOptions {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): unknown;
  helpers: number;
}

/** Makes a module. Those with threads also have `PThread`, which can end them. */
export type CreateModule = (
  options: ModuleOptions,
) => Promise<MainModule & { PThread?: { terminateAllThreads(): void } }>;

/**
 * The glue of variants with threads, which bundlers pass on as it is and which it must stay: it starts itself again in
 * helper threads, and a worker's script may not be split everywhere.
 */
export const threadsUrl = (): URL => new URL('../wasm/threads.js', import.meta.url);

/**
 * Emscripten's glue: relaxed SIMD makes no difference to it, threads do.
 *
 * @throws SottoError 'unsupported-environment'
 */
export async function loadGlue({ hasThreads }: { hasThreads: boolean }): Promise<CreateModule> {
  if (!hasThreads) return createPlain as CreateModule;
  const address = threadsUrl().href;
  try {
    const glue = (await import(/* webpackIgnore: true */ /* @vite-ignore */ address)) as {
      default: CreateModule;
    };
    return glue.default;
  } catch (cause) {
    throw cannotImport(`the engine's script ${address}`, cause);
  }
}
