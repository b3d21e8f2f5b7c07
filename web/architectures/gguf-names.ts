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
      per_layer_token_embd: 'per_layer_inputs.embedding',
      per_layer_model_proj: 'per_layer_inputs.projection',
      per_layer_proj_norm: 'per_layer_inputs.norm',
      altup_proj: 'alt_up.in',
      altup_unembd_proj: 'alt_up.out',
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
      inp_gate: 'per_layer_input.gate',
      proj: 'per_layer_input.out',
      post_norm: 'per_layer_input.norm',
      layer_output_scale: 'output_scale',
      laurel_l: 'laurel.in',
      laurel_r: 'laurel.out',
      laurel_post_norm: 'laurel.norm',
      altup_router_norm: 'alt_up.router_norm',
      altup_router: 'alt_up.router',
      altup_predict_coef: 'alt_up.prediction',
      altup_correct_coef: 'alt_up.correction',
      altup_correct_scale: 'alt_up.output_scale',
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
