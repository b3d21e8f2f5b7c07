import { engineChecks, WEIGHT_TYPES } from './engine-options.js';
import { type FetchOptions, fetchChecks } from './fetch-options.js';
import { type LoadOptions, workerOption } from './load-options.js';
import { abortSignal, type Checks, checkOptions, integer, oneOf } from './option-checks.js';

/** How a model is estimated: for a load with these options. */
export interface EstimateOptions
  extends FetchOptions,
    Pick<LoadOptions, 'signal' | 'worker' | 'weights' | 'threads' | 'variant' | 'wasm' | 'memoryLimit'> {
  /**
   * The tokens of the text that memory is estimated for. Default: as many as the model takes, up to 4096.
   *
   * @group How it runs
   */
  contextLength?: number;
}

const estimateChecks: Checks<EstimateOptions> = {
  ...engineChecks,
  ...fetchChecks,
  weights: oneOf(['auto', ...WEIGHT_TYPES]),
  signal: abortSignal,
  worker: workerOption,
  contextLength: integer(1, Number.MAX_SAFE_INTEGER),
};

/** @throws SottoError 'unknown-option', 'bad-option' */
export function resolveEstimateOptions(given: unknown): EstimateOptions {
  return checkOptions(given, estimateChecks, 'estimate');
}
