import type { GenerationDefaults } from '../model-info.js';
import { type BeamOptions, type BeamStrategy, beamRules } from './beams.js';
import { type ContrastiveOptions, type ContrastiveStrategy, contrastiveRules } from './contrastive.js';
import type { Given, StrategyRules } from './rules.js';
import { type SamplingOptions, type SamplingStrategy, samplingRules } from './sampling.js';

type AnyRules = StrategyRules<StrategyOptions, Strategy>;

/** Those that somebody must ask for, in the order in which they are tried. */
const SEARCHES = [beamRules, contrastiveRules] as unknown as readonly AnyRules[];
/** What is done else. */
const SAMPLING = samplingRules as unknown as AnyRules;
const ALL: readonly AnyRules[] = [...SEARCHES, SAMPLING];

/** How the tokens of a text are found. */
export type Strategy = BeamStrategy | ContrastiveStrategy | SamplingStrategy;

/** The one of this name. */
export type StrategyOf<Name extends Strategy['name']> = Extract<Strategy, { name: Name }>;

/** The options of all of them. */
export type StrategyOptions = BeamOptions & ContrastiveOptions & SamplingOptions;

export const strategyChecks = {
  ...beamRules.checks,
  ...contrastiveRules.checks,
  ...samplingRules.checks,
};

/** What is to be known of a strategy when its name is. */
export function rulesOf({ name }: Strategy): AnyRules {
  return ALL.find((rules) => rules.name === name) as AnyRules;
}

/** The strategy that the caller names; else the model's, if it goes with everything that the caller gave; else sampling. */
export function chooseStrategy(given: Given, defaults: GenerationDefaults): Strategy {
  const first = (ask: (rules: AnyRules) => Strategy | null) =>
    SEARCHES.reduce<Strategy | null>((found, rules) => found ?? ask(rules), null);
  const asked = first((rules) => rules.ask(given, defaults));
  if (asked !== null) return asked;
  const own = first((rules) => rules.askOfModel(given, defaults));
  // A temperature asks for a draw; that of 0 for the likeliest token, whatever the model would rather do.
  const isWanted = own !== null && given.temperature === undefined && contradictions(given, own).length === 0;
  return isWanted ? own : (SAMPLING.ask(given, defaults) as Strategy);
}

/** Why a strategy cannot do what the caller gave, a sentence each. */
export function contradictions(given: Given, strategy: Strategy): string[] {
  const chosen = rulesOf(strategy);
  return [
    ...ALL.filter((rules) => rules !== chosen).flatMap((rules) => rules.problemsWithout(given, chosen.title)),
    ...chosen.problems(given, strategy),
  ];
}
