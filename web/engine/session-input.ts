import type { DecoderConfig } from '../architectures/decoder-config.js';
import { readList, resolveTokenIds } from '../options/token-ids.js';
import { SottoError } from '../results/errors.js';
import type { EngineSession } from './session.js';

/** Tokens for one session, as a part of a pass over several. */
export interface SessionInput {
  session: EngineSession;
  ids: ArrayLike<number>;
  /** Whether `logits()` shall have a row for each of these tokens. Default: false, the last one's only. */
  allLogits?: boolean;
  /**
   * How many tokens are to follow in later passes. Models whose rotary positions depend on the length (longrope) read all
   * with those of the whole text then; without it they read the text anew where it becomes long. Default: 0.
   */
  nToCome?: number;
}

/** Where tokens go that are to be appended. */
interface Destination {
  config: Pick<DecoderConfig, 'contextLength' | 'vocabSize'>;
  /** The tokens that are there. */
  length: number;
  /** The most tokens that the engine takes at once, and whether these have to be so few. */
  maxChunk: number;
  isOneChunk: boolean;
}

/**
 * The tokens to append, copied: what the caller's list says later does not matter.
 *
 * @throws SottoError 'empty-prompt', 'bad-token', 'prompt-too-long', 'bad-option'
 */
export function checkInput(
  given: ArrayLike<number>,
  { config, length, maxChunk, isOneChunk }: Destination,
): Int32Array {
  const { contextLength, vocabSize } = config;
  const ids = readList(given, 'ids', 'a list of token ids');
  if (ids.length === 0) throw new SottoError('empty-prompt', 'there is no token to append');
  if (ids.length > contextLength - length) {
    throw new SottoError(
      'prompt-too-long',
      `the context holds ${contextLength} tokens; ${length} are in it and ${ids.length} more were given`,
    );
  }
  if (isOneChunk && ids.length > maxChunk) {
    const advice = `append them in parts of at most ${maxChunk}`;
    throw new SottoError(
      'bad-option',
      `${ids.length} tokens are too many at once for allLogits, taps and batches: ${advice}`,
    );
  }
  return resolveTokenIds(ids, vocabSize, 'ids');
}
