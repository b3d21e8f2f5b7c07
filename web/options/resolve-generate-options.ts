import { shownAddress } from '../base/address.js';
import { pageAddress } from '../base/environment.js';
import { SottoError } from '../results/errors.js';
import type {
  GenerateCallbacks,
  GenerateOptions,
  Overflow,
  PromptLookupOptions,
  ResolvedGenerateOptions,
  Strategy,
} from './generate-options.js';
import type { GenerationDefaults, ModelInfo } from './model-info.js';
import {
  abortSignal,
  badOption,
  type Check,
  type Checks,
  callback,
  checkOptions,
  integer,
  number,
  oneOf,
  tokenSequences,
} from './option-checks.js';
import { checkSamplerTokens, resolveSampling } from './resolve-sampling.js';
import { FILTERS, NEUTRAL_SAMPLER_OPTIONS, type SamplerOptions, samplerChecks } from './sampler-options.js';
import { searchChecks } from './search-options.js';

/** What is used where neither the caller nor the model says anything: greedy, with an end. */
export const FALLBACK_DEFAULTS: GenerationDefaults = {
  ...NEUTRAL_SAMPLER_OPTIONS,
  maxNewTokens: 256,
  temperature: 0,
};

export const maxNewTokensCheck: Check<number> = integer(1, Number.MAX_SAFE_INTEGER);

const promptLookupChecks: Checks<PromptLookupOptions> = {
  maxNgram: integer(1, 64),
  maxDraft: integer(1, 64),
};

const generateChecks: Checks<GenerateOptions> = {
  ...samplerChecks,
  badWords,
  maxNewTokens: maxNewTokensCheck,
  stop: stopConditions,
  stopWhen: callback(),
  maxTime: number((value) => value > 0, 'a number of milliseconds above 0'),
  logprobs: integer(0, Number.MAX_SAFE_INTEGER),
  logitsProcessor: moduleAddress,
  promptLookup: (value) => checkOptions(value, promptLookupChecks, 'promptLookup'),
  ...searchChecks,
  overflow: oneOf<Overflow>(['stop', 'error', 'slide']),
  keepTokens: integer(0, Number.MAX_SAFE_INTEGER),
  onToken: callback(),
  onPrefillProgress: callback(),
  signal: abortSignal,
};

/** Options that only matter when tokens are drawn. */
const DRAWING: readonly (keyof SamplerOptions)[] = [
  ...FILTERS.filter((name) => name !== 'temperature'),
  'seed',
];

type Given = Partial<GenerateOptions>;

/**
 * Checks what the caller gave and fills in the rest.
 *
 * @throws SottoError 'unknown-option', 'bad-option'
 */
export function resolveGenerateOptions(
  given: unknown,
  info: Pick<ModelInfo, 'generationDefaults' | 'vocabSize' | 'contextLength'>,
  caller = 'generate',
): { options: ResolvedGenerateOptions; callbacks: GenerateCallbacks } {
  const checked = checkOptions<GenerateOptions>(given, generateChecks, caller);
  const { onToken, onPrefillProgress, stopWhen, signal } = checked;
  const strategy = chooseStrategy(checked);
  checkContradictions(checked, strategy);
  const defaults = info.generationDefaults;
  const draws = strategy.name === 'sample';
  const options: ResolvedGenerateOptions = {
    sampler: {
      ...resolveSampling(samplingOf(checked, draws), defaults),
      seed: checked.seed ?? randomSeed(),
    },
    badTexts: (checked.badWords ?? []).filter((word) => typeof word === 'string'),
    strategy,
    numReturnSequences: checked.numReturnSequences ?? 1,
    maxNewTokens: checked.maxNewTokens ?? defaults.maxNewTokens,
    stop: [checked.stop ?? []].flat(),
    maxTime: checked.maxTime ?? null,
    logprobs: checked.logprobs ?? null,
    logitsProcessor: checked.logitsProcessor === undefined ? null : String(checked.logitsProcessor),
    overflow: checked.overflow ?? 'stop',
    keepTokens: checked.keepTokens ?? Math.max(0, Math.min(4, info.contextLength - 2)),
    asksStopWhen: stopWhen !== undefined,
    reportsPrefill: onPrefillProgress !== undefined,
  };
  checkSamplerTokens(options.sampler, info.vocabSize);
  checkLengths(options, info.contextLength);
  if (options.numReturnSequences > 1 && strategy.name === 'sample' && options.sampler.temperature === 0) {
    throw contradiction(
      'numReturnSequences needs numBeams or a temperature above 0: greedy answers are all the same',
    );
  }
  return {
    options,
    callbacks: {
      ...(onToken && { onToken }),
      ...(onPrefillProgress && { onPrefillProgress }),
      ...(stopWhen && { stopWhen }),
      ...(signal && { signal }),
    },
  };
}

function chooseStrategy(given: Given): Strategy {
  const { numBeams = 1, penaltyAlpha, promptLookup } = given;
  if (numBeams > 1) {
    const { lengthPenalty = 1, earlyStopping = false } = given;
    return { name: 'beams', numBeams, lengthPenalty, earlyStopping };
  }
  if (penaltyAlpha !== undefined) return { name: 'contrastive', penaltyAlpha, topK: given.topK ?? 0 };
  const lookup = promptLookup && { maxNgram: 3, maxDraft: 10, ...promptLookup };
  return { name: 'sample', promptLookup: lookup ?? null };
}

/** The options that a strategy cannot honour, with the reason. */
function checkContradictions(given: Given, strategy: Strategy): void {
  const refuse = (names: readonly (keyof GenerateOptions)[], reason: string) => {
    const name = names.find((candidate) => given[candidate] !== undefined);
    if (name !== undefined) throw contradiction(`${name} ${reason}`);
  };
  if (strategy.name !== 'beams') refuse(['lengthPenalty', 'earlyStopping'], 'needs numBeams of 2 or more');
  if (strategy.name !== 'sample') {
    const what = strategy.name === 'beams' ? 'beam search (numBeams)' : 'contrastive search (penaltyAlpha)';
    const drawn = DRAWING.filter((name) => strategy.name === 'beams' || name !== 'topK');
    refuse(drawn, `does not go with ${what}, which draws no token`);
    if ((given.temperature ?? 0) !== 0)
      throw contradiction(`temperature does not go with ${what}, which draws no token`);
    refuse(['promptLookup'], `does not go with ${what}`);
    if (strategy.name === 'beams') refuse(['stopWhen', 'logprobs'], `does not go with ${what}`);
    if (given.overflow === 'slide') throw contradiction(`overflow 'slide' does not go with ${what}`);
  }
  if (strategy.name === 'beams') {
    refuse(
      ['stop'],
      `does not go with beam search (numBeams), where a text is known only at the end: cut it yourself`,
    );
    refuse(['penaltyAlpha'], 'does not go with beam search (numBeams): choose one of them');
    if ((given.numReturnSequences ?? 1) > strategy.numBeams) {
      throw contradiction(
        `numReturnSequences is ${given.numReturnSequences}; with ${strategy.numBeams} beams there are no more than that`,
      );
    }
  }
  if (strategy.name === 'contrastive') {
    if (strategy.topK < 1)
      throw contradiction('penaltyAlpha needs topK of 1 or more: the candidates of a step, often 4');
    if ((given.numReturnSequences ?? 1) > 1)
      throw contradiction('contrastive search (penaltyAlpha) gives one answer: leave numReturnSequences out');
  }
  if (given.overflow !== 'slide') refuse(['keepTokens'], "needs overflow: 'slide'");
}

/** The options of the sampling chain. Where nothing is drawn, only its processors count. */
function samplingOf(given: Given, draws: boolean): Partial<SamplerOptions> {
  const names = Object.keys(samplerChecks) as (keyof SamplerOptions)[];
  const ours = names.filter((name) => given[name] !== undefined && (draws || !DRAWING.includes(name)));
  const sampling = Object.fromEntries(ours.map((name) => [name, given[name]]));
  if (given.badWords !== undefined)
    sampling.badWords = given.badWords.filter((word) => typeof word !== 'string');
  return draws ? sampling : { ...sampling, temperature: 0 };
}

function checkLengths(options: ResolvedGenerateOptions, contextLength: number): void {
  const { maxNewTokens, keepTokens, overflow, sampler } = options;
  if (sampler.minNewTokens > maxNewTokens) {
    throw contradiction(`minNewTokens is ${sampler.minNewTokens}, and maxNewTokens only ${maxNewTokens}`);
  }
  // A context of one token cannot slide, as the worker says.
  if (overflow === 'slide' && contextLength > 1 && keepTokens > contextLength - 2) {
    throw contradiction(
      `keepTokens is ${keepTokens}; with a context of ${contextLength} tokens it must be at most ${contextLength - 2}`,
    );
  }
}

function badWords(value: unknown, name: string): (string | number[])[] {
  if (!Array.isArray(value)) throw badOption(name, value, 'an array of strings and lists of token ids');
  return value.map((word, index) => {
    if (typeof word === 'string' && word !== '') return word;
    return tokenSequences([word], `${name}[${index}]`)[0] as number[];
  });
}

function contradiction(problem: string): SottoError {
  return new SottoError('bad-option', problem);
}

function stopConditions(value: unknown, name: string): (string | RegExp)[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((stop) => {
    if (typeof stop === 'string' && stop !== '') return stop;
    // Those of other frames are no instances of this one's class.
    if (Object.prototype.toString.call(stop) === '[object RegExp]') return new RegExp(stop as RegExp);
    throw badOption(name, value, 'a string, a RegExp or an array of them, no string empty');
  });
}

/** Relative addresses are relative to the page, as the worker's own would mean something else. */
function moduleAddress(value: unknown, name: string): string {
  if (typeof value === 'string' || value instanceof URL) {
    try {
      return new URL(value, pageAddress() ?? undefined).href;
    } catch {
      // The message below says what is expected.
    }
  }
  const advice =
    typeof value === 'function' ? '; a function cannot cross into the worker, so put it into a module' : '';
  throw badOption(
    name,
    typeof value === 'string' ? shownAddress(value) : value,
    `the address of a module, such as new URL('./processor.js', import.meta.url)${advice}`,
  );
}

/** 53 random bits. */
function randomSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return (high >>> 11) * 2 ** 32 + low;
}
