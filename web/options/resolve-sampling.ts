import { SottoError } from '../results/errors.js';
import {
  type ChainOptions,
  FILTERS,
  NEUTRAL_SAMPLER_OPTIONS,
  type SamplerOptions,
} from './sampler-options.js';

const CHAIN_OPTIONS = Object.keys(NEUTRAL_SAMPLER_OPTIONS) as (keyof ChainOptions)[];

/**
 * Fills in what the caller did not give. Whoever gives a filter or a seed wants to draw: where the default is greedy,
 * the temperature is then 1.
 *
 * @param given Checked options.
 * @throws SottoError 'bad-option' when they contradict each other
 */
export function resolveSampling(given: Partial<SamplerOptions>, defaults: ChainOptions): ChainOptions {
  const { seed, ...chain } = given;
  const isGreedy = given.temperature === 0;
  const filters = FILTERS.filter((name) => name !== 'temperature' && given[name] !== undefined);
  const idle = filters.find((name) => given[name] !== NEUTRAL_SAMPLER_OPTIONS[name]);
  if (isGreedy && idle !== undefined) {
    throw new SottoError(
      'bad-option',
      `temperature is 0, which always takes the most likely token, and ${idle} is ${given[idle]}: ` +
        `leave ${idle} out, or give a temperature above 0`,
    );
  }
  const wantsToDraw = filters.length > 0 || seed !== undefined;
  const isGreedyByDefault = defaults.temperature === 0;
  const resolved = {
    ...pick(defaults, CHAIN_OPTIONS),
    // A greedy model's topK is for contrastive search.
    ...(isGreedyByDefault && pick(NEUTRAL_SAMPLER_OPTIONS, FILTERS)),
    temperature: wantsToDraw && isGreedyByDefault ? 1 : defaults.temperature,
    // What the caller forces, the model does not rule out.
    suppressTokens: defaults.suppressTokens.filter((id) => !given.forcedTokens?.includes(id)),
    ...chain,
  };
  checkForced(resolved);
  // The model's filters do not matter then.
  return isGreedy ? { ...resolved, ...pick(NEUTRAL_SAMPLER_OPTIONS, FILTERS), temperature: 0 } : resolved;
}

/** Those options alone: what else the object holds stays behind. */
function pick<Name extends keyof ChainOptions>(
  options: ChainOptions,
  names: readonly Name[],
): Pick<ChainOptions, Name> {
  return Object.fromEntries(names.map((name) => [name, options[name]])) as Pick<ChainOptions, Name>;
}

function checkForced({ forcedTokens, suppressTokens }: ChainOptions): void {
  const suppressed = new Set(suppressTokens);
  const index = forcedTokens.findIndex((id) => suppressed.has(id));
  if (index < 0) return;
  throw new SottoError(
    'bad-option',
    `forcedTokens[${index}] is ${forcedTokens[index]}, which suppressTokens rules out: take it out of one of them`,
  );
}

/**
 * Compares the token ids in checked options with a vocabulary.
 *
 * @throws SottoError 'bad-token'
 */
export function checkSamplerTokens(options: Partial<SamplerOptions>, vocabSize: number): void {
  const { forcedTokens = [], suppressTokens = [], badWords = [], logitBias = {} } = options;
  const biased = logitBias instanceof Map ? [...logitBias.keys()] : Object.keys(logitBias).map(Number);
  const lists = { forcedTokens, suppressTokens, badWords: badWords.flat(), logitBias: biased };
  for (const [name, ids] of Object.entries(lists)) {
    const wrong = ids.find((id) => id >= vocabSize);
    if (wrong === undefined) continue;
    throw new SottoError(
      'bad-token',
      `${name} has the token ${wrong}; token ids of this model are whole numbers from 0 to ${vocabSize - 1}`,
    );
  }
}
