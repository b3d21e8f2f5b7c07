import type { ConfigReader } from './config-reader.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { ATTENTION_TYPES, ofEachLayer, readLayerTypes, readWindow } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf } from './tensor-table.js';

/** SmolLM 3, where each fourth layer knows no positions: `model_type` smollm3. */
export function mapSmolLm3(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 4,
    hidden_act: 'silu',
    max_position_embeddings: 32_768,
    rms_norm_eps: 1e-6,
    rope_theta: 2e6,
    no_rope_layer_interval: 4,
    tie_word_embeddings: true,
  });
  const norm = readRmsNorm(values);
  const mlp = readMlp(values, { bias: values.flag('mlp_bias') });
  const hasRope = readRopeLayers(values);
  const slides = values.flag('use_sliding_window') && values.raw('sliding_window') !== null;
  const types = readLayerTypes(values, ATTENTION_TYPES, (layer) =>
    slides && !hasRope[layer] ? 'sliding_attention' : 'full_attention',
  );
  const layers = types.map((type, layer) => {
    const attention = readAttention(values, {
      rope: hasRope[layer] ? readRope(values, readHeads(values)) : null,
      window: slides ? readWindow(values, type) : 0,
    });
    return preNormLayer(norm, attention, mlp);
  });
  return mappingOf('smollm3', readDecoder(values, layers, norm), LLAMA_NAMES);
}

/** `no_rope_layers` has 1 for the layers that use it, whatever its name says. */
function readRopeLayers(values: ConfigReader): boolean[] {
  const interval = values.size('no_rope_layer_interval', MAX.nLayers);
  const byInterval = ofEachLayer(values, (layer) => (layer + 1) % interval !== 0);
  const list = values.optionalList('no_rope_layers', byInterval.length) ?? byInterval;
  return list.map((uses) => {
    if (![0, 1, false, true].includes(uses as number | boolean))
      throw values.bad('no_rope_layers', '0 or 1 each');
    return Boolean(uses);
  });
}
