import type { GenerationDefaults } from '../options/model-info.js';
import { boolean, type Check, integer } from '../options/option-checks.js';
import { FALLBACK_DEFAULTS, maxNewTokensCheck } from '../options/resolve-generate-options.js';
import { CONFIG_NAMES, FILTERS, samplerChecks } from '../options/sampler-options.js';
import { MOST_SEQUENCES } from '../options/strategies/beams.js';
import { MOST_DRAFTED } from '../options/strategies/sampling.js';
import { strategyChecks } from '../options/strategies/strategies.js';
import type { GenerationFile } from './generation-file.js';
import type { Circumstance } from './generation-keys.js';
import {
  maxTime,
  sequenceBias,
  stopStrings,
  tokenIdList,
  tokenIdLists,
  tokenIdOrIds,
} from './generation-values.js';

/** What a file's wishes are held against. */
export interface ModelLimits {
  vocabSize: number;
  hasTokenizer: boolean;
}

/** What a file asks for. */
export interface FileDefaults {
  defaults: GenerationDefaults;
  /** Keys that are read, and not honoured beside the others. */
  refused: ReadonlySet<string>;
  circumstances: ReadonlySet<Circumstance>;
}

type Found = { [Name in keyof GenerationDefaults]?: GenerationDefaults[Name] | undefined };

/** Options that have another form in the file. */
const ownForms: Partial<Record<keyof typeof CONFIG_NAMES, Check<unknown>>> = {
  logitBias: sequenceBias,
  badWords: tokenIdLists,
  suppressTokens: tokenIdList,
};

/** What transformers takes where a file does not say (GenerationConfig._get_default_generation_params). */
const TRANSFORMERS = { topK: 50, maxNgram: 2, maxNewTokens: 20 };

/** Reads what stands in for options that the caller leaves out. @throws SottoError 'bad-config' */
export function readDefaults(file: GenerationFile, limits: ModelLimits): FileDefaults {
  const draws = file.read('do_sample', boolean) ?? false;
  const stop = file.read('stop_strings', stopStrings) ?? [];
  const numBeams = file.read('num_beams', strategyChecks.numBeams) ?? 1;
  const honoursStop = stop.length > 0 && limits.hasTokenizer;
  // Beams that draw, or that stop at a text, are not to be had.
  const honoursBeams = numBeams > 1 && !draws && !honoursStop;
  const found: Found = {
    ...readChain(file, draws, limits),
    ...readLengths(file),
    ...(honoursStop && { stop }),
    maxTime: file.read('max_time', maxTime),
    ...(honoursBeams && { numBeams }),
    lengthPenalty: file.read('length_penalty', strategyChecks.lengthPenalty),
    earlyStopping: file.read('early_stopping', strategyChecks.earlyStopping),
    ...(numBeams === 1 && !draws && readContrastive(file)),
    promptLookup: readPromptLookup(file),
    ...readFirstAndLast(file, limits),
  };
  const refused = new Set<string>();
  if (numBeams > 1 && !honoursBeams) refused.add('num_beams');
  if (stop.length > 0 && !honoursStop) refused.add('stop_strings');
  const circumstances = new Set<Circumstance>();
  if (draws) circumstances.add('drawing');
  if (honoursBeams) circumstances.add('beams');
  const numReturnSequences = readNumReturnSequences(file, numBeams, draws);
  const defaults = given({ ...FALLBACK_DEFAULTS, ...given(found), numReturnSequences }) as GenerationDefaults;
  return { defaults, refused, circumstances };
}

/** Those that there are. */
function given(found: Found): Partial<GenerationDefaults> {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function readChain(file: GenerationFile, draws: boolean, { vocabSize }: ModelLimits): Found {
  // Without do_sample the filters' values are leftovers, and generation is greedy (transformers: GenerationConfig).
  const drawn = draws ? { temperature: 1, topK: TRANSFORMERS.topK } : {};
  const read = Object.entries(CONFIG_NAMES)
    .filter(([name]) => draws || !(FILTERS as readonly string[]).includes(name))
    .map(([name, key]) => {
      const option = name as keyof typeof CONFIG_NAMES;
      const check: Check<unknown> = ownForms[option] ?? samplerChecks[option];
      return [option, file.read(key, check)];
    });
  const chain: Found = { ...drawn, ...given(Object.fromEntries(read)) };
  if (chain.badWords) checkTokens(file, 'bad_words_ids', chain.badWords.flat(), vocabSize);
  if (chain.logitBias)
    checkTokens(file, 'sequence_bias', [...(chain.logitBias as Map<number, number>).keys()], vocabSize);
  // What the vocabulary does not have is never chosen anyway.
  if (chain.suppressTokens) chain.suppressTokens = chain.suppressTokens.filter((id) => id < vocabSize);
  return chain;
}

/** Numbers of new tokens go before those that count the prompt, as in transformers (_prepare_generated_length). */
function readLengths(file: GenerationFile): Found {
  const most = file.read('max_new_tokens', maxNewTokensCheck);
  const least = file.read('min_new_tokens', samplerChecks.minNewTokens);
  const mostInAll = file.read('max_length', integer(2, Number.MAX_SAFE_INTEGER));
  const leastInAll = file.read('min_length', samplerChecks.minNewTokens);
  const never = (key: string, other: string) => file.contradiction(key, other, 'no text is both');
  if (least !== undefined && most !== undefined && least > most)
    throw never('min_new_tokens', 'max_new_tokens');
  const lengths: Found = { maxNewTokens: most };
  if (least === undefined && leastInAll !== undefined && leastInAll > 0) lengths.minLength = leastInAll;
  // Models of that time count on so few.
  if (most === undefined && mostInAll === undefined && file.isOlder)
    return { ...lengths, maxNewTokens: Math.max(TRANSFORMERS.maxNewTokens, least ?? 0) };
  if (most !== undefined || mostInAll === undefined) return lengths;
  if (least !== undefined && least >= mostInAll) throw never('min_new_tokens', 'max_length');
  if (lengths.minLength !== undefined && lengths.minLength > mostInAll)
    throw never('min_length', 'max_length');
  return { ...lengths, maxNewTokens: mostInAll - 1, maxLength: mostInAll };
}

/** The search is contrastive where neither beams nor a draw are asked for (transformers 4: get_generation_mode). */
function readContrastive(file: GenerationFile): Found {
  const penaltyAlpha = file.read('penalty_alpha', strategyChecks.penaltyAlpha) ?? 0;
  if (penaltyAlpha === 0) return {};
  const topK = file.read('top_k', samplerChecks.topK) ?? TRANSFORMERS.topK;
  return topK > 1 ? { penaltyAlpha, topK } : {};
}

/** Drafts change no token: where more are asked for than can be drafted at once, it is as many as can be. */
function readPromptLookup(file: GenerationFile): GenerationDefaults['promptLookup'] {
  const atLeastOne = integer(1, Number.MAX_SAFE_INTEGER);
  const maxDraft = file.read('prompt_lookup_num_tokens', atLeastOne);
  const maxNgram = file.read('max_matching_ngram_size', atLeastOne) ?? TRANSFORMERS.maxNgram;
  if (maxDraft === undefined) return undefined;
  return { maxNgram: Math.min(maxNgram, MOST_DRAFTED), maxDraft: Math.min(maxDraft, MOST_DRAFTED) };
}

/** What is said of an answer's first and last token. */
function readFirstAndLast(file: GenerationFile, { vocabSize }: ModelLimits): Found {
  const readForced = (key: string) => {
    const ids = file.read(key, tokenIdOrIds);
    if (ids === undefined) return undefined;
    checkTokens(file, key, ids, vocabSize);
    const suppressed = new Set(file.read('suppress_tokens', tokenIdList) ?? []);
    const both = ids.find((id) => suppressed.has(id));
    if (both !== undefined)
      throw file.contradiction(key, 'suppress_tokens', `the token ${both} cannot be forced and ruled out`);
    return ids;
  };
  const ruledOut = file.read('begin_suppress_tokens', tokenIdList);
  return {
    beginSuppressTokens: ruledOut?.filter((id) => id < vocabSize),
    forcedBosTokenId: readForced('forced_bos_token_id')?.[0],
    forcedEosTokenIds: readForced('forced_eos_token_id'),
  };
}

/** As transformers, which refuses what cannot be (GenerationConfig.validate). */
function readNumReturnSequences(file: GenerationFile, numBeams: number, draws: boolean): number | undefined {
  const count = file.read('num_return_sequences', integer(1, MOST_SEQUENCES));
  if (count === undefined || count === 1) return undefined;
  if (numBeams > 1 && count > numBeams)
    throw file.contradiction('num_return_sequences', 'num_beams', 'there are no more than the beams');
  if (numBeams === 1 && !draws)
    throw file.contradiction('num_return_sequences', 'do_sample', 'greedy answers are all the same');
  return count;
}

function checkTokens(file: GenerationFile, key: string, ids: readonly number[], vocabSize: number): void {
  const wrong = ids.find((id) => id >= vocabSize);
  if (wrong === undefined) return;
  throw file.bad(
    `${key} has the token ${wrong}, and the vocab_size of config.json is ${vocabSize}, so that token ids are whole numbers ` +
      `from 0 to ${vocabSize - 1}; correct or delete the line`,
  );
}
