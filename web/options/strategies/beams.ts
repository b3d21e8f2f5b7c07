import { badOption, integer, number } from '../option-checks.js';
import { type Given, refuse, refuseDrawing, type StrategyRules } from './rules.js';

/** The most beams of a search, and the most answers to a prompt. */
export const MOST_SEQUENCES = 1024;

/** The options of beam search: docs/search.md. */
export interface BeamOptions {
  /**
   * Beam search over so many beams, 2 or more (1 is off). It is not streamed: the text comes at the end. Default: the
   * model's, unless an option is given that beams do not go with, or `temperature`; else 1.
   *
   * @group Search and drafts
   */
  numBeams?: number;
  /**
   * Beams are compared by their log-probability over length to this power: above 0 favours long ones. Default: the model's,
   * else 1.
   *
   * @group Search and drafts
   */
  lengthPenalty?: number;
  /**
   * When beam search ends: true as soon as there are `numBeams` answers, false when better ones are unlikely, 'never'
   * when there can be none. Default: the model's, else false.
   *
   * @group Search and drafts
   */
  earlyStopping?: boolean | 'never';
}

/** As the worker gets it. */
export type BeamStrategy = { name: 'beams' } & Required<BeamOptions>;

const TITLE = 'beam search (numBeams)';

export const beamRules: StrategyRules<BeamOptions, BeamStrategy> = {
  name: 'beams',
  title: TITLE,
  draws: false,
  checks: {
    numBeams: integer(1, MOST_SEQUENCES),
    lengthPenalty: number(() => true, 'a number'),
    earlyStopping,
  },
  ask: (given, defaults) => resolve(given.numBeams ?? 1, given, defaults),
  askOfModel: (given, defaults) =>
    given.numBeams === undefined ? resolve(defaults.numBeams ?? 1, given, defaults) : null,
  problems: (given, { numBeams }) => [
    ...refuseDrawing(given, TITLE),
    ...refuse(given, ['stopWhen', 'logprobs'], `does not go with ${TITLE}`),
    ...(given.overflow === 'slide' ? [`overflow 'slide' does not go with ${TITLE}`] : []),
    ...refuse(
      given,
      ['stop'],
      `does not go with ${TITLE}, where a text is known only at the end: cut it yourself`,
    ),
    ...((given.numReturnSequences ?? 1) > numBeams ? [tooManyAnswers(given, numBeams)] : []),
  ],
  problemsWithout: (given) =>
    refuse(given, ['lengthPenalty', 'earlyStopping'], 'needs numBeams of 2 or more'),
  answersOf: (wanted, { numBeams }) => Math.min(wanted, numBeams),
};

/** That there are more answers wanted than beams. */
export function tooManyAnswers({ numReturnSequences }: Given, numBeams: number): string {
  return `numReturnSequences is ${numReturnSequences}; with ${numBeams} beams there are no more than that`;
}

function resolve(
  numBeams: number,
  given: Given,
  defaults: { lengthPenalty?: number; earlyStopping?: boolean | 'never' },
): BeamStrategy | null {
  if (numBeams === 1) return null;
  const lengthPenalty = given.lengthPenalty ?? defaults.lengthPenalty ?? 1;
  const earlyStopping = given.earlyStopping ?? defaults.earlyStopping ?? false;
  return { name: 'beams', numBeams, lengthPenalty, earlyStopping };
}

function earlyStopping(value: unknown, name: string): boolean | 'never' {
  if (typeof value === 'boolean' || value === 'never') return value;
  throw badOption(name, value, "true, false or 'never'");
}
