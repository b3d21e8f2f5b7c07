import { type LoadedModel, loadModel } from '../loading/load-model.js';
import { ProgressReporter } from '../loading/progress.js';
import type { LoadParams } from '../protocol/protocol.js';
import type { LoadProgress } from '../results/load-progress.js';

/** A loaded model, for as long as it is used. */
export interface WeightsInUse {
  loaded: LoadedModel;
  /** Ends this use; the last one's end gives the memory free. Idempotent. */
  release(): void;
}

/** Loads a model. */
export async function useWeights(
  params: LoadParams,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal,
): Promise<WeightsInUse> {
  const loaded = await loadModel(params, new ProgressReporter(onProgress), signal);
  return { loaded, release: () => loaded.engine.dispose() };
}
