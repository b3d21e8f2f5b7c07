import { shownAddress, withoutSecrets } from '../base/address.js';
import type { LogitsProcessor } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';
import { messageOf, readProperty } from '../results/thrown.js';

/**
 * Loads the module that changes logits. The function that it gives throws 'bad-option' where the module's returns a promise,
 * as a step does not wait.
 *
 * @throws SottoError 'file-not-found' when it cannot be loaded, 'bad-option' when it exports no function.
 */
export async function loadLogitsProcessor(address: string): Promise<LogitsProcessor> {
  let module: { default?: unknown };
  try {
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ address);
  } catch (cause) {
    const told = messageOf(cause);
    const detail = withoutSecrets(told, address);
    throw new SottoError(
      'file-not-found',
      `the module of logitsProcessor, ${shownAddress(address)}, could not be loaded (${detail}): check the address, and that it is ` +
        'served as JavaScript',
      detail === told ? { cause } : {}, // else the cause would tell what the message does not
    );
  }
  if (typeof module.default === 'function' && !isClass(module.default))
    return synchronous(module.default as LogitsProcessor, address);
  throw new SottoError(
    'bad-option',
    `the module of logitsProcessor, ${shownAddress(address)}, must export a function as its default, and no class: (logits, tokenIds) => …`,
  );
}

/** Which cannot be called. */
function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function synchronous(processor: LogitsProcessor, address: string): LogitsProcessor {
  return (logits, tokenIds) => {
    const returned: unknown = processor(logits, tokenIds.slice()); // which others may keep, change and freeze
    if (typeof readProperty(returned, 'then') !== 'function') return;
    Promise.resolve(returned).catch(() => {}); // the error below tells of it
    throw new SottoError(
      'bad-option',
      `the logits processor ${shownAddress(address)} returned a promise: it must be synchronous, as a step does not wait for it; ` +
        'prepare what it needs at the top of its module',
    );
  };
}
