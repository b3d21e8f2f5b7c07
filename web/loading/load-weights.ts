import type { ModelMapping } from '../architectures/model-mapping.js';
import { isBlockType, type TensorPlacement } from '../architectures/placement.js';
import { chooseWeights } from '../architectures/weight-choice.js';
import type { Engine, EngineModel } from '../engine/engine.js';
import type { FileTensor, TensorStream } from '../formats/file-tensor.js';
import { scaledNvfp4 } from '../formats/nvfp4.js';
import type { KeptWeightType, WeightType } from '../options/engine-options.js';
import { SottoError } from '../results/errors.js';
import type { ModelPackage, PackageTensor } from './package.js';
import { isOutside, keepOutside } from './rows-outside.js';
import { TiedPair } from './tied-pair.js';
import { shownName, writeTensor } from './write-tensor.js';

/** The file's type that is a type of the engine's. */
const SAME_AS: Readonly<Record<WeightType, string>> = { f32: 'F32', q8: 'Q8_0', q4: 'Q4_0' };

/** The one type of all matrices, where it is one. */
export function keptAs(
  types: Partial<Record<KeptWeightType, number>>,
  fallback: KeptWeightType = 'f32',
): KeptWeightType | 'mixed' {
  const [only = fallback, ...others] = Object.keys(types) as KeptWeightType[];
  return others.length > 0 ? 'mixed' : only;
}

/** The weights in the engine, and what became of the files' tensors. */
export interface LoadedWeights {
  model: EngineModel;
  /** As it was given, or with a head of its own where the files have one. */
  mapping: ModelMapping;
  /** Names of the tensors that the model does not need, in the order of the files. */
  skippedTensors: string[];
  /** What became of the files' types, where it is not what one would think. */
  notices: string[];
}

/**
 * Streams the weights of a package into the engine. Nothing is held on the way.
 *
 * @throws SottoError for whatever is wrong with them; what the package's signal was aborted with.
 */
export async function loadWeights(
  engine: Engine,
  opened: ModelPackage,
  mapping: ModelMapping,
  wanted: WeightType | 'auto',
): Promise<LoadedWeights> {
  for (let current = mapping; ; current = untied(current)) {
    const loaded = await streamWeights(engine, opened, current, wanted);
    if (loaded !== null) return loaded;
  }
}

function untied(mapping: ModelMapping): ModelMapping {
  return { ...mapping, config: { ...mapping.config, tiedHead: false } };
}

/** Null when the head differs from the embedding, which it was said to be: only their bytes tell. */
async function streamWeights(
  engine: Engine,
  opened: ModelPackage,
  mapping: ModelMapping,
  wanted: WeightType | 'auto',
): Promise<LoadedWeights | null> {
  const weights = chooseWeights(wanted, mapping.config, opened);
  const blocks = wanted === 'auto' ? 'keep' : 'convert';
  const model = engine.createModel(mapping.config, { weights, blocks });
  const blockTypes = new Set<string>();
  const { names, tensors } = await opened.openWeights();
  const pair = mapping.config.tiedHead ? new TiedPair(mapping, names) : null;
  const skippedTensors: string[] = [];
  for await (const given of tensors) {
    const placement = placementOf(mapping, given.tensor);
    if (placement !== 'skip' && isBlockType(given.tensor.dtype)) blockTypes.add(given.tensor.dtype);
    const stream = multiplied(given, blocks === 'keep' ? 'Q8_0' : 'F32');
    if (placement === 'skip')
      skippedTensors.push(stream.tensor.name); // the reader passes over its bytes
    else if (isOutside(opened, placement)) await keepOutside(model, placement, given);
    else if (!pair?.has(placement)) await writeTensor(model, placement, stream);
    else if (!(await pair.write(model, placement, stream))) {
      model.dispose();
      return null;
    }
  }
  finish(model, mapping, names, skippedTensors);
  const notices = blocks === 'convert' ? conversions(blockTypes, weights) : [];
  return { model, mapping, skippedTensors, notices };
}

/** A tensor with its factor in its values, which `dtype` can hold. */
function multiplied({ factor, ...stream }: PackageTensor, dtype: 'F32' | 'Q8_0'): TensorStream {
  if (factor === undefined) return stream;
  return { tensor: { ...stream.tensor, dtype }, chunks: scaledNvfp4(stream.chunks, factor, dtype) };
}

function conversions(blockTypes: ReadonlySet<string>, weights: WeightType): string[] {
  const types = [...blockTypes].filter((type) => type !== SAME_AS[weights]);
  if (types.length === 0) return [];
  return [
    `the file's weights in ${types.join(', ')} were converted to ${weights}, as \`weights\` asks; 'auto' keeps them`,
  ];
}

/** @throws SottoError 'unsupported-model' for a tensor that a layer would compute with, and the engine does not. */
export function placementOf(mapping: ModelMapping, { name, shape }: FileTensor): TensorPlacement | 'skip' {
  const placement = mapping.tensor(name);
  if (placement !== null) return placement;
  if (shape.includes(0)) return 'skip'; // nothing comes of it
  throw new SottoError(
    'unsupported-model',
    `the weights hold a tensor ${shownName(name)}, which ${mapping.architecture} does not have: ` +
      'the model is a variant that this version does not run',
  );
}

/** @throws SottoError 'missing-tensor' with the names that the files would have for it. */
function finish(
  model: EngineModel,
  mapping: ModelMapping,
  names: ReadonlySet<string>,
  skipped: readonly string[],
): void {
  try {
    model.finish();
  } catch (error) {
    if (!(error instanceof SottoError) || error.code !== 'missing-tensor') throw error;
    const [name = ''] = /[\w.]+\.(?:weight|bias)/.exec(error.message) ?? [];
    const expected = mapping.fileNames(name, names);
    const missing = expected.filter((fileName) => !names.has(fileName));
    const others = skipped.length === 0 ? '' : `; of what they hold ${list(skipped)} were not needed`;
    const advice =
      name === 'head.weight' && missing.length > 0
        ? ' If the head is the token embedding, config.json must say so: "tie_word_embeddings": true.'
        : '';
    const what =
      missing.length > 0
        ? `the weights lack ${list(missing)}`
        : `the weights have too few rows of ${list(expected)}`;
    throw new SottoError(
      'missing-tensor',
      `${what} (${error.message.replace(/\.$/, '')})${others}.${advice}`,
      { cause: error },
    );
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 4).map(shownName);
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}
