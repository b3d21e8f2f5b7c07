import { yieldToEvents } from '../base/yield-to-events.js';
import type { TextInput } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import type { PrefillProgress } from '../results/generation-result.js';
import type { Score } from '../results/session-values.js';
import type { ModelInUse } from './model-in-use.js';
import { toIds } from './text-input.js';

/** Tokens to a pass: each needs a row of logits as wide as the vocabulary. */
const ROWS = 32;

/**
 * How likely the model finds each token of a text.
 *
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'prompt-too-long', 'out-of-memory'; the reason of the signal.
 */
export async function score(
  { backend, cache, tokenizer, info }: ModelInUse,
  { input, specialTokens }: TextInput,
  { onProgress, signal }: { onProgress: (progress: PrefillProgress) => void; signal: AbortSignal },
): Promise<Score> {
  const ids = await toIds(tokenizer, input, { specialTokens, signal });
  if (ids.length > info.contextLength) {
    throw new SottoError(
      'prompt-too-long',
      `the text has ${ids.length} tokens, and the model's context is ${info.contextLength}: score it in parts`,
    );
  }
  const logprobs: (number | null)[] = [null];
  const session = await cache.withMemory(() => backend.createSession());
  try {
    for (let begin = 0; begin < ids.length; begin += ROWS) {
      if (begin > 0) await yieldToEvents();
      signal.throwIfAborted();
      const part = ids.subarray(begin, begin + ROWS);
      const nToCome = ids.length - begin - part.length;
      await cache.withMemory(() => backend.pass([{ session, ids: part, allLogits: true, nToCome }]));
      for (let row = 0; row < part.length && begin + row + 1 < ids.length; row++) {
        logprobs.push(session.logProbabilities(ids[begin + row + 1] as number, { row }).logprob);
      }
      onProgress({ processedTokens: begin + part.length, totalTokens: ids.length });
    }
  } finally {
    session.dispose();
  }
  const known = logprobs.slice(1) as number[];
  const logprob = known.reduce((sum, value) => sum + value, 0);
  const tokens = Array.from(ids, (tokenId, i) => ({
    tokenId,
    text: tokenizer?.decode([tokenId]) ?? '',
    logprob: logprobs[i] as number | null,
  }));
  return { tokens, logprob, perplexity: Math.exp(-logprob / known.length) };
}
