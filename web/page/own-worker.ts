import { importNode, isNode } from '../base/environment.js';
import { startWorker } from '../base/start-worker.js';
import type { Port } from '../protocol/protocol.js';
import { cannotImport } from '../results/environment-errors.js';

type NodeWorker = import('node:worker_threads').Worker;

/** Whether a model gets a worker where the caller does not say. */
export const wantsWorker = !isNode && typeof Worker !== 'undefined';

/** The script of a worker of ours. */
export const ownScript = (): URL => new URL('../worker/worker.js', import.meta.url);

/** Starts a worker of ours. @throws whatever keeps it from starting */
export async function startOwnWorker(): Promise<Worker | NodeWorker> {
  if (!isNode) {
    // Written like this, bundlers see the worker's script.
    const start = () => new Worker(new URL('../worker/worker.js', import.meta.url), { type: 'module' });
    return startWorker(start, ownScript(), {});
  }
  const { Worker: NodeWorker } = await importNode('node:worker_threads');
  // Node's own flags are for the main script: --input-type, for one, would keep ours from starting.
  return new NodeWorker(ownScript(), { execArgv: [] });
}

/**
 * Answers requests in this thread. Returns what ends it.
 *
 * @throws SottoError 'unsupported-environment'
 */
export async function serveHere(port: Port): Promise<() => void> {
  const { serve } = await import('../worker/serve.js').catch((cause: unknown) => {
    throw cannotImport('the engine', cause);
  });
  return serve(port);
}
