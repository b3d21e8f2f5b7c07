import type { FinishReason, GenerationResult } from '../../results/generation-result.js';
import { PROVIDER } from './call-options.js';
import type { JsonValue, ProviderMetadata, SdkFinishReason, SdkUsage } from './spec.js';

const UNIFIED: Readonly<Record<FinishReason, SdkFinishReason['unified']>> = {
  'end-token': 'stop',
  'stop-string': 'stop',
  'stop-pattern': 'stop',
  'stop-when': 'stop',
  'max-time': 'other',
  length: 'length',
  'context-full': 'length',
  aborted: 'error',
};

/** How an answer ended, in the SDK's terms. */
export interface Finish {
  finishReason: SdkFinishReason;
  usage: SdkUsage;
  providerMetadata: ProviderMetadata;
}

/**
 * @param nReasoningTokens How many of its tokens were thoughts.
 * @param brokenCalls Why texts that began as calls are none.
 */
export function finishOf(
  result: GenerationResult,
  nReasoningTokens: number,
  brokenCalls: readonly string[],
): Finish {
  const { finishReason: raw, seed, timings, logprobs, message } = result;
  const calls = message?.tool_calls ?? [];
  const unified = UNIFIED[raw] === 'stop' && calls.length > 0 ? 'tool-calls' : UNIFIED[raw];
  const ours = {
    seed,
    timings: { ...timings },
    ...(logprobs !== undefined && { logprobs: logprobs as unknown as JsonValue }),
    ...(brokenCalls.length > 0 && { brokenCalls: [...brokenCalls] }),
  };
  return {
    finishReason: { unified, raw },
    usage: usageOf(result, nReasoningTokens),
    providerMetadata: { [PROVIDER]: ours },
  };
}

/** Of an answer that an error ended. @param result What there was of it. */
export function failureOf(
  result: GenerationResult | undefined,
  nReasoningTokens: number,
): Omit<Finish, 'providerMetadata'> {
  return { finishReason: { unified: 'error', raw: undefined }, usage: usageOf(result, nReasoningTokens) };
}

function usageOf(result: GenerationResult | undefined, reasoning: number): SdkUsage {
  if (result === undefined) {
    return {
      inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    };
  }
  const { promptTokens, cachedTokens, completionTokens } = result.usage;
  return {
    inputTokens: {
      total: promptTokens,
      noCache: promptTokens - cachedTokens,
      cacheRead: cachedTokens,
      cacheWrite: undefined,
    },
    outputTokens: { total: completionTokens, text: completionTokens - reasoning, reasoning },
    raw: { ...result.usage },
  };
}
