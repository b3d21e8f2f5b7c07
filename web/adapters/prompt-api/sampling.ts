import type { ModelInfo } from '../../options/model-info.js';
import type { CreateCoreOptions, SamplingMode, SamplingParams } from './types.js';

/** What a session chooses tokens with. */
export interface Sampling {
  topK: number;
  temperature: number;
  /** Null where numbers were given. */
  samplingMode: SamplingMode | null;
}

/** For models whose files do not ask for sampling: browsers' own models do. */
const USUAL = { topK: 40, temperature: 0.7 };
const MAX_TEMPERATURE = 2;

/** What the model's own temperature is multiplied by. */
const MODES: Record<SamplingMode, number> = {
  'most-predictable': 0,
  predictable: 0.5,
  'slightly-predictable': 0.75,
  balanced: 1,
  'slightly-creative': 1.15,
  creative: 1.3,
  'most-creative': 1.6,
};

/** What a model's files say of sampling, as far as they do. All tokens are as many as the vocabulary has. */
export function samplingParams({ generationDefaults, vocabSize }: ModelInfo): SamplingParams {
  const { temperature, topK } = generationDefaults;
  const draws = temperature !== undefined && temperature > 0;
  return {
    defaultTopK: draws ? topK || vocabSize : Math.min(USUAL.topK, vocabSize),
    maxTopK: vocabSize,
    defaultTemperature: draws ? Math.min(temperature, MAX_TEMPERATURE) : USUAL.temperature,
    maxTemperature: MAX_TEMPERATURE,
  };
}

/**
 * Checks what can be without a model.
 *
 * @throws TypeError, RangeError
 */
export function checkSampling({ topK, temperature, samplingMode }: CreateCoreOptions): void {
  if (samplingMode !== undefined) {
    if (!Object.hasOwn(MODES, samplingMode)) {
      throw new TypeError(
        `samplingMode is ${String(samplingMode)}; it must be one of ${Object.keys(MODES).join(', ')}`,
      );
    }
    if (topK !== undefined || temperature !== undefined) {
      throw new TypeError('samplingMode stands in the place of topK and temperature: give it or them');
    }
  }
  if (topK !== undefined && !(Number(topK) >= 1))
    throw new RangeError(`topK is ${topK}; it must be 1 or more`);
  if (temperature !== undefined && !(Number(temperature) >= 0)) {
    throw new RangeError(`temperature is ${temperature}; it must be 0 or more`);
  }
}

/** @param options Checked. */
export function resolveSampling(options: CreateCoreOptions, info: ModelInfo): Sampling {
  const { defaultTopK, maxTopK, defaultTemperature, maxTemperature } = samplingParams(info);
  const { topK, temperature, samplingMode = 'balanced' } = options;
  if (topK === undefined && temperature === undefined) {
    const free = Math.min(defaultTemperature * MODES[samplingMode], maxTemperature);
    return { topK: free === 0 ? 1 : defaultTopK, temperature: free, samplingMode };
  }
  return {
    topK: Math.min(Math.floor(topK ?? defaultTopK), maxTopK),
    temperature: Math.min(temperature ?? defaultTemperature, maxTemperature),
    samplingMode: null,
  };
}
