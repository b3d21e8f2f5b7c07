import { type ConfigDefaults, ConfigReader } from './config-reader.js';
import type { Rope, RopeScaling } from './decoder-config.js';
import type { AttentionType } from './layer-types.js';
import { MAX } from './max-sizes.js';

type ScalingType = 'none' | 'linear' | 'llama3' | 'yarn' | 'long' | 'proportional';

/** transformers' `rope_type`s. Dynamic scaling begins beyond the context, which this engine does not leave. */
export const ROPE_TYPES: Readonly<Record<string, ScalingType>> = {
  default: 'none',
  dynamic: 'none',
  linear: 'linear',
  llama3: 'llama3',
  yarn: 'yarn',
  longrope: 'long',
  su: 'long',
};

export interface RopeOptions {
  headDim: number;
  /** Which one of a config that has one for each type of layers. */
  layerType?: AttentionType;
  /** Where older files have its theta. */
  thetaKey?: 'rope_theta' | 'rope_local_base_freq';
  pairing?: Rope['pairing'];
  reversed?: boolean;
  /** Whether `partial_rotary_factor` says how much of each head turns; else it must not say less than all. */
  partial?: boolean;
  types?: typeof ROPE_TYPES;
  /** What stands for parameters that the config has none of. */
  defaults?: ConfigDefaults;
}

/**
 * Reads rotary positions in both spellings: `rope_parameters` of transformers 5, or `rope_theta` and `rope_scaling`.
 *
 * @throws SottoError 'unsupported-model' for scalings that the engine does not know, 'bad-config' for impossible values.
 */
export function readRope(values: ConfigReader, options: RopeOptions): Rope {
  const { pairing = 'half', reversed = false, types = ROPE_TYPES } = options;
  const parameters = ropeParameters(values, options);
  const type = parameters.choice('rope_type', types);
  const dims = readDims(values, parameters, type, options);
  return {
    pairing,
    dims,
    theta: theta(parameters, 'rope_theta'),
    reversed,
    scaling: readScaling(type, dims, values, parameters),
  };
}

/** Config.json has the share of a head that turns, GGUF how many of its dimensions do, in any family. */
function readDims(
  values: ConfigReader,
  parameters: ConfigReader,
  type: ScalingType,
  { headDim, layerType, partial = false }: RopeOptions,
): number {
  const ofSliding = 'rope.dimension_count_swa';
  const hasOwn = layerType === 'sliding_attention' && values.raw(ofSliding) !== null;
  const key = hasOwn ? ofSliding : 'rope.dimension_count';
  const count = values.optionalSize(key, headDim);
  if (count !== null) {
    if (count % 2 !== 0) throw values.bad(key, 'an even number');
    return count;
  }
  const share = type === 'proportional' ? 1 : parameters.factor('partial_rotary_factor', 1, 1);
  if (share < 1 && !partial) throw parameters.unsupported('partial_rotary_factor', ['1']);
  const dims = Math.trunc(headDim * share);
  if (dims < 2 || dims % 2 !== 0) {
    throw parameters.bad('partial_rotary_factor', `a part of head_dim ${headDim} that is even and above 0`);
  }
  return dims;
}

function theta(values: ConfigReader, key: 'rope_theta' | 'rope_local_base_freq', fallback?: number): number {
  return values.factor(key, fallback, 1e15, 1); // as src/model/decoder_config_fields.h has it
}

/** The parameters in one object, completed by what older files have outside of it. */
export function ropeParameters(
  values: ConfigReader,
  { layerType, thetaKey = 'rope_theta', defaults = {} }: Partial<RopeOptions> = {},
): ConfigReader {
  const given = values.section('rope_scaling') ?? values.section('rope_parameters');
  const isOfTypes = ['full_attention', 'sliding_attention'].some((type) => given?.raw(type as AttentionType));
  if (isOfTypes && layerType === undefined)
    throw values.unsupported('rope_parameters', ['one for all layers']);
  const ofLayer = isOfTypes ? given?.section(layerType as AttentionType) : given;
  // A scaling outside is one of full layers where sliding ones have a theta of their own.
  const parameters = isOfTypes || thetaKey === 'rope_theta' ? ofLayer : null;
  const none = ConfigReader.ofJson({}, values.file).withDefaults(defaults);
  return (parameters ?? none).withDefaults({
    rope_type: 'default',
    // Checked here where its name is another one.
    rope_theta:
      thetaKey === 'rope_theta' ? (values.raw(thetaKey) ?? 10_000) : theta(values, thetaKey, 10_000),
    partial_rotary_factor: values.raw('partial_rotary_factor'),
    original_max_position_embeddings: values.raw('max_position_embeddings'),
  });
}

function readScaling(
  type: ScalingType,
  dims: number,
  values: ConfigReader,
  parameters: ConfigReader,
): RopeScaling | null {
  const factor = () => parameters.factor('factor');
  const originalContextLength = () => {
    const key = 'original_max_position_embeddings';
    // Phi-3 has it outside.
    return (values.raw(key) === null ? parameters : values).size(key, MAX.contextLength);
  };
  switch (type) {
    case 'none':
      return null;
    case 'linear':
      return { type, factor: factor() };
    case 'proportional': {
      if (parameters.factor('factor', 1) !== 1) throw parameters.unsupported('factor', ['1']);
      const nTurning = Math.floor((dims * parameters.factor('partial_rotary_factor', 1, 1)) / 2);
      return { type, share: (2 * nTurning) / dims };
    }
    case 'llama3':
      return {
        type,
        factor: factor(),
        lowFrequencyFactor: parameters.factor('low_freq_factor'),
        highFrequencyFactor: parameters.factor('high_freq_factor'),
        originalContextLength: originalContextLength(),
      };
    case 'yarn': {
      const extension = parameters.factor('factor', longer(values, originalContextLength()));
      return {
        type,
        factor: extension,
        originalContextLength: originalContextLength(),
        betaFast: parameters.factor('beta_fast', 32),
        betaSlow: parameters.factor('beta_slow', 1),
        truncated: parameters.raw('truncate') === null || parameters.flag('truncate'),
        attentionFactor: parameters.factor('attention_factor', yarnAttentionFactor(parameters, extension)),
      };
    }
    case 'long': {
      const original = originalContextLength();
      const extension = parameters.factor('factor', longer(values, original));
      return {
        type,
        shortFactors: parameters.factors('short_factor', dims / 2),
        longFactors: parameters.factors('long_factor', dims / 2),
        originalContextLength: original,
        attentionFactor: parameters.factor(
          'attention_factor',
          extension <= 1 ? 1 : Math.sqrt(1 + Math.log(extension) / Math.log(original)),
        ),
      };
    }
  }
}

/** How often the context is as long as the one that the model was trained on first. */
function longer(values: ConfigReader, original: number): number {
  return values.size('max_position_embeddings', MAX.contextLength) / original;
}

/** YaRN (Peng et al., 2023, arXiv:2309.00071), section 3.4, with DeepSeek's two exponents. */
function yarnAttentionFactor(parameters: ConfigReader, factor: number): number {
  const scaled = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const optional = (key: 'mscale' | 'mscale_all_dim') => {
    const value = parameters.raw(key) ?? 0;
    return value === 0 ? null : parameters.factor(key);
  };
  const [scale, ofAllDims] = [optional('mscale'), optional('mscale_all_dim')];
  return scale === null || ofAllDims === null ? scaled(1) : scaled(scale) / scaled(ofAllDims);
}
