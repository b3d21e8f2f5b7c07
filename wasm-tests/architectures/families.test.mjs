import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mapModel } from '../../build/web/architectures/architectures.js';
import { countParameters } from '../../build/web/architectures/count-parameters.js';
import { PUBLISHED } from './published-configs.mjs';

const mapped = (name, changes = {}) => mapModel({ ...PUBLISHED[name].config, ...changes });
const kindOf = ({ config }, layer) => config.kinds[config.layers[layer]];

for (const [name, { nParameters, config }] of Object.entries(PUBLISHED)) {
  test(`${name} has as many weights as transformers counts`, () => {
    const mapping = mapModel(config);
    assert.equal(mapping.architecture, config.model_type);
    assert.equal(countParameters(mapping.config), nParameters);
    assert.equal(
      mapping.config.layers.length,
      (config.text_config ?? config).num_hidden_layers ?? config.num_layers ?? config.n_layer,
    );
  });
}

test('kinds that are equal are one', () => {
  const kinds = (name) => mapped(name).config.kinds.length;
  assert.equal(kinds('SmolLM2-135M'), 1);
  assert.equal(kinds('gemma-3-270m'), 2);
  assert.equal(kinds('SmolLM3-3B'), 2);
  assert.equal(kinds('LFM2-350M'), 2);
  assert.deepEqual(mapped('TinyStories-33M').config.layers, [0, 1, 0, 1]);
});

const DEFAULT_ROPE = { pairing: 'half', dims: 64, theta: 1e5, reversed: false, scaling: null };

test('Llama becomes a complete config', () => {
  const norm = { type: 'rms', epsilon: 1e-5, weight: true, bias: false };
  assert.deepEqual(mapped('SmolLM2-135M').config, {
    vocabSize: 49152,
    contextLength: 8192,
    hiddenSize: 576,
    positionTable: false,
    embeddingScale: 1,
    embeddingNorm: null,
    kinds: [
      {
        mixer: {
          type: 'attention',
          nHeads: 9,
          nKvHeads: 3,
          headDim: 64,
          qkvBias: false,
          outputBias: false,
          gate: false,
          valuesAreKeys: false,
          sharedKeys: null,
          qkNorm: null,
          vNorm: null,
          rope: DEFAULT_ROPE,
          queryScaling: null,
          window: 0,
          softcap: 0,
          scale: 0.125,
        },
        beside: null,
        mlp: {
          gated: true,
          activation: 'silu',
          intermediateSize: 1536,
          bias: false,
          gateScale: 1,
          cutoff: null,
        },
        mixerNorm: norm,
        mixerPostNorm: null,
        mlpNorm: norm,
        mlpPostNorm: null,
        parallel: false,
        mixerScale: 1,
        mlpScale: 1,
        laurel: null,
        perLayerInput: null,
        outputScale: false,
      },
    ],
    layers: new Array(30).fill(0),
    finalNorm: norm,
    perLayerInputs: null,
    altUp: null,
    tiedHead: true,
    headBias: false,
    logitScale: 1,
    logitSoftcap: 0,
  });
});

test('what makes each family itself', () => {
  const qwen2 = kindOf(mapped('Qwen2.5-0.5B'), 0).mixer;
  assert.deepEqual([qwen2.qkvBias, qwen2.outputBias, qwen2.window], [true, false, 0]);

  const qwen3 = kindOf(mapped('Qwen3-0.6B'), 0).mixer;
  assert.deepEqual([qwen3.headDim, qwen3.qkNorm.span, qwen3.qkNorm.afterRope], [128, 'head', false]);

  const gemma = mapped('gemma-2b').config;
  assert.equal(gemma.kinds[0].mlp.activation, 'gelu-tanh', 'which these files call gelu');
  assert.equal(gemma.embeddingScale, Math.sqrt(2048));
  assert.equal(gemma.finalNorm.type, 'rms-plus-one');
  assert.equal(gemma.tiedHead, true);

  const gemma2 = mapped('gemma-2-2b');
  assert.deepEqual(
    [0, 1, 2].map((layer) => kindOf(gemma2, layer).mixer.window),
    [4096, 0, 4096],
  );
  assert.equal(kindOf(gemma2, 1).mixer.softcap, 50);
  assert.equal(kindOf(gemma2, 1).mixer.scale, 1 / 16);
  assert.notEqual(kindOf(gemma2, 1).mixerPostNorm, null);
  assert.equal(gemma2.config.logitSoftcap, 30);

  for (const name of ['gemma-3-270m', 'gemma-3-1b']) {
    const sliding = kindOf(mapped(name), 4).mixer;
    const full = kindOf(mapped(name), 5).mixer;
    assert.deepEqual([sliding.window, sliding.rope.theta], [512, 1e4]);
    assert.deepEqual([full.window, full.rope.theta], [0, 1e6]);
  }
  const gemma4b = mapped('gemma-3-4b');
  assert.deepEqual(kindOf(gemma4b, 5).mixer.rope.scaling, { type: 'linear', factor: 8 });
  assert.equal(kindOf(gemma4b, 4).mixer.rope.scaling, null);

  assert.equal(kindOf(mapped('Mistral-7B-v0.1'), 0).mixer.window, 4096);
  const ministral = kindOf(mapped('Ministral-3-3B'), 0).mixer;
  assert.deepEqual(ministral.queryScaling, { beta: 0.1, originalContextLength: 16384 });
  assert.deepEqual(ministral.rope.scaling, {
    type: 'yarn',
    factor: 16,
    originalContextLength: 16384,
    betaFast: 32,
    betaSlow: 1,
    truncated: true,
    attentionFactor: 1,
  });

  const smollm3 = mapped('SmolLM3-3B');
  assert.equal(kindOf(smollm3, 3).mixer.rope, null);
  assert.equal(kindOf(smollm3, 4).mixer.rope.theta, 5e6);

  const granite = mapped('granite-3.1-2b').config;
  assert.equal(granite.kinds[0].mixer.scale, 0.015625);
  assert.equal(granite.kinds[0].mixerScale, 0.22);
  assert.deepEqual([granite.embeddingScale, granite.logitScale], [12, 1 / 8]);

  const phi4 = kindOf(mapped('Phi-4-mini'), 0).mixer;
  assert.equal(phi4.window, 0, 'wider than the context');
  assert.equal(phi4.rope.dims, 96);
  assert.equal(phi4.rope.scaling.type, 'long');
  assert.equal(phi4.rope.scaling.attentionFactor, Math.sqrt(1 + Math.log(32) / Math.log(4096)));

  const phi2 = kindOf(mapped('phi-2'), 0);
  assert.deepEqual([phi2.parallel, phi2.mlpNorm, phi2.mixer.rope.dims], [true, null, 32]);
  assert.equal(mapped('phi-2').config.headBias, true);

  const stories = mapped('TinyStories-33M');
  assert.deepEqual([kindOf(stories, 0).mixer.window, kindOf(stories, 1).mixer.window], [0, 256]);
  assert.deepEqual([kindOf(stories, 0).mixer.scale, kindOf(stories, 0).mixer.rope], [1, null]);

  const pythia = kindOf(mapped('pythia-70m'), 0);
  assert.equal(pythia.parallel, true);
  assert.equal(pythia.mixer.rope.dims, 16);
  assert.equal(pythia.mlp.activation, 'gelu');

  const olmo = kindOf(mapped('OLMo-2-0425-1B'), 0);
  assert.deepEqual([olmo.mixerNorm, olmo.mlpNorm, olmo.mixer.qkNorm.span], [null, null, 'projection']);

  assert.equal(kindOf(mapped('stablelm-2-1_6b'), 0).mixer.rope.dims, 16);

  const cohere = mapped('c4ai-command-r7b-12-2024');
  assert.deepEqual(kindOf(cohere, 3).mixer.rope, null);
  assert.equal(kindOf(cohere, 3).mixer.window, 0);
  assert.equal(kindOf(cohere, 0).mixer.rope.pairing, 'interleaved');
  assert.equal(kindOf(cohere, 0).mixer.window, 4096);
  assert.equal(kindOf(cohere, 0).mixerNorm.bias, false);
  assert.equal(cohere.config.logitScale, 0.25);

  assert.notEqual(kindOf(mapped('EXAONE-4.0-1.2B'), 0).mixer.rope, null);
  assert.equal(kindOf(mapped('ERNIE-4.5-0.3B-PT'), 0).mixer.rope.pairing, 'interleaved');
  const hunyuan = kindOf(mapped('Hunyuan-0.5B'), 0).mixer;
  assert.deepEqual(hunyuan.rope.scaling, { type: 'dynamic', alpha: 1000 });
  assert.equal(hunyuan.qkNorm.afterRope, true);

  const nanochat = mapped('nanochat-d20').config;
  assert.equal(nanochat.kinds[0].mixer.rope.reversed, true);
  assert.equal(nanochat.embeddingNorm.weight, false);
  assert.equal(nanochat.logitSoftcap, 15);

  const lfm2 = mapped('LFM2-350M');
  assert.deepEqual(kindOf(lfm2, 0).mixer, { type: 'short-convolution', nTaps: 3, bias: false });
  assert.equal(kindOf(lfm2, 2).mixer.type, 'attention');
  assert.equal(kindOf(lfm2, 2).mlp.intermediateSize, 4608);
  assert.equal(lfm2.config.tiedHead, true);
});

test('Gemma 4: heads by type of layer, shared keys, inputs per layer', () => {
  const e2b = mapped('gemma-4-E2B');
  const norm = { type: 'rms', epsilon: 1e-6, weight: true, bias: false };
  const [sliding, full] = [kindOf(e2b, 0), kindOf(e2b, 4)];
  assert.deepEqual([sliding.mixer.headDim, sliding.mixer.window, sliding.mixer.scale], [256, 512, 1]);
  assert.deepEqual([full.mixer.headDim, full.mixer.window, full.mixer.scale], [512, 0, 1]);
  assert.deepEqual(sliding.mixer.rope, { ...DEFAULT_ROPE, dims: 256, theta: 1e4 });
  const scaling = { type: 'proportional', share: 0.25 };
  assert.deepEqual(full.mixer.rope, { ...DEFAULT_ROPE, dims: 512, theta: 1e6, scaling });
  assert.deepEqual(full.mixer.vNorm, { ...norm, weight: false });
  assert.deepEqual(full.mixer.qkNorm, { norm, span: 'head', afterRope: false });
  assert.deepEqual(full.perLayerInput, { activation: 'gelu-tanh', norm });
  assert.equal(full.outputScale, true);
  assert.deepEqual(
    [14, 15, 18, 19, 34].map((layer) => kindOf(e2b, layer).mixer.sharedKeys),
    [null, { layer: 13 }, { layer: 13 }, { layer: 14 }, { layer: 14 }],
  );
  assert.deepEqual(
    [kindOf(e2b, 14).mlp.intermediateSize, kindOf(e2b, 15).mlp.intermediateSize],
    [6144, 12288],
  );
  assert.deepEqual(e2b.config.perLayerInputs, { width: 256, vocabSize: 262144, norm });
  assert.deepEqual([e2b.config.embeddingScale, e2b.config.logitSoftcap], [Math.sqrt(1536), 30]);
  assert.equal(kindOf(mapped('gemma-4-E4B, text'), 41).mlp.intermediateSize, 10240);

  const name = 'gemma-4-E4B, text';
  const few = { num_hidden_layers: 2, num_kv_shared_layers: 0, layer_types: slidingOnly(2) };
  const last = (changes) => kindOf(mapped(name, { ...few, ...changes }), 1);
  assert.equal(last({}).mixer.window, 0, 'the last layer is full');
  const ownKeys = { attention_k_eq_v: true, num_global_key_value_heads: 1 };
  assert.deepEqual([last(ownKeys).mixer.valuesAreKeys, last(ownKeys).mixer.nKvHeads], [true, 1]);
  assert.equal(last({ attention_k_eq_v: true }).mixer.nKvHeads, 2);
  assert.equal(last({ num_global_key_value_heads: 1 }).mixer.nKvHeads, 2, 'not asked for');
  assert.equal(last({ global_head_dim: null }).mixer.headDim, 256);
  for (const rope_parameters of [undefined, null]) {
    assert.deepEqual(last({ rope_parameters }).mixer.rope.scaling, scaling, "the class's default");
  }
  const none = mapped(name, { ...few, hidden_size_per_layer_input: 0 });
  assert.deepEqual([none.config.perLayerInputs, kindOf(none, 0).perLayerInput], [null, null]);
  assert.equal(last({ use_bidirectional_attention: 'vision' }).mixer.type, 'attention');
});

const slidingOnly = (n) => new Array(n).fill('sliding_attention');

test('Gemma 3n: streams, laurel, cutoffs of gates', () => {
  const e2b = mapped('gemma-3n-E2B');
  const norm = { type: 'rms', epsilon: 1e-6, weight: true, bias: false };
  assert.deepEqual(e2b.config.altUp, { nStreams: 4, active: 0, outputScale: true, norm });
  assert.deepEqual(kindOf(e2b, 0).laurel, { rank: 64, norm });
  assert.ok(Math.abs(kindOf(e2b, 9).mlp.cutoff.deviations - 1.6448536269514722) < 1e-12);
  assert.equal(kindOf(e2b, 10).mlp.cutoff, null);
  assert.deepEqual(
    [19, 20, 23, 24, 29].map((layer) => kindOf(e2b, layer).mixer.sharedKeys?.layer),
    [undefined, 18, 18, 19, 19],
  );
  assert.deepEqual(
    [kindOf(e2b, 3).mixer.rope.theta, kindOf(e2b, 4).mixer.rope.theta, kindOf(e2b, 4).mixer.window],
    [1e4, 1e6, 0],
  );
  assert.equal(kindOf(e2b, 29).outputScale, false);
  assert.deepEqual(e2b.config.kinds, mapped('gemma-3n-E2B').config.kinds);

  const few = { num_hidden_layers: 3, num_kv_shared_layers: 1 };
  const text = (changes) => mapped('gemma-3n-E4B, text', { ...few, layer_types: slidingOnly(3), ...changes });
  assert.deepEqual(text({ activation_sparsity_pattern: null }).config.kinds[0].mlp.cutoff, null);
  const shares = text({ activation_sparsity_pattern: [0.5, 0.3, -1] });
  const deviations = [0, 1, 2].map((layer) => kindOf(shares, layer).mlp.cutoff?.deviations);
  assert.equal(deviations[0], 0);
  assert.ok(Math.abs(deviations[1] + 0.5244005127080407) < 1e-12);
  assert.equal(deviations[2], undefined);
  const sizes = text({ intermediate_size: [8, 8, 24] });
  assert.equal(kindOf(sizes, 2).mlp.intermediateSize, 24);
  assert.equal(text({ altup_active_idx: 3 }).config.altUp.active, 3);
});

test('the text part of a model that sees', () => {
  const text = { ...PUBLISHED['gemma-3-4b'].config.text_config };
  assert.equal(mapped('gemma-3-4b').config.tiedHead, true);
  const untied = { ...text, tie_word_embeddings: false };
  assert.equal(mapped('gemma-3-4b', { text_config: untied }).config.tiedHead, false);
  const beside = { text_config: { ...PUBLISHED['Ministral-3-3B'].config.text_config } };
  delete beside.text_config.tie_word_embeddings;
  assert.equal(mapped('Ministral-3-3B', beside).config.tiedHead, false);
  assert.equal(mapped('Ministral-3-3B', { ...beside, tie_word_embeddings: true }).config.tiedHead, true);
  assert.throws(() => mapped('gemma-3-4b', { text_config: null }), { code: 'bad-config' });
  assert.throws(() => mapped('gemma-3-4b', { text_config: { ...text, sliding_window: 'x' } }), {
    code: 'bad-config',
    message: /config.json: text_config.sliding_window is "x"/,
  });
  assert.throws(() => mapped('Ministral-3-3B', { text_config: { model_type: 'qwen3' } }), {
    code: 'unsupported-model',
    message: /text_config.model_type is "qwen3".*: mistral, ministral3$/,
  });
});

test('what a config asks for and the decoder lacks is refused by its name', () => {
  const layer_types = (word) => new Array(28).fill(word);
  const cases = [
    ['SmolLM2-135M', { hidden_act: 'mish' }, /hidden_act is "mish".*silu/],
    ['SmolLM2-135M', { num_experts: 4 }, /num_experts is 4/],
    ['SmolLM2-135M', { rope_scaling: { type: 'mrope' } }, /rope_scaling.type is "mrope".*llama3/],
    ['SmolLM2-135M', { partial_rotary_factor: 0.5 }, /partial_rotary_factor is 0.5/],
    ['Phi-4-mini', { rope_scaling: { type: 'linear', factor: 2 } }, /rope_scaling.type is "linear"/],
    ['stablelm-2-1_6b', { qk_layernorm: true }, /qk_layernorm is true/],
    ['gemma-3-1b', { use_bidirectional_attention: true }, /use_bidirectional_attention is true/],
    ['gemma-3-1b', { attn_logit_softcapping: 50 }, /attn_logit_softcapping is 50/],
    ['granite-4.0-350m', { num_local_experts: 8 }, /num_local_experts is 8/],
    ['granite-4.0-350m', { layer_types: layer_types('conv') }, /layer_types has "conv".*attention, mamba/],
    ['Qwen3-0.6B', { layer_types: layer_types('chunked_attention') }, /layer_types has "chunked_attention"/],
    ['Qwen3-0.6B', { layer_types: layer_types(null) }, /layer_types has null/],
    ['LFM2-350M', { layer_types: new Array(16).fill('mamba') }, /has "mamba".*conv, full_attention/],
    ['TinyStories-33M', { attention_types: [[['global', 'sparse'], 2]] }, /attention_types has "sparse"/],
    ['gemma-4-E4B, text', { enable_moe_block: true }, /enable_moe_block is true/],
    ['gemma-4-E4B, text', { use_bidirectional_attention: 'all' }, /use_bidirectional_attention is "all"/],
    [
      'gemma-4-E4B, text',
      { rope_parameters: { full_attention: { rope_type: 'proportional', factor: 2 } } },
      /rope_parameters.full_attention.factor is 2/,
    ],
    ['SmolLM2-135M', { rope_scaling: { type: 'proportional' } }, /rope_scaling.type is "proportional"/],
    ['SmolLM2-135M', { rope_parameters: { full_attention: {} } }, /rope_parameters is an object/],
    [
      'OLMo-2-0425-1B',
      { model_type: 'olmo3', rope_scaling: { rope_type: 'yarn', factor: 8 } },
      /rope_scaling.rope_type is "yarn"/,
    ],
  ];
  for (const [name, changes, message] of cases) {
    assert.throws(() => mapped(name, changes), { code: 'unsupported-model', message }, `${message}`);
  }
});

test('values that contradict each other or cannot be', () => {
  const cases = [
    [
      'SmolLM2-135M',
      { num_key_value_heads: 4 },
      /num_attention_heads is 9.*multiple of num_key_value_heads, 4/,
    ],
    ['SmolLM2-135M', { num_attention_heads: 7, num_key_value_heads: 7 }, /hidden_size is 576.*num_attention/],
    ['SmolLM2-135M', { hidden_size: undefined }, /hidden_size \(or n_embd\) is missing/],
    ['SmolLM2-135M', { rope_theta: 0 }, /rope_theta is 0/],
    ['SmolLM2-135M', { rope_theta: 0.5 }, /rope_theta is 0\.5; expected a number from 1 to/],
    ['SmolLM2-135M', { rope_scaling: { type: 'linear' } }, /factor is missing/],
    ['SmolLM2-135M', { rope_scaling: 7 }, /rope_scaling is 7; expected an object/],
    ['Llama-3.2-1B', { head_dim: 63 }, /head_dim 63 that is even/],
    ['Qwen3-0.6B', { layer_types: ['full_attention'] }, /layer_types is a list of 1; expected a list of 28/],
    ['Qwen3-0.6B', { use_sliding_window: 'yes' }, /use_sliding_window/],
    ['Qwen3-0.6B', { layer_types: new Array(28).fill('sliding_attention') }, /use_sliding_window is false/],
    ['gemma-2-2b', { sliding_window: null }, /sliding_window \(or window_size\) is missing/],
    ['SmolLM3-3B', { no_rope_layers: [1, 0] }, /no_rope_layers is \[1, 0\]; expected a list of 36/],
    ['SmolLM3-3B', { no_rope_layers: new Array(36).fill(2) }, /no_rope_layers.*0 or 1/],
    ['granite-3.1-2b', { logits_scaling: 0 }, /logits_scaling is 0/],
    ['granite-3.1-2b', { attention_multiplier: 1e-46 }, /attention_multiplier is 1e-46/],
    ['TinyStories-33M', { attention_types: [[['global'], 3]] }, /attention_types/],
    ['TinyStories-33M', { attention_types: [[['global'], 1e9]] }, /attention_types/],
    ['TinyStories-33M', { attention_types: [7] }, /attention_types/],
    ['Phi-4-mini', { rope_scaling: { type: 'longrope', short_factor: [1], long_factor: [1] } }, /list of 48/],
    ['gemma-4-E4B, text', { num_kv_shared_layers: 42 }, /num_kv_shared_layers is 42.*from 0 to 41/],
    ['gemma-4-E4B, text', { num_kv_shared_layers: 38 }, /num_kv_shared_layers is 38.*full_attention/],
    [
      'gemma-4-E4B, text',
      { attention_k_eq_v: true, num_global_key_value_heads: 3 },
      /multiple of num_global/,
    ],
    ['gemma-3n-E4B, text', { hidden_size_per_layer_input: 0 }, /hidden_size_per_layer_input is 0/],
    ['gemma-3n-E4B, text', { altup_active_idx: 4 }, /altup_active_idx is 4.*from 0 to 3/],
    ['gemma-3n-E4B, text', { activation_sparsity_pattern: new Array(35).fill(1) }, /activation_sparsity_p/],
    ['gemma-3n-E4B, text', { activation_sparsity_pattern: 0.95 }, /activation_sparsity_pattern is 0.95/],
    ['gemma-3n-E4B, text', { intermediate_size: [7] }, /intermediate_size.*list of 35/],
    ['LFM2-350M', { conv_L_cache: 65 }, /conv_L_cache is 65; expected an integer from 1 to 64/],
  ];
  for (const [name, changes, message] of cases) {
    assert.throws(() => mapped(name, changes), { code: 'bad-config', message }, `${message}`);
  }
});

test('tensors that are split, fused or ordered by heads', () => {
  const place = (name, rest = {}) => ({ name, transposed: false, rowOffset: 0, regroup: null, ...rest });
  const llama = mapped('SmolLM2-135M').tensor;
  for (const prefix of ['', 'model.']) {
    const placed = (name) => llama(`${prefix}layers.29.${name}`);
    assert.deepEqual(placed('self_attn.q_proj.weight'), place('layers.29.attention.qkv.weight'));
    assert.deepEqual(
      placed('self_attn.k_proj.weight'),
      place('layers.29.attention.qkv.weight', { rowOffset: 9 * 64 }),
    );
    assert.deepEqual(
      placed('self_attn.v_proj.weight'),
      place('layers.29.attention.qkv.weight', { rowOffset: 12 * 64 }),
    );
    assert.deepEqual(placed('mlp.up_proj.weight'), place('layers.29.mlp.up.weight', { rowOffset: 1536 }));
    assert.deepEqual(placed('post_attention_layernorm.weight'), place('layers.29.mlp_norm.weight'));
    assert.equal(placed('self_attn.rotary_emb.inv_freq'), 'skip');
    for (const name of ['self_attn.q_proj.bias', 'self_attn.q_norm.weight', 'input_layernorm.bias', 'x']) {
      assert.equal(placed(name), null, name);
    }
  }
  assert.deepEqual(llama('model.norm.weight'), place('final_norm.weight'));
  assert.equal(llama('lm_head.weight').name, 'head.weight', 'tied, too');
  assert.equal(llama('model.layers.30.input_layernorm.weight'), 'skip', 'of a layer that is not counted');
  assert.equal(llama('model.norm.bias'), null);

  const qwen = mapped('Qwen2.5-0.5B').tensor;
  assert.deepEqual(
    qwen('model.layers.0.self_attn.v_proj.bias'),
    place('layers.0.attention.qkv.bias', { rowOffset: 16 * 64 }),
  );
  assert.equal(qwen('model.layers.0.self_attn.o_proj.bias'), null);

  const phi = mapped('Phi-4-mini').tensor;
  assert.deepEqual(phi('model.layers.0.mlp.gate_up_proj.weight'), place('layers.0.mlp.up.weight'));
  assert.deepEqual(phi('model.layers.0.self_attn.qkv_proj.weight'), place('layers.0.attention.qkv.weight'));
  assert.deepEqual(mapped('phi-2').tensor('lm_head.bias'), place('head.bias'));

  const regroup = { parts: 3, rest: 64 };
  const pythia = mapped('pythia-70m').tensor;
  for (const field of ['weight', 'bias']) {
    assert.deepEqual(
      pythia(`gpt_neox.layers.5.attention.query_key_value.${field}`),
      place(`layers.5.attention.qkv.${field}`, { regroup }),
    );
  }
  assert.deepEqual(pythia('gpt_neox.layers.5.mlp.dense_h_to_4h.weight'), place('layers.5.mlp.up.weight'));
  assert.deepEqual(pythia('embed_out.weight'), place('head.weight'));
  assert.equal(pythia('gpt_neox.layers.5.attention.masked_bias'), 'skip');

  const lfm2 = mapped('LFM2-350M').tensor;
  assert.deepEqual(lfm2('model.layers.0.conv.conv.weight'), place('layers.0.convolution.kernel.weight'));
  assert.equal(lfm2('model.layers.2.conv.conv.weight'), null, 'a layer of attention');
  assert.equal(lfm2('model.layers.0.self_attn.q_proj.weight'), null, 'a layer of convolution');
  assert.deepEqual(
    lfm2('model.layers.2.feed_forward.w3.weight'),
    place('layers.2.mlp.up.weight', { rowOffset: 4608 }),
  );
});

test('tensors of Gemma 3n and 4', () => {
  const place = (name, rest = {}) => ({ name, transposed: false, rowOffset: 0, regroup: null, ...rest });
  const gemma4 = (name) => mapped('gemma-4-E2B').tensor(`model.language_model.${name}`);
  const keys = 'layers.34.self_attn.k_proj.weight';
  for (const name of [keys, 'layers.15.self_attn.v_proj.weight', 'layers.34.self_attn.k_norm.weight']) {
    assert.equal(gemma4(name), 'skip', `${name}: other layers' keys are read`);
  }
  assert.deepEqual(gemma4('embed_tokens_per_layer.weight'), place('per_layer_inputs.embedding.weight'));
  assert.equal(gemma4('layers.34.layer_scalar').name, 'layers.34.output_scale.weight');
  assert.equal(gemma4('layers.0.per_layer_projection.weight').name, 'layers.0.per_layer_input.out.weight');
  assert.equal(gemma4('layers.0.router.proj.weight'), null);
  assert.equal(gemma4('layers.0.altup.modality_router.weight'), null);
  const owned = mapped('gemma-4-E4B, text', { attention_k_eq_v: true }).tensor;
  assert.equal(owned('model.layers.5.self_attn.v_proj.weight'), null, 'keys are its values');
  for (const name of ['vision_tower.encoder.layers.0.mlp.gate_proj.linear.weight', 'audio_tower.x.weight']) {
    assert.equal(mapped('gemma-4-E2B').tensor(`model.${name}`), 'skip');
  }

  const gemma3n = (name) => mapped('gemma-3n-E2B').tensor(`model.language_model.${name}`);
  assert.deepEqual(
    gemma3n('altup_projections.2.weight'),
    place('alt_up.in.weight', { rowOffset: 2 * 2048, columns: 2048 }),
  );
  assert.equal(gemma3n('altup_unembed_projections.0.weight').name, 'alt_up.out.weight');
  assert.equal(gemma3n('layers.0.altup.correct_output_scale').name, 'layers.0.alt_up.output_scale.weight');
  assert.equal(gemma3n('layers.0.laurel.linear_right.weight').name, 'layers.0.laurel.out.weight');
  assert.equal(gemma3n('layers.0.layer_scalar'), null);
  const unscaled = mapped('gemma-3n-E4B, text', { altup_correct_scale: false });
  assert.equal(unscaled.tensor('model.layers.0.altup.correct_output_scale'), 'skip');
});

test('tensors of a text model among others', () => {
  const { tensor } = mapped('gemma-3-4b');
  for (const prefix of ['model.language_model.', 'language_model.model.']) {
    assert.equal(tensor(`${prefix}embed_tokens.weight`).name, 'token_embedding.weight');
    assert.equal(tensor(`${prefix}layers.33.mlp.down_proj.weight`).name, 'layers.33.mlp.down.weight');
  }
  for (const name of ['lm_head.weight', 'language_model.lm_head.weight'])
    assert.equal(tensor(name).name, 'head.weight');
  for (const prefix of ['', 'model.']) {
    assert.equal(tensor(`${prefix}vision_tower.vision_model.embeddings.patch_embedding.bias`), 'skip');
    assert.equal(tensor(`${prefix}multi_modal_projector.mm_soft_emb_norm.weight`), 'skip');
  }
  assert.equal(tensor('audio_tower.layers.0.x'), 'skip');
  assert.equal(tensor('model.language_model.layers.0.x'), null);
});
