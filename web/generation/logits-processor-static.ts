import { shownAddress } from '../base/address.js';
import type { LogitsProcessor } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';

/** Refuses a module, which is imported at run time. @throws SottoError 'unsupported-environment' */
export async function loadLogitsProcessor(address: string): Promise<LogitsProcessor> {
  throw new SottoError(
    'unsupported-environment',
    `the module of logitsProcessor, ${shownAddress(address)}, cannot be loaded: sotto/inline and sotto/edge import nothing at run ` +
      "time. Import 'sotto' to use one.",
  );
}
