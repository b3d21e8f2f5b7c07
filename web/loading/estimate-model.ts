import { countParameters } from '../architectures/count-parameters.js';
import type { DecoderConfig } from '../architectures/decoder-config.js';
import { automaticThreads, MAX_WEIGHT_BYTES } from '../architectures/weight-choice.js';
import { deviceMemory } from '../base/device-memory.js';
import { Engine, type PlannedSizes } from '../engine/engine.js';
import { checkRuntime } from '../engine/variant.js';
import { badOption } from '../options/option-checks.js';
import type { EstimateParams } from '../protocol/protocol.js';
import type { ModelEstimate, WeightsEstimate } from '../results/model-estimate.js';
import { MOST_ENGINE_BYTES } from './check-memory.js';
import { keptAs } from './load-weights.js';
import { OpenedFiles } from './open-files.js';
import { openPackage } from './open-package.js';
import { planLoad } from './plan-load.js';
import { ProgressReporter } from './progress.js';

/** A text of so many tokens is what most are. */
const USUAL_CONTEXT = 4096;

/**
 * Says what loading a model would take, by its headers: neither weights are read nor memory for them is taken. The engine itself
 * is asked, as it would be started for the model.
 *
 * @throws SottoError for what is wrong with the configuration, the headers or the environment; what `signal` was aborted with.
 */
export async function estimateModel(params: EstimateParams, signal: AbortSignal): Promise<ModelEstimate> {
  await checkRuntime(params.wasm);
  const files = await OpenedFiles.open(params, signal);
  const opened = await openPackage(files.source, files.gguf, new ProgressReporter(() => {}), signal);
  const { architecture, config } = opened.mapping;
  const nTokens = contextOf(params.contextLength, config);
  const { tensors, nBytes } = await opened.survey();
  const { weights: wanted = 'auto', threads = automaticThreads(config), variant, wasm } = params;
  const engine = await Engine.create({ threads, ...(variant && { variant }), ...(wasm && { wasm }) });
  try {
    signal.throwIfAborted();
    const most = Math.min(
      params.memoryLimit ?? MOST_ENGINE_BYTES,
      MOST_ENGINE_BYTES,
      (await deviceMemory()) ?? Number.POSITIVE_INFINITY,
    );
    const estimate = (weights: typeof wanted) =>
      toEstimate(planLoad(engine, opened, weights, tensors, nTokens), most);
    const byWeights = {
      auto: estimate('auto'),
      f32: estimate('f32'),
      q8: estimate('q8'),
      q4: estimate('q4'),
    };
    return {
      architecture,
      contextLength: config.contextLength,
      nParameters: countParameters(config),
      downloadBytes: nBytes,
      storedBytes: await files.storedBytes(),
      ...byWeights[wanted],
      byWeights,
    };
  } finally {
    engine.dispose();
  }
}

/** @throws SottoError 'bad-option' */
function contextOf(given: number | undefined, { contextLength }: DecoderConfig): number {
  if (given === undefined) return Math.min(contextLength, USUAL_CONTEXT);
  if (given <= contextLength) return given;
  throw badOption('contextLength', given, `at most ${contextLength}, which is the model's`);
}

function toEstimate(sizes: PlannedSizes, most: number): WeightsEstimate {
  const memory = {
    weights: sizes.weightBytes,
    context: sizes.sessionBytes,
    peak: sizes.peakBytes,
    total: sizes.loadedBytes + sizes.sessionBytes,
  };
  const isWithin = Math.max(memory.peak, memory.total) <= most;
  return { weights: keptAs(sizes.weightTypes), memory, fits: isWithin && memory.weights <= MAX_WEIGHT_BYTES };
}
