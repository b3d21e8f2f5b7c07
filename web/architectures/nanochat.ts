import type { ConfigReader } from './config-reader.js';
import {
  preNormLayer,
  readAttention,
  readDecoder,
  readHeads,
  readMlp,
  readRmsNorm,
} from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import { LLAMA_NAMES } from './llama.js';
import type { ModelMapping } from './model-mapping.js';
import { readRope } from './rope.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  ...LLAMA_NAMES,
  ofLayer: { ...LLAMA_NAMES.ofLayer, 'mlp.fc1': 'mlp.up', 'mlp.fc2': 'mlp.down' },
};

/** nanochat, whose norms have no weights: `model_type` nanochat. */
export function mapNanochat(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'relu2',
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-6,
    final_logit_softcapping: 15,
  });
  const norm = readRmsNorm(values, { weight: false });
  const attention = readAttention(values, {
    qkNorm: { norm, span: 'head', afterRope: true },
    rope: readRope(values, { ...readHeads(values), reversed: true }),
  });
  const layer = preNormLayer(norm, attention, readMlp(values, { gated: false }));
  const decoder = readDecoder(
    values,
    ofEachLayer(values, () => layer),
    norm,
    {
      embeddingNorm: norm,
      logitSoftcap: values.optionalFactor('final_logit_softcapping') ?? 0,
    },
  );
  return mappingOf('nanochat', decoder, NAMES);
}
