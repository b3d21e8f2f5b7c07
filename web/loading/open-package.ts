import type { ModelSource } from '../sources/source.js';
import { GgufFile } from './gguf-file.js';
import { HfFolder } from './hf-folder.js';
import type { ModelPackage } from './package.js';
import type { ProgressReporter } from './progress.js';

/**
 * Opens the model that a source holds, in whatever form: a GGUF file, or a folder as Hugging Face's hub has it.
 *
 * @param file The name of the GGUF file, or of one of its parts; undefined for the folder.
 * @throws SottoError for what its configuration says, 'file-not-found', 'network'; what `signal` was aborted with.
 */
export async function openPackage(
  source: ModelSource,
  file: string | undefined,
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<ModelPackage> {
  if (file !== undefined && !source.isFolderNamedLikeFile)
    return GgufFile.open(source, file, progress, signal);
  return HfFolder.open(source, progress, signal);
}
