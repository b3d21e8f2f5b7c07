import { SottoError } from '../errors.js';
import type { LoadedModel } from './loading.js';
import { prefill } from './prefill.js';
import type { CallContext, Input } from './protocol.js';
import type { SessionSlot } from './session-table.js';
import { TapCollector } from './tap-collector.js';
import { toIds } from './text-input.js';

/**
 * Reads text behind what the session holds. When it is aborted or fails, the session is what it was.
 *
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'prompt-too-long', 'out-of-memory'; the reason of the signal.
 */
export async function appendToSession(
  loaded: LoadedModel,
  slot: SessionSlot,
  input: Input,
  { emit, signal }: Pick<CallContext<'append'>, 'emit' | 'signal'>,
): Promise<void> {
  const { model, cache, engine, info, tokenizer } = loaded;
  const { session } = slot;
  const length = session.length;
  const ids = toIds(tokenizer, input, length > 0);
  if (length + ids.length > info.contextLength) {
    throw new SottoError(
      'prompt-too-long',
      `the context holds ${info.contextLength} tokens; ${length} are in the session and ${ids.length} more were given: ` +
        adviceFor(info.contextLength - length, length > 0),
    );
  }
  const taps = new TapCollector();
  const onPass = (nRead: number) => {
    taps.collect(session);
    emit({ processedTokens: nRead, totalTokens: ids.length });
  };
  const reading = { session, ids, isOver: () => signal().aborted, onPass };
  try {
    await prefill(model, cache, [reading], engine.maxChunk);
    signal().throwIfAborted();
  } catch (error) {
    session.truncate(length);
    throw error;
  }
  slot.taps = taps.taps(info, session.length);
}

/**
 * What follows the session's text, a copy.
 *
 * @throws SottoError 'empty-prompt'
 */
export function logitsOf({ cache }: LoadedModel, slot: SessionSlot): Float32Array {
  const { session } = slot;
  const length = session.length;
  if (length === 0) {
    throw new SottoError('empty-prompt', 'an empty session has no logits: append some text first');
  }
  if (session.logits().length > 0) return session.logits().slice();
  const fork = session.fork(); // without memory for it, the session is what it was
  try {
    fork.truncate(length - 1);
    cache.withMemory(() => fork.append(session.tokens().subarray(-1)));
  } catch (error) {
    fork.dispose();
    throw error;
  }
  slot.replace(fork);
  return fork.logits().slice();
}

function adviceFor(room: number, canTruncate: boolean): string {
  if (room === 0) return 'truncate() the session first';
  return `give at most ${room}${canTruncate ? ', or truncate() the session first' : ''}`;
}
