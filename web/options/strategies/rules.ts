import type { GenerateOptions } from '../generate-options.js';
import type { GenerationDefaults } from '../model-info.js';
import type { Checks } from '../option-checks.js';
import { FILTERS, type SamplerOptions } from '../sampler-options.js';

/** Options of the caller's, checked one by one. */
export type Given = Partial<GenerateOptions>;

/**
 * What a strategy says of options. Each has a file of its own, which alone knows its options; strategies.ts lists them, and
 * generation/generate.ts what runs them.
 */
export interface StrategyRules<Options, Resolved extends { name: string }> {
  name: Resolved['name'];
  /** What messages call it. */
  title: string;
  /** Its own options. */
  checks: Checks<Options>;
  /** Whether tokens are drawn, so that the sampling chain's filters count. */
  draws: boolean;
  /** As the caller asks for it; null where the caller does not. */
  ask(given: Given, defaults: GenerationDefaults): Resolved | null;
  /** As the model's files ask for it; null where they do not. */
  askOfModel(given: Given, defaults: GenerationDefaults): Resolved | null;
  /** Why it cannot do what the caller gave, a sentence each. */
  problems(given: Given, resolved: Resolved): string[];
  /** What the caller gave that only this one does, though `other` was asked for; a sentence each. */
  problemsWithout(given: Given, other: string): string[];
  /** How many answers it gives where the model's files ask for so many. */
  answersOf(wanted: number, resolved: Resolved, chain: Pick<SamplerOptions, 'temperature' | 'seed'>): number;
}

/** The options that only matter when tokens are drawn, without `temperature`, which may be 0. */
export const DRAWING: readonly (keyof SamplerOptions)[] = [
  ...FILTERS.filter((name) => name !== 'temperature'),
  'seed',
];

/** A sentence for the first of the options that is given. */
export function refuse(given: Given, names: readonly (keyof Given)[], reason: string): string[] {
  const name = names.find((candidate) => given[candidate] !== undefined);
  return name === undefined ? [] : [`${name} ${reason}`];
}

/** What no strategy can do that draws no token. */
export function refuseDrawing(given: Given, title: string, but: readonly string[] = []): string[] {
  const reason = `does not go with ${title}, which draws no token`;
  return [
    ...refuse(
      given,
      DRAWING.filter((name) => !but.includes(name)),
      reason,
    ),
    ...((given.temperature ?? 0) === 0 ? [] : [`temperature ${reason}`]),
  ];
}
