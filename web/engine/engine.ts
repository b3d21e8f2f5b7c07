import type { DecoderConfig } from '../architectures/decoder-config.js';
import type { MemoryStats, WeightType } from '../model-info.js';
import { checkOptions } from '../option-checks.js';
import {
  engineChecks,
  modelChecks,
  type SamplerOptions,
  samplerChecks,
  type WasmSource,
} from '../options.js';
import { Instance } from './instance.js';
import { EngineModel } from './model.js';
import { EngineSampler } from './session.js';
import { chooseVariant, compileWasm } from './variant.js';

export type { DecoderConfig } from '../architectures/decoder-config.js';
export type { TensorRequest } from '../architectures/placement.js';
export { SottoError, type SottoErrorCode } from '../errors.js';
export type { MemoryStats, WeightType } from '../model-info.js';
export type { SamplerOptions, WasmSource } from '../options.js';
export type { EngineModel, TensorWriter } from './model.js';
export type { EngineSampler, EngineSession } from './session.js';

/** How an engine is made. */
export interface EngineOptions {
  /** The binary. Default: the file in the package. */
  wasm?: WasmSource;
  /** The most bytes that the engine may allocate. Default: what WebAssembly allows, 4 GiB. */
  memoryLimit?: number;
}

/**
 * The engine, in the thread of the caller: one WebAssembly instance with memory of its own, meant for one model.
 * Dropping every reference to it and to what it made frees that memory.
 */
export class Engine {
  /** Which of the package's binaries runs here. */
  readonly variant: string;
  /** The most tokens that run through the model at once; longer input is split. */
  readonly maxChunk: number;
  /** The size of the binary in bytes, or null where only the browser knows it. */
  readonly wasmBytes: number | null;
  readonly #instance: Instance;

  private constructor(instance: Instance, variant: string, wasmBytes: number | null) {
    this.#instance = instance;
    this.variant = variant;
    this.wasmBytes = wasmBytes;
    this.maxChunk = instance.call((module) => module.maxChunk());
  }

  /**
   * @throws SottoError 'unknown-option', 'bad-option', 'unsupported-environment', 'out-of-memory'; about the binary 'file-not-found', 'network',
   * 'bad-file'
   */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    const { wasm: source, memoryLimit } = checkOptions(options, engineChecks, 'Engine.create');
    const variant = await chooseVariant();
    const wasm = await compileWasm(variant, source);
    const instance = await Instance.create(variant, wasm);
    if (memoryLimit !== undefined) {
      // The heap cannot reach 4 GiB, so that a larger limit is none.
      instance.call((module) => module.setMemoryLimit(Math.min(memoryLimit, 2 ** 32 - 1)));
    }
    return new Engine(instance, variant.name, wasm.byteLength);
  }

  /**
   * Makes a model that waits for its weights.
   *
   * @param options.weights How it keeps them, whatever the type in which they come. Default: 'f32'.
   * @throws SottoError 'bad-config', 'unsupported-model', 'out-of-memory', 'unknown-option', 'bad-option'
   */
  createModel(config: DecoderConfig, options: { weights?: WeightType } = {}): EngineModel {
    const { weights = 'f32' } = checkOptions(options, modelChecks, 'createModel');
    const handle = this.#instance.create('model', (module) => new module.Model(config, weights));
    return new EngineModel(this.#instance, handle, { config, weights }, this.maxChunk);
  }

  /**
   * Makes a sampler; what is left out leaves the logits as they are, so that `{}` is greedy.
   *
   * @throws SottoError 'unknown-option', 'bad-option'
   */
  createSampler(options: Partial<SamplerOptions> = {}): EngineSampler {
    const given = checkOptions(options, samplerChecks, 'createSampler');
    const complete = { temperature: 0, topK: 0, topP: 1, seed: 0, ...given };
    return new EngineSampler(this.#instance.own('sampler', (module) => new module.Sampler(complete)));
  }

  /** What the engine's memory holds now. */
  memory(): MemoryStats {
    return this.#instance.call((module) => module.memoryStats());
  }
}
