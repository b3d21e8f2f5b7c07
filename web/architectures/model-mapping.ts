import type { DecoderConfig } from './decoder-config.js';
import type { TensorPlacement } from './placement.js';

/** What an architecture makes of a config.json. */
export interface ModelMapping {
  /** `model_type` of the family, such as 'gpt2'. */
  architecture: string;
  config: DecoderConfig;
  /**
   * Where a tensor of the model's files belongs: 'skip' for one that the engine does not need, null for one that
   * a part of this architecture does not have. The latter must be refused, as the model would compute something else.
   * A head has its place even where the config says that the token embeddings are it: files may hold either, or both.
   */
  tensor(fileName: string): TensorPlacement | 'skip' | null;
  /**
   * The names that files have for a tensor of the engine, for messages: several where files split it.
   *
   * @param present Names of the model's files, whose prefix is taken.
   */
  fileNames(engineName: string, present: Iterable<string>): string[];
}
