// What layers of a family differ in, in the ways that files say it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mapModel } from '../../build/web/architectures/architectures.js';
import { PUBLISHED } from './published-configs.mjs';

const mapped = (name, changes = {}) => mapModel({ ...PUBLISHED[name].config, ...changes });
const kindOf = ({ config }, layer) => config.kinds[config.layers[layer]];

test('layers that slide, in the ways that files say it', () => {
  const windows = (name, changes) => {
    const mapping = mapped(name, changes);
    return mapping.config.layers.map((_, layer) => kindOf(mapping, layer).mixer.window);
  };
  const few = { num_hidden_layers: 3 };
  const slides = { ...few, use_sliding_window: true, sliding_window: 8 };
  assert.deepEqual(windows('Qwen2.5-0.5B', { ...slides, max_window_layers: 1 }), [0, 8, 8]);
  assert.deepEqual(windows('Qwen3-0.6B', { ...slides, max_window_layers: 2 }), [0, 0, 8]);
  assert.deepEqual(windows('Qwen2.5-0.5B', { ...slides, sliding_window: null }), [0, 0, 0]);
  const types = ['sliding_attention', 'full_attention', 'sliding_attention'];
  assert.deepEqual(windows('Qwen2.5-0.5B', { ...slides, layer_types: types }), [8, 0, 8]);
  assert.deepEqual(windows('gemma-3-1b', { ...few, sliding_window_pattern: 2 }), [512, 0, 512]);
  assert.deepEqual(windows('gemma-3-270m', { ...few, layer_types: types }), [512, 0, 512]);
  assert.deepEqual(windows('Mistral-7B-v0.1', { ...few, sliding_window: null }), [0, 0, 0]);
  const { sliding_window: _, ...untold } = PUBLISHED['Mistral-7B-v0.1'].config;
  assert.equal(mapModel(untold).config.kinds[0].mixer.window, 4096, "the class's default");
  assert.deepEqual(windows('EXAONE-4.0-1.2B', { ...few, sliding_window: 9, layer_types: types }), [9, 0, 9]);
});

test('EXAONE 4 has no positions in full layers where others slide', () => {
  const layer_types = ['sliding_attention', 'full_attention'];
  const mapping = mapped('EXAONE-4.0-1.2B', { num_hidden_layers: 2, sliding_window: 9, layer_types });
  assert.notEqual(kindOf(mapping, 0).mixer.rope, null);
  assert.equal(kindOf(mapping, 1).mixer.rope, null);
});

test('one norm for both, or two in a row', () => {
  assert.equal(mapped('pythia-70m', { use_parallel_residual: false }).config.kinds[0].parallel, false);
  const parallel = mapped('stablelm-2-1_6b', { use_parallel_residual: true }).config.kinds[0];
  assert.deepEqual([parallel.parallel, parallel.mlpNorm], [true, null]);
  const biases = mapped('pythia-70m', { attention_bias: false }).config.kinds[0].mixer;
  assert.deepEqual([biases.qkvBias, biases.outputBias], [false, false]);
});

test('Granite 4 without positions', () => {
  for (const position_embedding_type of ['nope', null]) {
    const { mixer } = mapped('granite-4.0-350m', { position_embedding_type }).config.kinds[0];
    assert.equal(mixer.rope, null);
  }
});
