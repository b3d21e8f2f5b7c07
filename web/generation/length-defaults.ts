import type { LogitsProcessor, ResolvedGenerateOptions } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';
import type { LengthLimit } from './request.js';

/**
 * The options for a prompt of so many tokens, by what the model's files say of prompt and answer together.
 *
 * @throws SottoError 'prompt-too-long' when the prompt alone is as long as that, as in transformers
 */
export function forPrompt(options: ResolvedGenerateOptions, nTokens: number): ResolvedGenerateOptions {
  const { maxLength, minLength, leastNewTokens, forcedFirst } = options.lengthDefaults;
  const { sampler } = options;
  let { maxNewTokens } = options;
  if (maxLength !== null) {
    maxNewTokens = Math.max(maxLength - nTokens, leastNewTokens);
    if (maxNewTokens < 1) {
      throw new SottoError(
        'prompt-too-long',
        `the prompt has ${nTokens} tokens, and the model's own max_length is ${maxLength}, prompt and answer together: ` +
          'give maxNewTokens, which goes before it, or a shorter prompt',
      );
    }
  }
  const least = Math.max(sampler.minNewTokens, minLength - nTokens);
  const forcedTokens = nTokens === 1 && forcedFirst !== null ? [forcedFirst] : sampler.forcedTokens;
  const minNewTokens = Math.min(least, maxNewTokens);
  return { ...options, maxNewTokens, sampler: { ...sampler, minNewTokens, forcedTokens } };
}

/**
 * A request's logits processor, behind what the model's files say of the first and the last token of an answer; null where there
 * is neither.
 */
export function withLengthDefaults(
  processor: LogitsProcessor | null,
  { lengthDefaults }: Pick<ResolvedGenerateOptions, 'lengthDefaults'>,
  nPrompt: number,
  { maxTokens, reason }: LengthLimit,
): LogitsProcessor | null {
  const { suppressedFirst, forcedFirst, forcedLast, leastNewTokens } = lengthDefaults;
  // Behind a first token that is forced, the second one is the first that is chosen.
  const nBegin = nPrompt + Number(nPrompt === 1 && forcedFirst !== null);
  const ends = forcedLast.length > 0 && reason === 'length' && leastNewTokens < maxTokens;
  if (suppressedFirst.length === 0 && !ends) return processor;
  return (logits, ids) => {
    if (ends && ids.length === nPrompt + maxTokens - 1) {
      logits.fill(Number.NEGATIVE_INFINITY);
      for (const id of forcedLast) logits[id] = 0;
    }
    if (ids.length === nBegin) for (const id of suppressedFirst) logits[id] = Number.NEGATIVE_INFINITY;
    processor?.(logits, ids);
  };
}
