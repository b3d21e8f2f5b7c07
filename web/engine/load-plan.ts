import type { TensorRequest } from '../architectures/placement.js';
import { KEPT_WEIGHT_TYPES, type KeptWeightType } from '../options/engine-options.js';
import { integer } from '../options/option-checks.js';
import type { LoadPlan } from '../wasm/plain.js';
import type { Handle, Instance } from './instance.js';
import { checkRequest, requestBytes, toRequestValue } from './tensor-request.js';

/** What a model would take, in bytes, which may be more than there can be. */
export interface PlannedSizes {
  weightBytes: number;
  /** Of the matrices, by their types. */
  weightTypes: Partial<Record<KeptWeightType, number>>;
  /** What the engine would have in use with the loaded model. */
  loadedBytes: number;
  /** The most that it would have in use while the model is loaded. */
  peakBytes: number;
  /** The most that a session of so many tokens as were asked for would take besides, with one row of logits. */
  sessionBytes: number;
}

const MOST_TOKENS = 2 ** 31 - 1;

/** A model that is not made: it takes no memory but for names, and tells what the model would. Made by `Engine.createPlan`. */
export class EnginePlan {
  readonly #instance: Instance;
  readonly #handle: Handle<LoadPlan>;

  /** @internal */
  constructor(instance: Instance, handle: Handle<LoadPlan>) {
    this.#instance = instance;
    this.#handle = handle;
  }

  /**
   * Takes account of a tensor of the files, as `EngineModel.beginTensor` would announce it.
   *
   * @throws SottoError 'bad-tensor', 'out-of-memory', 'unknown-option', 'bad-option'
   */
  add(request: TensorRequest): void {
    const checked = checkRequest(request, 'add');
    this.#instance.ensureHeadroom(requestBytes(checked), 'a tensor');
    this.#handle.check((plan) => plan.add(toRequestValue(checked)));
  }

  /**
   * Takes account of a tensor that would be left where it is, by the engine's name of it.
   *
   * @throws SottoError 'bad-tensor' for one that cannot
   */
  keepOutside(name: string): void {
    this.#handle.check((plan) => plan.keepOutside(name));
  }

  /**
   * The sizes, with tensors that were not added as if each came whole, as elements.
   *
   * @param nTokens Of a session beside the model.
   * @throws SottoError 'bad-option'
   */
  sizes(nTokens = 0): PlannedSizes {
    integer(0, MOST_TOKENS)(nTokens, 'nTokens');
    this.#handle.check((plan) => plan.addOthers());
    return this.#handle.call((plan) => {
      const types = KEPT_WEIGHT_TYPES.map((type) => [type, plan.weightBytesOf(type)] as const);
      return {
        weightBytes: plan.weightBytes(),
        weightTypes: Object.fromEntries(types.filter(([, bytes]) => bytes > 0)),
        loadedBytes: plan.loadedBytes(),
        peakBytes: plan.peakBytes(),
        sessionBytes: plan.sessionBytes(nTokens),
      };
    });
  }

  /** Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
}
