import type { ConfigReader } from './config-reader.js';
import type { DecoderConfig, Mlp, Rope } from './decoder-config.js';
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

const HYBRID_NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ofLayer: {
    ...LLAMA_NAMES.ofLayer,
    'shared_mlp.input_linear': 'mlp.gate_up',
    'shared_mlp.output_linear': 'mlp.down',
  },
};

/** Granite 3, Llama with four multipliers: `model_type` granite. */
export function mapGranite(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(DEFAULTS);
  const mlp = readMlp(values, { bias: values.flag('mlp_bias') });
  // Where GGUF says whether positions turn at all.
  const key = 'rope.scaling.finetuned';
  const hasRope = values.raw(key) === null || values.flag(key);
  const rope = hasRope ? readRope(values, readHeads(values)) : null;
  return mappingOf('granite', readGranite(values, rope, mlp), LLAMA_NAMES);
}

/** Granite 4 where all layers are attention and there are no experts: `model_type` granitemoehybrid. */
export function mapGraniteMoeHybrid(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({ ...DEFAULTS, num_local_experts: 8, shared_intermediate_size: 1024 });
  values.requireOff('num_local_experts');
  readLayerTypes(values, { attention: 'attention' }, () => {
    throw values.unsupportedItem('layer_types', 'mamba', ['attention']);
  });
  const intermediateSize = values.size('shared_intermediate_size', MAX.intermediateSize);
  const mlp = readMlp(values, { intermediateSize });
  const hasRope = values.raw('position_embedding_type') === 'rope'; // anything else is no positions
  const rope = hasRope ? readRope(values, readHeads(values)) : null;
  return mappingOf('granitemoehybrid', readGranite(values, rope, mlp), HYBRID_NAMES);
}

function readGranite(values: ConfigReader, rope: Rope | null, mlp: Mlp): DecoderConfig {
  const norm = readRmsNorm(values);
  const scale = values.factor('attention_multiplier');
  const factor = values.factor('residual_multiplier');
  const layer = preNormLayer(norm, readAttention(values, { rope, scale }), mlp, {
    mixerScale: factor,
    mlpScale: factor,
  });
  return readDecoder(
    values,
    ofEachLayer(values, () => layer),
    norm,
    {
      embeddingScale: values.factor('embedding_multiplier'),
      logitScale: 1 / values.factor('logits_scaling'),
    },
  );
}
