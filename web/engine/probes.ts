import { forbiddenWasm } from '../results/environment-errors.js';
import { SottoError } from '../results/errors.js';

/** What of WebAssembly is used, here and by the compiler's glue. */
const USED = [
  'compile',
  'instantiate',
  'validate',
  'Module',
  'Instance',
  'Memory',
  'CompileError',
  'LinkError',
  'RuntimeError',
] as const;

/**
 * Asks the runtime for what it can do. Where that fails, as under a policy, it is told what is in the way.
 *
 * @throws SottoError 'unsupported-environment'
 */
export async function probe<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const problem = `WebAssembly does not work in this runtime (${why})`;
    throw forbiddenWasm(cause) ?? new SottoError('unsupported-environment', problem, { cause });
  }
}

/** @throws SottoError 'unsupported-environment' where there is no WebAssembly, or only a part of it. */
export function checkWebAssembly(): void {
  const wasm = (globalThis as { WebAssembly?: object }).WebAssembly;
  const missing = USED.find((name) => typeof Object(wasm)[name] !== 'function');
  if (missing === undefined) return;
  const which = typeof wasm === 'object' && wasm !== null ? ` (it lacks WebAssembly.${missing})` : '';
  throw new SottoError(
    'unsupported-environment',
    `this runtime has no WebAssembly, or it is switched off${which}: lockdown modes do that, and some policies`,
  );
}
