import { type Checks, checkOptions, integer } from '../option-checks.js';
import { refuse, type StrategyRules } from './rules.js';

/** How prompt-lookup decoding drafts. */
export interface PromptLookupOptions {
  /** The longest end of the text that is looked for earlier in it, in tokens. Default: 3. */
  maxNgram?: number;
  /** The most tokens to draft at once. Default: 10. */
  maxDraft?: number;
}

/** The options of greedy choice and sampling, besides those of the sampling chain. */
export interface SamplingOptions {
  /**
   * Drafts tokens from what followed the same words earlier in the text, and checks them in one pass: faster where text
   * is repeated, with exactly the same tokens (prompt lookup decoding, Saxena, 2023). Default: the model's, else off.
   *
   * @group Search and drafts
   */
  promptLookup?: PromptLookupOptions;
}

/** As the worker gets it. */
export type SamplingStrategy = { name: 'sample'; promptLookup: Required<PromptLookupOptions> | null };

/** The most tokens that are drafted at once, and the longest end of a text that is looked for. */
export const MOST_DRAFTED = 64;

const lookupChecks: Checks<PromptLookupOptions> = {
  maxNgram: integer(1, MOST_DRAFTED),
  maxDraft: integer(1, MOST_DRAFTED),
};

/** What is done when nothing else is asked for. */
export const samplingRules: StrategyRules<SamplingOptions, SamplingStrategy> = {
  name: 'sample',
  title: 'sampling',
  draws: true,
  checks: { promptLookup: (value) => checkOptions(value, lookupChecks, 'promptLookup') },
  ask: ({ promptLookup }, defaults) => {
    const lookup = promptLookup && { maxNgram: 3, maxDraft: 10, ...promptLookup };
    return { name: 'sample', promptLookup: lookup ?? defaults.promptLookup ?? null };
  },
  askOfModel: () => null,
  problems: () => [],
  problemsWithout: (given, other) => refuse(given, ['promptLookup'], `does not go with ${other}`),
  // Greedy answers are all the same; the i-th sample has the seed `seed + i`.
  answersOf: (wanted, _, { temperature, seed }) =>
    temperature === 0 ? 1 : Math.min(wanted, Number.MAX_SAFE_INTEGER - seed + 1),
};
