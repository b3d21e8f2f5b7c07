import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mapModel } from '../../build/web/architectures/architectures.js';
import { toTensorRequest } from '../../build/web/architectures/placement.js';
import { chooseWeights } from '../../build/web/architectures/weight-choice.js';

const SMALL = { model_type: 'gpt2', n_embd: 8, n_head: 2, n_layer: 1, vocab_size: 11, n_positions: 16 };

test('the architecture comes from model_type, else from architectures', () => {
  const { model_type: _, ...untyped } = SMALL;
  assert.equal(mapModel(SMALL).architecture, 'gpt2');
  assert.equal(mapModel({ ...SMALL, architectures: ['Other'] }).architecture, 'gpt2');
  assert.equal(mapModel({ ...untyped, architectures: ['GPT2LMHeadModel'] }).architecture, 'gpt2');
});

test('unknown architectures are named, and those that there are', () => {
  const { model_type: _, ...untyped } = SMALL;
  const cases = [
    [
      { ...SMALL, model_type: 'bloom', architectures: ['GPT2LMHeadModel'] },
      /model_type is "bloom".*, gpt2, /,
    ],
    [{ ...SMALL, model_type: 7 }, /model_type is 7/],
    [{ ...SMALL, model_type: 'constructor' }, /model_type is "constructor"/],
    [{ ...SMALL, model_type: 'x'.repeat(1_000_000) }, /model_type is "x{80}…"/],
    [{ ...untyped, architectures: ['BloomForCausalLM'] }, /architectures names "BloomForCausalLM"/],
    [{ ...untyped, architectures: 'GPT2LMHeadModel' }, /architectures names null/],
    [{ ...untyped, architectures: [] }, /architectures names none/],
    [{}, /this version of sotto runs the architectures: cohere2, /],
  ];
  for (const [config, message] of cases) {
    assert.throws(() => mapModel(config), { name: 'SottoError', code: 'unsupported-model', message });
  }
});

test('a config.json that is no object', () => {
  for (const json of [null, undefined, 'gpt2', 3, [], [SMALL]]) {
    assert.throws(() => mapModel(json), { name: 'SottoError', code: 'bad-file' });
  }
});

test('an inherited value is no value', () => {
  const config = Object.assign(Object.create({ n_layer: 1 }), { ...SMALL, n_layer: undefined });
  delete config.n_layer;
  assert.throws(() => mapModel(config), {
    code: 'bad-config',
    message: /num_hidden_layers \(or n_layer, num_layers\) is missing/,
  });
});

test('quantised weights', () => {
  const config = { ...SMALL, quantization_config: { bits: 4 } };
  assert.throws(() => mapModel(config), { code: 'unsupported-model', message: /quantization_config/ });
  assert.doesNotThrow(() => mapModel({ ...SMALL, quantization_config: null }));
});

test('weights that wasm32 cannot hold are refused with the figures', () => {
  const xl = { ...SMALL, n_embd: 1600, n_head: 25, n_layer: 48, vocab_size: 50257, n_positions: 1024 };
  const choose = (wanted, json) => chooseWeights(wanted, mapModel(json).config);
  assert.throws(() => choose('f32', xl), {
    code: 'out-of-memory',
    message: /1557611200 weights, which take 5942 MiB in f32; .* room for 3840 MiB.* weights: 'q8'/,
  });
  const large = { ...xl, n_embd: 1280, n_head: 20, n_layer: 36 };
  assert.equal(choose('f32', large), 'f32'); // 774 M weights, 2953 MiB
  assert.equal(choose('q8', xl), 'q8');
  const largest = {
    ...SMALL,
    n_embd: 65_536,
    n_head: 16,
    n_inner: 262_144,
    n_layer: 1024,
    vocab_size: 4_194_304,
  };
  for (const wanted of ['auto', 'f32', 'q8', 'q4']) {
    assert.throws(() => choose(wanted, largest), { code: 'out-of-memory', message: /smaller model/ });
  }
});

test('weights chosen by the size of the model', () => {
  const gpt2 = { ...SMALL, n_embd: 768, n_head: 12, n_layer: 12, vocab_size: 50257, n_positions: 1024 };
  const choose = (changes) => chooseWeights('auto', mapModel({ ...gpt2, ...changes }).config);
  assert.equal(choose({ n_layer: 1, n_embd: 96 }), 'f32'); // 5 M
  assert.equal(choose({}), 'q8'); // 124 M
  assert.equal(choose({ n_embd: 1600, n_head: 25, n_layer: 48 }), 'q4'); // 1558 M
});

test('a request joins what the architecture and what the file say', () => {
  const placement = { name: 'layers.0.mlp.up.weight', transposed: true, rowOffset: 4, regroup: null };
  const tensor = { name: 'h.0.mlp.c_fc.weight', shape: [8, 32] };
  for (const dtype of ['F32', 'F16', 'BF16']) {
    assert.deepEqual(toTensorRequest(placement, { ...tensor, dtype }), {
      ...placement,
      ...{ dtype, rows: 8, columns: 32 },
    });
  }
  assert.equal(
    toTensorRequest(placement, { ...tensor, dtype: 'F64' }).dtype,
    'F32',
    'turned while it streams',
  );
  const { rows, columns } = toTensorRequest(placement, { ...tensor, dtype: 'F32', shape: [7] });
  assert.deepEqual([rows, columns], [7, 1]);
  const taps = toTensorRequest(placement, { ...tensor, dtype: 'F32', shape: [7, 1, 3] });
  assert.deepEqual([taps.rows, taps.columns], [7, 3], 'a depthwise convolution');
});

test('weights of other types and ranks are refused by name', () => {
  const placement = { name: 'x', transposed: false, rowOffset: 0 };
  for (const dtype of ['I8', 'U8', 'BOOL', 'F8_E4M3', 'f32', '']) {
    assert.throws(() => toTensorRequest(placement, { name: 'h.0.w', dtype, shape: [2, 2] }), {
      code: 'unsupported-model',
      message: new RegExp(`h.0.w has the type ${dtype}; weights may be F64, F32, F16, BF16`),
    });
  }
  for (const shape of [[], [2, 2, 2], [1, 3, 1], [1, 1, 1, 1]]) {
    assert.throws(() => toTensorRequest(placement, { name: 'h.0.w', dtype: 'F32', shape }), {
      code: 'bad-tensor',
      message: new RegExp(`h.0.w has the shape \\[${shape.join(', ')}\\]`),
    });
  }
});

test('files may give vectors and stacks of matrices other dimensions', () => {
  const requested = (columns, shape) => {
    const placement = { name: 'x', transposed: false, rowOffset: 6, columns };
    const request = toTensorRequest(placement, { name: 'h.0.w', dtype: 'F32', shape });
    assert.equal(request.rowOffset, 6);
    return [request.rows, request.columns];
  };
  for (const shape of [[8], [8, 1], [2, 4], [1, 8]]) assert.deepEqual(requested(1, shape), [8, 1]);
  assert.deepEqual(requested(1, []), [1, 1], 'one number');
  for (const shape of [
    [3, 4, 5],
    [12, 5],
  ])
    assert.deepEqual(requested(5, shape), [12, 5]);
  for (const shape of [[60], [3, 5, 4], []]) {
    assert.throws(() => requested(5, shape), {
      code: 'bad-tensor',
      message: /h\.0\.w has the shape \[.*its last dimension should be 5/,
    });
  }
});

test('families without a mapping are refused by name', () => {
  for (const model_type of ['lfm2_moe', 'qwen3_next', 'qwen3_5_moe', 'mamba', 'falcon_mamba']) {
    assert.throws(() => mapModel({ ...SMALL, model_type }), {
      code: 'unsupported-model',
      message: new RegExp(`model_type is "${model_type}"`),
    });
  }
});
