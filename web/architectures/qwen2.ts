import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { ATTENTION_TYPES, type AttentionType, readLayerTypes, readWindow } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf } from './tensor-table.js';

export const QWEN_DEFAULTS = {
  num_key_value_heads: 32,
  hidden_act: 'silu',
  max_position_embeddings: 32768,
  rms_norm_eps: 1e-6,
  sliding_window: 4096,
  max_window_layers: 28,
};

/** Qwen 1.5, 2 and 2.5, their Coder and Math models, DeepSeek R1's distillates of them: `model_type` qwen2. */
export function mapQwen2(config: ConfigReader): ModelMapping {
  const values = config.withDefaults(QWEN_DEFAULTS);
  const norm = readRmsNorm(values);
  const layers = readQwenLayerTypes(values).map((type) => {
    const window = readWindow(values, type);
    const attention = readAttention(values, { window, qkvBias: true, outputBias: false });
    return preNormLayer(norm, attention, readMlp(values));
  });
  return mappingOf('qwen2', readDecoder(values, layers, norm), LLAMA_NAMES);
}

/** Without a list, the layers from `max_window_layers` on slide where windows are used at all. */
export function readQwenLayerTypes(values: ConfigReader): AttentionType[] {
  const slides = values.flag('use_sliding_window') && values.raw('sliding_window') !== null;
  const nFull = values.raw('max_window_layers');
  if (slides && (!Number.isInteger(nFull) || (nFull as number) < 0)) {
    throw values.bad('max_window_layers', 'a number of layers');
  }
  const types = readLayerTypes(values, ATTENTION_TYPES, (layer) =>
    slides && layer >= (nFull as number) ? 'sliding_attention' : 'full_attention',
  );
  if (!slides && types.includes('sliding_attention')) throw values.bad('use_sliding_window', 'true');
  return types;
}
