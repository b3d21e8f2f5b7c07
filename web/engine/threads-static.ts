import { SottoError } from '../results/errors.js';

/**
 * The number of threads to run with, and why: one, where everything is in one script.
 *
 * @throws SottoError 'unsupported-environment' when more than one is asked for.
 */
export async function chooseThreads(
  wanted: number | 'auto',
  named?: { name: string; hasThreads: boolean },
): Promise<{ threads: number; reason: string }> {
  if (named?.hasThreads || (wanted !== 'auto' && wanted > 1)) {
    const what = named?.hasThreads ? `the variant ${named.name}` : `${wanted} threads`;
    throw new SottoError(
      'unsupported-environment',
      `${what} cannot be had: sotto/inline and sotto/edge have the engine for one thread. Import 'sotto' for more, or leave the ` +
        "number of threads to 'auto'.",
    );
  }
  return { threads: 1, reason: wanted === 1 ? 'one thread' : 'one thread, all that this entry has' };
}
