import { importNode, isNode } from '../base/environment.js';
import { startWorker } from '../base/start-worker.js';
import { SERVICE_WORKER_NEEDS, workerNeeds } from '../results/environment-errors.js';

type NodeWorker = import('node:worker_threads').Worker;

const ownScript = (): URL => new URL('../worker/worker.js', import.meta.url);

/** What a worker of ours needs, for people. */
export const ownWorkerNeeds = (): string =>
  SERVICE_WORKER_NEEDS ?? `${workerNeeds(ownScript())} The option { worker: false } does without.`;

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
