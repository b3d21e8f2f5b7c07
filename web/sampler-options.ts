import { type Checks, integer, number } from './option-checks.js';

/** How the next token is chosen from the logits. */
export interface SamplerOptions {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  typicalP: number;
  epsilonCutoff: number;
  etaCutoff: number;
  repetitionPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  noRepeatNgramSize: number;
  logitBias: Readonly<Record<number, number>>;
  badWords: readonly (readonly number[])[];
  suppressTokens: readonly number[];
  forcedTokens: readonly number[];
  minNewTokens: number;
  seed: number;
}

export const NEUTRAL_SAMPLER_OPTIONS: SamplerOptions = {
  temperature: 1, topK: 0, topP: 1, minP: 0, typicalP: 1, epsilonCutoff: 0, etaCutoff: 0, repetitionPenalty: 1,
  frequencyPenalty: 0, presencePenalty: 0, noRepeatNgramSize: 0, logitBias: {}, badWords: [], suppressTokens: [],
  forcedTokens: [], minNewTokens: 0, seed: 0,
};

const any = (value: unknown) => value as never;
/** The names and ranges of what a sampler takes. */
export const samplerChecks: Checks<SamplerOptions> = {
  temperature: number((value) => value >= 0, 'a number, 0 or more'),
  topK: integer(0, 2 ** 31 - 1),
  topP: number((value) => value > 0 && value <= 1, 'a number above 0 and at most 1'),
  seed: integer(0, Number.MAX_SAFE_INTEGER),
  minP: any, typicalP: any, epsilonCutoff: any, etaCutoff: any, repetitionPenalty: any, frequencyPenalty: any, presencePenalty: any,
  noRepeatNgramSize: any, logitBias: any, badWords: any, suppressTokens: any, forcedTokens: any, minNewTokens: any,
};

/** Options that only make sense where tokens are drawn. */
export const FILTER_NAMES: readonly (keyof SamplerOptions)[] = ['topK', 'topP', 'minP', 'typicalP', 'epsilonCutoff', 'etaCutoff', 'seed'];
