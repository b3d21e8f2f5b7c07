import type { BackendSession } from '../engine/backend.js';
import type { TextInput } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import type { PrefillProgress } from '../results/generation-result.js';
import { cutTo, prefill } from './loop.js';
import type { ModelInUse } from './model-in-use.js';
import type { SessionSlot } from './session-slot.js';
import { TapCollector } from './tap-collector.js';
import { toIds } from './text-input.js';

/**
 * Reads text behind what the session holds. When it is aborted or fails, the session is what it was.
 *
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'prompt-too-long', 'out-of-memory'; the reason of the signal.
 */
export async function appendToSession(
  model: ModelInUse,
  slot: SessionSlot,
  { input, specialTokens }: TextInput,
  { onProgress, signal }: { onProgress: (progress: PrefillProgress) => void; signal: AbortSignal },
): Promise<void> {
  const { info, tokenizer } = model;
  const { length } = slot.session;
  const ids = await toIds(tokenizer, input, { isContinuation: length > 0, specialTokens, signal });
  if (length + ids.length > info.contextLength) {
    throw new SottoError(
      'prompt-too-long',
      `the context holds ${info.contextLength} tokens; ${length} are in the session and ${ids.length} more were given: ` +
        adviceFor(info.contextLength - length, length > 0),
    );
  }
  const session = await model.cache.withMemory(() => slot.session.fork());
  session.tap(slot.tapNames);
  const taps = new TapCollector();
  const onPass = (nRead: number) => {
    taps.collect(session);
    onProgress({ processedTokens: nRead, totalTokens: ids.length });
  };
  try {
    await prefill(model, [{ session, ids, isOver: () => signal.aborted, onPass }]);
    signal.throwIfAborted();
  } catch (error) {
    session.dispose();
    throw error;
  }
  slot.replace(session);
  slot.taps = taps.taps(model.backend.config, session.length);
}

/**
 * What follows the session's text, a copy.
 *
 * @throws SottoError 'empty-prompt'
 */
export async function logitsOf(model: ModelInUse, slot: SessionSlot): Promise<Float32Array> {
  const { session } = slot;
  if (session.length === 0) {
    throw new SottoError('empty-prompt', 'an empty session has no logits: append some text first');
  }
  if (session.facts.nLogitRows > 0) return session.logits().slice();
  await onFork(model, slot, async (fork) => {
    await cutTo(model, fork, session.length - 1);
    await model.cache.withMemory(() =>
      model.backend.pass([{ session: fork, ids: session.tokens().subarray(-1) }]),
    );
  });
  return slot.session.logits().slice();
}

/** @throws SottoError 'bad-option', 'out-of-memory'; the session is what it was. */
export async function truncateSession(model: ModelInUse, slot: SessionSlot, length: number): Promise<void> {
  if (length === slot.session.length) return;
  await onFork(model, slot, (fork) => cutTo(model, fork, length));
}

/** Changes a fork, which takes the session's place when that has succeeded. */
async function onFork(
  { cache }: ModelInUse,
  slot: SessionSlot,
  change: (fork: BackendSession) => Promise<void>,
): Promise<void> {
  const fork = await cache.withMemory(() => slot.session.fork());
  try {
    await change(fork);
  } catch (error) {
    fork.dispose();
    throw error;
  }
  slot.replace(fork);
}

function adviceFor(room: number, canTruncate: boolean): string {
  if (room === 0) return 'truncate() the session first';
  return `give at most ${room}${canTruncate ? ', or truncate() the session first' : ''}`;
}
