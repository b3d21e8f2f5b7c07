import type { JsonObject } from '../base/json.js';
import type { GenerationDefaults } from '../options/model-info.js';
import { badOption } from '../options/option-checks.js';
import { type ModelLimits, readDefaults } from './generation-defaults.js';
import { GenerationFile } from './generation-file.js';
import { isNotDone } from './generation-keys.js';

/** What a model's files say about how it wants to be used. */
export interface GenerationConfig {
  bosTokenId: number | null;
  eosTokenIds: number[];
  defaults: GenerationDefaults;
  /** What they ask for and do not get, by their own keys. */
  ignored: Record<string, unknown>;
}

/**
 * Reads generation_config.json; config.json for begin and end tokens that the former leaves out, and for everything where
 * there is no such file, as transformers does.
 *
 * @param generationJson Undefined when the model has no such file.
 * @param fileName What messages call it.
 * @throws SottoError 'bad-config' for values that are no sensible ones, 'bad-file' when it is no object.
 */
export function readGenerationConfig(
  generationJson: unknown,
  configJson: unknown,
  limits: ModelLimits = { vocabSize: Number.POSITIVE_INFINITY, hasTokenizer: true },
  fileName = 'generation_config.json',
): GenerationConfig {
  const config = GenerationFile.ofConfig(configJson as JsonObject); // mapModel has found a model in it
  const file = generationJson === undefined ? config : GenerationFile.ofGeneration(generationJson, fileName);
  const { defaults, refused, circumstances } = readDefaults(file, limits);
  const ignored: [string, unknown][] = Object.entries(file.values).filter(
    ([key, value]) => refused.has(key) || isNotDone(key, value, circumstances),
  );
  const readTokens = (key: string) => {
    const from = file.values[key] == null ? config : file;
    const value = from.values[key] ?? null;
    const ids = from.read(key, specialTokens) ?? [];
    // Nobody can choose a token that the vocabulary does not have.
    const known = ids.filter((id) => id < limits.vocabSize);
    if (known.length < ids.length) ignored.push([key, value]);
    return known;
  };
  const [bosTokenId = null] = readTokens('bos_token_id');
  const eosTokenIds = readTokens('eos_token_id');
  return { bosTokenId, eosTokenIds, defaults, ignored: Object.fromEntries(ignored) };
}

/** One id, a list of ids, or none: below 0 stands for none (transformers: GenerationMixin._prepare_special_tokens). */
function specialTokens(value: unknown, key: string): number[] {
  const ids: unknown[] = [value].flat();
  if (ids.every((id) => Number.isSafeInteger(id))) return (ids as number[]).filter((id) => id >= 0);
  throw badOption(key, value, 'a token id, a list of them or null');
}
