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
  qkNorm: { norm: NORM, span: 'head', afterRope: false },
  rope: ROPE,
  queryScaling: { beta: 0.1, originalContextLength: 8 },
  window: 7,
  softcap: 0,
  scale: 0.5,
};
const KIND = {
  mixer: ATTENTION,
  mlp: { gated: true, activation: 'silu', intermediateSize: 9, bias: false },
  mixerNorm: NORM,
  mixerPostNorm: null,
  mlpNorm: NORM,
  mlpPostNorm: null,
  parallel: false,
  residualScale: 1,
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
  tiedHead: true,
  headBias: false,
  logitScale: 1,
  logitSoftcap: 0,
};

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

function changed(path, change) {
  const copy = JSON.parse(JSON.stringify(CONFIG)); // no two places share an object
  const holder = path.slice(0, -1).reduce((object, key) => object[key], copy);
  change(holder, path.at(-1));
  return copy;
}

const put = (value) => (holder, key) => {
  holder[key] = value;
};

const named = (path) =>
  path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text ? `${text}.${key}` : key), '');

test('a config that is right is taken', () => assert.equal(refusal(CONFIG), null));

test('each field that is missing or of another type is refused with its name', () => {
  for (const path of places(CONFIG)) {
    const isEntry = /^\d+$/.test(path.at(-1));
    const remove = (holder, key) => {
      if (isEntry) holder[key] = undefined;
      else delete holder[key];
    };
    const wrongs = [remove, put('bogus'), put(Symbol('x')), put(() => {})];
    for (const wrong of wrongs) {
      const error = refusal(changed(path, wrong));
      assert.equal(error?.code, 'bad-config', `${named(path)}: ${error}`);
      assert.ok(error.message.startsWith(named(path)), error.message);
    }
  }
});

test('numbers that are none, and those out of every bound', () => {
  for (const path of places(CONFIG)) {
    const value = path.reduce((object, key) => object[key], CONFIG);
    if (typeof value !== 'number') continue;
    for (const wrong of [NaN, Infinity, -Infinity, -1e300, 1e300, -(2 ** 31), '1', 1n, null]) {
      const error = refusal(changed(path, put(wrong)));
      assert.equal(error?.code, 'bad-config', `${named(path)} = ${String(wrong)}: ${error}`);
      assert.ok(error.message.startsWith(named(path)), error.message);
    }
    if (!Number.isInteger(value) || path.at(-1).match(/cale|theta|epsilon|softcap/i)) continue;
    const error = refusal(changed(path, put(value + 0.5)));
    assert.equal(error?.code, 'bad-config', `${named(path)}: ${error}`);
  }
});

test('unknown fields, at every depth', () => {
  for (const path of [[], ...places(CONFIG)]) {
    const value = path.reduce((object, key) => object[key], CONFIG);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const error = refusal(changed([...path, 'ropeBase'], put(1)));
    assert.equal(error?.code, 'bad-config');
    assert.match(error.message, /ropeBase is unknown/);
  }
});

test('contradictions', () => {
  const attention = (change) => ({
    ...CONFIG,
    kinds: [{ ...KIND, mixer: { ...ATTENTION, ...change } }],
    layers: [0],
  });
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
