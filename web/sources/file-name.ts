import { isFileName } from '../base/file-name.js';
import { quoted } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';

/**
 * Refuses a name that could lead out of the model's folder; every source calls it before it looks.
 *
 * @throws SottoError 'file-not-found'
 */
export function checkFileName(name: string): void {
  if (!isFileName(name)) {
    throw new SottoError(
      'file-not-found',
      `${quoted(name)} is not the name of a file inside a model's folder`,
    );
  }
}
