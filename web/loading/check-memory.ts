import { MAX_WEIGHT_BYTES } from '../architectures/weight-choice.js';
import type { Engine } from '../engine/engine.js';
import type { WeightType } from '../options/engine-options.js';
import { SottoError } from '../results/errors.js';
import type { ModelPackage } from './package.js';
import { planLoad } from './plan-load.js';

/** What WebAssembly gives an engine: 4 GiB less its code's own data, stacks, and gaps between blocks. */
export const MOST_ENGINE_BYTES = 2 ** 32 - 32 * 2 ** 20;

/** What is a little above the limit is left to the engine, which knows to the byte. */
const CERTAIN = 0.98;

/**
 * Refuses a model that the engine cannot hold, before its weights are opened.
 *
 * @param memoryLimit The engine's, in bytes.
 * @throws SottoError 'out-of-memory'
 */
export function refuseTooLarge(
  engine: Engine,
  opened: ModelPackage,
  wanted: WeightType | 'auto',
  memoryLimit: number = MOST_ENGINE_BYTES,
): void {
  const limit = Math.min(memoryLimit, MOST_ENGINE_BYTES);
  const { peakBytes, weightBytes, weightTypes } = planLoad(engine, opened, wanted);
  if (peakBytes * CERTAIN <= limit) return;
  const smaller = (['q8', 'q4'] as const)
    .map((type) => ({ type, ...planLoad(engine, opened, type) }))
    .filter((plan) => plan.peakBytes < peakBytes && plan.peakBytes <= limit)
    .filter((plan) => plan.weightBytes <= MAX_WEIGHT_BYTES)
    .map((plan) => `weights: '${plan.type}' (${plan.peakBytes} bytes)`);
  const who = limit < MOST_ENGINE_BYTES ? 'memoryLimit' : '32-bit WebAssembly';
  const advice = limit < MOST_ENGINE_BYTES ? ', or allow more (memoryLimit)' : '';
  throw new SottoError(
    'out-of-memory',
    `to load the model takes ${peakBytes} bytes, ${weightBytes} of them for its weights in ` +
      `${Object.keys(weightTypes).join(', ')}, and ${who} allows ${limit}. ` +
      (smaller.length > 0
        ? `Load it with ${smaller.join(' or ')}${advice}.`
        : `Choose a smaller model${advice}.`),
  );
}
