import { countParameters, firstAttention } from '../architectures/decoder-config.js';
import { automaticThreads, chooseWeights } from '../architectures/weight-choice.js';
import { Engine, type EngineModel } from '../engine/engine.js';
import type { ModelInfo } from '../options/model-info.js';
import type { LoadParams } from '../protocol/protocol.js';
import { openSource } from '../sources/open.js';
import { Tokenizer } from '../text/tokenizer.js';
import { BorrowedFiles } from './borrowed-files.js';
import { checkTokenizerFits } from './check-tokenizer.js';
import { type GenerationConfig, readGenerationConfig } from './generation-config.js';
import { type LoadedWeights, loadWeights } from './load-weights.js';
import { openPackage } from './open-package.js';
import type { ModelFacts, ModelPackage } from './package.js';
import type { ProgressReporter } from './progress.js';
import { useWeights } from './weight-pool.js';

/** A model that is ready to generate. */
export interface LoadedModel {
  engine: Engine;
  model: EngineModel;
  /** Null when the model came without one: ids in, ids out. */
  tokenizer: Tokenizer | null;
  /** By name. */
  chatTemplates: ReadonlyMap<string, string>;
  info: ModelInfo;
  /** Gives its memory free, unless another load shares its weights. Idempotent. */
  release(): void;
}

/** What the files beside the weights say. */
interface Description {
  generation: GenerationConfig;
  tokenizer: Tokenizer | null;
  chatTemplates: ReadonlyMap<string, string>;
  /** What of them was passed over. */
  notices: string[];
}

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
  const { weights: wanted = 'auto' } = params;
  const source =
    params.source.kind === 'lent' ? new BorrowedFiles(params.source) : await openSource(params.source);
  // This and what follows refuse what cannot run before anything large is fetched.
  const opened = await openPackage(source, params.source.gguf, progress, signal);
  const { mapping } = opened;
  chooseWeights(wanted, mapping.config, opened.tensors);
  const threads = params.threads ?? automaticThreads(mapping.config);
  // Small files are this load's own; weights may be there already.
  const description = readDescription(opened, mapping.config.vocabSize);
  const loading = useWeights(params, opened, async () => {
    const creating = createEngine({ ...params, threads }, progress);
    try {
      const [engine] = await Promise.all([creating, description]);
      signal.throwIfAborted();
      const weights = await loadWeights(engine, opened, mapping, wanted);
      signal.throwIfAborted();
      return { engine, weights };
    } catch (error) {
      void creating.then((engine) => engine.dispose()).catch(() => {});
      throw error;
    }
  });
  try {
    const [{ engine, weights, release }, described] = await Promise.all([loading, description]);
    signal.throwIfAborted();
    const info = describe(engine, weights, described, opened.facts);
    const { tokenizer, chatTemplates } = described;
    return { engine, model: weights.model, tokenizer, chatTemplates, info, release };
  } catch (error) {
    void loading.then(({ release }) => release()).catch(() => {});
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

async function readDescription(opened: ModelPackage, vocabSize: number): Promise<Description> {
  const described = await opened.readDescription();
  const { generationConfig, generationConfigName, tokenizer: files, chatTemplates } = described;
  const tokenizer = files === null ? null : Tokenizer.create(files.json, files.config);
  const notices = [...opened.notices];
  if (files !== null) checkTokenizerFits(files, vocabSize, notices);
  const limits = { vocabSize, hasTokenizer: tokenizer !== null };
  const generation = readGenerationConfig(generationConfig, opened.config, limits, generationConfigName);
  return { generation, tokenizer, chatTemplates, notices };
}

function describe(
  engine: Engine,
  loaded: LoadedWeights,
  description: Description,
  facts: ModelFacts,
): ModelInfo {
  const { model, mapping, skippedTensors } = loaded;
  const { generation, tokenizer } = description;
  const notices = [...description.notices, ...loaded.notices];
  const { contextLength, vocabSize, hiddenSize, layers } = mapping.config;
  const attention = firstAttention(mapping.config);
  return {
    ...facts,
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
    weights: weightsOf(model),
    weightTypes: model.weightTypes,
    kvCache: model.kvType,
    variant: engine.variant,
    variantReason: engine.variantReason,
    dotForms: model.dotForms,
    threads: engine.threads,
    hasTokenizer: tokenizer !== null,
    chatTemplates: [...description.chatTemplates.keys()],
    bosTokenId: generation.bosTokenId,
    eosTokenIds: generation.eosTokenIds,
    generationDefaults: generation.defaults,
    ignoredDefaults: generation.ignored,
    skippedTensors,
    notices,
  };
}

/** The one type of all matrices, where it is one. */
function weightsOf(model: EngineModel): ModelInfo['weights'] {
  const types = Object.keys(model.weightTypes) as (keyof ModelInfo['weightTypes'])[];
  const [only = model.weights] = types;
  return types.length > 1 ? 'mixed' : only;
}
