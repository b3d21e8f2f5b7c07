import {
  type DotForm,
  engineChecks,
  type ModelOptions,
  modelChecks,
  type VariantName,
  type WasmSource,
} from '../options/engine-options.js';
import type { MemoryStats } from '../results/memory-stats.js';

export type {
  DotForm,
  ModelOptions,
  VariantName,
  WasmSource,
  WeightType,
} from '../options/engine-options.js';
export type { MemoryStats } from '../results/memory-stats.js';

import type { DecoderConfig } from '../architectures/decoder-config.js';
import { type Checks, checkComplete, checkOptions, copyPlain, oneOf } from '../options/option-checks.js';
import { resolveSampling } from '../options/resolve-sampling.js';
import {
  FILTERS,
  NEUTRAL_SAMPLER_OPTIONS,
  type SamplerOptions,
  samplerChecks,
} from '../options/sampler-options.js';
import { tooManyAnswers } from '../options/strategies/beams.js';
import { resolveTokenIds, tokenIds } from '../options/token-ids.js';
import { SottoError } from '../results/errors.js';
import { EngineBatch } from './batch.js';
import { type CompiledWasm, compileWasm } from './compile-wasm.js';
import { Instance } from './instance.js';
import { EnginePlan } from './load-plan.js';
import { EngineModel } from './model.js';
import { EngineSampler } from './sampler.js';
import { listBytes, toSamplerValue } from './sampler-value.js';
import {
  type BeamSearchOptions,
  beamChecks,
  type ContrastiveSearchOptions,
  contrastiveChecks,
  EngineBeamSearch,
  EngineContrastiveSearch,
} from './search.js';
import { type ChosenVariant, chooseVariant } from './variant.js';

export type {
  AltUp,
  Attention,
  DecoderConfig,
  GatedDelta,
  LayerKind,
  Mixer,
  Mlp,
  Norm,
  PerLayerInputs,
  QueryKeyNorm,
  Rope,
  RopeScaling,
  ShortConvolution,
  StateSpace,
} from '../architectures/decoder-config.js';
export type { TensorRequest } from '../architectures/placement.js';
export type { RandomAccess } from '../base/random-access.js';
export type { SamplerOptions, TokenBiases } from '../options/sampler-options.js';
export { SottoError, type SottoErrorCode } from '../results/errors.js';
export type { TokenLogProbability } from '../results/generation-result.js';
export type { KeysValues, TapName, Taps } from '../results/session-values.js';
export type { EnginePlan, PlannedSizes } from './load-plan.js';
export type { EngineModel, TensorWriter } from './model.js';
export type { EngineSampler } from './sampler.js';
export type {
  BeamMove,
  BeamSearchOptions,
  ChangeLogits,
  ContrastiveSearchOptions,
  EngineBeamSearch,
  EngineContrastiveSearch,
} from './search.js';
export type { EngineSession } from './session.js';
export type { SessionInput } from './session-input.js';
export type { KvPages } from './session-views.js';

/** How an engine is made. */
export interface EngineOptions {
  /** The binary: of the variant 'simd' unless the option `variant` names another. Default: the file in the package. */
  wasm?: WasmSource;
  /** The most bytes that the engine may allocate. Default: what WebAssembly allows, 4 GiB. */
  memoryLimit?: number;
  /**
   * How many threads work on its models, 1 to 32, or 'auto' as for `LanguageModel.load`, which is one where more do not
   * start. Default: 1. An engine with more lives until `dispose()`.
   */
  threads?: number | 'auto';
  /** Which of the package's binaries runs. Default: 'auto', the best that works here. */
  variant?: VariantName | 'auto';
  /**
   * The form of the dot product of its models with quantised weights. Default: 'auto', the faster one by a measurement as a
   * model is finished. Another needs relaxed SIMD in which it is exact.
   */
  dotForm?: DotForm | 'auto';
}

const engineOptionChecks: Checks<EngineOptions> = {
  ...engineChecks,
  dotForm: oneOf(['auto', 'pairs', 'quads']),
};

/** What a sampler of the engine takes. */
export interface EngineSamplerOptions extends SamplerOptions {
  /** The tokens that end a text, which `minNewTokens` holds back. Default: none. */
  endTokens: readonly number[];
}

const engineSamplerChecks: Checks<EngineSamplerOptions> = { ...samplerChecks, endTokens: tokenIds };

/**
 * The engine, in the thread of the caller: one WebAssembly instance with memory of its own, meant for one model.
 * Dropping every reference to it and to what it made frees that memory.
 */
export class Engine {
  /** Which of the package's binaries runs here. */
  readonly variant: VariantName;
  /** For people: why this one and no better one. */
  readonly variantReason: string;
  /** How many threads work on its models, the caller's included. */
  readonly threads: number;
  /** The most tokens that run through the model at once; longer input is split. */
  readonly maxChunk: number;
  /** The size of the binary in bytes, or null where only the browser knows it. */
  readonly wasmBytes: number | null;
  /** @internal */
  readonly batch: EngineBatch;
  readonly #instance: Instance;
  readonly #dotForms: readonly DotForm[];

  private constructor(instance: Instance, chosen: ChosenVariant, wasmBytes: number | null) {
    this.#instance = instance;
    this.variant = chosen.variant.name;
    this.variantReason = chosen.reason;
    this.threads = chosen.threads;
    this.#dotForms = chosen.dotForms;
    this.wasmBytes = wasmBytes;
    this.maxChunk = instance.call((module) => module.maxChunk());
    this.batch = new EngineBatch(instance);
  }

  /**
   * @throws SottoError 'unknown-option', 'bad-option', 'unsupported-environment', 'out-of-memory'; about the binary 'file-not-found', 'network',
   * 'bad-file'
   */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    const given = checkOptions(options, engineOptionChecks, 'Engine.create');
    const { wasm: source, memoryLimit, threads, dotForm } = given;
    // A binary belongs to one variant: to the plain one, which runs everywhere, unless the caller says another.
    const variant = given.variant ?? (source === undefined ? 'auto' : 'simd');
    const wanted = await chooseVariant(variant, threads, dotForm, source);
    const { chosen, wasm, instance } = await start(wanted, source).catch(async (cause: unknown) => {
      if (threads !== 'auto' || wanted.threads === 1) throw cause;
      const alone = await chooseVariant(variant, 1, dotForm, source);
      return start({ ...alone, reason: `${alone.reason}, because ${whyAlone(cause)}` }, source);
    });
    if (memoryLimit !== undefined) {
      // The heap cannot reach 4 GiB, so that a larger limit is none.
      instance.call((module) => module.setMemoryLimit(Math.min(memoryLimit, 2 ** 32 - 1)));
    }
    try {
      instance.ensureHeadroom(0, 'the engine');
      return new Engine(instance, chosen, wasm.byteLength);
    } catch (error) {
      instance.dispose();
      throw error;
    }
  }

  /**
   * Makes a model that waits for its weights.
   *
   * @throws SottoError 'bad-config', 'unsupported-model', 'out-of-memory', 'unknown-option', 'bad-option'
   */
  createModel(config: DecoderConfig, options: ModelOptions = {}): EngineModel {
    const { weights = 'f32', blocks = 'keep' } = checkOptions(options, modelChecks, 'createModel');
    const copy = copyPlain(config, 'config'); // nobody's code runs inside of the engine
    const handle = this.#instance.create(
      'model',
      (module) => new module.Model(copy, weights, blocks === 'keep'),
    );
    return new EngineModel(
      this.#instance,
      handle,
      { config: copy, weights, dotForms: this.#dotForms },
      { maxChunk: this.maxChunk, batch: this.batch },
    );
  }

  /**
   * Makes a plan of a model, which tells what the model would take in this engine.
   *
   * @throws SottoError as `createModel`
   */
  createPlan(config: DecoderConfig, options: ModelOptions = {}): EnginePlan {
    const { weights = 'f32', blocks = 'keep' } = checkOptions(options, modelChecks, 'createPlan');
    const copy = copyPlain(config, 'config');
    const handle = this.#instance.create(
      'plan',
      (module) => new module.LoadPlan(copy, weights, blocks === 'keep'),
    );
    return new EnginePlan(this.#instance, handle);
  }

  /**
   * Makes a sampler; what is left out leaves the logits as they are, so that `{}` is greedy. A filter or a seed without a
   * temperature draws at temperature 1.
   *
   * @throws SottoError 'unknown-option', 'bad-option'
   */
  createSampler(options: Partial<EngineSamplerOptions> = {}): EngineSampler {
    const value = samplerValue(options, 'createSampler');
    return new EngineSampler(
      this.#instance,
      this.batch,
      this.#instance.own('sampler', (module) => new module.Sampler(value), listBytes(value)),
    );
  }

  /**
   * Makes a beam search.
   *
   * @param options Of a sampler's, those that change logits, and `endTokens`: nothing is drawn.
   * @param promptIds What the options look at besides the answer.
   * @throws SottoError 'unknown-option', 'bad-option', 'bad-token', 'out-of-memory'
   */
  createBeamSearch(
    beams: BeamSearchOptions,
    options: Partial<EngineSamplerOptions>,
    promptIds: ArrayLike<number>,
  ): EngineBeamSearch {
    const checked = checkComplete(beams, beamChecks, 'createBeamSearch');
    const { numBeams, numReturnSequences } = checked;
    if (numReturnSequences > numBeams) {
      throw new SottoError('bad-option', tooManyAnswers({ numReturnSequences }, numBeams));
    }
    const value = searchValue(options, 'createBeamSearch');
    const prompt = resolveTokenIds(promptIds, null, 'promptIds');
    const beamOptions = { ...checked, earlyStopping: String(checked.earlyStopping) };
    return new EngineBeamSearch(
      this.#instance,
      this.#instance.own(
        'beam search',
        (module) => new module.BeamSearch(beamOptions, value, prompt),
        listBytes(value) + 16 * prompt.length,
      ),
    );
  }

  /**
   * Makes a contrastive search among the `topK` likeliest tokens of a step, for models of this hidden size.
   *
   * @param options Of a sampler's, those that change logits, and `endTokens`: nothing is drawn.
   * @throws SottoError 'unknown-option', 'bad-option', 'out-of-memory'
   */
  createContrastiveSearch(
    search: ContrastiveSearchOptions,
    options: Partial<EngineSamplerOptions>,
  ): EngineContrastiveSearch {
    const checked = checkComplete(search, contrastiveChecks, 'createContrastiveSearch');
    const { penaltyAlpha, topK, hiddenSize } = checked;
    const value = searchValue(options, 'createContrastiveSearch');
    return new EngineContrastiveSearch(
      this.#instance,
      this.#instance.own(
        'contrastive search',
        (module) => new module.ContrastiveSearch(penaltyAlpha, topK, hiddenSize, value),
        listBytes(value),
      ),
    );
  }

  /** Whether it can be used: not disposed, and not stopped at a bug. */
  get isUsable(): boolean {
    return this.#instance.isUsable;
  }

  /** Ends its threads, its models and its memory. Idempotent. */
  dispose(): void {
    this.#instance.dispose();
  }

  /** What the engine's memory holds now. */
  memory(): MemoryStats {
    return this.#instance.call((module) => module.memoryStats());
  }
}

/** A chosen variant that runs. */
interface Started {
  chosen: ChosenVariant;
  wasm: CompiledWasm;
  instance: Instance;
}

async function start(chosen: ChosenVariant, source: WasmSource | undefined): Promise<Started> {
  const wasm = await compileWasm(chosen.variant, source);
  return { chosen, wasm, instance: await Instance.create(chosen, wasm) };
}

/** Why more than one thread did not start, for people. */
function whyAlone(cause: unknown): string {
  const { message, cause: first } = cause as Error;
  return `more did not start: ${first instanceof Error ? first.message : message}`;
}

/** Options of a search, which refuses what only matters to a draw, unless it is neutral. */
function searchValue(
  options: Partial<EngineSamplerOptions>,
  caller: string,
): ReturnType<typeof toSamplerValue> {
  const value = samplerValue(options, caller);
  const given = options as Partial<EngineSamplerOptions>; // and checked
  const neutral = { ...NEUTRAL_SAMPLER_OPTIONS, seed: undefined };
  const name = [...FILTERS, 'seed' as const].find(
    (each) =>
      given[each] !== undefined &&
      given[each] !== neutral[each] &&
      !(each === 'temperature' && given[each] === 0),
  );
  if (name === undefined) return value;
  throw new SottoError('bad-option', `${caller}: ${name} does not go with a search, which draws no token`);
}

/** Checked and complete, as it crosses. */
function samplerValue(
  options: Partial<EngineSamplerOptions>,
  caller: string,
): ReturnType<typeof toSamplerValue> {
  const { endTokens = [], ...given } = checkOptions(options, engineSamplerChecks, caller);
  const chain = resolveSampling(given, { ...NEUTRAL_SAMPLER_OPTIONS, temperature: 0 });
  return toSamplerValue({ ...chain, seed: given.seed ?? 0, endTokens });
}
