import { measureHfChatTemplates } from './chat-templates.js';
import { measureHfTokenizer } from './hf-tokenizer.js';
import { surveyHfWeights } from './hf-weights.js';
import type { PackageSurvey } from './package.js';
import type { PackageFiles } from './package-files.js';

/**
 * Finds out the sizes of a folder's files and tensors: of files that tell their size, no more is read than what else depends on.
 *
 * @param files Where config.json was read.
 * @throws SottoError as loading, for what is wrong with the headers.
 */
export async function surveyHfFolder(files: PackageFiles): Promise<PackageSurvey> {
  const tensors = await surveyHfWeights(files);
  await files.measure('generation_config.json', 'config');
  const { isThere, config } = await measureHfTokenizer(files);
  if (isThere) await measureHfChatTemplates(files, config);
  return { tensors, nBytes: [...files.sizes.values()].reduce((sum, bytes) => sum + bytes, 0) };
}
