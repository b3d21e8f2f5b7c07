import type { TensorNames } from './tensor-table.js';

/**
 * The names that GGUF files give to tensors, the same ones in all families (gguf-py lists them).
 *
 * @param changes What a family's names mean otherwise.
 */
export function ggufNames(
  changes: Partial<Pick<TensorNames, 'ofModel' | 'ofLayer' | 'wholeOfLayer'>> = {},
): TensorNames {
  return {
    optionalPrefixes: [],
    ofModel: {
      token_embd: 'token_embedding',
      position_embd: 'position_embedding',
      token_embd_norm: 'embedding_norm',
      output_norm: 'final_norm',
      output: 'head',
      ...changes.ofModel,
    },
    // Factors of positions are part of the config by then; the others are parts for images and sound.
    skippedInModel: /^(?:rope_freqs\.|rope_factors_|v\.|a\.|mm\.)/,
    layerPrefix: 'blk.',
    ofLayer: {
      attn_norm: 'mixer_norm',
      attn_qkv: ['attention.qkv', 'recurrence.qkv'],
      attn_q: 'attention.q',
      attn_k: 'attention.k',
      attn_v: 'attention.v',
      attn_q_norm: 'attention.q_norm',
      attn_k_norm: 'attention.k_norm',
      attn_output: 'attention.output',
      post_attention_norm: 'mixer_post_norm',
      ffn_norm: 'mlp_norm',
      ffn_gate: 'mlp.gate',
      ffn_up: 'mlp.up',
      ffn_down: 'mlp.down',
      post_ffw_norm: 'mlp_post_norm',
      'shortconv.in_proj': 'convolution.in',
      'shortconv.conv': 'convolution.kernel',
      'shortconv.out_proj': 'convolution.out',
      attn_gate: 'recurrence.z',
      ssm_beta: 'recurrence.beta',
      ssm_alpha: 'recurrence.alpha',
      ssm_in: 'recurrence.in',
      ssm_conv1d: 'recurrence.kernel',
      ssm_dt: 'recurrence.time',
      ssm_norm: 'recurrence.norm',
      ssm_out: 'recurrence.out',
      ...changes.ofLayer,
    },
    wholeOfLayer: {
      ssm_a: 'recurrence.decay.weight',
      ssm_d: 'recurrence.skip.weight',
      ...changes.wholeOfLayer,
    },
    skippedInLayer: ['attn_rot_embd.weight', 'rope_freqs.weight'], // of old files, computed from the config
  };
}
