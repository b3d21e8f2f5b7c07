import type { DecoderConfig, LayerKind } from './decoder-config.js';
import {
  type LayerPart,
  layerParts,
  type ModelPart,
  modelParts,
  NO_PART,
  type Placed,
  type PlacedPart,
} from './layer-parts.js';
import type { ModelMapping } from './model-mapping.js';
import type { TensorPlacement } from './placement.js';

/** The names that an architecture's files give to tensors, without `.weight` and `.bias`. */
export interface TensorNames {
  /** Each begins all names in some files and none in others, as `model.`; longer ones first. */
  optionalPrefixes: readonly string[];
  /** A `*` stands for the number of a stream that follows the first one, as in `altup_projections.*`. */
  ofModel: Readonly<Record<string, ModelPart>>;
  /**
   * Names outside of layers of what no one needs, where all others are refused. Left out, others are passed over: files hold
   * parts for images, values and choices there.
   */
  skippedInModel?: RegExp;
  /** Comes before a layer's number, as `layers.` in `layers.0.mlp.up_proj.weight`. */
  layerPrefix: string;
  /**
   * By what follows the layer's number and a dot. Of several parts the first that a kind of layer has is meant. Names of
   * parts that it has not are refused for it.
   */
  ofLayer: Readonly<Record<string, LayerPart | readonly LayerPart[]>>;
  /** The same for names that end otherwise than with `.weight` or `.bias`, with which of the two it is. */
  wholeOfLayer?: Readonly<Record<string, `${LayerPart}.${'weight' | 'bias'}`>>;
  /** Whole names in a layer of what no one needs, beside {@link BUFFER}: masks that old files carry. */
  skippedInLayer?: readonly string[];
  /** Whether the products of layers are stored as [in, out]. */
  transposed?: boolean;
  /** Whether the rows of `attention.qkv` are q, k and v of the first head, then of the next. */
  qkvByHead?: boolean;
}

/** What torch.compile, FSDP and checkpointing leave anywhere in names; DataParallel puts `module` before them. */
const WRAPPERS: readonly string[] = ['_orig_mod', '_fsdp_wrapped_module', '_checkpoint_wrapped_module'];

/** Names in a layer that are computed from the config, in every family: files of old versions carry them. */
const BUFFER =
  /(?:^|\.)(?:rotary_emb\.\w+|inv_freq|cos_cached|sin_cached|masked_bias|causal_mask|position_ids)$/;

/** Completes an architecture's mapping with its names. */
export function mappingOf(architecture: string, config: DecoderConfig, names: TensorNames): ModelMapping {
  const inModel = namesInModel(config, names);
  const ofKinds = config.kinds.map((kind) => namesInLayer(kind, config, names));
  const kindOf = (layer: string) => {
    const index = /^(?:0|[1-9]\d{0,8})$/.test(layer) ? config.layers[Number(layer)] : undefined;
    return index === undefined ? undefined : ofKinds[index];
  };
  const lookup = (name: string): Placed => {
    if (!name.startsWith(names.layerPrefix)) {
      const placement = inModel.get(name);
      if (placement !== undefined) return placement;
      return (names.skippedInModel ?? /^/).test(name) ? 'skip' : null;
    }
    const [layer = '', ...rest] = name.slice(names.layerPrefix.length).split('.');
    const placements = kindOf(layer);
    if (placements === undefined) return 'skip'; // nothing computes with layers that config.json does not count
    const nameInLayer = rest.join('.');
    const placement = placements.get(nameInLayer) ?? (BUFFER.test(nameInLayer) ? 'skip' : null);
    if (placement === null || placement === 'skip') return placement;
    return { ...placement, name: `layers.${layer}.${placement.name}` };
  };
  const tensor = (fileName: string) => {
    const name = unwrapped(fileName);
    const found = [...names.optionalPrefixes, '']
      .filter((prefix) => name.startsWith(prefix))
      .map((prefix) => lookup(name.slice(prefix.length)));
    return (
      found.find((placement) => placement !== null && placement !== 'skip') ??
      (found.includes(null) ? null : 'skip')
    );
  };
  const fileNames = (engineName: string, present: Iterable<string>) => {
    const prefix = prefixOf(present, names);
    const [, layer, nameInLayer] = /^layers\.(\d+)\.(.+)$/.exec(engineName) ?? [];
    if (layer === undefined || nameInLayer === undefined) {
      const stem = engineName.startsWith('head.') ? '' : prefix;
      return namesOf(engineName, inModel).map((name) => stem + name);
    }
    const ofLayer = namesOf(nameInLayer, kindOf(layer) ?? new Map());
    return ofLayer.map((name) => `${prefix}${names.layerPrefix}${layer}.${name}`);
  };
  return { architecture, config, tensor, fileNames };
}

function unwrapped(name: string): string {
  const segments = name.split('.').filter((segment) => !WRAPPERS.includes(segment));
  while (segments[0] === 'module') segments.shift();
  return segments.join('.');
}

/** What begins the names of layers in these files. */
function prefixOf(present: Iterable<string>, { layerPrefix, optionalPrefixes }: TensorNames): string {
  for (const name of present) {
    const prefix = optionalPrefixes.find((candidate) => unwrapped(name).startsWith(candidate + layerPrefix));
    if (prefix !== undefined) return name.slice(0, Math.max(0, name.indexOf(prefix + layerPrefix))) + prefix;
    if (name.startsWith(layerPrefix)) return '';
  }
  return optionalPrefixes.at(-1) ?? '';
}

type Placements = ReadonlyMap<string, Placed>;

/** The names of what belongs to a tensor of the engine. */
function namesOf(engineName: string, placements: Placements): string[] {
  return [...placements]
    .filter(([, placement]) => placement !== null && placement !== 'skip' && placement.name === engineName)
    .map(([name]) => name);
}

/** Where the tensors outside of layers belong. */
function namesInModel(config: DecoderConfig, { ofModel }: TensorNames): Placements {
  const parts = modelParts(config);
  const placements = new Map<string, Placed>();
  for (const [stem, part] of Object.entries(ofModel)) {
    const { weight, bias } = parts[part];
    if (!stem.includes('*')) {
      placements.set(`${stem}.weight`, weight).set(`${stem}.bias`, bias);
      continue;
    }
    for (let stream = 0; stream + 1 < (config.altUp?.nStreams ?? 0); stream++) {
      const rowOffset = stream * config.hiddenSize;
      placements.set(`${stem.replace('*', String(stream))}.weight`, moved(weight, { rowOffset }));
    }
  }
  return placements;
}

/** Where the tensors of a kind of layer belong, by their names in the layer. */
function namesInLayer(kind: LayerKind, config: DecoderConfig, names: TensorNames): Placements {
  const parts = layerParts(kind, config.altUp, names.qkvByHead === true);
  const placements = new Map<string, Placed>();
  for (const [stem, meant] of Object.entries(names.ofLayer)) {
    const candidates = typeof meant === 'string' ? [meant] : meant;
    const part = candidates.find((candidate) => exists(parts[candidate]));
    if (part === undefined) continue;
    const { weight, bias } = parts[part] ?? NO_PART;
    const isProduct = !part.endsWith('norm');
    const transposed = isProduct && names.transposed === true;
    placements.set(`${stem}.weight`, moved(weight, { transposed })).set(`${stem}.bias`, bias);
  }
  for (const [name, meant] of Object.entries(names.wholeOfLayer ?? {})) {
    const dot = meant.lastIndexOf('.');
    const part = parts[meant.slice(0, dot) as LayerPart] ?? NO_PART;
    placements.set(name, part[meant.slice(dot + 1) as 'weight' | 'bias']);
  }
  for (const name of names.skippedInLayer ?? []) placements.set(name, 'skip');
  return placements;
}

function exists(part: PlacedPart | undefined): boolean {
  return part !== undefined && (part.weight !== null || part.bias !== null);
}

function moved(placement: Placed, changes: Partial<TensorPlacement>): Placed {
  return placement === null || placement === 'skip' ? placement : { ...placement, ...changes };
}
