import { SottoError } from '../results/errors.js';

/**
 * Makes a large list for the caller, for which the runtime may have no memory.
 *
 * @param what What messages call it.
 * @throws SottoError 'out-of-memory'
 */
export function allocate<T>(what: string, bytes: number, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const problem = `this runtime has no memory for ${what}, which takes ${bytes} bytes (${cause.message})`;
    throw new SottoError('out-of-memory', `${problem}. Let go of what you no longer need.`, { cause });
  }
}
