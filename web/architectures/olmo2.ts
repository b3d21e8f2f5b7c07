import type { ConfigReader } from './config-reader.js';
import type { LayerKind } from './decoder-config.js';
import {
  postNorms,
  preNormLayer,
  readAttention,
  readDecoder,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import {
  ATTENTION_TYPES,
  type AttentionType,
  ofEachLayer,
  readLayerTypes,
  readWindow,
  slidingPattern,
} from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { ropeParameters } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

/** With norms behind each half of a layer. */
export const POST_NORM_NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ofLayer: {
    ...LLAMA_NAMES.ofLayer,
    post_attention_layernorm: 'mixer_post_norm',
    post_feedforward_layernorm: 'mlp_post_norm',
  },
};

const DEFAULTS = { hidden_act: 'silu', max_position_embeddings: 2048, rms_norm_eps: 1e-5 };

/** OLMo 2: `model_type` olmo2. */
export function mapOlmo2(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(DEFAULTS);
  const layers = ofEachLayer(values, () => readOlmoLayer(values, 'full_attention'));
  return mappingOf('olmo2', readDecoder(values, layers, readRmsNorm(values)), POST_NORM_NAMES);
}

/** OLMo 3, three of four layers of which slide: `model_type` olmo3. */
export function mapOlmo3(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({ ...DEFAULTS, sliding_window: 4096 });
  const types = readLayerTypes(values, ATTENTION_TYPES, slidingPattern(4));
  const rope = ropeParameters(values);
  // Whether sliding layers are to be scaled, too, is answered in two ways by what runs it.
  if (types.includes('sliding_attention') && rope.raw('rope_type') !== 'default') {
    throw rope.unsupported('rope_type', ['default']);
  }
  const layers = types.map((type) => readOlmoLayer(values, type));
  return mappingOf('olmo3', readDecoder(values, layers, readRmsNorm(values)), POST_NORM_NAMES);
}

function readOlmoLayer(values: ConfigReader, type: AttentionType): LayerKind {
  const norm = readRmsNorm(values);
  const attention = readAttention(values, {
    qkNorm: { norm, span: 'projection', afterRope: false },
    window: readWindow(values, type),
  });
  return preNormLayer(norm, attention, readMlp(values), postNorms(norm));
}
