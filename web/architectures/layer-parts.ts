import {
  type AltUp,
  type Attention,
  attentionRows,
  type DecoderConfig,
  deltaRows,
  type GatedDelta,
  type LayerKind,
  type Mixer,
  type Mlp,
  type Norm,
  type ShortConvolution,
  type StateSpace,
} from './decoder-config.js';
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

/** Where a weight, or its bias, belongs; null where the part has none, 'skip' where the layer does without. */
export type Placed = TensorPlacement | 'skip' | null;

/** Where a part belongs in the engine. */
export interface PlacedPart {
  weight: Placed;
  bias: Placed;
}

export const NO_PART: PlacedPart = { weight: null, bias: null };

const SKIPPED: PlacedPart = { weight: 'skip', bias: 'skip' };

type Parts = Partial<Record<LayerPart, PlacedPart>>;

/** @param options Of weight and bias. */
function part(
  name: string,
  has: { weight: boolean; bias: boolean } | null,
  options: Parameters<typeof place>[1] = {},
): PlacedPart {
  return {
    weight: has?.weight ? place(`${name}.weight`, options) : null,
    bias: has?.bias ? place(`${name}.bias`, options) : null,
  };
}

const weightOf = (name: string, options?: Parameters<typeof place>[1]) =>
  part(name, { weight: true, bias: false }, options);

/** For what some files have as a matrix, or as a number without dimensions. */
const VECTOR = { columns: 1 };

const normOf = (name: string, norm: Norm | null) => part(name, norm);

/** The parts outside of layers. */
export function modelParts(config: DecoderConfig): Readonly<Record<ModelPart, PlacedPart>> {
  const { perLayerInputs, altUp, hiddenSize } = config;
  const ofInputs = (name: string) =>
    perLayerInputs === null ? NO_PART : weightOf(`per_layer_inputs.${name}`);
  const ofStreams = (name: string) => (altUp === null ? NO_PART : weightOf(name, { columns: hiddenSize }));
  return {
    token_embedding: weightOf('token_embedding'),
    position_embedding: config.positionTable ? weightOf('position_embedding') : NO_PART,
    embedding_norm: normOf('embedding_norm', config.embeddingNorm),
    'per_layer_inputs.embedding': ofInputs('embedding'),
    'per_layer_inputs.projection': ofInputs('projection'),
    'per_layer_inputs.norm': normOf('per_layer_inputs.norm', perLayerInputs?.norm ?? null),
    'alt_up.in': ofStreams('alt_up.in'),
    'alt_up.out': ofStreams('alt_up.out'),
    final_norm: normOf('final_norm', config.finalNorm),
    head: part('head', { weight: true, bias: config.headBias }),
  };
}

/** The parts of a kind of layer. */
export function layerParts(kind: LayerKind, altUp: AltUp | null, qkvByHead: boolean): Parts {
  const { mixer, beside, mlp, laurel, perLayerInput } = kind;
  return {
    mixer_norm: normOf('mixer_norm', kind.mixerNorm),
    mixer_post_norm: normOf('mixer_post_norm', kind.mixerPostNorm),
    mlp_norm: normOf('mlp_norm', kind.mlpNorm),
    mlp_post_norm: normOf('mlp_post_norm', kind.mlpPostNorm),
    ...partsOfMixer(mixer, qkvByHead),
    ...(beside !== null && partsOfMixer(beside.mixer, qkvByHead)),
    ...(mlp !== null && partsOfMlp(mlp)),
    ...(laurel !== null && {
      'laurel.in': weightOf('laurel.in'),
      'laurel.out': weightOf('laurel.out'),
      'laurel.norm': normOf('laurel.norm', laurel.norm),
    }),
    ...(perLayerInput !== null && {
      'per_layer_input.gate': weightOf('per_layer_input.gate'),
      'per_layer_input.out': weightOf('per_layer_input.out'),
      'per_layer_input.norm': normOf('per_layer_input.norm', perLayerInput.norm),
    }),
    ...(kind.outputScale && { output_scale: weightOf('output_scale', VECTOR) }),
    ...(altUp !== null && partsOfAltUp(altUp)),
  };
}

function partsOfMixer(mixer: Mixer, qkvByHead: boolean): Parts {
  switch (mixer.type) {
    case 'attention':
      return partsOfAttention(mixer, qkvByHead);
    case 'short-convolution':
      return partsOfConvolution(mixer);
    case 'gated-delta':
      return partsOfDelta(mixer);
    case 'state-space':
      return partsOfStateSpace(mixer);
  }
}

function partsOfAttention(attention: Attention, qkvByHead: boolean): Parts {
  const { headDim, gate, valuesAreKeys, sharedKeys, qkvBias } = attention;
  const rows = attentionRows(attention);
  const qkv = (rowOffset: number, parts = 1) =>
    part(
      'attention.qkv',
      { weight: true, bias: qkvBias },
      { rowOffset, regroup: parts === 1 ? null : { parts, rest: headDim } },
    );
  const ofKeys = (own: PlacedPart) => (sharedKeys === null ? own : SKIPPED);
  const norm = attention.qkNorm?.norm ?? null;
  return {
    // No files have other parts than q, k and v in one tensor.
    'attention.qkv': gate || valuesAreKeys || sharedKeys !== null ? NO_PART : qkv(rows.q, qkvByHead ? 3 : 1),
    'attention.q': qkv(rows.q, gate ? 2 : 1), // each head's rows, then those of its gate
    'attention.k': ofKeys(qkv(rows.k)),
    'attention.v': ofKeys(valuesAreKeys ? NO_PART : qkv(rows.v)),
    'attention.q_norm': normOf('attention.q_norm', norm),
    'attention.k_norm': ofKeys(normOf('attention.k_norm', norm)),
    'attention.output': part('attention.output', { weight: true, bias: attention.outputBias }),
  };
}

function partsOfConvolution({ bias }: ShortConvolution): Parts {
  const product = (name: string) => part(name, { weight: true, bias });
  return {
    'convolution.in': product('convolution.in'),
    'convolution.kernel': product('convolution.kernel'),
    'convolution.out': product('convolution.out'),
  };
}

/** Of both kinds of mixers with a state. */
const RECURRENCE: Parts = {
  'recurrence.time': part('recurrence.time', { weight: false, bias: true }, VECTOR),
  'recurrence.decay': weightOf('recurrence.decay', VECTOR),
};

function partsOfDelta(delta: GatedDelta): Parts {
  const { qkv, z, beta, alpha } = deltaRows(delta);
  const rowsOfIn = (rowOffset: number) => weightOf('recurrence.in', { rowOffset });
  return {
    ...RECURRENCE,
    'recurrence.qkv': rowsOfIn(qkv),
    'recurrence.z': rowsOfIn(z),
    'recurrence.beta': rowsOfIn(beta),
    'recurrence.alpha': rowsOfIn(alpha),
    'recurrence.kernel': weightOf('recurrence.kernel'),
    'recurrence.norm': normOf('recurrence.norm', delta.norm),
    'recurrence.out': weightOf('recurrence.out'),
  };
}

function partsOfStateSpace({ bias, convolutionBias, outputNorm }: StateSpace): Parts {
  return {
    ...RECURRENCE,
    'recurrence.in': part('recurrence.in', { weight: true, bias }),
    'recurrence.kernel': part('recurrence.kernel', { weight: true, bias: convolutionBias }),
    'recurrence.skip': weightOf('recurrence.skip', VECTOR),
    'recurrence.norm': part('recurrence.norm', outputNorm?.norm ?? null, VECTOR),
    'recurrence.out': part('recurrence.out', { weight: true, bias }),
  };
}

function partsOfMlp({ gated, intermediateSize, bias }: Mlp): Parts {
  const up = (rowOffset: number) => part('mlp.up', { weight: true, bias }, { rowOffset });
  return {
    'mlp.gate_up': gated ? up(0) : NO_PART,
    'mlp.gate': gated ? up(0) : NO_PART,
    'mlp.up': up(gated ? intermediateSize : 0),
    'mlp.down': part('mlp.down', { weight: true, bias }),
  };
}

function partsOfAltUp({ norm, outputScale }: AltUp): Parts {
  return {
    'alt_up.router_norm': normOf('alt_up.router_norm', norm),
    'alt_up.router': weightOf('alt_up.router'),
    'alt_up.prediction': weightOf('alt_up.prediction'),
    'alt_up.correction': weightOf('alt_up.correction'),
    'alt_up.output_scale': outputScale ? weightOf('alt_up.output_scale', VECTOR) : SKIPPED,
  };
}
