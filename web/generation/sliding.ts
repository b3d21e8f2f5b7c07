import type { EngineSession } from '../engine/engine.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';
import type { ModelInUse } from './model-in-use.js';
import { prefill } from './prefill.js';

type FitOptions = Pick<ResolvedGenerateOptions, 'overflow' | 'keepTokens' | 'strategy'>;

/**
 * The text as it fits into the context with room for a token behind it.
 *
 * @param what The text is, for the advice where it does not fit.
 * @throws SottoError 'prompt-too-long', unless the context slides
 */
export function fitPrompt(
  ids: Int32Array,
  contextLength: number,
  { overflow, keepTokens, strategy }: FitOptions,
  what: 'prompt' | 'session',
): Int32Array {
  if (ids.length < contextLength) return ids;
  if (contextLength === 1) {
    throw new SottoError(
      'prompt-too-long',
      "the model's context is a single token, which leaves no room for an answer: it can only score() and give logits",
    );
  }
  if (overflow === 'slide') return slid(ids, contextLength, keepTokens);
  const nFitting = contextLength === 2 ? 'one token' : `${contextLength - 1} tokens or less`;
  const shorten =
    what === 'prompt' ? `shorten the prompt to ${nFitting}` : `truncate() the session to ${nFitting}`;
  const orSlide = strategy.name === 'sample' ? ", or let it slide (overflow: 'slide')" : '';
  throw new SottoError(
    'prompt-too-long',
    `the ${what} has ${ids.length} tokens, and the model's context is ${contextLength}, prompt and answer together: ` +
      `${shorten}${orSlide}`,
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
  { model, cache, engine, info }: ModelInUse,
  session: EngineSession,
  keepTokens: number,
  isOver: () => boolean,
): Promise<EngineSession | null> {
  const ids = slid(session.tokens(), info.contextLength, keepTokens);
  const next = session.fork();
  try {
    const nKept = next.rewind(keepTokens);
    const reading = { session: next, ids: ids.subarray(nKept), isOver };
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
  const kept = new Int32Array(keepTokens + nLatest);
  kept.set(ids.subarray(0, keepTokens));
  kept.set(ids.subarray(ids.length - nLatest), keepTokens);
  return kept;
}
