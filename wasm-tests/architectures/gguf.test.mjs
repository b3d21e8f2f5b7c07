// What GGUF's metadata may say, and what is said of it where it may not. families/gguf.test.mjs has what comes of good files.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mapGguf } from '../../build/web/architectures/gguf.js';
import { fixturePath, sottoError } from '../api/support.mjs';
import { readGguf } from '../formats/read-gguf.mjs';

const SHARED = fileURLToPath(new URL('../../../shared/models/data/', import.meta.url));

const headers = new Map(
  readdirSync(fixturePath('families'))
    .map((name) => [name, `${fixturePath(`families/${name}`)}model.gguf`])
    .filter(([, path]) => existsSync(path))
    .map(([name, path]) => [name, readGguf(readFileSync(path))]),
);

/** The mapping of a fixture with other metadata, null for none, and other tensors. */
function mapped(name, changes = {}, edit = (tensors) => tensors, read = undefined) {
  const header = headers.get(name);
  const metadata = new Map(header.metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) metadata.delete(key);
    else metadata.set(key, value);
  }
  return mapGguf(metadata, edit(header.tensors), read ?? header.read);
}

const attentionOf = async (...args) => {
  const { config } = await mapped(...args);
  return config.layers.map((kind) => config.kinds[kind].mixer);
};

const refused = (code, message, ...args) => assert.rejects(mapped(...args), sottoError(code, message));

/** Values that are no size, factor or list of such. */
const WRONG = [
  '4',
  '',
  true,
  -1,
  1.5,
  1e300,
  Number.NaN,
  2n ** 63n,
  [],
  [1],
  ['4', '4'],
  new Uint32Array(5000),
];

/** Keys that every file has that has them in its converter, and whose value is never passed over. */
const OF_ALL = [
  'block_count',
  'context_length',
  'embedding_length',
  'feed_forward_length',
  'attention.head_count',
  'attention.head_count_kv',
  'attention.key_length',
  'attention.value_length',
  'attention.layer_norm_epsilon',
  'attention.layer_norm_rms_epsilon',
  'rope.dimension_count',
  'rope.freq_base',
  'expert_count',
  'vocab_size',
];

const REQUIRED = [
  'block_count',
  'context_length',
  'embedding_length',
  'attention.head_count',
  'attention.layer_norm_epsilon',
  'attention.layer_norm_rms_epsilon',
];

/** Those that some have whose model has no attention, or no positions. */
const UNUSED = {
  'mamba2-tied': ['attention.head_count', 'feed_forward_length'],
  'granitemoehybrid-mamba': ['rope.freq_base', 'rope.dimension_count'],
};

for (const [name, { metadata }] of headers) {
  const architecture = metadata.get('general.architecture');
  const keyOf = (name) => `${architecture}.${name}`;
  const unused = (UNUSED[name] ?? []).map(keyOf);
  const keys = [...metadata.keys()].filter((key) => key.startsWith(keyOf('')) && !unused.includes(key));
  const isUsed = (key) => OF_ALL.map(keyOf).includes(key);

  test(`${name}: a value of the wrong type or size is refused under its key, whatever key it is`, async () => {
    for (const key of keys) {
      for (const value of WRONG) {
        const outcome = await mapped(name, { [key]: value }).catch((error) => error);
        const what = `${key}: ${typeof value} ${String(value).slice(0, 20)}`;
        if (outcome instanceof Error) {
          assert.ok(['bad-config', 'unsupported-model'].includes(outcome.code), `${what}: ${outcome.stack}`);
          const mayBeAnother = /head_count|block_count|embedding_length|context_length|window_pattern/.test(
            key,
          );
          if (!mayBeAnother) assert.ok(outcome.message.includes(key), `${what}: ${outcome.message}`);
          assert.match(outcome.message, /^the GGUF metadata: /, what);
        } else {
          // Some numbers are good ones; what is no number must not get through.
          assert.ok(typeof value === 'number' || !isUsed(key), what);
        }
      }
    }
  });

  test(`${name}: a missing value is missed under its key`, async () => {
    for (const key of keys.filter((key) => REQUIRED.map(keyOf).includes(key))) {
      const message = new RegExp(`^the GGUF metadata: ${key.replaceAll('.', '\\.')} is missing; expected `);
      await refused('bad-config', message, name, { [key]: null });
    }
  });

  test(`${name}: an unknown tensor is none that could be passed over`, async () => {
    const mapping = await mapped(name);
    for (const tensor of ['blk.0.attn_sinks.weight', 'token_types.weight', 'blk.0.ffn_gate_inp.weight']) {
      assert.equal(mapping.tensor(tensor), null, tensor);
    }
    for (const tensor of [
      'blk.0.attn_rot_embd.weight',
      'mm.0.weight',
      'v.blk.0.ln1.weight',
      'blk.99.eh_proj.weight',
    ]) {
      assert.equal(mapping.tensor(tensor), 'skip', tensor);
    }
  });
}

test('architectures that there are not are named, with those that there are', async () => {
  const of = (architecture) => ({ 'general.architecture': architecture });
  await refused(
    'unsupported-model',
    /general\.architecture is "bert".*cohere2, .*, stablelm/,
    'llama-tied',
    of('bert'),
  );
  await refused('unsupported-model', /is "constructor"/, 'llama-tied', of('constructor'));
  await refused('bad-config', /general\.architecture is 7/, 'llama-tied', of(7));
  await refused('bad-config', /general\.architecture is missing/, 'llama-tied', of(null));
  await refused('unsupported-model', /general\.type is "adapter"/, 'llama-tied', {
    'general.type': 'adapter',
  });
});

test('what this version does not compute is refused', async () => {
  const cases = {
    'llama.expert_count': 8,
    'llama.attention.causal': false,
    'llama.attention.clamp_kqv': 30,
    'llama.attention.max_alibi_bias': 8,
    'llama.attention.value_length': 7,
    'llama.rope.scaling.type': 'magic',
  };
  const withWidth = { 'llama.attention.key_length': 6 };
  for (const [key, value] of Object.entries(cases)) {
    const message = new RegExp(`^the GGUF metadata: ${key.replaceAll('.', '\\.')} is `);
    await refused('unsupported-model', message, 'llama-tied', { ...withWidth, [key]: value });
  }
  await mapped('llama-tied', { 'llama.expert_count': 0, 'llama.attention.causal': true });
});

test('a list with a value for each layer counts where all are equal', async () => {
  const key = 'llama.attention.head_count_kv';
  const map = (list) => mapped('llama-tied', { [key]: list });
  for (const list of [Int32Array.of(1, 1), [1, 1], BigInt64Array.of(1n, 1n)]) {
    const { config } = await map(list);
    assert.equal(config.kinds[0].mixer.nKvHeads, 1);
  }
  await refused('bad-config', /head_count_kv is a list of 3|head_count_kv is \[.*list of 2/, 'llama-tied', {
    [key]: [1, 1, 1],
  });
  await refused('unsupported-model', /head_count_kv is 1 and 5/, 'llama-tied', { [key]: [1, 5] });
  await refused('unsupported-model', /head_count_kv is 0 for a layer/, 'llama-tied', {
    [key]: Int32Array.of(1, 0),
  });
});

test('sizes that contradict the tensors, where the converter does not make them up', async () => {
  await refused('bad-config', /llama\.feed_forward_length is 38; expected 37, /, 'llama-tied', {
    'llama.feed_forward_length': 38,
  });
  const { config } = await mapped('gpt2-gguf', { 'gpt2.feed_forward_length': 77 });
  assert.equal(config.kinds[0].mlp.intermediateSize, 31);
  const without = await mapped('llama-tied', { 'llama.feed_forward_length': null, 'llama.vocab_size': null });
  assert.equal(without.config.kinds[0].mlp.intermediateSize, 37);
  assert.equal(without.config.vocabSize, 107);
});

test('head and biases are where the file has them', async () => {
  const without = (name) => (tensors) => tensors.filter((tensor) => !tensor.name.endsWith(name));
  assert.equal((await mapped('llama-llama3')).config.tiedHead, false);
  assert.equal((await mapped('llama-llama3', {}, without('output.weight'))).config.tiedHead, true);
  const [biased] = await attentionOf('llama-gguf-linear');
  assert.deepEqual([biased.qkvBias, biased.outputBias], [true, true]);
  const [half] = await attentionOf('llama-gguf-linear', {}, without('attn_output.bias'));
  assert.deepEqual([half.qkvBias, half.outputBias], [true, false]);
  // Qwen 2 always has them: without, the file is broken.
  const [qwen] = await attentionOf('qwen2-tied', {}, without('.bias'));
  assert.equal(qwen.qkvBias, true);
});

test('rotary positions: scalings and their keys', async () => {
  const rope = async (name, changes) => (await attentionOf(name, changes))[0].rope;
  const scaling = async (changes) => (await rope('llama-tied', changes)).scaling;
  assert.equal(await scaling({ 'llama.rope.scaling.type': 'none', 'llama.rope.scaling.factor': 4 }), null);
  assert.deepEqual(await scaling({ 'llama.rope.scaling.factor': 4 }), { type: 'linear', factor: 4 });
  assert.deepEqual(await scaling({ 'llama.rope.scale_linear': 4 }), { type: 'linear', factor: 4 });
  assert.equal(await scaling({ 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 0 }), null);
  const yarn = { 'llama.rope.scaling.type': 'yarn', 'llama.rope.scaling.factor': 4 };
  assert.deepEqual(await scaling({ ...yarn, 'llama.rope.scaling.original_context_length': 25 }), {
    type: 'yarn',
    factor: 4,
    originalContextLength: 25,
    betaFast: 32,
    betaSlow: 1,
    truncated: true,
    attentionFactor: 0.1 * Math.log(4) + 1,
  });
  const least = { 'llama.rope.scaling.yarn_log_multiplier': 1, 'llama.rope.scaling.yarn_truncate': false };
  const { attentionFactor, truncated } = await scaling({ ...yarn, ...least });
  assert.deepEqual([attentionFactor, truncated], [1, false]);
  const name = 'llama-tied';
  const { 'llama.rope.scaling.factor': _, ...withoutFactor } = yarn;
  await refused('bad-config', /llama\.rope\.scaling\.factor is missing/, name, withoutFactor);
  await refused('unsupported-model', /yarn_ext_factor is 0\.5/, name, {
    ...yarn,
    'llama.rope.scaling.yarn_ext_factor': 0.5,
  });
  await refused('unsupported-model', /attn_factor is 2/, name, {
    ...yarn,
    'llama.rope.scaling.attn_factor': 2,
  });
  await refused('bad-config', /rope_factors_short\.weight is missing/, name, {
    'llama.rope.scaling.type': 'longrope',
  });
  await refused('bad-config', /dimension_count is 3; expected an even/, name, {
    'llama.rope.dimension_count': 3,
  });
  assert.equal((await rope(name, { 'llama.rope.dimension_count': 4 })).dims, 4);
  assert.equal((await rope(name, { 'llama.rope.freq_base': null })).theta, 10_000);
  assert.equal(
    (await attentionOf('granite-tied', { 'granite.rope.scaling.finetuned': false }))[0].rope,
    null,
  );
});

test('rotary positions: factors that stand in tensors', async () => {
  const [{ rope }] = await attentionOf('llama-llama3');
  const { short_factor: _, ...scaling } = rope.scaling;
  assert.deepEqual([scaling.type, scaling.attentionFactor, scaling.originalContextLength], ['long', 1, 120]);
  assert.deepEqual(scaling.shortFactors, scaling.longFactors);
  const edited = (change) => (tensors) =>
    tensors.map((tensor) => (tensor.name.startsWith('rope_') ? { ...tensor, ...change } : tensor));
  const name = 'llama-llama3';
  await refused(
    'bad-tensor',
    /rope_freqs\.weight has the shape \[3, 1\]/,
    name,
    {},
    edited({ shape: [3, 1] }),
  );
  await refused('bad-tensor', /the shape \[1000000\]/, name, {}, edited({ shape: [1_000_000] }));
  await refused(
    'unsupported-model',
    /rope_freqs\.weight has the type Q8_0/,
    name,
    {},
    edited({ dtype: 'Q8_0' }),
  );
  for (const values of [
    [1, 1],
    [1, 0, 1],
    [1, Number.NaN, 1],
    [1, 1, 1e30],
  ]) {
    await refused('bad-config', /rope_freqs\.weight is .*list of 3/, name, {}, undefined, async () =>
      Float32Array.from(values),
    );
  }
  const linear = { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 2 };
  await refused('unsupported-model', /type is "linear" beside rope_freqs\.weight/, name, linear);
  const half = (tensors) => tensors.filter((tensor) => tensor.name !== 'rope_factors_short.weight');
  await refused(
    'missing-tensor',
    /rope_factors_long\.weight and lack rope_factors_short/,
    'phi3-longrope-long',
    {},
    half,
  );
});

test('Gemma 4: which frequencies turn stands in a tensor', async () => {
  const name = 'gemma4_text-gguf';
  const full = async (values) =>
    (await attentionOf(name, {}, undefined, async () => Float32Array.from(values)))[2].rope;
  assert.deepEqual((await full([1, 1, 1, 1e30, 1e30, 1e30, 1e30, 1e30])).scaling, {
    type: 'proportional',
    share: 3 / 8,
  });
  assert.deepEqual((await full(Array(8).fill(1))).scaling, { type: 'proportional', share: 1 });
  for (const values of [
    [1, 1, 1, 2, 1e30, 1e30, 1e30, 1e30],
    [1e30, 1, 1, 1, 1, 1, 1, 1],
  ]) {
    await assert.rejects(full(values), sottoError('bad-tensor', /rope_freqs\.weight has other values/));
  }
  await refused('bad-config', /key_length is 12; expected 16, as rope_freqs/, name, {
    'gemma4.attention.key_length': 12,
    'gemma4.attention.value_length': 12,
  });
});

test('Gemma 3n and 4: sizes by layer, keys of other layers', async () => {
  const name = 'gemma4_text-gguf';
  const [sliding, , full, sharedSliding, sharedFull] = await attentionOf(name);
  assert.deepEqual([sliding.headDim, full.headDim, sliding.rope.dims, full.rope.dims], [4, 16, 4, 16]);
  assert.deepEqual([sharedSliding.sharedKeys, sharedFull.sharedKeys], [{ layer: 1 }, { layer: 2 }]);
  assert.deepEqual(
    (await attentionOf(name, { 'gemma4.attention.shared_kv_layers': null }))[4].sharedKeys,
    null,
  );
  await refused('unsupported-model', /value_length_swa is 5; .*key_length_swa, 4/, name, {
    'gemma4.attention.value_length_swa': 5,
  });
  const lone = await attentionOf('gemma4_text-keys-as-values');
  assert.deepEqual(
    lone.map(({ valuesAreKeys, nKvHeads }) => [valuesAreKeys, nKvHeads]),
    [
      [true, 3],
      [false, 2],
      [false, 2],
      [true, 3],
    ],
  );
  await refused(
    'unsupported-model',
    /head_count_kv is 2 and 6; .*sliding_attention/,
    'gemma4_text-keys-as-values',
    {
      'gemma4.attention.head_count_kv': [3, 2, 6, 3],
    },
  );

  const mlps = async (changes) => {
    const { config } = await mapped('gemma3n_text-gguf', changes);
    return config.layers.map((kind) => config.kinds[kind].mlp);
  };
  const scales = { 'gemma3n.activation_sparsity_scale': Float32Array.of(1.5, 0, -1, -Infinity, -Infinity) };
  assert.deepEqual(
    (await mlps(scales)).map(({ cutoff }) => cutoff?.deviations),
    [1.5, 0, -1, undefined, undefined],
  );
  const sizes = { 'gemma3n.feed_forward_length': Int32Array.of(21, 21, 8, 8, 21) };
  assert.deepEqual(
    (await mlps(sizes)).map(({ intermediateSize }) => intermediateSize),
    [21, 21, 8, 8, 21],
  );
  const { config } = await mapped('gemma3n_text-gguf', { 'gemma3n.final_logit_softcapping': null });
  assert.equal(config.logitSoftcap, 30);
});

test('windows: only where files of the family mean them', async () => {
  const windows = async (name, changes) => (await attentionOf(name, changes)).map(({ window }) => window);
  assert.deepEqual(await windows('llama-tied', { 'llama.attention.sliding_window': 9 }), [0, 0]);
  assert.deepEqual(await windows('gemma2-gguf', { 'gemma2.attention.sliding_window': null }), [0, 0, 0]); // 4096
  assert.deepEqual(await windows('gemma3_text-gguf'), [7, 7, 7, 7, 7, 0, 7]);
  assert.deepEqual(
    await windows('gemma3_text-gguf', { 'gemma3.attention.sliding_window': null }),
    Array(7).fill(0),
  );
  assert.deepEqual(await windows('phi3-longrope-short', { 'phi3.attention.sliding_window': 0 }), [0, 0]);
  assert.deepEqual(await windows('exaone4-no-window', { 'exaone4.attention.sliding_window': 9 }), [0, 0]);
  const key = 'olmo2.attention.sliding_window_pattern';
  assert.deepEqual(await windows('olmo3-window', { [key]: [false, true, false, true] }), [0, 9, 0, 9]);
  assert.deepEqual(await windows('olmo3-window', { [key]: 2 }), [9, 0, 9, 0]);
  await refused('bad-config', /pattern is a list of 3|list of 4/, 'olmo3-window', {
    [key]: [true, true, false],
  });
  await refused('bad-config', /each true or false/, 'olmo3-window', { [key]: [1, 1, 1, 7] });
  await refused('bad-config', /sliding_window_pattern is 0/, 'olmo3-window', { [key]: 0 });
  await refused('bad-config', /cohere2\.attention\.sliding_window is missing/, 'cohere2-pattern', {
    'cohere2.attention.sliding_window': null,
  });
});

test('layers that predict further tokens are not counted', async () => {
  const mapping = await mapped('qwen3-tied', { 'qwen3.nextn_predict_layers': 1 });
  assert.equal(mapping.config.layers.length, 1);
  assert.equal(mapping.tensor('blk.1.attn_q.weight'), 'skip');
  await refused('bad-config', /nextn_predict_layers is 2; expected an integer below/, 'qwen3-tied', {
    'qwen3.nextn_predict_layers': 2,
  });
});

test('real files and quantised ones map', async (t) => {
  if (!existsSync(SHARED)) return t.skip('there is no ../shared/models/data');
  const quantised = readdirSync(`${SHARED}gguf-quants`).map((name) => `gguf-quants/${name}/model.gguf`);
  for (const path of ['gguf/llama-2-tiny-random.gguf', ...quantised]) {
    const { metadata, tensors, read } = readGguf(readFileSync(SHARED + path));
    const mapping = await mapGguf(metadata, tensors, read);
    const { config } = mapping;
    assert.equal(
      config.layers.length,
      metadata.get(`${metadata.get('general.architecture')}.block_count`),
      path,
    );
    for (const { name } of tensors) assert.equal(typeof mapping.tensor(name), 'object', `${path}: ${name}`);
    assert.equal(config.vocabSize, metadata.get('tokenizer.ggml.tokens').length, path);
  }
});
