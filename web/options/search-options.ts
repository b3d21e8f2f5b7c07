import { badOption, integer, number } from './option-checks.js';

/** The most beams of a search, and the most answers to a prompt. */
export const MOST_SEQUENCES = 1024;

/** The most tokens that prompt lookup drafts at once, and the longest end of a text that it looks for. */
export const MOST_DRAFTED = 64;

/** The checks of what steers a search, for `generate` and for the engine. */
export const searchChecks = {
  numBeams: integer(1, MOST_SEQUENCES),
  numReturnSequences: integer(1, MOST_SEQUENCES),
  lengthPenalty: number(() => true, 'a number'),
  earlyStopping,
  penaltyAlpha: number((value) => value >= 0 && value <= 1, 'a number from 0 to 1'),
};

function earlyStopping(value: unknown, name: string): boolean | 'never' {
  if (typeof value === 'boolean' || value === 'never') return value;
  throw badOption(name, value, "true, false or 'never'");
}
