import { importNode, isNode } from '../base/environment.js';
import { SottoError } from '../results/errors.js';
import { threads as hasThreads } from '../vendor/wasm-feature-detect.js';

/** More than this many make no model of this size faster. */
const MOST_AUTOMATIC_THREADS = 8;

/**
 * The number of threads to run with, the caller's included, and why.
 *
 * @param named The variant that was asked for, if any.
 * @throws SottoError 'unsupported-environment' when more than one is asked for and cannot be had.
 */
export async function chooseThreads(
  wanted: number | 'auto',
  named?: { name: string; hasThreads: boolean },
): Promise<{ threads: number; reason: string }> {
  const obstacle =
    named?.hasThreads === false ? `the variant ${named.name} has one thread` : await findObstacle();
  if (obstacle !== null && (named?.hasThreads || (wanted !== 'auto' && wanted > 1))) {
    const what = named?.hasThreads ? `the variant ${named.name}` : `${wanted} threads`;
    throw new SottoError('unsupported-environment', `${what} cannot be had: ${obstacle}. ${ADVICE}`);
  }
  if (wanted === 1) return { threads: 1, reason: 'one thread' };
  if (obstacle !== null) return { threads: 1, reason: `one thread, because ${obstacle}` };
  if (wanted !== 'auto') return { threads: wanted, reason: `${wanted} threads, as asked for` };
  const cores = await countCores();
  // Half of many: the others are often the same cores a second time, or slow ones, and the page wants some, too.
  const threads = cores <= 2 ? cores : Math.min(MOST_AUTOMATIC_THREADS, Math.max(2, Math.ceil(cores / 2)));
  return { threads, reason: `${threads} of ${cores} processors` };
}

const ADVICE_IN_PAGES =
  "Serve the page with 'Cross-Origin-Opener-Policy: same-origin' and 'Cross-Origin-Embedder-Policy: require-corp', load " +
  "in a worker, or leave the number of threads to 'auto', which takes one where there are no more.";

/** Elsewhere nobody sends headers. */
const ADVICE = isNode ? "Leave the number of threads to 'auto'." : ADVICE_IN_PAGES;

/** Why there can be only one thread here, or null. */
async function findObstacle(): Promise<string | null> {
  if (!(await hasThreads())) return notIsolated() ?? 'this runtime has no threads in WebAssembly';
  if (!isNode && typeof Worker === 'undefined') return 'workers cannot be made here';
  if (isNode) return null;
  // A window's own thread may not sleep, and so cannot wait for others.
  if (typeof document !== 'undefined') return 'the engine runs in the thread of the page';
  return notIsolated();
}

function notIsolated(): string | null {
  return isNode || globalThis.crossOriginIsolated ? null : 'the page is not cross-origin isolated';
}

async function countCores(): Promise<number> {
  if (!isNode) return navigator.hardwareConcurrency || 1;
  const { availableParallelism } = await importNode('node:os');
  return availableParallelism();
}
