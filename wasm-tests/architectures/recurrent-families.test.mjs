// Families some or all of whose layers keep a state: linear attention and state spaces.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mapModel } from '../../build/web/architectures/architectures.js';
import { PUBLISHED } from './published-configs.mjs';

const mapped = (name, changes = {}) => mapModel({ ...PUBLISHED[name].config, ...changes });
const kindOf = ({ config }, layer) => config.kinds[config.layers[layer]];

/** Qwen 3.5 with changes to its text part. */
function qwen(changes = {}) {
  const { config } = PUBLISHED['Qwen3.5-0.8B'];
  return mapModel({ ...config, text_config: { ...config.text_config, ...changes } });
}

/** What has no norm, no scale, no bound unless it is said. */
const SPACE = {
  type: 'state-space',
  nTaps: 4,
  nGroups: 1,
  stateSize: 128,
  bias: false,
  convolutionBias: true,
  logDecay: true,
  leastTimeStep: 0,
  mostTimeStep: 1e9,
  scales: { gate: 1, x: 1, b: 1, c: 1, timeStep: 1 },
};

const rms = (epsilon) => ({ type: 'rms', epsilon, weight: true, bias: false });

test('Qwen 3.5: linear attention, and attention with a gate', () => {
  const mapping = qwen();
  const types = mapping.config.layers.map((_, layer) => kindOf(mapping, layer).mixer.type);
  assert.deepEqual(types.slice(0, 5), [...Array(3).fill('gated-delta'), 'attention', 'gated-delta']);
  assert.deepEqual(kindOf(mapping, 0).mixer, {
    type: 'gated-delta',
    nKeyHeads: 16,
    nValueHeads: 16,
    keyDim: 128,
    valueDim: 128,
    nTaps: 4,
    tiled: false,
    logDecay: true,
    norm: rms(1e-6),
  });
  const { mixer, mixerNorm } = kindOf(mapping, 3);
  assert.equal(mixerNorm.type, 'rms-plus-one');
  assert.deepEqual([mixer.gate, mixer.headDim, mixer.scale], [true, 256, 1 / 16]);
  assert.equal(mixer.qkNorm.norm.type, 'rms-plus-one');
  const rope = { pairing: 'half', dims: 64, theta: 1e7, reversed: false, scaling: null };
  assert.deepEqual(mixer.rope, rope);
});

test('Qwen 3.5: what stands for absent values', () => {
  const few = { num_hidden_layers: 4, layer_types: undefined };
  assert.deepEqual(qwen(few).config.layers, [0, 0, 0, 1]);
  assert.deepEqual(qwen({ ...few, full_attention_interval: 2 }).config.layers, [0, 1, 0, 1]);
  const older = kindOf(qwen({ rope_parameters: undefined, rope_theta: 1e6 }), 3).mixer.rope;
  assert.deepEqual([older.dims, older.theta], [64, 1e6]);
});

test('Qwen 3.5: tensors of both mixers', () => {
  const { tensor, fileNames } = qwen();
  const place = (name, rest = {}) => ({ name, transposed: false, rowOffset: 0, regroup: null, ...rest });
  for (const prefix of ['model.language_model.', 'language_model.model.', 'model.', '']) {
    const linear = (name) => tensor(`${prefix}layers.0.linear_attn.${name}`);
    const rows = { in_proj_qkv: 0, in_proj_z: 6144, in_proj_b: 8192, in_proj_a: 8208 };
    for (const [name, rowOffset] of Object.entries(rows)) {
      assert.deepEqual(linear(`${name}.weight`), place('layers.0.recurrence.in.weight', { rowOffset }), name);
    }
    assert.deepEqual(linear('conv1d.weight'), place('layers.0.recurrence.kernel.weight'));
    assert.deepEqual(linear('A_log'), place('layers.0.recurrence.decay.weight', { columns: 1 }));
    assert.deepEqual(linear('dt_bias'), place('layers.0.recurrence.time.bias', { columns: 1 }));
    assert.equal(linear('norm.weight').name, 'layers.0.recurrence.norm.weight');
    assert.equal(linear('in_proj_qkvz.weight'), null, "qwen3_next's");
    assert.equal(tensor(`${prefix}layers.0.self_attn.q_proj.weight`), null, 'a layer of linear attention');
    assert.equal(tensor(`${prefix}layers.3.linear_attn.A_log`), null, 'a layer of attention');
    assert.deepEqual(
      tensor(`${prefix}layers.3.self_attn.q_proj.weight`),
      place('layers.3.attention.qkv.weight', { regroup: { parts: 2, rest: 256 } }),
    );
    assert.equal(tensor(`${prefix}layers.3.self_attn.k_proj.weight`).rowOffset, 2 * 8 * 256);
    assert.equal(tensor(`${prefix}layers.3.self_attn.v_proj.weight`).rowOffset, 2 * 8 * 256 + 2 * 256);
  }
  assert.equal(tensor('model.visual.blocks.0.attn.qkv.weight'), 'skip');
  assert.equal(tensor('mtp.layers.0.self_attn.q_proj.weight'), 'skip');
  const present = ['model.language_model.layers.0.mlp.up_proj.weight'];
  assert.deepEqual(fileNames('layers.2.recurrence.time.bias', present), [
    'model.language_model.layers.2.linear_attn.dt_bias',
  ]);
});

test('Granite 4 h: state spaces, and attention without positions', () => {
  const mapping = mapped('granite-4.0-h-350m');
  const attentions = mapping.config.layers.flatMap((_, layer) =>
    kindOf(mapping, layer).mixer.type === 'attention' ? [layer] : [],
  );
  assert.deepEqual(attentions, [10, 13, 17, 27]);
  assert.equal(kindOf(mapping, 10).mixer.rope, null);
  assert.equal(kindOf(mapping, 0).mixerScale, 0.246);
  assert.deepEqual(kindOf(mapping, 0).mixer, {
    ...SPACE,
    nHeads: 48,
    headDim: 32,
    outputNorm: { norm: rms(1e-5), nGroups: 1, beforeGate: false },
  });
  assert.deepEqual(mapped('granite-4.0-h-350m', { mamba_n_groups: 3 }).config.kinds[0].mixer.outputNorm, {
    norm: rms(1e-5),
    nGroups: 1, // as transformers has it, whatever the groups
    beforeGate: false,
  });
  const auto = mapped('granite-4.0-h-350m', { mamba_d_head: 'auto' }).config;
  assert.deepEqual(auto, mapping.config);
  const rope = mapped('granite-4.0-h-350m', { position_embedding_type: 'rope' });
  assert.equal(kindOf(rope, 10).mixer.rope.dims, 64);
  const untold = mapped('granite-4.0-h-350m', { layer_types: undefined });
  assert.ok(untold.config.kinds.every(({ mixer }) => mixer.type === 'state-space'));
  assert.deepEqual(mapping.tensor('model.layers.0.mamba.D'), {
    name: 'layers.0.recurrence.skip.weight',
    transposed: false,
    rowOffset: 0,
    regroup: null,
    columns: 1,
  });
  assert.equal(mapping.tensor('model.layers.0.mamba.conv1d.bias').name, 'layers.0.recurrence.kernel.bias');
  assert.equal(mapping.tensor('model.layers.10.mamba.D'), null);
  assert.equal(mapping.tensor('model.layers.0.mamba.in_proj.bias'), null);
});

test('Mamba 2: nothing but state spaces', () => {
  const { config, tensor } = mapped('mamba2-130m');
  assert.equal(config.contextLength, 2 ** 20);
  assert.equal(mapped('mamba2-130m', { max_position_embeddings: 2048 }).config.contextLength, 2048);
  assert.deepEqual(config.kinds, [
    {
      mixer: {
        ...SPACE,
        nHeads: 24,
        headDim: 64,
        outputNorm: { norm: rms(1e-5), nGroups: 1, beforeGate: false },
      },
      beside: null,
      mlp: null,
      mixerNorm: rms(1e-5),
      mixerPostNorm: null,
      mlpNorm: null,
      mlpPostNorm: null,
      parallel: false,
      mixerScale: 1,
      mlpScale: 1,
      laurel: null,
      perLayerInput: null,
      outputScale: false,
    },
  ]);
  assert.equal(tensor('backbone.embeddings.weight').name, 'token_embedding.weight');
  assert.equal(tensor('backbone.norm_f.weight').name, 'final_norm.weight');
  assert.equal(tensor('backbone.layers.3.norm.weight').name, 'layers.3.mixer_norm.weight');
  assert.equal(tensor('backbone.layers.3.mixer.norm.weight').name, 'layers.3.recurrence.norm.weight');
  assert.equal(tensor('backbone.layers.3.mixer.A_log').name, 'layers.3.recurrence.decay.weight');
  const { mixer } = mapped('mamba2-130m', { use_bias: true, use_conv_bias: false }).config.kinds[0];
  assert.deepEqual([mixer.bias, mixer.convolutionBias], [true, false]);
});

test('Falcon-H1: multipliers become factors', () => {
  const { config, tensor } = mapped('Falcon-H1-0.5B');
  const [kind] = config.kinds;
  assert.equal(kind.mixer.type, 'attention');
  assert.equal(kind.mixer.rope.theta, 1e11);
  assert.equal(kind.mixer.scale, 0.39062499999999994 / 8);
  assert.equal(kind.mixerScale, 0.9375);
  assert.equal(kind.beside.scale, 0.23570226039551587);
  assert.deepEqual(kind.beside.mixer, {
    ...SPACE,
    nHeads: 24,
    headDim: 64,
    scales: {
      gate: 1.25 * 0.3535533905932738,
      x: 1.25 * 0.25,
      b: 1.25 * 0.3535533905932738,
      c: 1.25 * 0.5,
      timeStep: 1.25 * 0.3535533905932738,
    },
    outputNorm: null,
  });
  assert.deepEqual([kind.mlp.gateScale, kind.mlpScale], [0.8838834764831844, 0.5859375]);
  assert.deepEqual([config.embeddingScale, config.logitScale], [5.656854249492381, 0.0390625]);
  const [scaled] = mapped('Falcon-H1-0.5B', { attention_in_multiplier: 0.5 }).config.kinds;
  assert.equal(scaled.mixer.scale, 0.39062499999999994 / 32);
  assert.equal(scaled.mixerScale, 0.9375 / 2);
  assert.equal(tensor('model.layers.0.self_attn.k_proj.weight').name, 'layers.0.attention.qkv.weight');
  assert.equal(tensor('model.layers.0.mamba.in_proj.weight').name, 'layers.0.recurrence.in.weight');
  assert.equal(tensor('model.layers.0.mamba.norm.weight'), null);
  assert.equal(tensor('model.layers.0.mamba.mup_vector'), 'skip');
});

test('Falcon-H1: the norm of what the state space makes', () => {
  const outputNorm = (changes) => mapped('Falcon-H1-0.5B', changes).config.kinds[0].beside.mixer.outputNorm;
  const groups = { mamba_rms_norm: true, mamba_n_groups: 2 };
  assert.deepEqual(outputNorm(groups), { norm: rms(1e-5), nGroups: 2, beforeGate: false });
  assert.equal(outputNorm({ ...groups, mamba_norm_before_gate: true }).beforeGate, true);
  assert.equal(outputNorm({ ...groups, mamba_norm_before_gate: undefined }).beforeGate, true);
});

test('bounds of time steps, as files write them', () => {
  const bounds = (time_step_limit) => {
    const { mixer } = mapped('mamba2-130m', { time_step_limit }).config.kinds[0];
    return [mixer.leastTimeStep, mixer.mostTimeStep];
  };
  assert.deepEqual(bounds([0.001, 0.1]), [0.001, 0.1]);
  assert.deepEqual(bounds(undefined), [0, 1e9]);
  assert.deepEqual(bounds(null), [0, 1e9]);
  assert.deepEqual(bounds([0.5, { __float__: 'Infinity' }]), [0.5, 1e9]);
  assert.deepEqual(bounds([{ __float__: '-Infinity' }, 2]), [0, 2]);
  for (const list of [[], [1], [2, 1], [0, 1, 2], ['0', 1], [0, null], [0, Number.NaN], [0, {}], 7]) {
    assert.throws(() => bounds(list), { code: 'bad-config', message: /time_step_limit is / });
  }
});

test('what would be computed otherwise is refused by its name', () => {
  const cases = [
    ['granite-4.0-h-350m', { num_local_experts: 64 }, /num_local_experts is 64/],
    ['granite-4.0-h-350m', { hidden_act: 'gelu' }, /hidden_act is "gelu".*silu/],
    ['mamba2-130m', { hidden_act: 'relu' }, /hidden_act is "relu".*silu/],
    ['Falcon-H1-0.5B', { hidden_act: 'gelu' }, /hidden_act is "gelu".*silu/],
    ['Falcon-H1-0.5B', { mamba_proj_bias: true, projectors_bias: true }, /mamba_proj_bias is true.*ssm_in/],
    ['Falcon-H1-0.5B', { projectors_bias: true }, /projectors_bias is true.*false, as mamba_proj_bias/],
    [
      'Falcon-H1-0.5B',
      { attention_bias: true, attention_in_multiplier: 2 },
      /attention_bias is true.*attention_in_multiplier is not 1/,
    ],
  ];
  for (const [name, changes, message] of cases) {
    assert.throws(() => mapped(name, changes), { code: 'unsupported-model', message }, `${message}`);
  }
  const ofText = [
    [{ attn_output_gate: false }, /text_config\.attn_output_gate is false/],
    [{ hidden_act: 'gelu' }, /text_config\.hidden_act is "gelu"/],
    [{ num_experts: 4 }, /text_config\.num_experts is 4/],
    [{ layer_types: Array(24).fill('sliding_attention') }, /has "sliding_attention".*linear_attention/],
  ];
  for (const [changes, message] of ofText) {
    assert.throws(() => qwen(changes), { code: 'unsupported-model', message }, `${message}`);
  }
  const bias = { attention_bias: true, mamba_proj_bias: true, projectors_bias: true, ssm_in_multiplier: 1 };
  const [kind] = mapped('Falcon-H1-0.5B', bias).config.kinds;
  assert.deepEqual([kind.mixer.qkvBias, kind.beside.mixer.bias], [true, true]);
});

test('sizes that contradict each other', () => {
  const cases = [
    ['mamba2-130m', { num_heads: 23 }, /num_heads is 23; expected as many as make 1536 with 64 each/],
    ['mamba2-130m', { n_groups: 5 }, /n_groups is 5; expected a divisor of 24 heads/],
    ['mamba2-130m', { expand: 2 ** 18 }, /expand is 262144; expected a factor/],
    ['granite-4.0-h-350m', { mamba_n_heads: 47, mamba_d_head: 'auto' }, /mamba_n_heads is 47.*of 1536/],
    ['Falcon-H1-0.5B', { mamba_d_ssm: 1024 }, /mamba_n_heads is 24.*make 1024 with 64/],
    ['Falcon-H1-0.5B', { ssm_multipliers: [1, 1] }, /ssm_multipliers is \[1, 1\]; expected a list of 5/],
    ['Falcon-H1-0.5B', { mlp_multipliers: [1, 0] }, /mlp_multipliers is \[1, 0\]; expected a list of 2/],
  ];
  for (const [name, changes, message] of cases) {
    assert.throws(() => mapped(name, changes), { code: 'bad-config', message }, `${message}`);
  }
  assert.throws(() => qwen({ linear_num_value_heads: 24 }), {
    code: 'bad-config',
    message: /linear_num_value_heads is 24; expected a multiple of 16/,
  });
});
