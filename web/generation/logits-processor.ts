import { shownAddress, withoutSecrets } from '../base/address.js';
import type { LogitsProcessor } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';

/**
 * Loads the module that changes logits; null stands for none.
 *
 * @throws SottoError 'file-not-found' when it cannot be loaded, 'bad-option' when it exports no function.
 */
export async function loadLogitsProcessor(address: string | null): Promise<LogitsProcessor | null> {
  if (address === null) return null;
  let module: { default?: unknown };
  try {
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ address);
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause);
    const detail = withoutSecrets(told, address);
    throw new SottoError(
      'file-not-found',
      `the module of logitsProcessor, ${shownAddress(address)}, could not be loaded (${detail}): check the address, and that it is ` +
        'served as JavaScript',
      detail === told ? { cause } : {}, // else the cause would tell what the message does not
    );
  }
  if (typeof module.default === 'function') return module.default as LogitsProcessor;
  throw new SottoError(
    'bad-option',
    `the module of logitsProcessor, ${shownAddress(address)}, must export a function as its default: (logits, tokenIds) => …`,
  );
}
