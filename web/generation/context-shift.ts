import type { BackendSession } from '../engine/backend.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';
import { prefill } from './loop.js';
import type { ModelInUse } from './model-in-use.js';
import type { Sequence, SequenceParts } from './sequence.js';

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
  if (overflow === 'slide') return shiftedIds(ids, contextLength, keepTokens);
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

/** Shifts the context of a sequence where it is full; the sequence is over where it was aborted meanwhile. */
export async function shift(sequence: Sequence): Promise<void> {
  const parts = sequence.parts as SequenceParts;
  const { model, options, hooks } = sequence.request;
  if (parts.session.length < model.info.contextLength) return;
  const next = await shifted(model, parts.session, options.keepTokens, () => hooks.signal.aborted);
  if (next === null) {
    sequence.finishReason = 'aborted';
    return;
  }
  parts.session.dispose();
  parts.session = next;
}

/**
 * A session whose context was shifted: it holds the first tokens and the latest half of the others. Positions are part of
 * what GPT-2's keys and values are made from, so all but the first are read anew. The given session stays as it is.
 *
 * @param isOver Looked at between two passes.
 * @returns Null when it was over.
 * @throws SottoError 'out-of-memory'
 */
export async function shifted(
  model: ModelInUse,
  session: BackendSession,
  keepTokens: number,
  isOver: () => boolean,
): Promise<BackendSession | null> {
  const ids = shiftedIds(session.tokens(), model.info.contextLength, keepTokens);
  const next = await model.cache.withMemory(() => session.fork());
  try {
    const nKept = next.rewind(keepTokens);
    await prefill(model, [{ session: next, ids: ids.subarray(nKept), isOver }]);
    if (next.length === ids.length) return next;
  } catch (error) {
    next.dispose();
    throw error;
  }
  next.dispose();
  return null;
}

/** The first `keepTokens`, and as many of the latest as take half of the rest of the context. */
function shiftedIds(ids: Int32Array, contextLength: number, keepTokens: number): Int32Array {
  const nLatest = Math.floor((contextLength - keepTokens) / 2);
  const kept = new Int32Array(keepTokens + nLatest);
  kept.set(ids.subarray(0, keepTokens));
  kept.set(ids.subarray(ids.length - nLatest), keepTokens);
  return kept;
}
