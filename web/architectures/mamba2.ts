import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readDecoder, readRmsNorm } from './decoder-parts.js';
import { ofEachLayer } from './layer-types.js';
import type { ModelMapping } from './model-mapping.js';
import { normBehindGate, readStateSpace, type StateSpaceKeys, stateSpaceNames } from './state-space.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const { ofLayer, wholeOfLayer } = stateSpaceNames('mixer');

const NAMES: TensorNames = {
  optionalPrefixes: ['backbone.'],
  ofModel: {
    embeddings: 'token_embedding',
    embedding: 'token_embedding', // in old files
    norm_f: 'final_norm',
    lm_head: 'head',
  },
  layerPrefix: 'layers.',
  ofLayer: { norm: 'mixer_norm', ...ofLayer },
  ...(wholeOfLayer && { wholeOfLayer }),
};

const KEYS: StateSpaceKeys = { nHeads: 'num_attention_heads', headDim: 'head_dim', bias: 'use_bias' };

/**
 * Mamba 2, nothing but state spaces: `model_type` mamba2.
 *
 * @param keys By what names its values stand there.
 */
export function mapMamba2(config: ConfigReader, keys = KEYS): ModelMapping {
  const values = config.withDefaults({
    num_attention_heads: 128,
    head_dim: 64,
    mamba_n_groups: 8,
    mamba_d_state: 128,
    mamba_d_conv: 4,
    mamba_expand: 2,
    mamba_conv_bias: true,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    // The state is as large however long the text is: a bound of ours, and the one in GGUF files.
    max_position_embeddings: 2 ** 20,
  });
  const norm = readRmsNorm(values);
  const layer = preNormLayer(norm, readStateSpace(values, keys, { outputNorm: normBehindGate(norm) }), null);
  return mappingOf(
    'mamba2',
    readDecoder(
      values,
      ofEachLayer(values, () => layer),
      norm,
    ),
    NAMES,
  );
}
