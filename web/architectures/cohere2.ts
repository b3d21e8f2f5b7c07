import type { ConfigReader } from './config-reader.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readLayerNorm,
  readMlp,
} from './decoder-parts.js';
import { ATTENTION_TYPES, readLayerTypes, readWindow, slidingPattern } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf } from './tensor-table.js';

/** Command R7B and Tiny Aya, whose full layers know no positions: `model_type` cohere2. */
export function mapCohere2(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'silu',
    max_position_embeddings: 8192,
    layer_norm_eps: 1e-5,
    logit_scale: 0.0625,
    sliding_window: 4096,
    sliding_window_pattern: 4,
    tie_word_embeddings: true,
  });
  values.requireOff('use_qk_norm');
  const norm = readLayerNorm(values, { bias: false });
  const rope = readRope(values, { ...readHeads(values), pairing: 'interleaved' });
  const period = values.size('sliding_window_pattern', MAX.nLayers);
  const layers = readLayerTypes(values, ATTENTION_TYPES, slidingPattern(period)).map((type) => {
    const attention = readAttention(values, {
      rope: type === 'sliding_attention' ? rope : null,
      window: readWindow(values, type),
    });
    return preNormLayer(norm, attention, readMlp(values), { mlpNorm: null, parallel: true });
  });
  const logitScale = values.factor('logit_scale');
  return mappingOf('cohere2', readDecoder(values, layers, norm, { logitScale }), LLAMA_NAMES);
}
