import { BINARIES, WORKER } from '../base/embedded.js';
import { importNode, isNode } from '../base/environment.js';
import { inflate } from '../base/inflate.js';
import { embeddedWorkerNeeds } from '../results/environment-errors.js';

type NodeWorker = import('node:worker_threads').Worker;

let script: Promise<string> | null = null;
let address: string | null = null;

/** What a worker of ours needs, for people. */
export const ownWorkerNeeds = (): string =>
  `${embeddedWorkerNeeds()} The option { worker: false } does without.`;

/** Starts a worker of the text that this script has inside. @throws whatever keeps it from starting */
export async function startOwnWorker(): Promise<Worker | NodeWorker> {
  script ??= writeScript();
  const text = await script;
  if (isNode) {
    const { Worker: NodeWorker } = await importNode('node:worker_threads');
    return new NodeWorker(text, { eval: true, execArgv: [] });
  }
  // It stays for good: the next model has its worker from it, too.
  address ??= URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  return new Worker(address);
}

async function writeScript(): Promise<string> {
  const text = new TextDecoder().decode(await inflate(WORKER));
  return `const SOTTO_BINARIES=${JSON.stringify(BINARIES)};${text}`;
}
