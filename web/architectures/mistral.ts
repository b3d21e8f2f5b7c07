import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readMlp, readRmsNorm } from './decoder-parts.js';
import { ofEachLayer, readWindow } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import { mapMinistral3 } from './ministral3.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf } from './tensor-table.js';
import { readTextConfig, TEXT_PREFIXES } from './text-config.js';

/** Mistral 7B and what is built like it: `model_type` mistral. */
export function mapMistral(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    num_key_value_heads: 8,
    hidden_act: 'silu',
    max_position_embeddings: 131_072,
    rms_norm_eps: 1e-6,
    sliding_window: 4096, // null, in newer files, is none
  });
  const norm = readRmsNorm(values);
  const slides = values.raw('sliding_window') !== null;
  const attention = readAttention(values, {
    qkvBias: false,
    outputBias: false,
    window: readWindow(values, slides ? 'sliding_attention' : 'full_attention'),
  });
  const layer = preNormLayer(norm, attention, readMlp(values));
  return mappingOf(
    'mistral',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    LLAMA_NAMES,
  );
}

/** The text part of the models that see images, Ministral 3 and Mistral Small 3.1: `model_type` mistral3. */
export function mapMistral3(config: ConfigReader): ModelMapping {
  const text = readTextConfig(config).withDefaults({ model_type: 'mistral' });
  const map = text.choice('model_type', { mistral: mapMistral, ministral3: mapMinistral3 });
  const names = { ...LLAMA_NAMES, optionalPrefixes: TEXT_PREFIXES };
  return mappingOf('mistral3', map(text).config, names);
}
