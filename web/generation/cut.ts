import type { EngineSession } from '../engine/engine.js';
import type { ModelInUse } from './model-in-use.js';
import { prefill } from './prefill.js';

/**
 * Makes a session forget the tokens from a position on. What its model cannot keep before them is read again, in passes
 * that let events through. Who reads on anyway takes `EngineSession.rewind` and its answer instead.
 *
 * @throws SottoError 'out-of-memory'; the session is shorter then.
 */
export async function cutTo(
  { model, cache, engine }: Pick<ModelInUse, 'model' | 'cache' | 'engine'>,
  session: EngineSession,
  length: number,
): Promise<void> {
  const ids = session.tokens().subarray(0, length);
  const reached = session.rewind(length);
  if (reached === length) return;
  const reading = { session, ids: ids.subarray(reached), isOver: () => false };
  await prefill(model, cache, [reading], engine.maxChunk);
}
