import { number } from '../option-checks.js';
import { refuse, refuseDrawing, type StrategyRules } from './rules.js';

/** The options of contrastive search: docs/search.md. */
export interface ContrastiveOptions {
  /**
   * Contrastive search among the `topK` likeliest tokens, 0 to 1: how much a token's likeness to what is there already
   * counts against its probability (Su and others, 2022, arXiv:2202.06417). Default: the model's, unless an option is given
   * that it does not go with, or `temperature`; else off.
   *
   * @group Search and drafts
   */
  penaltyAlpha?: number;
}

/** As the worker gets it. */
export type ContrastiveStrategy = { name: 'contrastive'; penaltyAlpha: number; topK: number };

const TITLE = 'contrastive search (penaltyAlpha)';

export const contrastiveRules: StrategyRules<ContrastiveOptions, ContrastiveStrategy> = {
  name: 'contrastive',
  title: TITLE,
  draws: false,
  checks: { penaltyAlpha: number((value) => value >= 0 && value <= 1, 'a number from 0 to 1') },
  ask: ({ penaltyAlpha, topK }, defaults) => {
    if (penaltyAlpha === undefined) return null;
    const candidates = defaults.penaltyAlpha === undefined ? 0 : defaults.topK;
    return { name: 'contrastive', penaltyAlpha, topK: topK ?? candidates };
  },
  askOfModel: ({ topK }, { penaltyAlpha, topK: candidates }) =>
    penaltyAlpha === undefined ? null : { name: 'contrastive', penaltyAlpha, topK: topK ?? candidates },
  problems: (given, { topK }) => [
    ...refuseDrawing(given, TITLE, ['topK']),
    ...(given.overflow === 'slide' ? [`overflow 'slide' does not go with ${TITLE}`] : []),
    ...(topK < 1 ? ['penaltyAlpha needs topK of 1 or more: the candidates of a step, often 4'] : []),
    ...((given.numReturnSequences ?? 1) > 1
      ? [`${TITLE} gives one answer: leave numReturnSequences out`]
      : []),
  ],
  problemsWithout: (given, other) =>
    refuse(given, ['penaltyAlpha'], `does not go with ${other}: choose one of them`),
  answersOf: () => 1,
};
