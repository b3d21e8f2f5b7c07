import { yieldToEvents } from '../base/yield-to-events.js';
import type { CallContext, Input } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
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
  { model, cache, tokenizer, info }: ModelInUse,
  input: Input,
  { emit, signal }: Pick<CallContext<'score'>, 'emit' | 'signal'>,
): Promise<Score> {
  const ids = toIds(tokenizer, input);
  if (ids.length > info.contextLength) {
    throw new SottoError(
      'prompt-too-long',
      `the text has ${ids.length} tokens, and the model's context is ${info.contextLength}: score it in parts`,
    );
  }
  const logprobs: (number | null)[] = [null];
  const session = cache.withMemory(() => model.createSession());
  try {
    for (let begin = 0; begin < ids.length; begin += ROWS) {
      if (begin > 0) await yieldToEvents();
      signal().throwIfAborted();
      const part = ids.subarray(begin, begin + ROWS);
      const nToCome = ids.length - begin - part.length;
      cache.withMemory(() => session.append(part, { allLogits: true, nToCome }));
      for (let row = 0; row < part.length && begin + row + 1 < ids.length; row++) {
        logprobs.push(session.logProbabilities(ids[begin + row + 1] as number, { row }).logprob);
      }
      emit({ processedTokens: begin + part.length, totalTokens: ids.length });
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
