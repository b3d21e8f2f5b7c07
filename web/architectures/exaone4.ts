import type { ConfigReader } from './config-reader.js';
import {
  postNorms,
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { ATTENTION_TYPES, readLayerTypes, readWindow, slidingPattern } from './layer-types.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { POST_NORM_NAMES } from './olmo2.js';
import { readRope } from './rope.js';
import { mappingOf } from './tensor-table.js';

/** EXAONE 4: `model_type` exaone4. */
export function mapExaone4(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 32,
    hidden_act: 'silu',
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
    sliding_window: 4096,
    sliding_window_pattern: 4,
  });
  const norm = readRmsNorm(values);
  const rope = readRope(values, readHeads(values));
  const slides = values.raw('sliding_window') !== null;
  const fallback = (layer: number) =>
    slides ? slidingPattern(values.size('sliding_window_pattern', MAX.nLayers))(layer) : 'full_attention';
  const layers = readLayerTypes(values, ATTENTION_TYPES, fallback).map((type) => {
    const attention = readAttention(values, {
      qkvBias: false,
      outputBias: false,
      qkNorm: { norm, span: 'head', afterRope: false },
      // Full layers know no positions where others slide.
      rope: slides && type === 'full_attention' ? null : rope,
      window: readWindow(values, type),
    });
    return preNormLayer(norm, attention, readMlp(values), postNorms(norm));
  });
  return mappingOf('exaone4', readDecoder(values, layers, norm), POST_NORM_NAMES);
}
