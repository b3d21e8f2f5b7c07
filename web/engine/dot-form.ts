import type { DotForm, WeightType } from '../options/engine-options.js';
import type { Instance } from './instance.js';

/** A call: long beside the way into the engine, short beside the steps of a coarse clock. */
const PRODUCTS_PER_CALL = 16;

/** Enough for every runtime to see that the kernel is worth its optimising compiler: about 2 ms of the other one's code. */
const WARM_UP_PRODUCTS = 1000;

const ROUNDS = 3;
const LEAST_MS = 0.3;
/** Steps of the clock that a measurement lasts: browsers round it to 0.1 or 1 ms, and shake it by as much. */
const LEAST_STEPS = 5;
/** About 15 ms: a clock that takes so long for its steps tells nothing. */
const MOST_CALLS = 1000;

/**
 * Has the runtime compile the products of a type well, in every form: it does so beside us, some milliseconds later. Before
 * that the forms take equally long, whatever the processor does.
 */
export function warmUpDotForms(instance: Instance, type: WeightType, forms: readonly DotForm[]): void {
  for (const form of forms) {
    instance.call((module) => module.runSampleProducts(type, form, WARM_UP_PRODUCTS));
  }
}

/** The form in which products of a type are the fastest, by about a millisecond of each; the first where the clock is too coarse. */
export function fastestDotForm(instance: Instance, type: WeightType, forms: readonly DotForm[]): DotForm {
  const speeds = forms.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, form] of forms.entries()) {
      const run = () => instance.call((module) => module.runSampleProducts(type, form, PRODUCTS_PER_CALL));
      // The best of the rounds: other programs make products slower, and nothing makes them faster.
      speeds[i] = Math.max(speeds[i] as number, callsPerMs(run));
    }
  }
  const best = speeds.includes(0) ? 0 : speeds.indexOf(Math.max(...speeds));
  return forms[best] as DotForm;
}

/** Measured from one step of the clock to another; 0 where they are too far apart. */
function callsPerMs(run: () => void): number {
  let begin = 0; // the first step
  let last = performance.now();
  for (let calls = 0, steps = 0, counted = 0; calls < MOST_CALLS; calls++) {
    run();
    if (steps > 0) counted++;
    const now = performance.now();
    if (now === last) continue;
    last = now;
    if (steps === 0) begin = now;
    if (++steps > LEAST_STEPS && now - begin >= LEAST_MS) return counted / (now - begin);
  }
  return 0;
}
