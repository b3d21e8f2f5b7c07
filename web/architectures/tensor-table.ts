import type { DecoderConfig } from './decoder-config.js';
import type { TensorPlacement } from './placement.js';

/** The names that an architecture's files give to tensors, and where each belongs; 'skip' for what no one needs. */
export interface TensorTable {
  /** Begins all names in some files and none in others, as `transformer.`. */
  optionalPrefix: string;
  /** Comes before a layer's number, as `h.` in `h.0.ln_1.weight`. */
  layerPrefix: string;
  ofModel: ReadonlyMap<string, TensorPlacement>;
  /** By what follows the layer's number and a dot; engine names without `layers.{i}.`. */
  ofLayer: ReadonlyMap<string, TensorPlacement | 'skip'>;
}

/** Looks a file's tensor up in a table; null when it is not there, or belongs to a layer that the model has not. */
export function findTensor(
  table: TensorTable,
  fileName: string,
  config: Pick<DecoderConfig, 'layers' | 'tiedHead'>,
): TensorPlacement | 'skip' | null {
  const name = withoutPrefix(fileName, table.optionalPrefix) ?? fileName;
  const inLayers = withoutPrefix(name, table.layerPrefix);
  if (inLayers === null) {
    const placement = table.ofModel.get(name) ?? null;
    // Files may repeat the token embeddings as the head that shares them.
    return placement?.name === 'head.weight' && config.tiedHead ? 'skip' : placement;
  }
  const dot = inLayers.indexOf('.');
  const layer = inLayers.slice(0, dot);
  if (!/^(?:0|[1-9]\d{0,8})$/.test(layer) || Number(layer) >= config.layers.length) return null;
  const placement = table.ofLayer.get(inLayers.slice(dot + 1)) ?? null;
  if (placement === null || placement === 'skip') return placement;
  return { ...placement, name: `layers.${layer}.${placement.name}` };
}

function withoutPrefix(name: string, prefix: string): string | null {
  return name.startsWith(prefix) ? name.slice(prefix.length) : null;
}
