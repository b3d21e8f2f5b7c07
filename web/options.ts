import { pageAddress } from './environment.js';
import { SottoError } from './errors.js';
import type { Piece } from './generation-result.js';
import type { GenerationDefaults, LoadProgress, WeightType } from './model-info.js';
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
  show,
} from './option-checks.js';

/** Where the engine's WebAssembly binary comes from, when it is not the file beside the package's scripts. */
export type WasmSource = { url: string | URL } | { module: WebAssembly.Module } | { bytes: BufferSource };

/** The binaries of the package: 128-bit SIMD, plain or relaxed, for one thread or several. */
export type VariantName = 'simd' | 'relaxed' | 'simd-threads' | 'relaxed-threads';

/** What is needed of a worker: those of browsers and of node:worker_threads have it. */
export interface WorkerLike {
  /** `never`, because browsers and Node do not agree on what can be transferred. */
  postMessage(message: unknown, transfer: never[]): void;
  terminate(): unknown;
}

/** How a model is loaded. */
export interface LoadOptions {
  /** Called as files are read; what it throws ends the loading with that error. */
  onProgress?: (progress: LoadProgress) => void;
  /** Ends the loading, which then rejects with the signal's reason. Has no effect on the loaded model. */
  signal?: AbortSignal;
  /**
   * Whether the model runs in a worker of its own. Default: true where the runtime has web workers; false in Node,
   * where true means a thread of node:worker_threads. In the same thread everything works as well, but each token
   * holds up whatever else runs there. A worker of your own, whose script imports `sotto/worker`, is used as it is
   * and not terminated by `dispose()`.
   */
  worker?: boolean | WorkerLike;
  /**
   * How the weights are kept: 'q8' is three times as fast as 'f32' and hardly differs, 'q4' is faster still and
   * differs a little (docs/quality.md). Default: 'auto', which is 'f32' for models below 10 million weights, 'q4' for
   * those that q8 would not fit into 1.5 GB, and 'q8' for all others; `info.weights` tells.
   */
  weights?: WeightType | 'auto';
  /**
   * How many threads work on a model, 1 to 32. More than one need a page that is cross-origin isolated, and the model in
   * a worker. Default: 'auto', half of the processors up to 8, both where there are two, and one thread for models below 10
   * million weights or where there can be no more; `info.threads` tells.
   */
  threads?: number | 'auto';
  /** Which of the package's binaries runs. Default: 'auto', the best that works here; `info.variant` tells. */
  variant?: VariantName | 'auto';
  /**
   * The engine's binary: that of the variant 'simd' unless the option `variant` names another. Default: the file in the
   * package.
   */
  wasm?: WasmSource;
  /** The most bytes that the engine may allocate. Default: what WebAssembly allows, 4 GiB. */
  memoryLimit?: number;
}

/** How a text is continued. What is left out comes from the model's generation_config.json: {@link GenerationDefaults}. */
export interface GenerateOptions {
  /** The most tokens to choose, 1 or more. Default: `max_new_tokens` of generation_config.json, else 256. */
  maxNewTokens?: number;
  /**
   * Divides the logits: below 1 the likely becomes likelier. 0 is greedy: always the likeliest token.
   * Default: the model's, where it is meant to be sampled from; else 0, or 1 when topK, topP or seed is given.
   */
  temperature?: number;
  /** Only the so many likeliest tokens can be chosen; 0 is off. Default: the model's, else 0. */
  topK?: number;
  /** Only the likeliest tokens that reach this probability together can be chosen, above 0; 1 is off. Default: the model's, else 1. */
  topP?: number;
  /** Begins the random numbers: 0 to 2^53 - 1. Default: a random one, which the result tells. */
  seed?: number;
  /**
   * Ends the text before the first of these strings and regular expressions; what they match is never shown. An
   * expression is looked for after each character, in the text so far: /\n\d+\./ ends the text at the first digit
   * and dot, `$` matches wherever the text has come to. It must not match the empty text, nor have the flag y; g
   * and d mean nothing here. Text waits while it may be the beginning of a match: all of it behind a " for /".*"/s.
   * An expression that takes exponential time holds up the worker. Default: none.
   */
  stop?: string | RegExp | readonly (string | RegExp)[];
  /** Called with each piece as it comes; what it throws ends the generation with that error. */
  onToken?: (piece: Piece) => void;
  /** Ends the generation, which then resolves with `finishReason` 'aborted' and the text so far. */
  signal?: AbortSignal;
}

/** What the sampler needs to know. */
export interface SamplerOptions {
  temperature: number;
  topK: number;
  topP: number;
  seed: number;
}

/** The options of one generation as the worker gets them: complete. */
export interface ResolvedGenerateOptions extends SamplerOptions {
  maxNewTokens: number;
  stop: (string | RegExp)[];
}

/** The names and ranges of what a sampler takes. */
export const samplerChecks: Checks<SamplerOptions> = {
  temperature: number((value) => value >= 0, 'a number, 0 or more'),
  topK: integer(0, 2 ** 31 - 1),
  topP: number((value) => value > 0 && value <= 1, 'a number above 0 and at most 1'),
  seed: integer(0, Number.MAX_SAFE_INTEGER),
};

/** What is used where neither the caller nor the model says anything: greedy, with an end. */
export const FALLBACK_DEFAULTS: GenerationDefaults = { maxNewTokens: 256, temperature: 0, topK: 0, topP: 1 };

export const maxNewTokensCheck: Check<number> = integer(1, Number.MAX_SAFE_INTEGER);

const generateChecks: Checks<GenerateOptions> = {
  ...samplerChecks,
  maxNewTokens: maxNewTokensCheck,
  stop: stopConditions,
  onToken: callback(),
  signal: abortSignal,
};

const MOST_THREADS = 32;

/** The options of loading that the engine takes. */
export const engineChecks: Checks<Pick<LoadOptions, 'threads' | 'variant' | 'wasm' | 'memoryLimit'>> = {
  threads: (value, name) => (value === 'auto' ? value : integer(1, MOST_THREADS)(value, name)),
  variant: oneOf(['auto', 'simd', 'relaxed', 'simd-threads', 'relaxed-threads']),
  wasm: wasmSource,
  memoryLimit: integer(1, Number.MAX_SAFE_INTEGER),
};

const WEIGHT_TYPES: readonly WeightType[] = ['f32', 'q8', 'q4'];

/** The options of a model in the engine. */
export const modelChecks: Checks<{ weights?: WeightType }> = { weights: oneOf(WEIGHT_TYPES) };

const loadChecks: Checks<LoadOptions> = {
  ...engineChecks,
  weights: oneOf(['auto', ...WEIGHT_TYPES]),
  onProgress: callback(),
  signal: abortSignal,
  worker: workerOption,
};

/** @throws SottoError 'unknown-option', 'bad-option' */
export function resolveLoadOptions(given: unknown): LoadOptions {
  return checkOptions(given, loadChecks, 'load');
}

/**
 * Checks what the caller gave and fills in the rest.
 *
 * @throws SottoError 'unknown-option', 'bad-option'
 */
export function resolveGenerateOptions(
  given: unknown,
  defaults: GenerationDefaults,
): { options: ResolvedGenerateOptions; onToken?: (piece: Piece) => void; signal?: AbortSignal } {
  const { onToken, signal, ...checked } = checkOptions(given, generateChecks, 'generate');
  const wantsSampling =
    checked.topK !== undefined || checked.topP !== undefined || checked.seed !== undefined;
  const temperature = wantsSampling && defaults.temperature === 0 ? 1 : defaults.temperature;
  const options = {
    ...defaults,
    temperature,
    seed: randomSeed(),
    ...checked,
    stop: [checked.stop ?? []].flat(),
  };
  return { options, ...(onToken && { onToken }), ...(signal && { signal }) };
}

/**
 * Checks a prompt, and copies it: the caller may write to the list afterwards.
 *
 * @throws SottoError 'empty-prompt', 'bad-token', 'bad-option'
 */
export function resolvePrompt(prompt: unknown, vocabSize: number): string | Int32Array {
  const resolved = typeof prompt === 'string' ? prompt : resolveTokenIds(prompt, vocabSize, 'prompt');
  if (resolved.length > 0) return resolved;
  throw new SottoError('empty-prompt', 'the prompt is empty: give it at least one token to continue from');
}

/** @throws SottoError 'bad-token', 'bad-option' */
export function resolveTokenIds(ids: unknown, vocabSize: number, name: string): Int32Array {
  const isList = typeof ids === 'object' && ids !== null && 'length' in ids && Number.isInteger(ids.length);
  if (!isList)
    throw badOption(name, ids, name === 'prompt' ? 'a string or a list of token ids' : 'a list of token ids');
  return Int32Array.from(ids as ArrayLike<unknown>, (id, index) => {
    if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize) return id as number;
    throw new SottoError(
      'bad-token',
      `${name}[${index}] is ${show(id)}; token ids of this model are whole numbers from 0 to ${vocabSize - 1}`,
    );
  });
}

function stopConditions(value: unknown, name: string): (string | RegExp)[] {
  const stops: unknown[] = Array.isArray(value) ? value : [value];
  return stops.map((stop) => {
    if (typeof stop === 'string' && stop !== '') return stop;
    // A copy: the caller's may change its lastIndex. Those of other frames are no instances of this RegExp.
    if (Object.prototype.toString.call(stop) === '[object RegExp]') return new RegExp(stop as RegExp);
    throw badOption(name, value, 'a string or RegExp or an array of them, no string empty');
  });
}

function workerOption(value: unknown, name: string): boolean | WorkerLike {
  const isWorker =
    typeof value === 'object' && value !== null && 'postMessage' in value && 'terminate' in value;
  if (typeof value === 'boolean' || isWorker) return value as boolean | WorkerLike;
  throw badOption(name, value, 'true, false or a Worker');
}

function wasmSource(value: unknown, name: string): WasmSource {
  const { url, module, bytes } = Object(value) as { url?: unknown; module?: unknown; bytes?: unknown };
  if (module instanceof WebAssembly.Module) return { module };
  if (bytes instanceof ArrayBuffer || ArrayBuffer.isView(bytes)) return { bytes: bytes as BufferSource };
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw badOption(name, value, '{ url }, { module: WebAssembly.Module } or { bytes: ArrayBuffer or view }');
  }
  // A worker would take a relative URL as relative to its own script. Outside of browsers it may be a path.
  const base = pageAddress();
  if (base === null) return { url: String(url) };
  try {
    return { url: new URL(url, base).href };
  } catch {
    throw badOption(`${name}.url`, url, 'a valid URL');
  }
}

/** 53 random bits. */
function randomSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return (high >>> 11) * 2 ** 32 + low;
}
