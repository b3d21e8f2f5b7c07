import { shownAddress } from '../base/address.js';
import { pageAddress } from '../base/environment.js';
import { SottoError } from '../results/errors.js';
import { type ChatOptions, type ChatOwnOptions, chatChecks } from './chat-options.js';
import { defaultsForForm } from './form-defaults.js';
import type {
  GenerateCallbacks,
  GenerateOptions,
  Overflow,
  ResolvedGenerateOptions,
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
  tag,
} from './option-checks.js';
import { textChecks } from './read-options.js';
import { resolveLengths } from './resolve-lengths.js';
import { checkSamplerTokens, resolveSampling } from './resolve-sampling.js';
import { type ResolvedResponseFormat, responseFormatCheck } from './response-format.js';
import { NEUTRAL_SAMPLER_OPTIONS, type SamplerOptions, samplerChecks } from './sampler-options.js';
import { MOST_SEQUENCES } from './strategies/beams.js';
import { DRAWING, type Given } from './strategies/rules.js';
import { chooseStrategy, contradictions, rulesOf, strategyChecks } from './strategies/strategies.js';
import { readList, tokenSequences } from './token-ids.js';

/** What is used where neither the caller nor the model says anything: greedy, with an end. */
export const FALLBACK_DEFAULTS: GenerationDefaults = {
  ...NEUTRAL_SAMPLER_OPTIONS,
  maxNewTokens: 256,
  temperature: 0,
};

export const maxNewTokensCheck: Check<number> = integer(1, Number.MAX_SAFE_INTEGER);

type GenerationInfo = Pick<ModelInfo, 'generationDefaults' | 'vocabSize' | 'contextLength'>;

/** What crosses into the worker, and what stays. */
export interface ResolvedCall {
  options: ResolvedGenerateOptions;
  callbacks: GenerateCallbacks;
}

/** Of every option of `generate`. */
export const generateChecks: Checks<GenerateOptions> = {
  ...textChecks,
  ...samplerChecks,
  badWords,
  maxNewTokens: maxNewTokensCheck,
  stop: stopConditions,
  stopWhen: callback(),
  maxTime: number((value) => value > 0, 'a number of milliseconds above 0'),
  logprobs: integer(0, Number.MAX_SAFE_INTEGER),
  logitsProcessor: moduleAddress,
  numReturnSequences: integer(1, MOST_SEQUENCES),
  ...strategyChecks,
  overflow: oneOf<Overflow>(['stop', 'error', 'slide']),
  keepTokens: integer(0, Number.MAX_SAFE_INTEGER),
  responseFormat: responseFormatCheck,
  onToken: callback(),
  onPrefillProgress: callback(),
  signal: abortSignal,
};

/**
 * Checks what the caller gave and fills in the rest. What the model asks for gives way to it: no contradiction is told that
 * does not stand between two options of the caller's.
 *
 * @throws SottoError 'unknown-option', 'bad-option'
 */
export function resolveGenerateOptions(
  given: unknown,
  info: GenerationInfo,
  caller = 'generate',
): ResolvedCall {
  return resolveChecked(checkOptions<GenerateOptions>(given, generateChecks, caller), info);
}

/**
 * As `resolveGenerateOptions`, with the options of templates among them.
 *
 * @throws SottoError 'unknown-option', 'bad-option'
 */
export function resolveChatOptions(
  given: unknown,
  info: GenerationInfo,
): ResolvedCall & { template: ChatOwnOptions } {
  const { specialTokens: _, ...ofGeneration } = generateChecks;
  const template: ChatOwnOptions = {};
  const checked = checkOptions<ChatOptions>(given, { ...ofGeneration, ...chatChecks }, 'chat');
  for (const name of Object.keys(chatChecks) as (keyof ChatOwnOptions)[]) {
    Object.assign(template, { [name]: checked[name] });
  }
  const { toolChoice } = template;
  const mustCall = toolChoice === 'required' || typeof toolChoice === 'object';
  if (mustCall && checked.responseFormat !== undefined) {
    throw new SottoError(
      'bad-option',
      'toolChoice asks for a call, and responseFormat for an answer of another form: give one of them',
    );
  }
  return { ...resolveChecked(checked, info, mustCall), template };
}

/** @param mustCall Whether the answer has to be the call of a tool. */
function resolveChecked(
  checked: Partial<GenerateOptions>,
  info: GenerationInfo,
  mustCall = false,
): ResolvedCall {
  const { onToken, onPrefillProgress, stopWhen, signal } = checked;
  const hasForm = checked.responseFormat !== undefined || mustCall;
  const defaults = hasForm ? defaultsForForm(info.generationDefaults) : info.generationDefaults;
  const strategy = chooseStrategy(checked, defaults);
  const { draws, answersOf } = rulesOf(strategy);
  const [problem] = contradictions(checked, strategy);
  if (problem !== undefined) throw contradiction(problem);
  if (checked.overflow !== 'slide' && checked.keepTokens !== undefined)
    throw contradiction("keepTokens needs overflow: 'slide'");
  const chain = resolveSampling(samplingOf(checked, draws), defaults);
  const seed = checked.seed ?? randomSeed();
  const { maxNewTokens, minNewTokens, lengthDefaults } = resolveLengths(checked, defaults);
  const options: ResolvedGenerateOptions = {
    sampler: { ...chain, minNewTokens, seed },
    badTexts: (checked.badWords ?? []).filter((word) => typeof word === 'string'),
    strategy,
    specialTokens: checked.specialTokens ?? true,
    numReturnSequences:
      checked.numReturnSequences ?? answersOf(defaults.numReturnSequences ?? 1, strategy, { ...chain, seed }),
    maxNewTokens,
    lengthDefaults,
    // A search for beams knows its texts only at the end.
    stop: [checked.stop ?? (strategy.name === 'beams' ? [] : (defaults.stop ?? []))].flat(),
    maxTime: checked.maxTime ?? defaults.maxTime ?? null,
    logprobs: checked.logprobs ?? null,
    logitsProcessor: checked.logitsProcessor === undefined ? null : String(checked.logitsProcessor),
    responseFormat: (checked.responseFormat as ResolvedResponseFormat | undefined) ?? null,
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
  return readList(value, name, 'an array of strings and lists of token ids').map((word, index) => {
    if (typeof word === 'string' && word !== '') return word;
    return tokenSequences([word], `${name}[${index}]`)[0] as number[];
  });
}

function contradiction(problem: string): SottoError {
  return new SottoError('bad-option', problem);
}

function stopConditions(value: unknown, name: string): (string | RegExp)[] {
  const list = Array.isArray(value) ? readList(value, name, 'an array') : [value];
  return list.map((stop) => {
    if (typeof stop === 'string' && stop !== '') return stop;
    if (tag(stop) === 'RegExp') return new RegExp(stop as RegExp);
    throw badOption(name, value, 'a string, a RegExp or an array of them, no string empty');
  });
}

/** Relative addresses are relative to the page, as the worker's own would mean something else. */
function moduleAddress(value: unknown, name: string): string {
  if (typeof value === 'string' || tag(value) === 'URL') {
    try {
      return new URL(String(value), pageAddress() ?? undefined).href;
    } catch {
      // The message below says what is expected.
    }
  }
  const advice =
    typeof value === 'function' ? '; a function cannot cross into the worker, so put it into a module' : '';
  throw badOption(
    name,
    typeof value === 'string' ? shownAddress(value) : value,
    `the address of a module, such as new URL("./processor.js", import.meta.url)${advice}`,
  );
}

/** 53 random bits. */
function randomSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return (high >>> 11) * 2 ** 32 + low;
}
