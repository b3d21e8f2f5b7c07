import type { ConfigKey } from './config-keys.js';
import type { FoundValue } from './config-reader.js';
import type { GgufHeader } from './gguf-header.js';

/** What only the tensors say of Gemma 3n and 4, under transformers' keys; undefined for all other keys. */
export function findGemma(key: ConfigKey, header: GgufHeader): FoundValue | undefined {
  switch (key) {
    case 'attention_k_eq_v':
      return { name: 'attn_v.weight', value: hasKeysAlone(header) };
    case 'vocab_size_per_layer_input':
      return rowsOf('per_layer_token_embd.weight', header);
    case 'altup_correct_scale':
      return { name: 'altup_correct_scale.weight', value: header.hasInLayers('altup_correct_scale.weight') };
    case 'laurel_rank':
      return rowsOf('blk.0.laurel_l.weight', header);
    case 'activation_sparsity_scale':
      return { name: header.name(key), value: header.list(key) ?? header.value(key) };
    default:
      return undefined;
  }
}

/** Whether any layer has keys and no values. */
function hasKeysAlone(header: GgufHeader): boolean {
  const has = (layer: number, name: string) => header.tensor(`blk.${layer}.${name}.weight`) !== null;
  const layers = Array.from({ length: header.nBlocks }, (_, layer) => layer);
  return layers.some((layer) => has(layer, 'attn_k') && !has(layer, 'attn_v'));
}

function rowsOf(tensor: string, header: GgufHeader): FoundValue {
  return { name: `the shape of ${tensor}`, value: header.shape(tensor)?.[0] ?? null };
}
