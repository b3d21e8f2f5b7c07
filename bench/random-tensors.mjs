// The tensors of the random models: names as in the published files, shapes, and how their values spread.
import {
  attentionSizes,
  feedForwardSize,
  gatedDeltaSizes,
  layerTypes,
  sharesKeys,
  stateSpaceSizes,
} from './model-shape.mjs';

/** Products spread by 1.4 / sqrt(fan in). */
const linear = (name, rows, columns) => [`${name}.weight`, [rows, columns], 0, 1.4 / Math.sqrt(columns)];
const norm = (name, size, centre = 1) => [`${name}.weight`, [size], centre, 0.02];
const bias = (name, size) => [`${name}.bias`, [size], 0, 0.02];
const embedding = (name, rows, columns) => [`${name}.weight`, [rows, columns], 0, 0.05];
const convolution = (name, rows, taps) => [`${name}.weight`, [rows, 1, taps], 0, 1.4 / Math.sqrt(taps)];

/** Uniform values: of all distributions, the one that random models are filled with. */
const between = (name, size, least, most) => [
  name,
  [size],
  (least + most) / 2,
  (most - least) / Math.sqrt(12),
];

function* gpt2Tensors({ vocab_size: vocab, n_positions: context, n_embd: width, n_layer: layers }) {
  yield embedding('wte', vocab, width);
  yield embedding('wpe', context, width);
  const inner = 4 * width;
  // Stored as [columns, rows].
  const transposed = (name, rows, columns) => [
    `${name}.weight`,
    [columns, rows],
    0,
    1.4 / Math.sqrt(columns),
  ];
  for (let layer = 0; layer < layers; layer++) {
    const p = `h.${layer}.`;
    yield norm(`${p}ln_1`, width);
    yield bias(`${p}ln_1`, width);
    yield transposed(`${p}attn.c_attn`, 3 * width, width);
    yield bias(`${p}attn.c_attn`, 3 * width);
    yield transposed(`${p}attn.c_proj`, width, width);
    yield bias(`${p}attn.c_proj`, width);
    yield norm(`${p}ln_2`, width);
    yield bias(`${p}ln_2`, width);
    yield transposed(`${p}mlp.c_fc`, inner, width);
    yield bias(`${p}mlp.c_fc`, inner);
    yield transposed(`${p}mlp.c_proj`, width, inner);
    yield bias(`${p}mlp.c_proj`, width);
  }
  yield norm('ln_f', width);
  yield bias('ln_f', width);
}

/** Where families differ from Llama: names, norms of a head's queries and keys, and what norms are centred at. */
const LLAMA = {
  output: 'o_proj',
  headNorms: null,
  centre: 1,
  mixerNorm: 'input_layernorm',
  mlpNorm: 'post_attention_layernorm',
  mlp: { gate: 'mlp.gate_proj', up: 'mlp.up_proj', down: 'mlp.down_proj' },
  finalNorm: 'norm',
};
const HEAD_NORMS = ['q_norm', 'k_norm'];
const FAMILIES = {
  llama: LLAMA,
  qwen3: { ...LLAMA, headNorms: HEAD_NORMS },
  qwen3_5_text: { ...LLAMA, headNorms: HEAD_NORMS, centre: 0 },
  granitemoehybrid: {
    ...LLAMA,
    mlp: { gateUp: 'shared_mlp.input_linear', down: 'shared_mlp.output_linear' },
  },
  lfm2: {
    ...LLAMA,
    output: 'out_proj',
    headNorms: ['q_layernorm', 'k_layernorm'],
    mixerNorm: 'operator_norm',
    mlpNorm: 'ffn_norm',
    mlp: { gate: 'feed_forward.w1', up: 'feed_forward.w3', down: 'feed_forward.w2' },
    finalNorm: 'embedding_norm',
  },
  gemma4_text: { ...LLAMA, headNorms: HEAD_NORMS, mlpNorm: 'pre_feedforward_layernorm' },
};

function* attentionTensors(config, layer, p) {
  const { headNorms, output, centre } = FAMILIES[config.model_type];
  const width = config.hidden_size;
  const { headDim, queries, keys } = attentionSizes(config, layer);
  const hasGate = config.model_type === 'qwen3_5_text';
  const ownKeys = !sharesKeys(config, layer);
  yield linear(`${p}q_proj`, hasGate ? 2 * queries : queries, width);
  if (ownKeys) {
    yield linear(`${p}k_proj`, keys, width);
    yield linear(`${p}v_proj`, keys, width);
  }
  yield linear(`${p}${output}`, width, queries);
  if (headNorms === null) return;
  const [queryNorm, keyNorm] = headNorms;
  // Gemma 4 does not scale its scores otherwise.
  yield norm(`${p}${queryNorm}`, headDim, config.model_type === 'gemma4_text' ? headDim ** -0.5 : centre);
  if (ownKeys) yield norm(`${p}${keyNorm}`, headDim, centre);
}

/** Decays and time steps as Mamba 2 starts with them: e to the power of -1 to -16, and softplus of the bias 0.001 to 0.1. */
function* decayTensors(p, heads) {
  const inverseSoftplus = (step) => Math.log(Math.expm1(step));
  yield between(`${p}A_log`, heads, 0, Math.log(16));
  yield between(`${p}dt_bias`, heads, inverseSoftplus(0.001), inverseSoftplus(0.1));
}

function* gatedDeltaTensors(config, p) {
  const width = config.hidden_size;
  const { values, convolved, heads } = gatedDeltaSizes(config);
  yield linear(`${p}in_proj_qkv`, convolved, width);
  yield linear(`${p}in_proj_z`, values, width);
  yield linear(`${p}in_proj_b`, heads, width);
  yield linear(`${p}in_proj_a`, heads, width);
  yield convolution(`${p}conv1d`, convolved, config.linear_conv_kernel_dim);
  yield* decayTensors(p, heads);
  yield norm(`${p}norm`, config.linear_value_head_dim);
  yield linear(`${p}out_proj`, width, values);
}

function* stateSpaceTensors(config, p) {
  const width = config.hidden_size;
  const { inner, convolved, heads } = stateSpaceSizes(config);
  yield linear(`${p}in_proj`, inner + convolved + heads, width);
  yield convolution(`${p}conv1d`, convolved, config.mamba_d_conv);
  yield bias(`${p}conv1d`, convolved);
  yield* decayTensors(p, heads);
  yield [`${p}D`, [heads], 1, 0.02];
  yield norm(`${p}norm`, inner);
  yield linear(`${p}out_proj`, width, inner);
}

function* shortConvolutionTensors({ hidden_size: width, conv_L_cache: taps }, p) {
  yield linear(`${p}in_proj`, 3 * width, width);
  yield convolution(`${p}conv`, width, taps);
  yield linear(`${p}out_proj`, width, width);
}

function mixerTensors(config, layer, p) {
  switch (layerTypes(config)[layer]) {
    case 'linear_attention':
      return gatedDeltaTensors(config, `${p}linear_attn.`);
    case 'mamba':
      return stateSpaceTensors(config, `${p}mamba.`);
    case 'conv':
      return shortConvolutionTensors(config, `${p}conv.`);
    default:
      return attentionTensors(config, layer, `${p}self_attn.`);
  }
}

function* mlpTensors(config, layer, p) {
  const { mlp } = FAMILIES[config.model_type];
  const { hidden_size: width } = config;
  const inner = feedForwardSize(config, layer);
  if (mlp.gateUp) {
    yield linear(`${p}${mlp.gateUp}`, 2 * inner, width);
  } else {
    yield linear(`${p}${mlp.gate}`, inner, width);
    yield linear(`${p}${mlp.up}`, inner, width);
  }
  yield linear(`${p}${mlp.down}`, width, inner);
}

/** What a layer of Gemma 4 has besides. */
function* gemma4Tensors({ hidden_size: width, hidden_size_per_layer_input: perLayer }, p) {
  yield norm(`${p}post_attention_layernorm`, width);
  yield norm(`${p}post_feedforward_layernorm`, width);
  yield linear(`${p}per_layer_input_gate`, perLayer, width);
  yield linear(`${p}per_layer_projection`, width, perLayer);
  yield norm(`${p}post_per_layer_input_norm`, width);
  yield [`${p}layer_scalar`, [1], 1, 0];
}

function* perLayerTensors(config) {
  const { hidden_size: width, hidden_size_per_layer_input: perLayer, num_hidden_layers: nLayers } = config;
  yield embedding('model.embed_tokens_per_layer', config.vocab_size_per_layer_input, nLayers * perLayer);
  yield linear('model.per_layer_model_projection', nLayers * perLayer, width);
  yield norm('model.per_layer_projection_norm', perLayer);
}

function* decoderTensors(config) {
  const { centre, mixerNorm, mlpNorm, finalNorm } = FAMILIES[config.model_type];
  const { hidden_size: width, num_hidden_layers: nLayers, model_type: type } = config;
  yield embedding('model.embed_tokens', config.vocab_size, width);
  if (type === 'gemma4_text') yield* perLayerTensors(config);
  for (let layer = 0; layer < nLayers; layer++) {
    const p = `model.layers.${layer}.`;
    yield norm(`${p}${mixerNorm}`, width, centre);
    yield* mixerTensors(config, layer, p);
    yield norm(`${p}${mlpNorm}`, width, centre);
    yield* mlpTensors(config, layer, p);
    if (type === 'gemma4_text') yield* gemma4Tensors(config, p);
  }
  yield norm(`model.${finalNorm}`, width, centre);
}

/** In the order of the file: [name, shape, centre, spread]. */
export const tensorsOf = (config) =>
  config.model_type === 'gpt2' ? gpt2Tensors(config) : decoderTensors(config);
