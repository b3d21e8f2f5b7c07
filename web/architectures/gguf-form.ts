import type { Attention, DecoderConfig, LayerKind, Mixer, Norm, Rope, StateSpace } from './decoder-config.js';
import type { GgufArchitecture } from './gguf-architectures.js';
import type { GgufHeader } from './gguf-header.js';

/** The family's decoder with the weights as GGUF has them. */
export function inGgufForm(
  config: DecoderConfig,
  architecture: GgufArchitecture,
  header: GgufHeader,
): DecoderConfig {
  return {
    ...config,
    kinds: config.kinds.map((kind) => kindInGgufForm(kind, architecture, header)),
    embeddingNorm: stored(config.embeddingNorm),
    finalNorm: stored(config.finalNorm),
  };
}

function kindInGgufForm(kind: LayerKind, architecture: GgufArchitecture, header: GgufHeader): LayerKind {
  const { mixer, beside, mlp } = kind;
  const bias = header.hasInLayers('ffn_up.bias', 'ffn_gate.bias', 'ffn_down.bias');
  return {
    ...kind,
    mixer: mixerInGgufForm(mixer, architecture, header),
    beside: beside && { ...beside, mixer: mixerInGgufForm(beside.mixer, architecture, header) },
    mlp: mlp === null || architecture.hasOwnBiases ? mlp : { ...mlp, bias },
    mixerNorm: stored(kind.mixerNorm),
    mixerPostNorm: stored(kind.mixerPostNorm),
    mlpNorm: stored(kind.mlpNorm),
    mlpPostNorm: stored(kind.mlpPostNorm),
  };
}

function mixerInGgufForm(
  mixer: Mixer,
  { pairing, hasOwnBiases }: GgufArchitecture,
  header: GgufHeader,
): Mixer {
  switch (mixer.type) {
    case 'attention':
      return attentionInGgufForm(mixer, pairing, hasOwnBiases === true ? null : header);
    case 'short-convolution':
      return mixer;
    case 'gated-delta':
      return { ...mixer, tiled: true, logDecay: false };
    case 'state-space':
      return stateSpaceInGgufForm(mixer, header);
  }
}

/** @param header Where biases stand; null leaves them as they are. */
function attentionInGgufForm(
  attention: Attention,
  pairing: Rope['pairing'],
  header: GgufHeader | null,
): Attention {
  const { rope, qkNorm } = attention;
  return {
    ...attention,
    ...(header !== null && {
      qkvBias: header.hasInLayers('attn_q.bias', 'attn_k.bias', 'attn_v.bias', 'attn_qkv.bias'),
      outputBias: header.hasInLayers('attn_output.bias'),
    }),
    qkNorm: qkNorm && { ...qkNorm, norm: stored(qkNorm.norm) },
    rope: rope && { ...rope, pairing },
  };
}

/** llama.cpp norms each group by itself, and behind the gate, in every family. */
function stateSpaceInGgufForm(space: StateSpace, header: GgufHeader): StateSpace {
  const { nGroups, outputNorm } = space;
  return {
    ...space,
    bias: header.hasInLayers('ssm_in.bias', 'ssm_out.bias'),
    convolutionBias: header.hasInLayers('ssm_conv1d.bias'),
    logDecay: false,
    outputNorm: outputNorm && { norm: outputNorm.norm, nGroups, beforeGate: false },
  };
}

/** Converters add the 1 of weights that are 1 + what the model has. */
function stored<T extends Norm | null>(norm: T): T {
  return norm?.type === 'rms-plus-one' ? { ...norm, type: 'rms' } : norm;
}
