import { mapModel } from '../architectures/architectures.js';
import { countParameters, firstAttention } from '../architectures/decoder-config.js';
import type { ModelMapping } from '../architectures/model-mapping.js';
import { toTensorRequest } from '../architectures/placement.js';
import { automaticThreads, chooseWeights } from '../architectures/weight-choice.js';
import { Engine, type EngineModel } from '../engine/engine.js';
import { readSafetensors, type TensorStream } from '../formats/safetensors.js';
import { parseShardIndex } from '../formats/shard-index.js';
import type { WeightType } from '../options/engine-options.js';
import type { ModelInfo } from '../options/model-info.js';
import type { LoadParams } from '../protocol/protocol.js';
import { SottoError } from '../results/errors.js';
import { openSource } from '../sources/open.js';
import { readJson } from '../sources/read.js';
import { type ModelSource, openRequired, type SourceFile } from '../sources/source.js';
import { Tokenizer } from '../text/tokenizer.js';
import { BorrowedFiles } from './borrowed-files.js';
import { type GenerationConfig, readGenerationConfig } from './generation-config.js';
import type { ProgressReporter } from './progress.js';

/** A model that is ready to generate. */
export interface LoadedModel {
  engine: Engine;
  model: EngineModel;
  /** Null when the model came without one: ids in, ids out. */
  tokenizer: Tokenizer | null;
  info: ModelInfo;
}

/** What config.json says, and what follows from it. */
interface Config {
  json: unknown;
  mapping: ModelMapping;
  weights: WeightType;
}

/** What the files beside the weights say. */
interface Description extends Config {
  generation: GenerationConfig;
  tokenizer: Tokenizer | null;
}

const WEIGHTS = 'model.safetensors';
const SHARD_INDEX = 'model.safetensors.index.json';
const MAX_CONFIG_BYTES = 1 << 20;
const MAX_TOKENIZER_BYTES = 64 << 20; // the largest known ones have 35 MB
const MAX_INDEX_BYTES = 16 << 20;

/**
 * Loads a model: its configuration, then engine and small files side by side, then the weights, which stream from the source into the
 * engine without being held anywhere in between.
 *
 * @throws SottoError for whatever is wrong with the files, and what `signal` was aborted with.
 */
export async function loadModel(
  params: LoadParams,
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<LoadedModel> {
  const source =
    params.source.kind === 'lent' ? new BorrowedFiles(params.source) : await openSource(params.source);
  const reader = new ModelReader(source, progress, signal);
  const config = await reader.readConfig(params.weights);
  const threads = params.threads ?? automaticThreads(config.mapping.config);
  const creating = createEngine({ ...params, threads }, progress);
  try {
    const [engine, description] = await Promise.all([creating, reader.readDescription(config)]);
    signal.throwIfAborted();
    const { mapping, tokenizer } = description;
    const model = engine.createModel(mapping.config, { weights: description.weights });
    for await (const tensor of reader.readWeights()) await writeTensor(model, mapping, tensor);
    signal.throwIfAborted();
    model.finish();
    return { engine, model, tokenizer, info: describe(engine, model, description) };
  } catch (error) {
    void creating.then((engine) => engine.dispose()).catch(() => {});
    throw error;
  }
}

async function createEngine(params: LoadParams, progress: ProgressReporter): Promise<Engine> {
  const { source: _, weights: __, prefixCache: ___, ...options } = params;
  const event = { phase: 'engine', file: 'engine.wasm' } as const;
  progress.report({ ...event, loaded: 0, total: null });
  const engine = await Engine.create(options);
  progress.report({ ...event, loaded: engine.wasmBytes ?? 0, total: engine.wasmBytes });
  return engine;
}

/** The files of one model, by what is in them. */
class ModelReader {
  readonly #source: ModelSource;
  readonly #progress: ProgressReporter;
  readonly #signal: AbortSignal;

  constructor(source: ModelSource, progress: ProgressReporter, signal: AbortSignal) {
    this.#source = source;
    this.#progress = progress;
    this.#signal = signal;
  }

  async readConfig(wantedWeights: WeightType | 'auto' = 'auto'): Promise<Config> {
    const file = await openRequired(this.#source, 'config.json', this.#signal);
    const json = await this.#readJson(file, 'config', MAX_CONFIG_BYTES);
    // Both refuse what cannot run before anything large is fetched.
    const mapping = mapModel(json);
    return { json, mapping, weights: chooseWeights(wantedWeights, mapping.config) };
  }

  async readDescription(config: Config): Promise<Description> {
    const [generationJson, tokenizerJson, tokenizerConfigJson] = await Promise.all([
      this.#readOptional('generation_config.json', 'config', MAX_CONFIG_BYTES),
      this.#readOptional('tokenizer.json', 'tokenizer', MAX_TOKENIZER_BYTES),
      this.#readOptional('tokenizer_config.json', 'tokenizer', MAX_TOKENIZER_BYTES),
    ]);
    const tokenizer =
      tokenizerJson === undefined ? null : Tokenizer.create(tokenizerJson, tokenizerConfigJson);
    const limits = { vocabSize: config.mapping.config.vocabSize, hasTokenizer: tokenizer !== null };
    return { ...config, generation: readGenerationConfig(generationJson, config.json, limits), tokenizer };
  }

  /** The tensors of all weight files, in file order. */
  async *readWeights(): AsyncGenerator<TensorStream> {
    const whole = await this.#source.open(WEIGHTS, this.#signal);
    if (whole !== null) return yield* readSafetensors(this.#progress.watch(whole, 'weights'));
    const index = await this.#source.open(SHARD_INDEX, this.#signal);
    if (index === null) {
      throw new SottoError(
        'file-not-found',
        `the model has no weights in the safetensors format: ${this.#source.location(WEIGHTS)}; ` +
          `${this.#source.location(SHARD_INDEX)}. Check the address of the model's folder and what it holds.`,
      );
    }
    const { files } = parseShardIndex(await this.#readJson(index, 'weights', MAX_INDEX_BYTES), SHARD_INDEX);
    for (const name of files) {
      const shard = await openRequired(this.#source, name, this.#signal);
      yield* readSafetensors(this.#progress.watch(shard, 'weights'));
    }
  }

  #readJson(file: SourceFile, phase: 'config' | 'tokenizer' | 'weights', maxBytes: number): Promise<unknown> {
    return readJson(this.#progress.watch(file, phase), { maxBytes });
  }

  /** Undefined when there is no such file. */
  async #readOptional(name: string, phase: 'config' | 'tokenizer', maxBytes: number): Promise<unknown> {
    const file = await this.#source.open(name, this.#signal);
    return file === null ? undefined : this.#readJson(file, phase, maxBytes);
  }
}

async function writeTensor(model: EngineModel, mapping: ModelMapping, stream: TensorStream): Promise<void> {
  const { tensor, chunks } = stream;
  const placement = mapping.tensor(tensor.name);
  if (placement === 'skip') return; // the reader passes over its bytes
  if (placement === null) {
    throw new SottoError(
      'unsupported-model',
      `the weights hold a tensor ${tensor.name}, which ${mapping.architecture} does not have: ` +
        'the model is a variant that this version does not run',
    );
  }
  const request = toTensorRequest(placement, tensor);
  try {
    const writer = model.beginTensor(request);
    for await (const chunk of chunks) writer.write(chunk);
    writer.end();
  } catch (error) {
    // The engine knows its own names only.
    if (!(error instanceof SottoError) || error.code !== 'bad-tensor') throw error;
    throw new SottoError(
      'bad-tensor',
      `tensor ${tensor.name} [${tensor.shape.join(', ')}]: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

function describe(engine: Engine, model: EngineModel, description: Description): ModelInfo {
  const { mapping, generation, tokenizer } = description;
  const { contextLength, vocabSize, hiddenSize, layers } = mapping.config;
  const attention = firstAttention(mapping.config);
  return {
    architecture: mapping.architecture,
    contextLength,
    vocabSize,
    nLayers: layers.length,
    nHeads: attention?.nHeads ?? null,
    nKvHeads: attention?.nKvHeads ?? null,
    headDim: attention?.headDim ?? null,
    hiddenSize,
    nParameters: countParameters(mapping.config),
    weightBytes: model.weightBytes,
    weights: model.weights,
    kvCache: model.kvType,
    variant: engine.variant,
    variantReason: engine.variantReason,
    dotForms: model.dotForms,
    threads: engine.threads,
    hasTokenizer: tokenizer !== null,
    bosTokenId: generation.bosTokenId,
    eosTokenIds: generation.eosTokenIds,
    generationDefaults: generation.defaults,
    ignoredDefaults: generation.ignored,
  };
}
