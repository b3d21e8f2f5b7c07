import type { DecoderConfig } from './decoder-config.js';
import type { TensorPlacement } from './placement.js';

/** What an architecture makes of a config.json. */
export interface ModelMapping {
  /** `model_type` of the family, such as 'gpt2'. */
  architecture: string;
  config: DecoderConfig;
  /**
   * Where a tensor of the model's files belongs: 'skip' for one that the engine does not need, null for one that
   * this architecture does not have. The latter must be refused, as the model would compute something else.
   */
  tensor(fileName: string): TensorPlacement | 'skip' | null;
}
