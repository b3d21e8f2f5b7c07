import { isObject } from '../base/json.js';
import type { ConfigKey } from './config-keys.js';
import type { ConfigReader } from './config-reader.js';
import type { Norm, StateSpace } from './decoder-config.js';
import { MAX } from './max-sizes.js';
import type { TensorNames } from './tensor-table.js';

/** Where families differ in what they call the same. */
export interface StateSpaceKeys {
  nHeads: ConfigKey;
  headDim: ConfigKey;
  /** Whether the products in and out have one. */
  bias: ConfigKey;
}

/** Of models that have attention, too. */
export const HYBRID_KEYS: StateSpaceKeys = {
  nHeads: 'mamba_n_heads',
  headDim: 'mamba_d_head',
  bias: 'mamba_proj_bias',
};

/** What a mixer's tensors are called behind a layer's number and this. */
export function stateSpaceNames(prefix: string): Pick<TensorNames, 'ofLayer' | 'wholeOfLayer'> {
  return {
    ofLayer: {
      [`${prefix}.in_proj`]: 'recurrence.in',
      [`${prefix}.conv1d`]: 'recurrence.kernel',
      [`${prefix}.norm`]: 'recurrence.norm',
      [`${prefix}.out_proj`]: 'recurrence.out',
    },
    wholeOfLayer: {
      [`${prefix}.dt_bias`]: 'recurrence.time.bias',
      [`${prefix}.A_log`]: 'recurrence.decay.weight',
      [`${prefix}.D`]: 'recurrence.skip.weight',
    },
  };
}

/** A norm of all columns together, behind the gate. */
export function normBehindGate(norm: Norm): StateSpace['outputNorm'] {
  return { norm, nGroups: 1, beforeGate: false };
}

/**
 * Mamba 2's mixer.
 *
 * @throws SottoError 'bad-config' when heads do not divide, 'unsupported-model' for another activation than silu.
 */
export function readStateSpace(
  values: ConfigReader,
  { nHeads: headsKey, headDim: widthKey, bias }: StateSpaceKeys,
  changes: Pick<StateSpace, 'outputNorm'> & Partial<StateSpace>,
): StateSpace {
  values.choice('hidden_act', { silu: true, swish: true });
  const nHeads = values.size(headsKey, MAX.nHeads);
  const inner = readInnerSize(values);
  const isAuto = values.raw(widthKey) === 'auto';
  const headDim = isAuto ? Math.trunc(inner / nHeads) : values.size(widthKey, MAX.headDim);
  if (nHeads * headDim !== inner) {
    const expected = isAuto ? `a divisor of ${inner}` : `as many as make ${inner} with ${headDim} each`;
    throw values.bad(headsKey, expected);
  }
  const nGroups = values.size('mamba_n_groups', MAX.nHeads);
  if (nHeads % nGroups !== 0) throw values.bad('mamba_n_groups', `a divisor of ${nHeads} heads`);
  return {
    type: 'state-space',
    nHeads,
    headDim,
    nGroups,
    stateSize: values.size('mamba_d_state', MAX.headDim),
    nTaps: values.size('mamba_d_conv', MAX.nTaps),
    bias: values.flag(bias),
    convolutionBias: values.flag('mamba_conv_bias'),
    logDecay: true,
    ...readTimeSteps(values),
    scales: { gate: 1, x: 1, b: 1, c: 1, timeStep: 1 },
    ...changes,
  };
}

/** The width of all heads. */
function readInnerSize(values: ConfigReader): number {
  const given = values.optionalSize('mamba_d_ssm', MAX.intermediateSize);
  if (given !== null) return given;
  const inner =
    values.size('mamba_expand', MAX.intermediateSize) * values.size('hidden_size', MAX.hiddenSize);
  if (inner <= MAX.intermediateSize) return inner;
  throw values.bad('mamba_expand', `a factor that makes of the hidden size at most ${MAX.intermediateSize}`);
}

/** What is infinite in the file is as much as the engine takes. */
function readTimeSteps(values: ConfigReader): Pick<StateSpace, 'leastTimeStep' | 'mostTimeStep'> {
  const list = values.optionalList('time_step_limit') ?? [0, Number.POSITIVE_INFINITY];
  const [least = Number.NaN, most = Number.NaN, ...more] = list.map(numberOf);
  if (!(least <= most) || more.length > 0) {
    throw values.bad('time_step_limit', 'a list of two numbers, the smaller one first');
  }
  const bounded = (step: number) => Math.min(Math.max(step, 0), 1e9);
  return { leastTimeStep: bounded(least), mostTimeStep: bounded(most) };
}

/** A number, also as transformers 5 writes those that JSON has not; else NaN. */
function numberOf(item: unknown): number {
  const value = isObject(item) ? (item as Record<string, unknown>).__float__ : item;
  if (isObject(item) && (value === 'Infinity' || value === '-Infinity')) return Number(value);
  return typeof value === 'number' ? value : Number.NaN;
}
