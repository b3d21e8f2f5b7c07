// The config's one form: what is missing, unknown, contradictory or out of bounds is refused with its name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';

const NORM = { type: 'layer', epsilon: 1e-5, weight: true, bias: true };
const ROPE = { pairing: 'half', dims: 4, theta: 10000, reversed: false, scaling: null };
const ATTENTION = {
  type: 'attention',
  nHeads: 2,
  nKvHeads: 1,
  headDim: 4,
  qkvBias: true,
  outputBias: false,
  gate: false,
  valuesAreKeys: false,
  sharedKeys: null,
  qkNorm: { norm: NORM, span: 'head', afterRope: false },
  vNorm: null,
  rope: ROPE,
  queryScaling: { beta: 0.1, originalContextLength: 8 },
  window: 7,
  softcap: 0,
  scale: 0.5,
};
const KIND = {
  mixer: ATTENTION,
  beside: null,
  mlp: { gated: true, activation: 'silu', intermediateSize: 9, bias: false, gateScale: 1, cutoff: null },
  mixerNorm: NORM,
  mixerPostNorm: null,
  mlpNorm: NORM,
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
  hiddenSize: 8,
  positionTable: false,
  embeddingScale: 1,
  embeddingNorm: null,
  kinds: [KIND, { ...KIND, mixer: { type: 'short-convolution', nTaps: 3, bias: false } }],
  layers: [0, 1, 1],
  finalNorm: NORM,
  perLayerInputs: null,
  altUp: null,
  tiedHead: true,
  headBias: false,
  logitScale: 1,
  logitSoftcap: 0,
};

const RMS = { type: 'rms', epsilon: 1e-6, weight: true, bias: false };
const OWN_KEYS = { ...ATTENTION, vNorm: { ...RMS, weight: false }, valuesAreKeys: true };
/** What Gemma 3n and 4 have, at once. */
const STREAMED = {
  ...CONFIG,
  kinds: [
    {
      ...KIND,
      mixer: OWN_KEYS,
      mlp: { ...KIND.mlp, cutoff: { deviations: 1.5 } },
      laurel: { rank: 3, norm: RMS },
      perLayerInput: { activation: 'gelu-tanh', norm: RMS },
      outputScale: true,
    },
    { ...KIND, mixer: { ...ATTENTION, sharedKeys: { layer: 0 } } },
  ],
  layers: [0, 1],
  perLayerInputs: { width: 3, vocabSize: 9, norm: RMS },
  altUp: { nStreams: 3, active: 1, outputScale: true, norm: RMS },
};
const CONFIGS = [CONFIG, STREAMED];

const engine = await Engine.create({ variant: 'simd' });

function refusal(config) {
  try {
    engine.createModel(config).dispose();
  } catch (error) {
    return error;
  }
  return null;
}

/** Every place in an object, as a list of keys. */
function* places(value, path = []) {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield [...path, key];
    yield* places(value[key], [...path, key]);
  }
}

function changed(config, path, change) {
  const copy = JSON.parse(JSON.stringify(config)); // no two places share an object
  const holder = path.slice(0, -1).reduce((object, key) => object[key], copy);
  change(holder, path.at(-1));
  return copy;
}

const put = (value) => (holder, key) => {
  holder[key] = value;
};

const named = (path) =>
  path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text ? `${text}.${key}` : key), '');

test('a config that is right is taken', () => {
  for (const config of CONFIGS) assert.equal(refusal(config), null);
});

/** Calls `check(config, path, value)` for every place in each config. */
function forEveryPlace(check) {
  for (const config of CONFIGS) {
    for (const path of places(config)) {
      check(
        config,
        path,
        path.reduce((object, key) => object[key], config),
      );
    }
  }
}

test('each field that is missing or of another type is refused with its name', () => {
  forEveryPlace((config, path) => {
    const isEntry = /^\d+$/.test(path.at(-1));
    const remove = (holder, key) => {
      if (isEntry) holder[key] = undefined;
      else delete holder[key];
    };
    const wrongs = [remove, put('bogus'), put(Symbol('x')), put(() => {})];
    for (const wrong of wrongs) {
      const error = refusal(changed(config, path, wrong));
      assert.equal(error?.code, 'bad-config', `${named(path)}: ${error}`);
      assert.ok(error.message.startsWith(named(path)), error.message);
    }
  });
});

test('numbers that are none, and those out of every bound', () => {
  forEveryPlace((config, path, value) => {
    if (typeof value !== 'number') return;
    for (const wrong of [NaN, Infinity, -Infinity, -1e300, 1e300, -(2 ** 31), '1', 1n, null]) {
      const error = refusal(changed(config, path, put(wrong)));
      assert.equal(error?.code, 'bad-config', `${named(path)} = ${String(wrong)}: ${error}`);
      assert.ok(error.message.startsWith(named(path)), error.message);
    }
    if (!Number.isInteger(value) || path.at(-1).match(/cale|theta|epsilon|softcap/i)) return;
    const error = refusal(changed(config, path, put(value + 0.5)));
    assert.equal(error?.code, 'bad-config', `${named(path)}: ${error}`);
  });
});

test('unknown fields, at every depth', () => {
  const assertUnknown = (config, path, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const error = refusal(changed(config, [...path, 'ropeBase'], put(1)));
    assert.equal(error?.code, 'bad-config');
    assert.match(error.message, /ropeBase is unknown/);
  };
  assertUnknown(CONFIG, [], CONFIG);
  forEveryPlace(assertUnknown);
});

test('contradictions', () => {
  const attention = (change) => ({
    ...CONFIG,
    kinds: [{ ...KIND, mixer: { ...ATTENTION, ...change } }],
    layers: [0],
  });
  const shared = (change) => ({
    ...STREAMED,
    kinds: [STREAMED.kinds[0], { ...KIND, mixer: { ...STREAMED.kinds[1].mixer, ...change } }],
  });
  const sharedTwice = [
    STREAMED.kinds[0],
    STREAMED.kinds[1],
    { ...KIND, mixer: { ...ATTENTION, sharedKeys: { layer: 1 } } },
  ];
  const scaled = (scaling) => attention({ rope: { ...ROPE, scaling } });
  const long = { type: 'long', originalContextLength: 8, attentionFactor: 1 };
  const cases = [
    [attention({ nHeads: 3, nKvHeads: 2 }), /nHeads \(3\) is no multiple of nKvHeads \(2\)/],
    [attention({ rope: { ...ROPE, dims: 6 } }), /rope.dims \(6\)/],
    [attention({ rope: { ...ROPE, dims: 3 } }), /rope.dims \(3\)/],
    [attention({ nHeads: 1024, headDim: 4096 }), /nHeads \* headDim/],
    [scaled({ ...long, shortFactors: [1], longFactors: [1, 2] }), /shortFactors/],
    [scaled({ type: 'long' }), /shortFactors must be a list/],
    [scaled({ type: 'spiral' }), /scaling.type must be one of: linear, llama3, yarn/],
    [{ ...CONFIG, layers: [0, 2] }, /layers names the kind 2/],
    [{ ...CONFIG, layers: [] }, /layers must name/],
    [{ ...CONFIG, kinds: [{ ...KIND, mlp: null }], layers: [0] }, /has no mlp/],
    [attention({ vNorm: RMS }), /vNorm has neither weight/],
    [attention({ sharedKeys: { layer: 0 } }), /layer 0 cannot read the keys of layer 0/],
    [shared({ nKvHeads: 2 }), /layer 1 cannot read the keys of layer 0/],
    [shared({ headDim: 6 }), /layer 1 cannot read/],
    [shared({ window: 6 }), /layer 1 cannot read/],
    [shared({ sharedKeys: { layer: 1 } }), /layer 1 cannot read the keys of layer 1/],
    [shared({ valuesAreKeys: true }), /of another layer, and nothing of its own/],
    [{ ...STREAMED, layers: [0, 1, 2], kinds: sharedTwice }, /layer 2 cannot read the keys of layer 1/],
    [{ ...STREAMED, perLayerInputs: null }, /perLayerInput needs perLayerInputs/],
    [{ ...STREAMED, perLayerInputs: { ...STREAMED.perLayerInputs, width: 2 ** 18 } }, /perLayerInputs: all/],
    [{ ...STREAMED, altUp: { ...STREAMED.altUp, active: 3 } }, /altUp needs/],
    [{ ...STREAMED, altUp: { ...STREAMED.altUp, nStreams: 1, active: 0 } }, /altUp needs/],
    [{ ...STREAMED, kinds: [{ ...STREAMED.kinds[0], parallel: true }, KIND] }, /laurel and a parallel/],
    [
      {
        ...CONFIG,
        kinds: [{ ...KIND, mlp: { ...KIND.mlp, gated: false, cutoff: { deviations: 1 } } }],
        layers: [0],
      },
      /no gates that could be cut off/,
    ],
  ];
  for (const [config, message] of cases) {
    const error = refusal(config);
    assert.equal(error?.code, 'bad-config', `${message}`);
    assert.match(error.message, message);
  }
  for (const config of [null, undefined, 1, 'gpt2', [], () => {}]) {
    assert.equal(refusal(config)?.code, 'bad-config');
  }
});

test('sizes within bounds that no memory holds', async () => {
  const small = await Engine.create({ variant: 'simd', memoryLimit: 1 << 26 });
  const huge = { ...CONFIG, hiddenSize: 1 << 18, vocabSize: 1 << 24 };
  assert.throws(() => small.createModel(huge), { code: 'out-of-memory' });
  small.createModel(CONFIG).dispose();
  small.dispose();
});

/** Every tensor of the config above, in the shape that the file has it. */
const TENSORS = [
  ['token_embedding.weight', 11, 8],
  ...['mixer_norm', 'mlp_norm'].flatMap((norm) =>
    [0, 1, 2].flatMap((layer) => ['weight', 'bias'].map((part) => [`layers.${layer}.${norm}.${part}`, 8, 1])),
  ),
  ['layers.0.attention.qkv.weight', 16, 8],
  ['layers.0.attention.qkv.bias', 16, 1],
  ...['q_norm', 'k_norm'].flatMap((norm) =>
    ['weight', 'bias'].map((part) => [`layers.0.attention.${norm}.${part}`, 4, 1]),
  ),
  ['layers.0.attention.output.weight', 8, 8],
  ...[1, 2].flatMap((layer) => [
    [`layers.${layer}.convolution.in.weight`, 24, 8],
    [`layers.${layer}.convolution.kernel.weight`, 8, 3],
    [`layers.${layer}.convolution.out.weight`, 8, 8],
  ]),
  ...[0, 1, 2].flatMap((layer) => [
    [`layers.${layer}.mlp.up.weight`, 18, 8],
    [`layers.${layer}.mlp.down.weight`, 8, 9],
  ]),
  ['final_norm.weight', 8, 1],
  ['final_norm.bias', 8, 1],
];

/** The logits of a few tokens, of a model with weights that look random. */
function run(model) {
  for (const [index, [name, rows, columns]] of TENSORS.entries()) {
    const writer = model.beginTensor({ name, rows, columns, rowOffset: 0, dtype: 'F32', transposed: false });
    const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(index + 7.1 * i));
    writer.write(new Uint8Array(values.buffer));
    writer.end();
  }
  model.finish();
  const session = model.createSession();
  session.append([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  session.step(10);
  const logits = session.logits().slice();
  session.rewind(3);
  session.append([0]);
  session.dispose();
  return logits;
}

test('a model of this config runs', () => {
  const model = engine.createModel(CONFIG);
  assert.ok(run(model).every(Number.isFinite));
  model.dispose();
});

// Denormals, the ends of f32 and of the bounds, and integers that are large or odd.
const EXTREMES = [
  ...[5e-324, 7e-46, 1.5e-45, 1.2e-38, 1e-30, 1e-9, 0.999999, 1, 2, 3, 7, 16, 64, 65, 2048, 4096],
  ...[1e9, 1e15, 1e16, 2 ** 18, 2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1, 2 ** 32, 2 ** 53],
  ...[3.4028234663852886e38, 3.5e38, Number.MAX_VALUE],
];

for (const weights of ['f32', 'q8']) {
  test(`extremes in each number are refused with its name, or run (${weights})`, async (t) => {
    // What a size asks for is not always there.
    const small = await Engine.create({ variant: 'simd', memoryLimit: 1 << 26 });
    t.after(() => small.dispose());
    let nRun = 0;
    for (const path of places(CONFIG)) {
      if (typeof path.reduce((object, key) => object[key], CONFIG) !== 'number') continue;
      for (const value of EXTREMES.flatMap((x) => [x, -x])) {
        let model = null;
        try {
          model = small.createModel(changed(CONFIG, path, put(value)), { weights });
          run(model);
          nRun++;
        } catch (error) {
          const codes = ['bad-config', 'bad-tensor', 'missing-tensor', 'out-of-memory', 'prompt-too-long'];
          assert.ok(codes.includes(error.code), `${named(path)} = ${value}: ${error.code} ${error.message}`);
        }
        model?.dispose();
      }
    }
    assert.ok(nRun > 200, `${nRun} ran`);
  });
}
