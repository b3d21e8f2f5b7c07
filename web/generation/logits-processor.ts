import type { LogitsProcessor } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';

/**
 * Loads the module that changes logits.
 *
 * @throws SottoError 'file-not-found' when it cannot be loaded, 'bad-option' when it exports no function.
 */
export async function loadLogitsProcessor(address: string): Promise<LogitsProcessor> {
  let module: { default?: unknown };
  try {
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ address);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new SottoError(
      'file-not-found',
      `the module of logitsProcessor, ${address}, could not be loaded (${detail}): check the address, and that it is ` +
        'served as JavaScript',
      { cause },
    );
  }
  if (typeof module.default === 'function') return module.default as LogitsProcessor;
  throw new SottoError(
    'bad-option',
    `the module of logitsProcessor, ${address}, must export a function as its default: (logits, tokenIds) => …`,
  );
}
