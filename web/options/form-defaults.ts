import type { GenerationDefaults } from './model-info.js';

/** The model's defaults for an answer that has a form: what rules tokens out or forces them gives way to that. */
export function defaultsForForm(defaults: GenerationDefaults): GenerationDefaults {
  const { minLength, forcedBosTokenId, forcedEosTokenIds, beginSuppressTokens, ...others } = defaults;
  return {
    ...others,
    minNewTokens: 0,
    noRepeatNgramSize: 0,
    badWords: [],
    suppressTokens: [],
    forcedTokens: [],
  };
}
