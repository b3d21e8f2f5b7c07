import type { ModelSource } from '../sources/source.js';
import { HfFolder } from './hf-folder.js';
import type { ModelPackage } from './package.js';
import type { ProgressReporter } from './progress.js';

/**
 * Opens the model that a source holds, in whatever form: today a folder as Hugging Face's hub has it.
 *
 * @throws SottoError 'file-not-found' and 'bad-file' for its config, 'network'; what `signal` was aborted with.
 */
export function openPackage(
  source: ModelSource,
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<ModelPackage> {
  return HfFolder.open(source, progress, signal);
}
