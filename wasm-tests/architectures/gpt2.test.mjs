import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mapModel } from '../../build/web/architectures/architectures.js';
import { countParameters } from '../../build/web/architectures/count-parameters.js';

// As openai-community/gpt2 has it.
const GPT2 = {
  activation_function: 'gelu_new',
  architectures: ['GPT2LMHeadModel'],
  layer_norm_epsilon: 1e-5,
  model_type: 'gpt2',
  n_ctx: 1024,
  n_embd: 768,
  n_head: 12,
  n_layer: 12,
  n_positions: 1024,
  vocab_size: 50257,
};

function map(changes = {}) {
  return mapModel({ ...GPT2, ...changes });
}

test('GPT-2 becomes a complete config', () => {
  const { architecture, config } = map();
  assert.equal(architecture, 'gpt2');
  const norm = { type: 'layer', epsilon: 1e-5, weight: true, bias: true };
  const kind = {
    mixer: {
      type: 'attention',
      nHeads: 12,
      nKvHeads: 12,
      headDim: 64,
      qkvBias: true,
      outputBias: true,
      gate: false,
      valuesAreKeys: false,
      sharedKeys: null,
      qkNorm: null,
      vNorm: null,
      rope: null,
      queryScaling: null,
      window: 0,
      softcap: 0,
      scale: 0.125,
    },
    beside: null,
    mlp: {
      gated: false,
      activation: 'gelu-tanh',
      intermediateSize: 3072,
      bias: true,
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
  };
  assert.deepEqual(config, {
    vocabSize: 50257,
    contextLength: 1024,
    hiddenSize: 768,
    positionTable: true,
    embeddingScale: 1,
    embeddingNorm: null,
    kinds: [kind],
    layers: new Array(12).fill(0),
    finalNorm: norm,
    perLayerInputs: null,
    altUp: null,
    tiedHead: true,
    headBias: false,
    logitScale: 1,
    logitSoftcap: 0,
  });
  assert.equal(countParameters(config), 124_439_808); // as transformers counts it
});

test('an odd shape', () => {
  const { config } = map({
    n_embd: 60,
    n_head: 5,
    n_inner: 7,
    vocab_size: 1003,
    n_positions: 77,
    n_layer: 2,
  });
  const [{ mixer, mlp, ...kind }] = config.kinds;
  assert.equal(mixer.headDim, 12);
  assert.equal(mixer.scale, 1 / Math.sqrt(12));
  assert.equal(mlp.intermediateSize, 7);
  const layer = 4 * 60 + (60 * 180 + 180) + (60 * 60 + 60) + (60 * 7 + 7) + (7 * 60 + 60);
  assert.equal(countParameters(config), (1003 + 77) * 60 + 2 * layer + 2 * 60);
  assert.equal(countParameters({ ...config, tiedHead: false }) - countParameters(config), 1003 * 60);
  const withoutBiases = {
    ...kind,
    mixer: { ...mixer, qkvBias: false, outputBias: false },
    mlp: { ...mlp, bias: false },
  };
  const bare = { ...config, kinds: [withoutBiases] };
  assert.equal(countParameters(config) - countParameters(bare), 2 * (180 + 60 + 7 + 60));
});

test('other names of its sizes, and values that change nothing', () => {
  const { n_embd, n_layer, n_head, n_positions, n_ctx, activation_function, ...rest } = GPT2;
  const expected = map().config;
  const sizes = { hidden_size: n_embd, num_hidden_layers: n_layer, num_attention_heads: n_head };
  for (const context of [
    { n_ctx },
    { n_positions, n_ctx: 7 },
    { max_position_embeddings: n_positions, n_ctx: 7 },
  ]) {
    const config = { ...rest, ...sizes, ...context, hidden_act: activation_function };
    assert.deepEqual(mapModel(config).config, expected);
  }
  assert.deepEqual(map({ reorder_and_upcast_attn: true, initializer_range: Number.NaN }).config, expected);
});

test('values that change what is computed', () => {
  const kind = (changes) => map(changes).config.kinds[0];
  assert.equal(kind({ n_inner: null }).mlp.intermediateSize, 3072);
  assert.equal(kind({ scale_attn_weights: false }).mixer.scale, 1);
  assert.equal(kind({ scale_attn_weights: true }).mixer.scale, 0.125);
  assert.equal(kind({ layer_norm_epsilon: 1e-3 }).mlpNorm.epsilon, 1e-3);
  assert.equal(map({ tie_word_embeddings: false }).config.tiedHead, false);
  assert.equal(map({ tie_word_embeddings: true }).config.tiedHead, true);
  const activations = {
    'gelu-tanh': [
      'gelu_new',
      'gelu_pytorch_tanh',
      'gelu_fast',
      'gelu_accurate',
      'gelu_python_tanh',
      null,
      undefined,
    ],
    gelu: ['gelu', 'gelu_python'],
    silu: ['silu', 'swish'],
    relu: ['relu'],
    'quick-gelu': ['quick_gelu'],
    tanh: ['tanh'],
  };
  for (const [activation, names] of Object.entries(activations)) {
    for (const activation_function of names) {
      assert.equal(kind({ activation_function }).mlp.activation, activation);
    }
  }
});

test('scores divided by the number of the layer', () => {
  const { config } = map({ n_layer: 3, scale_attn_by_inverse_layer_idx: true });
  assert.deepEqual(config.layers, [0, 1, 2]);
  assert.deepEqual(
    config.kinds.map(({ mixer }) => mixer.scale),
    [0.125, 0.0625, 0.125 / 3],
  );
});

test('every tensor of a layer finds its place, with and without the prefix', () => {
  const { tensor } = map();
  const expected = {
    'ln_1.weight': ['mixer_norm.weight', false],
    'ln_1.bias': ['mixer_norm.bias', false],
    'attn.c_attn.weight': ['attention.qkv.weight', true],
    'attn.c_attn.bias': ['attention.qkv.bias', false],
    'attn.c_proj.weight': ['attention.output.weight', true],
    'attn.c_proj.bias': ['attention.output.bias', false],
    'ln_2.weight': ['mlp_norm.weight', false],
    'ln_2.bias': ['mlp_norm.bias', false],
    'mlp.c_fc.weight': ['mlp.up.weight', true],
    'mlp.c_fc.bias': ['mlp.up.bias', false],
    'mlp.c_proj.weight': ['mlp.down.weight', true],
    'mlp.c_proj.bias': ['mlp.down.bias', false],
  };
  for (const prefix of ['', 'transformer.']) {
    for (const layer of [0, 7, 11]) {
      for (const [part, [name, transposed]] of Object.entries(expected)) {
        const placement = { name: `layers.${layer}.${name}`, transposed, rowOffset: 0, regroup: null };
        assert.deepEqual(tensor(`${prefix}h.${layer}.${part}`), placement);
      }
      assert.equal(tensor(`${prefix}h.${layer}.attn.bias`), 'skip');
      assert.equal(tensor(`${prefix}h.${layer}.attn.masked_bias`), 'skip');
    }
  }
});

test('the tensors outside of layers find theirs', () => {
  const { tensor } = map();
  const place = (name) => ({ name, transposed: false, rowOffset: 0, regroup: null });
  for (const prefix of ['', 'transformer.']) {
    assert.deepEqual(tensor(`${prefix}wte.weight`), place('token_embedding.weight'));
    assert.deepEqual(tensor(`${prefix}wpe.weight`), place('position_embedding.weight'));
    assert.deepEqual(tensor(`${prefix}ln_f.weight`), place('final_norm.weight'));
    assert.deepEqual(tensor(`${prefix}ln_f.bias`), place('final_norm.bias'));
  }
  assert.deepEqual(tensor('lm_head.weight'), place('head.weight'), 'the files decide what becomes of it');
  const untied = map({ tie_word_embeddings: false });
  assert.deepEqual(untied.tensor('lm_head.weight'), place('head.weight'));
});

test('tensors of layers and parts that compute, which GPT-2 does not have, are refused', () => {
  const { tensor } = map();
  const strangers = [
    ...['h.0', 'h.0.', 'h.0.ln_3.weight', 'h.0.crossattention.c_attn.weight', 'h.0.constructor'],
    ...['h.0.attn.c_attn.lora_A.weight', 'h.0.attn.c_attn.weight_scale', 'lm_head.bias', 'wte.bias'],
    ...['transformer.h.0.mlp.gate.weight', 'h.11.attn.bias2', 'h.0.inv_freq.weight'],
  ];
  for (const name of strangers) assert.equal(tensor(name), null, name);
});

test('tensors that nothing computes with are passed over', () => {
  const { tensor } = map();
  const others = [
    ...['', 'h', 'h.', 'h..ln_1.weight', 'h.12.ln_1.weight', 'h.01.ln_1.weight', 'h.-1.ln_1.weight'],
    ...['h.1e0.ln_1.weight', 'h.1 .ln_1.weight', 'h.99999999999999999999.ln_1.weight'],
    ...['constructor', '__proto__', 'score.weight', 'v_head.summary.weight', '\ud800'],
    ...['multiple_choice_head.summary.bias', 'transformer.position_ids', 'rotary_emb.inv_freq'],
    ...['transformer.transformer.wte.weight', 'wte.weight ', 'model.wte.weight', 'wte'],
    ...['h.3.attn.masked_bias', 'h.3.attn.causal_mask', 'h.3.attn.rotary_emb.cos_cached'],
  ];
  for (const name of others) assert.equal(tensor(name), 'skip', name);
});

test('what training wraps around names is taken off', () => {
  const { tensor } = map();
  const plain = tensor('h.3.mlp.c_fc.weight');
  assert.equal(plain.name, 'layers.3.mlp.up.weight');
  for (const name of [
    '_orig_mod.transformer.h.3.mlp.c_fc.weight',
    'module.transformer.h.3.mlp.c_fc.weight',
    'module._orig_mod.h.3.mlp.c_fc.weight',
    '_orig_mod.module.module.h.3.mlp.c_fc.weight',
    'transformer.h.3._orig_mod.mlp.c_fc.weight',
    '_fsdp_wrapped_module.transformer.h.3._fsdp_wrapped_module._checkpoint_wrapped_module.mlp.c_fc.weight',
  ]) {
    assert.deepEqual(tensor(name), plain, name);
  }
  assert.equal(tensor('module.lm_head.weight').name, 'head.weight');
  assert.equal(tensor('h.3.module.mlp.c_fc.weight'), null);
});

test('the names that files have for tensors of the engine, with the prefix of the others', () => {
  const { fileNames } = map();
  const [up, norm] = ['layers.3.mlp.up.weight', 'final_norm.bias'];
  assert.deepEqual(fileNames(up, []), ['transformer.h.3.mlp.c_fc.weight']);
  assert.deepEqual(fileNames(up, ['wte.weight', 'h.0.ln_1.weight']), ['h.3.mlp.c_fc.weight']);
  const wrapped = ['_orig_mod.transformer.h.0.ln_1.bias'];
  assert.deepEqual(fileNames(up, wrapped), ['_orig_mod.transformer.h.3.mlp.c_fc.weight']);
  assert.deepEqual(fileNames(norm, wrapped), ['_orig_mod.transformer.ln_f.bias']);
  assert.deepEqual(fileNames('head.weight', wrapped), ['lm_head.weight']);
  assert.deepEqual(fileNames('layers.12.mlp.up.weight', []), []);
});

const TOO_LARGE = {
  n_layer: [1024, 1025, 1_000_000_000],
  n_embd: [262_144, 262_145, 2 ** 40],
  n_head: [1024, 1025, 2 ** 31],
  vocab_size: [16_777_216, 16_777_217, 1e300],
  n_positions: [16_777_216, 16_777_217, 2 ** 53],
  n_inner: [262_144, 262_145, Number.MAX_VALUE],
};

for (const [key, [largest, ...tooLarge]] of Object.entries(TOO_LARGE)) {
  test(`${key} is bounded`, () => {
    const small = { n_embd: 8, n_head: 1, n_layer: 1, n_inner: 1, vocab_size: 1, n_positions: 1 };
    for (const value of [...tooLarge, 0, -1, 1.5, '12', true, [12], {}]) {
      assert.throws(() => map({ ...small, [key]: value }), {
        name: 'SottoError',
        code: 'bad-config',
        message: new RegExp(`config.json: ${key} is .*; expected an integer from 1 to ${largest}$`),
      });
    }
    const others = key === 'n_head' ? { n_embd: largest } : {};
    assert.doesNotThrow(() => map({ ...small, ...others, [key]: largest }));
  });
}

test('sizes are required, and NaN is none', () => {
  for (const key of ['n_layer', 'n_embd', 'n_head', 'vocab_size', 'n_positions']) {
    for (const value of [undefined, null]) {
      assert.throws(() => map({ [key]: value }), {
        code: 'bad-config',
        message: / is missing; expected an integer from 1/,
      });
    }
    assert.throws(() => map({ [key]: Number.NaN }), { code: 'bad-config' });
  }
});

test('contradictory and impossible values', () => {
  const message = /n_embd is 768; expected a multiple of n_head, 7/;
  assert.throws(() => map({ n_head: 7 }), { code: 'bad-config', message });
  for (const layer_norm_epsilon of [0, -1e-5, 1, 1e300, Number.NaN, '1e-5', Number.POSITIVE_INFINITY]) {
    assert.throws(() => map({ layer_norm_epsilon }), { code: 'bad-config', message: /layer_norm_epsilon/ });
  }
  for (const key of ['scale_attn_weights', 'tie_word_embeddings']) {
    for (const value of ['true', 1, 0, {}]) {
      assert.throws(() => map({ [key]: value }), { code: 'bad-config', message: new RegExp(key) });
    }
  }
});

test('features that the decoder does not have', () => {
  assert.throws(() => map({ add_cross_attention: true }), {
    code: 'unsupported-model',
    message: /add_cross_attention is true/,
  });
  assert.throws(() => map({ add_cross_attention: 'yes' }), { code: 'unsupported-model' });
  assert.doesNotThrow(() => map({ add_cross_attention: false }));
  for (const activation_function of ['mish', 'relu6', '', 'constructor', '__proto__', 3, ['gelu_new']]) {
    assert.throws(() => map({ activation_function }), {
      code: 'unsupported-model',
      message: /activation_function is .*gelu_new, gelu_pytorch_tanh, gelu_fast/,
    });
  }
});
