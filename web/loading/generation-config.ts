import type { GenerationDefaults } from '../options/model-info.js';
import { badOption, type Check } from '../options/option-checks.js';
import { FALLBACK_DEFAULTS, maxNewTokensCheck } from '../options/resolve-generate-options.js';
import { type ChainOptions, CONFIG_NAMES, FILTERS, samplerChecks } from '../options/sampler-options.js';
import { tokenBiases } from '../options/token-ids.js';
import { SottoError } from '../results/errors.js';

/** What a model's files say about how it wants to be used. */
export interface GenerationConfig {
  bosTokenId: number | null;
  eosTokenIds: number[];
  defaults: GenerationDefaults;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads generation_config.json, and config.json for what the former leaves out.
 *
 * @param generationJson Undefined when the model has no such file.
 * @throws SottoError 'bad-config' for values that are no sensible ones, 'bad-file' when it is no object.
 */
export function readGenerationConfig(generationJson: unknown, configJson: unknown): GenerationConfig {
  const config = configJson as Json; // mapModel has found a model in it
  const generation = generationJson ?? {};
  if (typeof generation !== 'object' || Array.isArray(generation)) {
    throw new SottoError('bad-file', 'generation_config.json holds no JSON object; download it again');
  }
  const values = generation as Json;
  return {
    bosTokenId: tokenIds(values.bos_token_id ?? config.bos_token_id, 'bos_token_id')[0] ?? null,
    eosTokenIds: tokenIds(values.eos_token_id ?? config.eos_token_id, 'eos_token_id'),
    defaults: readDefaults(values),
  };
}

function readDefaults(values: Json): GenerationDefaults {
  const { maxNewTokens, ...chain } = FALLBACK_DEFAULTS;
  // Without do_sample the filters' values are leftovers, and generation is greedy (transformers: GenerationConfig).
  const draws = values.do_sample === true;
  const fallbacks: ChainOptions = { ...chain, temperature: draws ? 1 : 0 };
  const read = Object.entries(CONFIG_NAMES)
    .filter(([name]) => draws || !(FILTERS as readonly string[]).includes(name))
    .map(([name, key]) => {
      const option = name as keyof typeof CONFIG_NAMES;
      const check: Check<unknown> = option === 'logitBias' ? sequenceBias : samplerChecks[option];
      return [option, valueOr(fallbacks[option], values, key, check)];
    });
  return {
    ...fallbacks,
    ...Object.fromEntries(read),
    maxNewTokens: valueOr(maxNewTokens, values, 'max_new_tokens', maxNewTokensCheck),
  };
}

function valueOr<T>(fallback: T, values: Json, key: string, check: Check<T>): T {
  const value = values[key] ?? null;
  if (value === null) return fallback;
  try {
    return check(value, key);
  } catch (error) {
    if (!(error instanceof SottoError)) throw error;
    throw new SottoError(
      'bad-config',
      `generation_config.json: ${error.message}; correct or delete the line`,
    );
  }
}

/** transformers' pairs of a sequence of tokens and its bias, for sequences of one token. */
function sequenceBias(value: unknown, name: string): unknown {
  const isPair = (item: unknown) => Array.isArray(item) && item.length === 2 && Array.isArray(item[0]);
  if (!Array.isArray(value) || !value.every((item) => isPair(item) && item[0].length === 1)) {
    throw badOption(
      name,
      value,
      'a list of [[token id], bias]: sequences of several tokens cannot be biased',
    );
  }
  return tokenBiases(new Map(value.map(([[id], bias]) => [id, bias])), name);
}

/** One id, a list of ids, or none. */
function tokenIds(value: unknown, key: string): number[] {
  const ids: unknown[] = [value ?? []].flat();
  if (ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)) return ids as number[];
  const problem = `${key} is ${JSON.stringify(value)}; it must be a token id, a list of them or null`;
  throw new SottoError('bad-config', `generation_config.json or config.json: ${problem}`);
}
