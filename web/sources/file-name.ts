import { SottoError } from '../results/errors.js';

const MAX_NAME_LENGTH = 255;

/**
 * Refuses a name that could lead out of the model's folder; every source calls it before it looks.
 * A name is one or more segments joined by `/`, none of them empty, `.` or `..`, without `\`, `:` and control
 * characters (so that it is no absolute path, drive or URL on any system).
 *
 * @throws SottoError 'file-not-found'
 */
export function checkFileName(name: string): void {
  const isSafe =
    name.length <= MAX_NAME_LENGTH &&
    !/[\\:\p{Cc}]/u.test(name) &&
    name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!isSafe) {
    throw new SottoError(
      'file-not-found',
      `${JSON.stringify(name.slice(0, 80))} is not the name of a file inside a model's folder`,
    );
  }
}
