// As published-configs.mjs: Gemma.
import { sizes } from './published-sizes.mjs';

/** So many layers of which each `period`th is full. */
const slidingLayers = (n, period) =>
  Array.from({ length: n }, (_, i) => ((i + 1) % period === 0 ? 'full_attention' : 'sliding_attention'));

const gemma4Ropes = {
  full_attention: { partial_rotary_factor: 0.25, rope_theta: 1000000.0, rope_type: 'proportional' },
  sliding_attention: { rope_theta: 10000.0, rope_type: 'default' },
};

export const GEMMA = {
  'gemma-2b': {
    nParameters: 2_506_172_416,
    config: {
      model_type: 'gemma',
      ...sizes(2048, 16384, 18, 8, 1, 256000, 8192),
      attention_bias: false,
      head_dim: 256,
      hidden_act: 'gelu',
      hidden_activation: null,
      rms_norm_eps: 1e-6,
      rope_theta: 10000.0,
    },
  },
  'gemma-2-2b': {
    nParameters: 2_614_341_888,
    config: {
      model_type: 'gemma2',
      ...sizes(2304, 9216, 26, 8, 4, 256000, 8192),
      attention_bias: false,
      attn_logit_softcapping: 50.0,
      final_logit_softcapping: 30.0,
      head_dim: 256,
      hidden_act: 'gelu_pytorch_tanh',
      hidden_activation: 'gelu_pytorch_tanh',
      query_pre_attn_scalar: 256,
      rms_norm_eps: 1e-6,
      rope_theta: 10000.0,
      sliding_window: 4096,
    },
  },
  'gemma-3-270m': {
    nParameters: 268_098_176,
    config: {
      model_type: 'gemma3_text',
      ...sizes(640, 2048, 18, 4, 1, 262144, 32768),
      attention_bias: false,
      attn_logit_softcapping: null,
      final_logit_softcapping: null,
      head_dim: 256,
      hidden_activation: 'gelu_pytorch_tanh',
      layer_types: Array.from({ length: 18 }, (_, i) =>
        i % 6 === 5 ? 'full_attention' : 'sliding_attention',
      ),
      query_pre_attn_scalar: 256,
      rms_norm_eps: 1e-6,
      rope_local_base_freq: 10000.0,
      rope_theta: 1000000.0,
      sliding_window: 512,
      use_bidirectional_attention: false,
    },
  },
  'gemma-3-1b': {
    nParameters: 999_885_952,
    config: {
      model_type: 'gemma3_text',
      ...sizes(1152, 6912, 26, 4, 1, 262144, 32768),
      attention_bias: false,
      attn_logit_softcapping: null,
      final_logit_softcapping: null,
      head_dim: 256,
      hidden_activation: 'gelu_pytorch_tanh',
      query_pre_attn_scalar: 256,
      rms_norm_eps: 1e-6,
      rope_local_base_freq: 10000,
      rope_theta: 1000000,
      sliding_window: 512,
      sliding_window_pattern: 6,
    },
  },
  // The text part of 4.30 B.
  'gemma-3-4b': {
    nParameters: 3_880_263_168,
    config: {
      model_type: 'gemma3',
      architectures: ['Gemma3ForConditionalGeneration'],
      text_config: {
        hidden_size: 2560,
        intermediate_size: 10240,
        model_type: 'gemma3_text',
        num_hidden_layers: 34,
        rope_scaling: { factor: 8.0, rope_type: 'linear' },
        sliding_window: 1024,
      },
      vision_config: { hidden_size: 1152, model_type: 'siglip_vision_model', num_hidden_layers: 27 },
    },
  },
  // The text part of 5.44 B.
  'gemma-3n-E2B': {
    nParameters: 4_435_182_688,
    config: {
      model_type: 'gemma3n',
      architectures: ['Gemma3nForConditionalGeneration'],
      audio_config: { hidden_size: 1536, model_type: 'gemma3n_audio' },
      text_config: {
        model_type: 'gemma3n_text',
        ...sizes(2048, new Array(30).fill(8192), 30, 8, 2, 262400, 32768),
        activation_sparsity_pattern: [...new Array(10).fill(0.95), ...new Array(20).fill(0.0)],
        altup_active_idx: 0,
        altup_coef_clip: 120.0,
        altup_correct_scale: true,
        altup_num_inputs: 4,
        attention_bias: false,
        final_logit_softcapping: 30.0,
        head_dim: 256,
        hidden_activation: 'gelu_pytorch_tanh',
        hidden_size_per_layer_input: 256,
        laurel_rank: 64,
        layer_types: slidingLayers(30, 5),
        num_kv_shared_layers: 10,
        rms_norm_eps: 1e-6,
        rope_local_base_freq: 10000.0,
        rope_scaling: null,
        rope_theta: 1000000.0,
        sliding_window: 512,
        vocab_size_per_layer_input: 262144,
      },
      vision_config: { architecture: 'mobilenetv5_300m_enc', model_type: 'gemma3n_vision' },
    },
  },
  // All else is the class's default.
  'gemma-3n-E4B, text': {
    nParameters: 6_835_235_568,
    config: { model_type: 'gemma3n_text', num_hidden_layers: 35 },
  },
  // The text part; the numbers that multiply layers' outputs are no parameters to transformers.
  'gemma-4-E2B': {
    nParameters: 4_628_569_344 + 35,
    config: {
      model_type: 'gemma4',
      architectures: ['Gemma4ForConditionalGeneration'],
      text_config: {
        model_type: 'gemma4_text',
        ...sizes(1536, 6144, 35, 8, 1, 262144, 131072),
        attention_bias: false,
        attention_k_eq_v: false,
        enable_moe_block: false,
        final_logit_softcapping: 30.0,
        global_head_dim: 512,
        head_dim: 256,
        hidden_activation: 'gelu_pytorch_tanh',
        hidden_size_per_layer_input: 256,
        layer_types: slidingLayers(35, 5),
        num_experts: null,
        num_global_key_value_heads: null,
        num_kv_shared_layers: 20,
        rms_norm_eps: 1e-6,
        rope_parameters: gemma4Ropes,
        sliding_window: 512,
        tie_word_embeddings: true,
        use_bidirectional_attention: null,
        use_double_wide_mlp: true,
        vocab_size_per_layer_input: 262144,
      },
      tie_word_embeddings: true,
      vision_config: { hidden_size: 768, model_type: 'gemma4_vision' },
    },
  },
  'gemma-4-E4B, text': {
    nParameters: 7_463_013_376 + 42,
    config: {
      model_type: 'gemma4_text',
      ...sizes(2560, 10240, 42, 8, 2, 262144, 131072),
      final_logit_softcapping: 30.0,
      layer_types: slidingLayers(42, 6),
      num_kv_shared_layers: 18,
      rope_parameters: gemma4Ropes,
    },
  },
};
