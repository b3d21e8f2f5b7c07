import type { EngineSession } from '../engine/engine.js';
import { SottoError } from '../errors.js';
import type { ResolvedGenerateOptions } from '../generate-options.js';
import type { LoadedModel } from './loading.js';
import { prefill } from './prefill.js';

type SlideOptions = Pick<ResolvedGenerateOptions, 'overflow' | 'keepTokens'>;

/**
 * The prompt as it fits into the context with room for a token behind it.
 *
 * @throws SottoError 'prompt-too-long', unless the context slides
 */
export function fitPrompt(ids: Int32Array, contextLength: number, options: SlideOptions): Int32Array {
  if (ids.length < contextLength) return ids;
  if (options.overflow === 'slide') return slid(ids, contextLength, options.keepTokens);
  throw new SottoError(
    'prompt-too-long',
    `the prompt has ${ids.length} tokens, and the model's context is ${contextLength}, prompt and answer together: ` +
      `shorten the prompt to ${contextLength - 1} tokens or less, or let it slide (overflow: 'slide')`,
  );
}

/**
 * A session whose context has slid on: it holds the first tokens and the latest half of the others. Positions are part of
 * what GPT-2's keys and values are made from, so all but the first are read anew. The given session stays as it is.
 *
 * @param isOver Looked at between two passes.
 * @returns Null when it was over.
 * @throws SottoError 'out-of-memory'
 */
export async function slide(
  { model, cache, engine, info }: LoadedModel,
  session: EngineSession,
  keepTokens: number,
  isOver: () => boolean,
): Promise<EngineSession | null> {
  const ids = slid(session.tokens(), info.contextLength, keepTokens);
  const next = session.fork();
  try {
    next.truncate(keepTokens);
    const reading = { session: next, ids: ids.subarray(keepTokens), isOver };
    await prefill(model, cache, [reading], engine.maxChunk);
    if (next.length === ids.length) return next;
  } catch (error) {
    next.dispose();
    throw error;
  }
  next.dispose();
  return null;
}

/** The first `keepTokens`, and as many of the latest as take half of the rest of the context. */
function slid(ids: Int32Array, contextLength: number, keepTokens: number): Int32Array {
  const nLatest = Math.floor((contextLength - keepTokens) / 2);
  return Int32Array.of(...ids.subarray(0, keepTokens), ...ids.subarray(-nLatest));
}
