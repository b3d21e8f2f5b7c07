import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { readWindow } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { QWEN_DEFAULTS, readQwenLayerTypes } from './qwen2.js';
import { mappingOf } from './tensor-table.js';

/** Qwen 3: `model_type` qwen3. */
export function mapQwen3(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({ ...QWEN_DEFAULTS, head_dim: 128 });
  const norm = readRmsNorm(values);
  const layers = readQwenLayerTypes(values).map((type) => {
    const attention = readAttention(values, {
      window: readWindow(values, type),
      qkNorm: { norm, span: 'head', afterRope: false },
    });
    return preNormLayer(norm, attention, readMlp(values));
  });
  return mappingOf('qwen3', readDecoder(values, layers, norm), LLAMA_NAMES);
}
