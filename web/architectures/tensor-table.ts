import {
  type Attention,
  attentionRows,
  type DecoderConfig,
  deltaRows,
  type GatedDelta,
  type LayerKind,
  type Mixer,
  type Mlp,
  type ShortConvolution,
  type StateSpace,
} from './decoder-config.js';
import type { ModelMapping } from './model-mapping.js';
import { place, type TensorPlacement } from './placement.js';

/** What a weight of a layer, with its bias where it has one, is to the engine; what the files split has several. */
export type LayerPart =
  | 'mixer_norm'
  | 'mixer_post_norm'
  | 'mlp_norm'
  | 'mlp_post_norm'
  | 'attention.qkv'
  | 'attention.q'
  | 'attention.k'
  | 'attention.v'
  | 'attention.q_norm'
  | 'attention.k_norm'
  | 'attention.output'
  | 'convolution.in'
  | 'convolution.kernel'
  | 'convolution.out'
  | 'recurrence.in'
  | 'recurrence.qkv'
  | 'recurrence.z'
  | 'recurrence.beta'
  | 'recurrence.alpha'
  | 'recurrence.kernel'
  | 'recurrence.time'
  | 'recurrence.decay'
  | 'recurrence.skip'
  | 'recurrence.norm'
  | 'recurrence.out'
  | 'mlp.gate_up'
  | 'mlp.gate'
  | 'mlp.up'
  | 'mlp.down'
  | 'laurel.in'
  | 'laurel.out'
  | 'laurel.norm'
  | 'per_layer_input.gate'
  | 'per_layer_input.out'
  | 'per_layer_input.norm'
  | 'output_scale'
  | 'alt_up.router_norm'
  | 'alt_up.router'
  | 'alt_up.prediction'
  | 'alt_up.correction'
  | 'alt_up.output_scale';

export type ModelPart =
  | 'token_embedding'
  | 'position_embedding'
  | 'embedding_norm'
  | 'per_layer_inputs.embedding'
  | 'per_layer_inputs.projection'
  | 'per_layer_inputs.norm'
  | 'alt_up.in'
  | 'alt_up.out'
  | 'final_norm'
  | 'head';

/** The names that an architecture's files give to tensors, without `.weight` and `.bias`. */
export interface TensorNames {
  /** Each begins all names in some files and none in others, as `model.`; longer ones first. */
  optionalPrefixes: readonly string[];
  ofModel: Readonly<Record<string, ModelPart>>;
  /**
   * Names outside of layers of what no one needs, where all others are refused. Left out, others are passed over: files hold
   * parts for images, values and choices there.
   */
  skippedInModel?: RegExp;
  /** Comes before a layer's number, as `layers.` in `layers.0.mlp.up_proj.weight`. */
  layerPrefix: string;
  /** By what follows the layer's number and a dot. Names of parts that a kind of layer has not are refused for it. */
  ofLayer: Readonly<Record<string, LayerPart>>;
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
  const ofKinds = config.kinds.map((kind) => placementsOf(kind, names));
  const kindOf = (layer: string) => {
    const index = /^(?:0|[1-9]\d{0,8})$/.test(layer) ? config.layers[Number(layer)] : undefined;
    return index === undefined ? undefined : ofKinds[index];
  };
  const lookup = (name: string): TensorPlacement | 'skip' | null => {
    if (!name.startsWith(names.layerPrefix)) return placementInModel(name, names, config);
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
    const [, layer, partName] = /^layers\.(\d+)\.(.+)$/.exec(engineName) ?? [];
    if (layer === undefined) return namesInModel(engineName, names, prefixOf(present, names));
    return [...(kindOf(layer) ?? [])]
      .filter(([, placement]) => placement !== 'skip' && placement.name === partName)
      .map(([name]) => `${prefixOf(present, names)}${names.layerPrefix}${layer}.${name}`);
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

function namesInModel(engineName: string, { ofModel }: TensorNames, prefix: string): string[] {
  const [part, field] = engineName.split('.');
  return Object.entries(ofModel)
    .filter(([, candidate]) => candidate === part)
    .map(([stem]) => `${part === 'head' ? '' : prefix}${stem}.${field}`);
}

function placementInModel(
  name: string,
  names: TensorNames,
  config: DecoderConfig,
): TensorPlacement | 'skip' | null {
  const dot = name.lastIndexOf('.');
  const stem = name.slice(0, Math.max(dot, 0));
  const field = name.slice(dot + 1);
  if (!Object.hasOwn(names.ofModel, stem) || (field !== 'weight' && field !== 'bias')) {
    return (names.skippedInModel ?? /^/).test(name) ? 'skip' : null;
  }
  const part = names.ofModel[stem] as ModelPart;
  const exists = {
    token_embedding: { weight: true, bias: false },
    position_embedding: { weight: config.positionTable, bias: false },
    embedding_norm: config.embeddingNorm,
    final_norm: config.finalNorm,
    head: { weight: true, bias: config.headBias },
  }[part];
  return exists?.[field] ? place(`${part}.${field}`) : null;
}

/** Where the tensors of a kind of layer belong, by their names in the layer. */
function placementsOf(kind: LayerKind, names: TensorNames): Map<string, TensorPlacement | 'skip'> {
  const parts = partsOf(kind);
  const placements = new Map<string, TensorPlacement | 'skip'>();
  for (const [stem, part] of Object.entries(names.ofLayer)) {
    const { name = part, weight, bias, rowOffset = 0 } = parts[part] ?? { weight: false, bias: false };
    const regroup =
      part === 'attention.qkv' && names.qkvByHead === true && kind.mixer.type === 'attention'
        ? { parts: 3, rest: kind.mixer.headDim }
        : null;
    const isProduct = !part.endsWith('norm');
    const transposed = isProduct && names.transposed === true;
    if (weight) placements.set(`${stem}.weight`, place(`${name}.weight`, { rowOffset, regroup, transposed }));
    if (bias) placements.set(`${stem}.bias`, place(`${name}.bias`, { rowOffset, regroup }));
  }
  for (const name of names.skippedInLayer ?? []) placements.set(name, 'skip');
  return placements;
}

/** What a kind has of a part; `name` is the engine's, where it is another. */
interface PartOfKind {
  name?: string;
  weight: boolean;
  bias: boolean;
  rowOffset?: number;
}

type Parts = Readonly<Partial<Record<LayerPart, PartOfKind | null>>>;

function partsOf({ mixer, mlp, ...norms }: LayerKind): Parts {
  return {
    mixer_norm: norms.mixerNorm,
    mixer_post_norm: norms.mixerPostNorm,
    mlp_norm: norms.mlpNorm,
    mlp_post_norm: norms.mlpPostNorm,
    ...(mixer.type === 'attention' ? partsOfAttention(mixer) : partsOfConvolution(mixer)),
    ...(mlp === null ? {} : partsOfMlp(mlp)),
  };
}

function partsOfAttention({ nHeads, nKvHeads, headDim, qkvBias, outputBias, qkNorm }: Attention): Parts {
  const qkv = (firstHead: number) => ({
    name: 'attention.qkv',
    weight: true,
    bias: qkvBias,
    rowOffset: firstHead * headDim,
  });
  const norm = qkNorm?.norm ?? null;
  return {
    'attention.qkv': qkv(0),
    'attention.q': qkv(0),
    'attention.k': qkv(nHeads),
    'attention.v': qkv(nHeads + nKvHeads),
    'attention.q_norm': norm,
    'attention.k_norm': norm,
    'attention.output': { weight: true, bias: outputBias },
  };
}

function partsOfConvolution({ bias }: ShortConvolution): Parts {
  const product = { weight: true, bias };
  return { 'convolution.in': product, 'convolution.kernel': product, 'convolution.out': product };
}

function partsOfMlp({ gated, intermediateSize, bias }: Mlp): Parts {
  const up = (rowOffset: number) => ({ name: 'mlp.up', weight: true, bias, rowOffset });
  return {
    'mlp.gate_up': gated ? up(0) : null,
    'mlp.gate': gated ? up(0) : null,
    'mlp.up': up(gated ? intermediateSize : 0),
    'mlp.down': { weight: true, bias },
  };
}
