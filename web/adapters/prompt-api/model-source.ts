import { onAbort } from '../../base/on-abort.js';
import { LanguageModel } from '../../page/language-model.js';
import { resolveLoadSource } from '../../page/load-params.js';
import { SottoError, type SottoErrorCode } from '../../results/errors.js';
import type { LoadProgress } from '../../results/load-progress.js';
import { domException } from './errors.js';
import { untilAborted } from './signals.js';
import type { Availability, PromptApiOptions } from './types.js';

/** What may be otherwise the next time: it says nothing of the model. */
const PASSING: readonly SottoErrorCode[] = ['network', 'store', 'store-full', 'engine-crashed'];

/** A loading that several creations wait for. */
interface Loading {
  promise: Promise<LanguageModel>;
  controller: AbortController;
  listeners: Set<(progress: LoadProgress) => void>;
}

/** The model that all sessions share: loaded once, when the first of them is created. */
export class ModelSource {
  readonly #options: Pick<PromptApiOptions, 'source' | 'loadOptions' | 'model'>;
  #model: LanguageModel | null;
  #loading: Loading | null = null;

  /** @throws TypeError unless there is either a source or a model */
  constructor({ source, loadOptions, model }: PromptApiOptions) {
    if ((source === undefined) === (model === undefined)) {
      throw new TypeError('createPromptApi needs either a source or a model');
    }
    this.#options = {
      ...(source !== undefined && { source }),
      ...(loadOptions !== undefined && { loadOptions }),
      ...(model !== undefined && { model }),
    };
    this.#model = model ?? null;
  }

  /**
   * The model; where it is not there yet, or its engine has stopped, it is loaded. An abort ends the loading when nobody else
   * waits for it.
   *
   * @throws SottoError as `LanguageModel.load`; the reason of the signal
   */
  async load(signal: AbortSignal, onProgress: (progress: LoadProgress) => void): Promise<LanguageModel> {
    if (this.#model !== null && (await this.#lives(this.#model))) return this.#model;
    signal.throwIfAborted();
    this.#loading ??= this.#start();
    const { promise, listeners, controller } = this.#loading;
    const listener = (progress: LoadProgress) => onProgress(progress);
    listeners.add(listener);
    const end = onAbort(signal, () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      this.#loading = null;
      controller.abort(signal.reason);
    });
    try {
      return await untilAborted(promise, signal);
    } finally {
      end();
      listeners.delete(listener);
    }
  }

  /** @throws DOMException 'UnknownError' where that cannot be said now */
  async availability(): Promise<Availability> {
    if (this.#model !== null) return 'available';
    const { source, loadOptions = {} } = this.#options;
    // Else nothing is fetched: the bytes are on this device.
    const isFetched = ['hub', 'url', 'urls'].includes(resolveLoadSource(source, loadOptions).kind);
    if (this.#loading !== null) return isFetched ? 'downloading' : 'available';
    const { onProgress: _, prefixCache: __, ...options } = loadOptions;
    try {
      const { fits, downloadBytes, storedBytes } = await LanguageModel.estimate(source as never, options);
      if (!fits) return 'unavailable';
      return !isFetched || storedBytes >= downloadBytes ? 'available' : 'downloadable';
    } catch (error) {
      if (!(error instanceof SottoError)) throw error;
      if (!PASSING.includes(error.code)) return 'unavailable';
      throw domException('UnknownError', `it cannot be said now: ${error.message}`, error);
    }
  }

  /** Gives back what was loaded here. */
  async unload(): Promise<void> {
    const [loading, model] = [this.#loading, this.#model];
    this.#loading = null;
    if (this.#options.model === undefined) this.#model = null;
    loading?.controller.abort(domException('AbortError', 'the model was unloaded'));
    if (this.#options.model === undefined) await model?.dispose();
  }

  async #lives(model: LanguageModel): Promise<boolean> {
    try {
      await model.memory();
      return true;
    } catch (error) {
      if (this.#options.model !== undefined) throw error;
      if (this.#model === model) this.#model = null;
      return false;
    }
  }

  #start(): Loading {
    const { source, loadOptions = {} } = this.#options;
    const controller = new AbortController();
    const listeners: Loading['listeners'] = new Set();
    const onProgress = (progress: LoadProgress) => {
      for (const listener of listeners) listener(progress);
      return loadOptions.onProgress?.(progress);
    };
    const { signal } = controller;
    const promise = LanguageModel.load(source as never, { ...loadOptions, onProgress, signal });
    const loading = { promise, controller, listeners };
    const isCurrent = () => this.#loading === loading;
    promise.then(
      (model) => {
        if (isCurrent()) this.#model = model;
        else void model.dispose(); // nobody waits any more
        if (isCurrent()) this.#loading = null;
      },
      () => {
        if (isCurrent()) this.#loading = null;
      },
    );
    return loading;
  }
}
