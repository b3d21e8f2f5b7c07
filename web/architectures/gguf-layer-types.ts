import type { FoundValue } from './config-reader.js';
import type { GgufHeader } from './gguf-header.js';
import { type AttentionType, slidingPattern } from './layer-types.js';

/** How a family's layers with attention, and without, are told apart, and what transformers calls them. */
export interface MixerTypes {
  /** Heads of keys and values of each layer, 0 for none, or a flag for each layer without attention. */
  key: 'attention.head_count_kv' | 'attention.recurrent_layers';
  attention: string;
  other: string;
}

/** Null, which leaves it to the family, where the list is one of flags and the file has none. */
export function mixerTypes(
  header: GgufHeader,
  { key, attention, other }: MixerTypes,
  nLayers: number,
): FoundValue {
  const areFlags = key === 'attention.recurrent_layers';
  const list = areFlags ? flags(header, key) : header.list(key);
  if (list === null && areFlags) return { name: header.name(key), value: null };
  const isOther = (layer: number) => (areFlags ? list?.[layer] === true : list?.[layer] === 0);
  const value = Array.from({ length: nLayers }, (_, layer) => (isOther(layer) ? other : attention));
  return { name: header.name(key), value };
}

/**
 * From a list of flags or a period; null leaves it to the family.
 *
 * @param slides Whether any layers do.
 */
export function attentionTypes(
  header: GgufHeader,
  slides: boolean,
  nLayers: number,
): readonly AttentionType[] | null {
  const key = 'attention.sliding_window_pattern';
  const ofEach = (make: (layer: number) => AttentionType) =>
    Array.from({ length: nLayers }, (_, layer) => make(layer));
  if (!slides) return ofEach(() => 'full_attention');
  const list = flags(header, key);
  if (list !== null) return ofEach((layer) => (list[layer] ? 'sliding_attention' : 'full_attention'));
  const period = header.value(key);
  if (period === null) return null;
  if (Number.isInteger(period) && (period as number) >= 1) return ofEach(slidingPattern(period as number));
  throw header.bad(key, period, `an integer above 0, or a list of ${header.nBlocks}, one for each layer`);
}

/** @throws SottoError 'bad-config' for a list of anything else. */
function flags(header: GgufHeader, key: string): readonly boolean[] | null {
  const list = header.list(key);
  if (list === null) return null;
  const isFlag = (item: unknown) => item === true || item === false || item === 0 || item === 1;
  if (!list.every(isFlag)) throw header.bad(key, list, `a list of ${header.nBlocks}, each true or false`);
  return list.map(Boolean);
}
