import type { ConfigReader } from './config-reader.js';
import type { Attention, DecoderConfig, Mixer, Mlp } from './decoder-config.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { ofEachLayer, readLayerTypes } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { HYBRID_KEYS, normBehindGate, readStateSpace, stateSpaceNames } from './state-space.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const DEFAULTS = {
  hidden_act: 'silu',
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-6,
  embedding_multiplier: 1,
  logits_scaling: 1,
  residual_multiplier: 1,
  attention_multiplier: 1, // not a head's width to the power of -1/2
};

const OF_STATE_SPACE = stateSpaceNames('mamba');

const HYBRID_NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ...OF_STATE_SPACE,
  ofLayer: {
    ...LLAMA_NAMES.ofLayer,
    ...OF_STATE_SPACE.ofLayer,
    'shared_mlp.input_linear': 'mlp.gate_up',
    'shared_mlp.output_linear': 'mlp.down',
  },
};

/** Granite 3, Llama with four multipliers: `model_type` granite. */
export function mapGranite(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(DEFAULTS);
  const mlp = readMlp(values, { bias: values.flag('mlp_bias') });
  const attention = readScaledAttention(values, true);
  const mixers = ofEachLayer(values, () => attention);
  return mappingOf('granite', readGranite(values, mixers, mlp), LLAMA_NAMES);
}

/** Granite 4 without experts, attention or state spaces or both: `model_type` granitemoehybrid. */
export function mapGraniteMoeHybrid(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    ...DEFAULTS,
    num_local_experts: 8,
    shared_intermediate_size: 1024,
    mamba_n_heads: 128,
    mamba_d_head: 'auto',
    mamba_n_groups: 1,
    mamba_d_state: 256,
    mamba_d_conv: 4,
    mamba_expand: 2,
    mamba_conv_bias: true,
  });
  values.requireOff('num_local_experts');
  const intermediateSize = values.size('shared_intermediate_size', MAX.intermediateSize);
  const mlp = readMlp(values, { intermediateSize });
  const hasRope = values.raw('position_embedding_type') === 'rope'; // anything else is no positions
  const makers = {
    attention: () => readScaledAttention(values, hasRope),
    mamba: () => readStateSpace(values, HYBRID_KEYS, { outputNorm: normBehindGate(readRmsNorm(values)) }),
  };
  const mixers = readLayerTypes<() => Mixer>(values, makers, () => makers.mamba).map((make) => make());
  return mappingOf('granitemoehybrid', readGranite(values, mixers, mlp), HYBRID_NAMES);
}

/** @param hasRope Whether positions turn, unless the file says it, as GGUF does. */
function readScaledAttention(values: ConfigReader, hasRope: boolean): Attention {
  const key = 'rope.scaling.finetuned';
  const turns = values.raw(key) === null ? hasRope : values.flag(key);
  return readAttention(values, {
    rope: turns ? readRope(values, readHeads(values)) : null,
    scale: values.factor('attention_multiplier'),
  });
}

/** @param mixers Of each layer. */
function readGranite(values: ConfigReader, mixers: readonly Mixer[], mlp: Mlp): DecoderConfig {
  const norm = readRmsNorm(values);
  const factor = values.factor('residual_multiplier');
  const layers = mixers.map((mixer) =>
    preNormLayer(norm, mixer, mlp, { mixerScale: factor, mlpScale: factor }),
  );
  return readDecoder(values, layers, norm, {
    embeddingScale: values.factor('embedding_multiplier'),
    logitScale: 1 / values.factor('logits_scaling'),
  });
}
