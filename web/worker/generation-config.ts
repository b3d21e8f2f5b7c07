import { SottoError } from '../errors.js';
import type { GenerationDefaults } from '../model-info.js';
import type { Check } from '../option-checks.js';
import { FALLBACK_DEFAULTS, maxNewTokensCheck } from '../generate-options.js';
import { samplerChecks } from '../sampler-options.js';

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
  const { maxNewTokens, temperature, topK, topP } = FALLBACK_DEFAULTS;
  const defaults = { maxNewTokens: valueOr(maxNewTokens, values, 'max_new_tokens', maxNewTokensCheck) };
  // Without do_sample the other values are leftovers, and generation is greedy (transformers: GenerationConfig).
  if (values.do_sample !== true) return { ...defaults, temperature, topK, topP };
  return {
    ...defaults,
    temperature: valueOr(1, values, 'temperature', samplerChecks.temperature),
    topK: valueOr(topK, values, 'top_k', samplerChecks.topK),
    topP: valueOr(topP, values, 'top_p', samplerChecks.topP),
  };
}

function valueOr(fallback: number, values: Json, key: string, check: Check<number>): number {
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

/** One id, a list of ids, or none. */
function tokenIds(value: unknown, key: string): number[] {
  const ids: unknown[] = [value ?? []].flat();
  if (ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)) return ids as number[];
  const problem = `${key} is ${JSON.stringify(value)}; it must be a token id, a list of them or null`;
  throw new SottoError('bad-config', `generation_config.json or config.json: ${problem}`);
}
