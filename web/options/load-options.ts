import type { LoadProgress } from '../results/load-progress.js';
import type { ModelStore } from '../stores/model-store.js';
import {
  engineChecks,
  type VariantName,
  type WasmSource,
  WEIGHT_TYPES,
  type WeightType,
} from './engine-options.js';
import { fetchChecks } from './fetch-options.js';
import {
  abortSignal,
  badOption,
  type Checks,
  callback,
  checkOptions,
  integer,
  oneOf,
} from './option-checks.js';

/** What is needed of a worker: those of browsers and of node:worker_threads have it. */
export interface WorkerLike {
  /** `never`, because browsers and Node do not agree on what can be transferred. */
  postMessage(message: unknown, transfer: never[]): void;
  /** Ends the worker. */
  terminate(): unknown;
}

/** How a model is loaded. */
export interface LoadOptions {
  /**
   * Called as files are read; what it throws, or returns a promise of that rejects, ends the loading with that error.
   *
   * @group Callbacks
   */
  onProgress?: (progress: LoadProgress) => void;
  /**
   * Ends the loading, which then rejects with the signal's reason. Has no effect on the loaded model.
   *
   * @group When it ends
   */
  signal?: AbortSignal;
  /**
   * Whether the model runs in a worker of its own. Default: true where the runtime has web workers; false in Node,
   * where true means a thread of node:worker_threads. In the same thread everything works as well, but each token
   * holds up whatever else runs there. A worker of your own, whose script imports `sotto/worker`, is used as it is
   * and not terminated by `dispose()`. One that does not listen 30 s after the call is an error, one of the package's after
   * 60 s.
   *
   * @group How it runs
   */
  worker?: boolean | WorkerLike;
  /**
   * How the weights are kept: 'q8' is three times as fast as 'f32' and hardly differs, 'q4' is faster still and
   * differs a little (docs/quality.md). Default: 'auto', which is 'f32' for models below 10 million weights, 'q4' for
   * those that q8 would not fit into 1.5 GB, and 'q8' for all others; `info.weights` tells.
   *
   * @group How it runs
   */
  weights?: WeightType | 'auto';
  /**
   * How many threads work on a model, 1 to 32. More than one need a page that is cross-origin isolated, and the model in
   * a worker. Default: 'auto', half of the processors up to 8, both where there are two, and one thread for models below 10
   * million weights or where more cannot be had or do not start; `info.threads` tells, and `info.variantReason` why.
   *
   * @group How it runs
   */
  threads?: number | 'auto';
  /**
   * Which of the package's binaries runs. Default: 'auto', the best that works here; `info.variant` tells.
   *
   * @group How it runs
   */
  variant?: VariantName | 'auto';
  /**
   * The engine's binary: that of the variant 'simd' unless the option `variant` names another. Default: the file in the
   * package.
   *
   * @group How it runs
   */
  wasm?: WasmSource;
  /**
   * The most bytes that the engine may allocate. Default: what WebAssembly allows, 4 GiB.
   *
   * @group How it runs
   */
  memoryLimit?: number;
  /**
   * The most bytes of keys and values that are kept of ended generations, so that a prompt which begins like an earlier one
   * is read from there on only; the least recently used go first. 0 keeps none. Default: 64 MiB.
   *
   * @group How it runs
   */
  prefixCache?: number;
  /**
   * Of a model by name: a branch, a tag, a commit, or `refs/pr/N`. Default: 'main'.
   *
   * @group Which model of a hub
   */
  revision?: string;
  /**
   * Of a model by name: the folder in its repository. Default: the repository itself.
   *
   * @group Which model of a hub
   */
  subfolder?: string;
  /**
   * Of a model by name: the hub, or a mirror, which may be any server with files below `owner/name/resolve/revision/`. Default:
   * 'https://huggingface.co'.
   *
   * @group Which model of a hub
   */
  endpoint?: string;
  /**
   * Of a model by name: sent to `endpoint` as a bearer token, and nowhere else; for private and gated models.
   *
   * @group Which model of a hub
   */
  token?: string;
  /**
   * Of a model by name that is kept: true asks the hub whether its revision stands for another commit by now. Default: false, which
   * makes no request for what is kept.
   *
   * @group Which model of a hub
   */
  update?: boolean;
  /**
   * Where files that are fetched are kept for the next time. Default: true, a store of the browser's (OPFS, else the Cache
   * API), in Node the folder that SOTTO_CACHE names, or ~/.cache/sotto/models; false keeps nothing.
   *
   * @group How files are fetched
   */
  store?: boolean | ModelStore;
  /**
   * Sent with every request for the files.
   *
   * @group How files are fetched
   */
  headers?: HeadersInit;
  /**
   * Whether requests for the files carry cookies; as of `fetch`, whose default it has.
   *
   * @group How files are fetched
   */
  credentials?: 'omit' | 'same-origin' | 'include';
  /**
   * Makes the requests for the files in place of `fetch`; it runs where `load` was called, and need not be given to a worker.
   *
   * @group How files are fetched
   */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * How often a request that failed, or a transfer that was cut, is tried again before loading fails. Default: 5.
   *
   * @group How files are fetched
   */
  retries?: number;
  /**
   * After so many milliseconds without a byte a connection counts as cut. Default: 30,000.
   *
   * @group How files are fetched
   */
  timeout?: number;
}

const DEFAULT_PREFIX_CACHE = 64 * 2 ** 20;

/** Of every option of `LanguageModel.load`. */
export const loadChecks: Checks<LoadOptions> = {
  ...engineChecks,
  weights: oneOf(['auto', ...WEIGHT_TYPES]),
  onProgress: callback(),
  signal: abortSignal,
  worker: workerOption,
  prefixCache: integer(0, Number.MAX_SAFE_INTEGER),
  ...fetchChecks,
};

/** @throws SottoError 'unknown-option', 'bad-option' */
export function resolveLoadOptions(given: unknown): LoadOptions & { prefixCache: number } {
  return { prefixCache: DEFAULT_PREFIX_CACHE, ...checkOptions(given, loadChecks, 'load') };
}

/** Checks what a worker can be. */
export function workerOption(value: unknown, name: string): boolean | WorkerLike {
  const { postMessage, terminate, addEventListener, on } = Object(value) as Record<string, unknown>;
  const isWorker = [postMessage, terminate, addEventListener ?? on].every(
    (each) => typeof each === 'function',
  );
  if (typeof value === 'boolean' || isWorker) return value as boolean | WorkerLike;
  throw badOption(name, value, 'true, false or a Worker');
}
