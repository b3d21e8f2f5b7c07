// Where tensors belong, by what a kind of layer has, whatever family it is of.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mappingOf } from '../../build/web/architectures/tensor-table.js';

const RMS = { type: 'rms', epsilon: 1e-6, weight: true, bias: false };

const ATTENTION = {
  type: 'attention',
  nHeads: 4,
  nKvHeads: 2,
  headDim: 6,
  qkvBias: true,
  outputBias: false,
  gate: false,
  valuesAreKeys: false,
  sharedKeys: null,
  qkNorm: { norm: RMS, span: 'head', afterRope: false },
  vNorm: null,
  rope: null,
  queryScaling: null,
  window: 0,
  softcap: 0,
  scale: 1,
};

const DELTA = {
  type: 'gated-delta',
  nKeyHeads: 2,
  nValueHeads: 4,
  keyDim: 3,
  valueDim: 5,
  nTaps: 4,
  tiled: false,
  logDecay: true,
  norm: RMS,
};

const KIND = {
  mixer: ATTENTION,
  beside: null,
  mlp: null,
  mixerNorm: RMS,
  mixerPostNorm: null,
  mlpNorm: null,
  mlpPostNorm: null,
  parallel: false,
  mixerScale: 1,
  mlpScale: 1,
  laurel: null,
  perLayerInput: null,
  outputScale: false,
};

const CONFIG = {
  vocabSize: 11,
  contextLength: 16,
  hiddenSize: 20,
  positionTable: false,
  embeddingScale: 1,
  embeddingNorm: null,
  finalNorm: RMS,
  perLayerInputs: null,
  altUp: null,
  tiedHead: true,
  headBias: false,
  logitScale: 1,
  logitSoftcap: 0,
};

const NAMES = {
  optionalPrefixes: [],
  ofModel: {
    embed: 'token_embedding',
    'streams_in.*': 'alt_up.in',
    streams_out: 'alt_up.out',
    inputs: 'per_layer_inputs.embedding',
  },
  layerPrefix: 'l.',
  ofLayer: {
    norm: 'mixer_norm',
    q: 'attention.q',
    k: 'attention.k',
    v: 'attention.v',
    qkv: ['attention.qkv', 'recurrence.qkv'],
    k_norm: 'attention.k_norm',
    q_norm: 'attention.q_norm',
    z: 'recurrence.z',
    gate: 'per_layer_input.gate',
    right: 'laurel.out',
    router: 'alt_up.router',
  },
  wholeOfLayer: {
    dt: 'recurrence.time.bias',
    scale: 'output_scale.weight',
    corrected: 'alt_up.output_scale.weight',
  },
};

/** The mapping of a model with one layer of each kind. */
function mapping(kinds, changes = {}) {
  const layers = kinds.map((_, i) => i);
  const all = kinds.map((kind) => ({ ...KIND, ...kind }));
  return mappingOf('some', { ...CONFIG, kinds: all, layers, ...changes }, NAMES);
}

const attention = (changes) => ({ mixer: { ...ATTENTION, ...changes } });

/** The engine's name and first row, or what else is said of a tensor. */
function placed({ tensor }, name) {
  const placement = tensor(name);
  return typeof placement === 'object' && placement !== null
    ? `${placement.name} ${placement.rowOffset}`
    : placement;
}

test('a layer that reads the keys of another has none of its own', () => {
  const model = mapping([attention(), attention({ sharedKeys: { layer: 0 } })]);
  assert.equal(placed(model, 'l.0.k.weight'), 'layers.0.attention.qkv.weight 24');
  assert.equal(placed(model, 'l.0.k.bias'), 'layers.0.attention.qkv.bias 24');
  for (const name of ['k.weight', 'k.bias', 'v.weight', 'k_norm.weight'])
    assert.equal(placed(model, `l.1.${name}`), 'skip', name);
  assert.equal(placed(model, 'l.1.q.weight'), 'layers.1.attention.qkv.weight 0');
  assert.equal(placed(model, 'l.1.q_norm.weight'), 'layers.1.attention.q_norm.weight 0');
  assert.equal(placed(model, 'l.1.qkv.weight'), null, 'more rows than there are');
  assert.deepEqual(model.fileNames('layers.1.attention.qkv.weight', []), ['l.1.q.weight']);
});

test('values that are keys have no product', () => {
  const model = mapping([attention({ valuesAreKeys: true })]);
  assert.equal(placed(model, 'l.0.k.weight'), 'layers.0.attention.qkv.weight 24');
  assert.equal(placed(model, 'l.0.v.weight'), null);
  assert.equal(placed(model, 'l.0.qkv.weight'), null);
});

test('the gate comes with the queries, behind them', () => {
  const model = mapping([attention({ gate: true })]);
  for (const field of ['weight', 'bias']) {
    const { regroup, rowOffset } = model.tensor(`l.0.q.${field}`);
    assert.deepEqual([regroup, rowOffset], [{ parts: 2, rest: 6 }, 0]);
  }
  assert.equal(placed(model, 'l.0.k.weight'), 'layers.0.attention.qkv.weight 48');
  assert.equal(placed(model, 'l.0.v.weight'), 'layers.0.attention.qkv.weight 60');
});

test('a stem means the part that the layer has', () => {
  const model = mapping([attention(), { mixer: DELTA }]);
  assert.equal(placed(model, 'l.0.qkv.weight'), 'layers.0.attention.qkv.weight 0');
  assert.equal(placed(model, 'l.1.qkv.weight'), 'layers.1.recurrence.in.weight 0');
  assert.equal(placed(model, 'l.1.z.weight'), 'layers.1.recurrence.in.weight 32');
  assert.equal(placed(model, 'l.1.dt'), 'layers.1.recurrence.time.bias 0');
  assert.equal(placed(model, 'l.1.dt.weight'), null);
  for (const name of ['z.weight', 'dt', 'qkv.other']) assert.equal(placed(model, `l.0.${name}`), null, name);
  assert.deepEqual(model.fileNames('layers.1.recurrence.in.weight', []), ['l.1.qkv.weight', 'l.1.z.weight']);
});

test('two mixers side by side have the tensors of both', () => {
  const model = mapping([{ beside: { mixer: DELTA, scale: 1 } }]);
  assert.equal(placed(model, 'l.0.q.weight'), 'layers.0.attention.qkv.weight 0');
  assert.equal(placed(model, 'l.0.z.weight'), 'layers.0.recurrence.in.weight 32');
});

test('streams are rows of one tensor, whether files split them or stack them', () => {
  const altUp = { nStreams: 3, active: 0, outputScale: true, norm: RMS };
  const model = mapping([{}], { altUp });
  assert.equal(placed(model, 'streams_in.0.weight'), 'alt_up.in.weight 0');
  assert.equal(placed(model, 'streams_in.1.weight'), 'alt_up.in.weight 20');
  assert.equal(placed(model, 'streams_out.weight'), 'alt_up.out.weight 0');
  assert.equal(model.tensor('streams_out.weight').columns, 20);
  assert.deepEqual(model.fileNames('alt_up.in.weight', []), ['streams_in.0.weight', 'streams_in.1.weight']);
  assert.equal(placed(model, 'l.0.router.weight'), 'layers.0.alt_up.router.weight 0');
  assert.equal(placed(model, 'l.0.corrected'), 'layers.0.alt_up.output_scale.weight 0');
  const unscaled = mapping([{}], { altUp: { ...altUp, outputScale: false } });
  assert.equal(placed(unscaled, 'l.0.corrected'), 'skip', 'files have it whether it is obeyed or not');
  const without = mapping([{}]);
  assert.equal(placed(without, 'streams_out.weight'), null);
  assert.equal(placed(without, 'l.0.router.weight'), null);
});

test('what a layer has beside mixer and MLP', () => {
  const perLayerInputs = { width: 4, vocabSize: 7, norm: RMS };
  const whole = {
    laurel: { rank: 2, norm: RMS },
    perLayerInput: { activation: 'gelu', norm: RMS },
    outputScale: true,
  };
  const model = mapping([whole, {}], { perLayerInputs });
  assert.equal(placed(model, 'inputs.weight'), 'per_layer_inputs.embedding.weight 0');
  assert.equal(placed(model, 'l.0.gate.weight'), 'layers.0.per_layer_input.gate.weight 0');
  assert.equal(placed(model, 'l.0.right.weight'), 'layers.0.laurel.out.weight 0');
  assert.equal(model.tensor('l.0.scale').columns, 1);
  for (const name of ['gate.weight', 'right.weight', 'scale'])
    assert.equal(placed(model, `l.1.${name}`), null, name);
});
