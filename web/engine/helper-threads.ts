import { importNode, isNode } from '../base/environment.js';
import { startWorker } from '../base/start-worker.js';
import { workerNeeds } from '../results/environment-errors.js';
import { threadsUrl } from './glue.js';

/** A worker as Emscripten's glue uses it. */
interface GlueWorker {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): unknown;
}

type WorkerConstructor = new (url: URL, options: { name: string }) => GlueWorker;
type Fail = (error: HelperError) => void;

/** How long helpers may take to start: their script is in the cache by then. */
const START_MS = 30_000;

/** What it means when a browser gives no reason. */
const BLOCKED =
  "its script was blocked or is not there: on an isolated page it must be sent with the page's " +
  'Cross-Origin-Embedder-Policy, too';

/** A helper does not start, or stopped with an error. */
export class HelperError extends Error {}

/** What a helper's script needs, for people. */
export const helpersNeed = (): string => workerNeeds(threadsUrl());

/**
 * Runs the glue's factory, which makes its helpers as `new Worker(…)` before it first waits, and keeps hold of them:
 * they can be ended, and one that does not start or stops with an error is noticed.
 */
export class HelperThreads {
  readonly #workers: Pick<GlueWorker, 'terminate'>[] = [];
  #onFailure: Fail = () => {};
  #setNeeded: (isNeeded: boolean) => void = () => {};

  /** Rejects when a helper does not start. */
  async create<T>(createModule: () => Promise<T>): Promise<T> {
    const Helper = isNode ? await this.#nodeWorker() : this.#webWorker();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const starting = new Promise<T>((resolve, reject) => {
      this.#onFailure = reject;
      timer = setTimeout(() => reject(new HelperError(`no answer for ${START_MS / 1000} s`)), START_MS);
      const scope = globalThis as { Worker?: unknown };
      const original = Object.getOwnPropertyDescriptor(scope, 'Worker');
      if (!Reflect.set(scope, 'Worker', Helper))
        throw new HelperError('globalThis.Worker cannot be replaced');
      try {
        createModule().then((module) => {
          this.#setNeeded(false); // from now on, a process may end without asking them
          resolve(module);
        }, reject);
      } finally {
        if (original === undefined) delete scope.Worker;
        else Object.defineProperty(scope, 'Worker', original);
      }
    });
    return starting.finally(() => clearTimeout(timer));
  }

  /** Says what to do when a helper stops with an error. */
  onFailure(handler: Fail): void {
    this.#onFailure = handler;
  }

  /** Ends them all. Idempotent. */
  end(): void {
    this.#onFailure = () => {};
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }

  /** The glue does not notice where memory cannot be shared: it would wait for ever. */
  #post(post: (message: unknown) => void, message: unknown): void {
    try {
      post(message);
    } catch (cause) {
      this.#onFailure(toHelperError(cause));
    }
  }

  #webWorker(): WorkerConstructor {
    const OriginalWorker = globalThis.Worker;
    const helpers = this;
    return function HelperWorker(url: URL, options: WorkerOptions) {
      const worker = attempt(() => startWorker(() => new OriginalWorker(url, options), url, options));
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        event.stopImmediatePropagation(); // the glue would throw it where nobody can catch it
        helpers.#onFailure(new HelperError(event.message || BLOCKED));
      });
      helpers.#workers.push(worker);
      const post = worker.postMessage.bind(worker) as (message: unknown) => void;
      worker.postMessage = (message: unknown) => helpers.#post(post, message);
      return worker;
    } as unknown as WorkerConstructor;
  }

  async #nodeWorker(): Promise<WorkerConstructor> {
    const { Worker } = await importNode('node:worker_threads');
    const script = new URL('./node-helper.js', import.meta.url);
    const workers = new Set<InstanceType<typeof Worker>>();
    this.#setNeeded = (isNeeded) => {
      for (const worker of workers) isNeeded ? worker.ref() : worker.unref();
    };
    const helpers = this;
    return class NodeHelper implements GlueWorker {
      onmessage: GlueWorker['onmessage'] = null;
      readonly #worker: InstanceType<typeof Worker>;

      constructor(url: URL, { name }: { name: string }) {
        const options = { workerData: { url: url.href, name }, execArgv: [] };
        this.#worker = attempt(() => new Worker(script, options));
        this.#worker.on('message', (data) => this.onmessage?.({ data }));
        this.#worker.on('error', (error) => helpers.#onFailure(new HelperError(String(error))));
        workers.add(this.#worker);
        helpers.#workers.push(this);
      }
      postMessage(message: unknown) {
        helpers.#post((given) => this.#worker.postMessage(given), message);
      }
      terminate() {
        return this.#worker.terminate();
      }
    };
  }
}

/** Makes a worker, which policies and limits may refuse. */
function attempt<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw toHelperError(cause);
  }
}

function toHelperError(cause: unknown): HelperError {
  return new HelperError(cause instanceof Error ? cause.message : String(cause), { cause });
}
