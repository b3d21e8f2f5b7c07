import type { EngineSession } from '../engine/engine.js';
import type { CallContext, Input } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import { cutTo } from './cut.js';
import type { ModelInUse } from './model-in-use.js';
import { prefill } from './prefill.js';
import type { SessionSlot } from './session-slot.js';
import { TapCollector } from './tap-collector.js';
import { toIds } from './text-input.js';

/**
 * Reads text behind what the session holds. When it is aborted or fails, the session is what it was.
 *
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'prompt-too-long', 'out-of-memory'; the reason of the signal.
 */
export async function appendToSession(
  loaded: ModelInUse,
  slot: SessionSlot,
  input: Input,
  { emit, signal }: Pick<CallContext<'append'>, 'emit' | 'signal'>,
): Promise<void> {
  const { model, cache, engine, info, tokenizer } = loaded;
  const { length } = slot.session;
  const ids = toIds(tokenizer, input, length > 0);
  if (length + ids.length > info.contextLength) {
    throw new SottoError(
      'prompt-too-long',
      `the context holds ${info.contextLength} tokens; ${length} are in the session and ${ids.length} more were given: ` +
        adviceFor(info.contextLength - length, length > 0),
    );
  }
  const session = slot.session.fork();
  session.tap(slot.tapNames);
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
    session.dispose();
    throw error;
  }
  slot.replace(session);
  slot.taps = taps.taps(model.config, session.length);
}

/**
 * What follows the session's text, a copy.
 *
 * @throws SottoError 'empty-prompt'
 */
export async function logitsOf(loaded: ModelInUse, slot: SessionSlot): Promise<Float32Array> {
  const { session } = slot;
  if (session.length === 0) {
    throw new SottoError('empty-prompt', 'an empty session has no logits: append some text first');
  }
  if (session.logits().length > 0) return session.logits().slice();
  await onFork(slot, async (fork) => {
    await cutTo(loaded, fork, session.length - 1);
    loaded.cache.withMemory(() => fork.append(session.tokens().subarray(-1)));
  });
  return slot.session.logits().slice();
}

/** @throws SottoError 'bad-option', 'out-of-memory'; the session is what it was. */
export async function truncateSession(loaded: ModelInUse, slot: SessionSlot, length: number): Promise<void> {
  if (length === slot.session.length) return;
  await onFork(slot, (fork) => cutTo(loaded, fork, length));
}

/** Changes a fork, which takes the session's place when that has succeeded. */
async function onFork(slot: SessionSlot, change: (fork: EngineSession) => Promise<void>): Promise<void> {
  const fork = slot.session.fork();
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
