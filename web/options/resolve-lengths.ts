import type { GenerateOptions, LengthDefaults } from './generate-options.js';
import type { GenerationDefaults } from './model-info.js';

/** How long an answer is to be. */
export interface Lengths {
  maxNewTokens: number;
  minNewTokens: number;
  lengthDefaults: LengthDefaults;
}

/** The caller's lengths, and the model's as far as they go with them. */
export function resolveLengths(given: Partial<GenerateOptions>, defaults: GenerationDefaults): Lengths {
  const { forcedTokens, suppressTokens = [] } = given;
  const isOpen = (id: number | undefined): id is number => id !== undefined && !suppressTokens.includes(id);
  const leastNewTokens = given.minNewTokens ?? 0;
  const maxNewTokens = given.maxNewTokens ?? Math.max(defaults.maxNewTokens, leastNewTokens);
  const { maxLength, minLength, forcedBosTokenId, forcedEosTokenIds, beginSuppressTokens } = defaults;
  const forcedFirst = forcedTokens === undefined && isOpen(forcedBosTokenId) ? forcedBosTokenId : null;
  return {
    maxNewTokens,
    minNewTokens: given.minNewTokens ?? Math.min(defaults.minNewTokens, maxNewTokens),
    lengthDefaults: {
      maxLength: given.maxNewTokens === undefined ? (maxLength ?? null) : null,
      minLength: given.minNewTokens === undefined ? (minLength ?? 0) : 0,
      leastNewTokens,
      forcedFirst,
      forcedLast: forcedEosTokenIds?.filter(isOpen) ?? [],
      suppressedFirst: beginSuppressTokens?.filter((id) => id !== forcedTokens?.[0]) ?? [],
    },
  };
}
