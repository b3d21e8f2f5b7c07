import type { SamplerOptions as SamplerValue } from '../wasm/plain.js';

type Ids = readonly number[];
type Biases = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** What options of a sampler can be. */
export type SamplerOption = number | Ids | readonly Ids[] | Biases;

/**
 * Options of a sampler as they cross into the engine: numbers as they are, lists as typed arrays (values.h says how).
 * All of them must be there.
 */
export function toSamplerValue(options: Readonly<Record<keyof SamplerValue, SamplerOption>>): SamplerValue {
  const fields = Object.entries(options).map(([name, option]) => [name, toField(option)]);
  return Object.fromEntries(fields) as SamplerValue;
}

function toField(option: SamplerOption): number | Int32Array | Float64Array {
  if (typeof option === 'number') return option;
  if (Array.isArray(option)) {
    return Int32Array.from(option.flatMap((item) => (Array.isArray(item) ? [item.length, ...item] : item)));
  }
  const entries = option instanceof Map ? [...option] : Object.entries(option);
  return Float64Array.from(entries.flatMap(([id, bias]) => [Number(id), bias as number]));
}

/** The most bytes that lists of such a value take in the engine: in copies, in growing vectors, in blocks of their own. */
export function listBytes(value: SamplerValue): number {
  const lists = Object.values(value).filter(ArrayBuffer.isView) as (Int32Array | Float64Array)[];
  return lists.reduce((sum, { length }) => sum + 64 * length, 0);
}
