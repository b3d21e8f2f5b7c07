import type { Backend } from '../engine/backend.js';
import type { ModelInfo } from '../options/model-info.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Chats } from './chats.js';
import type { LazyForms } from './lazy-forms.js';
import type { PrefixCache } from './prefix-cache.js';

/** A model that generates. */
export interface ModelInUse {
  backend: Backend;
  /** Null when the model came without one: ids in, ids out. */
  tokenizer: Tokenizer | null;
  /** Null without a tokenizer. */
  chats: Chats | null;
  /** Null without a tokenizer. */
  forms: LazyForms | null;
  info: ModelInfo;
  /** What earlier generations have read. */
  cache: PrefixCache;
}
