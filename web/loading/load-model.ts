import { countParameters } from '../architectures/count-parameters.js';
import { firstAttention } from '../architectures/decoder-config.js';
import { automaticThreads, chooseWeights } from '../architectures/weight-choice.js';
import { Engine, type EngineModel } from '../engine/engine.js';
import { checkRuntime } from '../engine/variant.js';
import type { ModelInfo } from '../options/model-info.js';
import type { LoadParams } from '../protocol/protocol.js';
import { Tokenizer } from '../text/tokenizer.js';
import { refuseTooLarge } from './check-memory.js';
import { checkTokenizerFits } from './check-tokenizer.js';
import { type GenerationConfig, readGenerationConfig } from './generation-config.js';
import { keptAs, type LoadedWeights, loadWeights } from './load-weights.js';
import { OpenedFiles } from './open-files.js';
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
  await checkRuntime(params.wasm);
  for (let isLast = false; ; isLast = true) {
    const files = await OpenedFiles.open(params, signal);
    try {
      return await loadFiles(files, params, progress, signal);
    } catch (error) {
      if (!(await files.fail(error)) || isLast) throw error;
      progress.restart();
    }
  }
}

async function loadFiles(
  files: OpenedFiles,
  params: LoadParams,
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<LoadedModel> {
  const { weights: wanted = 'auto' } = params;
  // This and what follows refuse what cannot run before anything large is fetched.
  const opened = await openPackage(files.source, files.gguf, progress, signal);
  const { mapping } = opened;
  chooseWeights(wanted, mapping.config, opened);
  const threads = params.threads ?? automaticThreads(mapping.config);
  // Small files are this load's own; weights may be there already.
  const description = readDescription(opened, mapping.config.vocabSize);
  const loading = useWeights(params, opened, async () => {
    const creating = createEngine({ ...params, threads }, progress);
    try {
      const checked = creating.then((engine) => {
        refuseTooLarge(engine, opened, wanted, params.memoryLimit);
        return engine;
      });
      const [engine] = await Promise.all([checked, description]);
      signal.throwIfAborted();
      const weights = await loadWeights(engine, opened, mapping, wanted);
      await files.finish();
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
    described.notices.push(...files.notices);
    const info = describe(engine, weights, described, opened.facts);
    const { tokenizer, chatTemplates } = described;
    return { engine, model: weights.model, tokenizer, chatTemplates, info, release };
  } catch (error) {
    void loading.then(({ release }) => release()).catch(() => {});
    throw error;
  }
}

async function createEngine(params: LoadParams, progress: ProgressReporter): Promise<Engine> {
  const { source: _, files: __, weights: ___, prefixCache: ____, ...options } = params;
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
    weights: keptAs(model.weightTypes, model.weights),
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
