import type { ConfigReader } from './config-reader.js';
import { preNormLayer, readAttention, readDecoder, readLayerNorm, readMlp } from './decoder-parts.js';
import { ofEachLayer, readWindow } from './layer-types.js';
import { MAX } from './max-sizes.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

const NAMES: TensorNames = {
  optionalPrefixes: ['transformer.'],
  ofModel: {
    wte: 'token_embedding',
    wpe: 'position_embedding',
    ln_f: 'final_norm',
    lm_head: 'head',
  },
  layerPrefix: 'h.',
  ofLayer: {
    ln_1: 'mixer_norm',
    'attn.attention.q_proj': 'attention.q',
    'attn.attention.k_proj': 'attention.k',
    'attn.attention.v_proj': 'attention.v',
    'attn.attention.out_proj': 'attention.output',
    ln_2: 'mlp_norm',
    'mlp.c_fc': 'mlp.up',
    'mlp.c_proj': 'mlp.down',
  },
  skippedInLayer: ['attn.attention.bias'],
};

/** GPT-Neo, whose scores are not scaled, and TinyStories: `model_type` gpt_neo. */
export function mapGptNeo(config: ConfigReader): ModelMapping {
  const values = config.withDefaults({
    hidden_act: 'gelu_new',
    max_position_embeddings: 2048,
    layer_norm_eps: 1e-5,
    sliding_window: 256,
    attention_types: [[['global', 'local'], 12]],
    tie_word_embeddings: true,
  });
  const norm = readLayerNorm(values);
  const intermediateSize = values.size(
    'intermediate_size',
    MAX.intermediateSize,
    4 * values.size('hidden_size', MAX.hiddenSize),
  );
  const mlp = readMlp(values, { gated: false, bias: true, intermediateSize });
  const layers = readAttentionTypes(values).map((type) => {
    const window = readWindow(values, type === 'local' ? 'sliding_attention' : 'full_attention');
    const attention = readAttention(values, { outputBias: true, rope: null, window, scale: 1 });
    return preNormLayer(norm, attention, mlp);
  });
  return mappingOf('gpt_neo', readDecoder(values, layers, norm, { positionTable: true }), NAMES);
}

/** `attention_types`, a list of [types, how often they follow each other], for each layer. */
function readAttentionTypes(values: ConfigReader): ('global' | 'local')[] {
  const nLayers = ofEachLayer(values, () => null).length;
  const types: unknown[] = [];
  for (const item of values.optionalList('attention_types') ?? []) {
    const [part, count] = Array.isArray(item) ? (item as unknown[]) : [];
    if (!Array.isArray(part) || !Number.isInteger(count) || (count as number) > nLayers) {
      throw values.bad('attention_types', `lists of types, with counts, for ${nLayers} layers`);
    }
    for (let i = 0; i < (count as number) && types.length <= nLayers; i++) {
      for (const type of part) types.push(type);
    }
  }
  if (types.length !== nLayers) throw values.bad('attention_types', `the types of ${nLayers} layers`);
  return types.map((type) => {
    if (type === 'global' || type === 'local') return type;
    throw values.unsupportedItem('attention_types', type, ['global', 'local']);
  });
}
