import type { ConfigKey } from './config-keys.js';
import type { ConfigReader } from './config-reader.js';
import type { Attention, StateSpace } from './decoder-config.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { HYBRID_KEYS, readStateSpace, stateSpaceNames } from './state-space.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const OF_MIXER = stateSpaceNames('mamba');

const NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ...OF_MIXER,
  ofModel: { embed_tokens: 'token_embedding', final_layernorm: 'final_norm', lm_head: 'head' },
  ofLayer: {
    ...OF_MIXER.ofLayer,
    input_layernorm: 'mixer_norm',
    'self_attn.q_proj': 'attention.q',
    'self_attn.k_proj': 'attention.k',
    'self_attn.v_proj': 'attention.v',
    'self_attn.o_proj': 'attention.output',
    pre_ff_layernorm: 'mlp_norm',
    'feed_forward.gate_proj': 'mlp.gate',
    'feed_forward.up_proj': 'mlp.up',
    'feed_forward.down_proj': 'mlp.down',
  },
  skippedInLayer: ['mamba.mup_vector'], // of old files, computed from the config
};

/** Falcon-H1, attention and a state space side by side in each layer: `model_type` falcon_h1. */
export function mapFalconH1(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 8,
    hidden_act: 'silu',
    max_position_embeddings: 8192,
    rms_norm_eps: 1e-5,
    mamba_d_ssm: 1024,
    mamba_n_heads: 128,
    mamba_d_head: 'auto',
    mamba_n_groups: 1,
    mamba_d_state: 256,
    mamba_d_conv: 4,
    mamba_expand: 2,
    mamba_conv_bias: true,
    mamba_norm_before_gate: true,
  });
  const norm = readRmsNorm(values);
  const [gateScale, mlpScale] = readMultipliers(values, 'mlp_multipliers', 2) as [number, number];
  const layer = preNormLayer(
    norm,
    readScaledAttention(values),
    readMlp(values, { bias: values.flag('mlp_bias'), gateScale }),
    {
      // Values are scaled as what they are made of is.
      mixerScale: values.factor('attention_out_multiplier', 1) * values.factor('attention_in_multiplier', 1),
      beside: { mixer: readScaledStateSpace(values), scale: values.factor('ssm_out_multiplier', 1) },
      mlpScale,
    },
  );
  const decoder = readDecoder(
    values,
    ofEachLayer(values, () => layer),
    norm,
    {
      embeddingScale: values.factor('embedding_multiplier', 1),
      logitScale: values.factor('lm_head_multiplier', 1),
    },
  );
  return mappingOf('falcon_h1', decoder, NAMES);
}

/** What queries and keys are multiplied by is a factor of their product. */
function readScaledAttention(values: ConfigReader): Attention {
  refuseBias(values, 'attention_bias', 'attention_in_multiplier');
  const attention = readAttention(values);
  const ofInput = values.factor('attention_in_multiplier', 1);
  return { ...attention, scale: attention.scale * ofInput ** 2 * values.factor('key_multiplier', 1) };
}

function readScaledStateSpace(values: ConfigReader): StateSpace {
  refuseBias(values, 'mamba_proj_bias', 'ssm_in_multiplier');
  const bias = values.flag('mamba_proj_bias');
  if (values.flag('projectors_bias') !== bias) {
    throw values.unsupported('projectors_bias', [`${bias}, as mamba_proj_bias`]);
  }
  const ofInput = values.factor('ssm_in_multiplier', 1);
  const scales = readMultipliers(values, 'ssm_multipliers', 5).map((scale) => scale * ofInput);
  const [gate, x, b, c, timeStep] = scales as [number, number, number, number, number];
  const space = readStateSpace(values, HYBRID_KEYS, {
    outputNorm: null,
    scales: { gate, x, b, c, timeStep },
  });
  if (!values.flag('mamba_rms_norm')) return space;
  const beforeGate = values.flag('mamba_norm_before_gate');
  return { ...space, outputNorm: { norm: readRmsNorm(values), nGroups: space.nGroups, beforeGate } };
}

/** Products are multiplied behind their bias here, and what they are made of is in transformers. */
function refuseBias(values: ConfigReader, bias: ConfigKey, multiplier: ConfigKey): void {
  if (values.flag(bias) && values.factor(multiplier, 1) !== 1) {
    throw values.unsupported(bias, [`false where ${multiplier} is not 1`]);
  }
}

function readMultipliers(values: ConfigReader, key: ConfigKey, length: number): number[] {
  return values.raw(key) === null ? new Array<number>(length).fill(1) : values.factors(key, length);
}
