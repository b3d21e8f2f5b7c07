import { importNode, isNode } from '../base/environment.js';

/** A worker as Emscripten's glue uses it. */
interface GlueWorker {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): unknown;
}

type WorkerConstructor = new (url: URL, options: { name: string }) => GlueWorker;
type Fail = (detail: string) => void;

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
    return new Promise((resolve, reject) => {
      this.#onFailure = (detail) => reject(new Error(detail));
      const scope = globalThis as { Worker?: unknown };
      const original = Object.getOwnPropertyDescriptor(scope, 'Worker');
      scope.Worker = Helper;
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

  #webWorker(): WorkerConstructor {
    const OriginalWorker = globalThis.Worker;
    const helpers = this;
    return function HelperWorker(url: URL, options: WorkerOptions) {
      const worker = new OriginalWorker(url, options);
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        helpers.#onFailure(event.message || `${url} cannot be run`);
      });
      helpers.#workers.push(worker);
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
        this.#worker = new Worker(script, { workerData: { url: url.href, name }, execArgv: [] });
        this.#worker.on('message', (data) => this.onmessage?.({ data }));
        this.#worker.on('error', (error) => helpers.#onFailure(String(error)));
        workers.add(this.#worker);
        helpers.#workers.push(this);
      }
      postMessage(message: unknown) {
        this.#worker.postMessage(message);
      }
      terminate() {
        return this.#worker.terminate();
      }
    };
  }
}
