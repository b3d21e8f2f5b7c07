// Made from src/sampling/samplers.inc by tools/build/sampler-options.mjs, which `npm run build` runs: change the list.
import { type Checks, float32, integer } from './option-checks.js';
import { tokenBiases, tokenIds, tokenSequences } from './token-ids.js';

/** What is added to logits, by token id. */
export type TokenBiases = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** How tokens are chosen: docs/sampling.md has the formulas. */
export interface SamplerOptions {
  /**
   * Divides the logits: below 1 the likely becomes likelier. 0 always takes the most likely token. A number, 0 or more.
   * Default: the model's, else 0 (1 when one of `topK` to `etaCutoff`, or `seed`, is given).
   *
   * @group What is chosen
   */
  temperature: number;
  /**
   * Keeps the k most likely tokens; 0 is off. A whole number from 0 to 2147483647. Default: the model's, else 0.
   *
   * @group What is chosen
   */
  topK: number;
  /**
   * Keeps the most likely tokens that reach this probability together; 1 is off. A number above 0 and at most 1.
   * Default: the model's, else 1.
   *
   * @group What is chosen
   */
  topP: number;
  /**
   * Keeps tokens with at least this share of the largest probability; 0 is off. A number from 0 to 1. Default: the
   * model's, else 0.
   *
   * @group What is chosen
   */
  minP: number;
  /**
   * Keeps the tokens whose surprise is nearest to the expected one, until they reach this probability; 1 is off. A
   * number above 0 and at most 1. Default: the model's, else 1.
   *
   * @group What is chosen
   */
  typicalP: number;
  /**
   * Keeps tokens with at least this probability; 0 is off. A number from 0 to below 1. Default: the model's, else 0.
   *
   * @group What is chosen
   */
  epsilonCutoff: number;
  /**
   * As `epsilonCutoff`, with a lower limit where many tokens are likely; 0 is off. A number from 0 to below 1. Default:
   * the model's, else 0.
   *
   * @group What is chosen
   */
  etaCutoff: number;
  /**
   * Is added to the logits of single tokens: `{ [id]: bias }` or a Map. Default: the model's, else none.
   *
   * @group What is allowed
   */
  logitBias: TokenBiases;
  /**
   * Divides the logits of tokens of the prompt and of the answer, or multiplies those below 0; 1 is off. A number above
   * 0. Default: the model's, else 1.
   *
   * @group Repetition
   */
  repetitionPenalty: number;
  /**
   * Is subtracted from a token's logit for each time that the answer has it; 0 is off. A number from -2 to 2. Default:
   * 0.
   *
   * @group Repetition
   */
  frequencyPenalty: number;
  /**
   * Is subtracted once from the logit of each token that the answer has; 0 is off. A number from -2 to 2. Default: 0.
   *
   * @group Repetition
   */
  presencePenalty: number;
  /**
   * No sequence of so many tokens comes twice, in prompt and answer together; 0 is off. A whole number from 0 to
   * 2147483647. Default: the model's, else 0.
   *
   * @group Repetition
   */
  noRepeatNgramSize: number;
  /**
   * Sequences of tokens that are never completed. Default: the model's, else none.
   *
   * @group What is allowed
   */
  badWords: readonly (readonly number[])[];
  /**
   * No end token is chosen before so many other tokens. A whole number from 0 to 2147483647. Default: the model's, else
   * 0.
   *
   * @group When it ends
   */
  minNewTokens: number;
  /**
   * The first tokens of the answer, whatever the model thinks of them. Default: none.
   *
   * @group What is allowed
   */
  forcedTokens: readonly number[];
  /**
   * Tokens that are never chosen. Default: the model's, else none.
   *
   * @group What is allowed
   */
  suppressTokens: readonly number[];
  /**
   * Begins the random numbers: the same seed makes the same choices. A whole number from 0 to 2^53 - 1. Default:
   * random; the result tells it.
   *
   * @group What is chosen
   */
  seed: number;
}

/** The options that make a step of the chain. */
export type ChainOptions = Omit<SamplerOptions, 'seed'>;

export const samplerChecks: Checks<SamplerOptions> = {
  temperature: float32((value) => value >= 0, 'a number, 0 or more'),
  topK: integer(0, 2147483647),
  topP: float32((value) => value > 0 && value <= 1, 'a number above 0 and at most 1'),
  minP: float32((value) => value >= 0 && value <= 1, 'a number from 0 to 1'),
  typicalP: float32((value) => value > 0 && value <= 1, 'a number above 0 and at most 1'),
  epsilonCutoff: float32((value) => value >= 0 && value < 1, 'a number from 0 to below 1'),
  etaCutoff: float32((value) => value >= 0 && value < 1, 'a number from 0 to below 1'),
  logitBias: tokenBiases,
  repetitionPenalty: float32((value) => value > 0, 'a number above 0'),
  frequencyPenalty: float32((value) => value >= -2 && value <= 2, 'a number from -2 to 2'),
  presencePenalty: float32((value) => value >= -2 && value <= 2, 'a number from -2 to 2'),
  noRepeatNgramSize: integer(0, 2147483647),
  badWords: tokenSequences,
  minNewTokens: integer(0, 2147483647),
  forcedTokens: tokenIds,
  suppressTokens: tokenIds,
  seed: integer(0, Number.MAX_SAFE_INTEGER),
};

/** The values with which nothing is done to the logits. */
export const NEUTRAL_SAMPLER_OPTIONS: ChainOptions = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  typicalP: 1,
  epsilonCutoff: 0,
  etaCutoff: 0,
  logitBias: {},
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  noRepeatNgramSize: 0,
  badWords: [],
  minNewTokens: 0,
  forcedTokens: [],
  suppressTokens: [],
};

/** The options that matter only when tokens are drawn. */
export const FILTERS = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'typicalP',
  'epsilonCutoff',
  'etaCutoff',
] as const;

/** The options' names in generation_config.json, for those that it can hold. */
export const CONFIG_NAMES = {
  temperature: 'temperature',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  typicalP: 'typical_p',
  epsilonCutoff: 'epsilon_cutoff',
  etaCutoff: 'eta_cutoff',
  logitBias: 'sequence_bias',
  repetitionPenalty: 'repetition_penalty',
  noRepeatNgramSize: 'no_repeat_ngram_size',
  badWords: 'bad_words_ids',
  minNewTokens: 'min_new_tokens',
  suppressTokens: 'suppress_tokens',
} as const;
