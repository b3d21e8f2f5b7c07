import { type TensorPlacement, toTensorRequest } from '../architectures/placement.js';
import { preferredWeights } from '../architectures/weight-choice.js';
import type { Engine, PlannedSizes } from '../engine/engine.js';
import type { FileTensor } from '../formats/file-tensor.js';
import type { WeightType } from '../options/engine-options.js';
import { placementOf } from './load-weights.js';
import type { ModelPackage } from './package.js';
import { hasRowsOutside, isOutside, ROWS } from './rows-outside.js';
import { isOfPair, ofPair } from './tied-pair.js';
import { named } from './write-tensor.js';

/**
 * What a model would take in an engine.
 *
 * @param tensors All of its files; left out, those that are known before the weights are opened.
 * @param nTokens Of a text beside it.
 * @throws SottoError 'unsupported-model', 'bad-tensor', 'bad-config', 'out-of-memory' for the plan itself
 */
export function planLoad(
  engine: Engine,
  opened: ModelPackage,
  wanted: WeightType | 'auto',
  tensors: readonly FileTensor[] = opened.tensors ?? [],
  nTokens = 0,
): PlannedSizes {
  const { config } = opened.mapping;
  const weights = preferredWeights(wanted, config, opened);
  const plan = engine.createPlan(config, { weights, blocks: wanted === 'auto' ? 'keep' : 'convert' });
  try {
    if (hasRowsOutside(opened)) plan.keepOutside(ROWS);
    for (const [tensor, placement] of placed(opened, tensors)) {
      if (isOutside(opened, placement)) continue;
      named(tensor, () => plan.add(toTensorRequest(placement, tensor)));
    }
    return plan.sizes(nTokens);
  } finally {
    plan.dispose();
  }
}

/** What loading would write; the head is the embedding where the configuration says so, since only the bytes would tell else. */
function* placed(
  { mapping }: ModelPackage,
  tensors: readonly FileTensor[],
): Generator<[FileTensor, TensorPlacement]> {
  let hasPair = false;
  for (const tensor of tensors) {
    const placement = placementOf(mapping, tensor);
    if (placement === 'skip') continue;
    if (!mapping.config.tiedHead || !isOfPair(placement)) yield [tensor, placement];
    else if (!hasPair) {
      hasPair = true;
      yield [tensor, ofPair(placement)];
    }
  }
}
