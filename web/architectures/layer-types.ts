import type { ConfigReader } from './config-reader.js';
import type { Attention, DecoderConfig, LayerKind } from './decoder-config.js';
import { MAX } from './max-sizes.js';

/** The words for layers whose attention sees all positions before, or the last `sliding_window` of them. */
export type AttentionType = 'full_attention' | 'sliding_attention';

/** What most families call layers. */
export const ATTENTION_TYPES: Readonly<Record<string, AttentionType>> = {
  full_attention: 'full_attention',
  sliding_attention: 'sliding_attention',
};

/** One value for each layer, in order. */
export function ofEachLayer<T>(values: ConfigReader, make: (layer: number) => T): T[] {
  return Array.from({ length: values.size('num_hidden_layers', MAX.nLayers) }, (_, layer) => make(layer));
}

/**
 * What `layer_types` says of each layer.
 *
 * @param types The words that it may use, and what each means.
 * @param fallback The type of a layer where the config has no such list.
 * @throws SottoError 'bad-config' for a list of another length, 'unsupported-model' for another word in it.
 */
export function readLayerTypes<T>(
  values: ConfigReader,
  types: Readonly<Record<string, T>>,
  fallback: (layer: number) => T,
): T[] {
  const list = values.optionalList('layer_types', values.size('num_hidden_layers', MAX.nLayers));
  if (list === null) return ofEachLayer(values, fallback);
  return list.map((word) => {
    if (typeof word === 'string' && Object.hasOwn(types, word)) return types[word] as T;
    throw values.unsupportedItem('layer_types', word, Object.keys(types));
  });
}

/** Of so many layers the last is full and the others slide. */
export function slidingPattern(period: number): (layer: number) => AttentionType {
  return (layer) => ((layer + 1) % period === 0 ? 'full_attention' : 'sliding_attention');
}

/**
 * The earlier layer whose keys and values each layer reads, null for those that have their own: for the last
 * `num_kv_shared_layers` the last one before them of their type (Gemma 3n and 4).
 *
 * @throws SottoError 'bad-config' where there is none to read.
 */
export function readSharedKeys(
  values: ConfigReader,
  types: readonly AttentionType[],
): Attention['sharedKeys'][] {
  const nOwn = types.length - values.count('num_kv_shared_layers', types.length - 1);
  const own = types.slice(0, nOwn);
  return types.map((type, i) => {
    if (i < nOwn) return null;
    const layer = own.lastIndexOf(type);
    if (layer >= 0) return { layer };
    throw values.bad('num_kv_shared_layers', `to leave a layer of ${type} with keys and values of its own`);
  });
}

/** The window of a layer of that type; 0 where it sees all that the context can hold. */
export function readWindow(values: ConfigReader, type: AttentionType): number {
  if (type === 'full_attention') return 0;
  const window = values.size('sliding_window', Number.MAX_SAFE_INTEGER);
  return window >= values.size('max_position_embeddings', MAX.contextLength) ? 0 : window;
}

/** The list of kinds without repetitions, and each layer's place in it. */
export function layersOf(kindPerLayer: readonly LayerKind[]): Pick<DecoderConfig, 'kinds' | 'layers'> {
  const kinds: LayerKind[] = [];
  const indices = new Map<string, number>();
  const layers = kindPerLayer.map((kind) => {
    const text = JSON.stringify(kind);
    const index = indices.get(text) ?? kinds.push(kind) - 1;
    indices.set(text, index);
    return index;
  });
  return { kinds, layers };
}
