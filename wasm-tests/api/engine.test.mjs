import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { mapModel } from '../../build/web/architectures/architectures.js';
import {
  appendInChunks,
  assertGreedyOfReference,
  greedy,
  loadIntoEngine,
  mostRoundingError,
} from './engine-support.mjs';
import { fixtureNames, fixtureReference, sottoError } from './support.mjs';

const { config: tinyConfig } = mapModel({
  model_type: 'gpt2',
  vocab_size: 11,
  n_positions: 33,
  n_embd: 8,
  n_head: 2,
  n_layer: 1,
});

for (const name of fixtureNames) {
  test(`${name}: logits at every position are within 1e-3 of the reference's range`, async (t) => {
    const { engine, model } = await loadIntoEngine(t, name);
    const reference = fixtureReference(name);
    const session = model.createSession();
    for (const { promptIds, logits, logitRange } of reference.cases) {
      const expected = reference.read(logits);
      const actual = appendInChunks(session, promptIds, engine.maxChunk, reference.vocabSize);
      const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
      assert.ok(worst <= 1e-3 * logitRange, `${worst} of ${logitRange}, ${promptIds.length} ids`);
      session.truncate(0);
    }
  });

  test(`${name}: greedy tokens equal the reference's`, (t) => assertGreedyOfReference(t, name));

  for (const weights of ['f32', 'q8', 'q4']) {
    test(`${name}, ${weights}: the logits are the same bits however the prompt is cut`, async (t) => {
      const { engine, model } = await loadIntoEngine(t, name, { weights });
      const { cases, vocabSize } = fixtureReference(name);
      const { promptIds } = cases.at(-1);
      const run = (size) => {
        const session = model.createSession();
        const logits = appendInChunks(session, promptIds, size, vocabSize);
        session.truncate(promptIds.length - 1);
        session.step(promptIds.at(-1));
        const tokens = greedy(engine, session, 2);
        session.dispose();
        return { bits: new Uint32Array(logits.buffer), tokens };
      };
      const whole = run(engine.maxChunk);
      for (const size of [1, 2, 3, 7, 32]) assert.deepEqual(run(size), whole, `chunks of ${size}`);
    });
  }
}

for (const name of [...fixtureNames, 'families/qwen3-window', 'families/lfm2-conv-bias']) {
  for (const weights of ['q8', 'q4']) {
    test(`${name}, ${weights}: logits are those of weights that were rounded before, to the rounding of activations`, async (t) => {
      const quantised = await loadIntoEngine(t, name, { weights });
      const rounded = await loadIntoEngine(t, name, { rounded: weights });
      const { cases, vocabSize } = fixtureReference(name);
      const most = mostRoundingError(weights, quantised.model.config.layers.length);
      for (const { promptIds } of cases) {
        const [actual, expected] = [quantised, rounded].map(({ engine, model }) =>
          appendInChunks(model.createSession(), promptIds, engine.maxChunk, vocabSize),
        );
        const size = (values) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
        const relative = size(actual.map((value, i) => value - expected[i])) / size(expected);
        assert.ok(
          relative <= most,
          `off by ${relative} of the logits' size, not ${most}: ${promptIds.length} ids`,
        );
      }
    });
  }
}

test('pages of the cache are taken as positions need them and given back', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = model.createSession();
  assert.equal(engine.memory().kvPages, 0);
  session.append(new Array(32).fill(5));
  assert.equal(engine.memory().kvPages, 1);
  session.step(5);
  assert.equal(engine.memory().kvPages, 2);
  session.truncate(32);
  assert.equal(engine.memory().kvPages, 1);
  const { bytesInUse } = engine.memory();
  const second = model.createSession();
  second.append(new Array(70).fill(5));
  assert.equal(engine.memory().kvPages, 4);
  second.dispose();
  assert.equal(engine.memory().bytesInUse, bytesInUse);
  session.dispose();
  assert.equal(engine.memory().kvPages, 0);
});

test('a model frees its memory, and that of its sessions', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  assert.ok(engine.memory().bytesInUse >= model.weightBytes);
  const session = model.createSession();
  session.append([1, 2, 3]);
  model.dispose();
  model.dispose();
  assert.equal(engine.memory().kvPages, 0);
  await assertOnlyEngine(engine);
  assert.throws(() => session.append([1]), sottoError('disposed', /session/));
  assert.throws(() => model.createSession(), sottoError('disposed', /model/));
  session.dispose();
});

test('tensors may come in chunks of any size', async (t) => {
  const whole = await loadIntoEngine(t, 'odd-42');
  const pieces = await loadIntoEngine(t, 'odd-42', { chunkBytes: 1003 });
  const run = ({ model }) => {
    const session = model.createSession();
    session.append([3, 1, 4, 1, 5]);
    return session.logits().slice();
  };
  assert.deepEqual(run(pieces), run(whole));
});

test('a session refuses wrong input and is what it was before', async (t) => {
  const { model } = await loadIntoEngine(t, 'odd-60');
  const session = model.createSession();
  session.append([1, 2, 3]);
  const logits = session.logits().slice();
  assert.throws(() => session.append([]), sottoError('empty-prompt'));
  assert.throws(() => session.append([4, 1003]), sottoError('bad-token', /ids\[1\] is 1003.*0 to 1002/));
  for (const id of [-1, 1.5, Number.NaN, '7', 2 ** 40]) {
    assert.throws(() => session.append([id]), sottoError('bad-token'), String(id));
  }
  assert.throws(
    () => session.append(new Array(75).fill(0)),
    sottoError('prompt-too-long', /77 tokens; 3 .* 75/),
  );
  for (const length of [-1, 4, 1.5, Number.NaN]) {
    assert.throws(() => session.truncate(length), sottoError('bad-option', /0 to 3/), String(length));
  }
  assert.equal(session.length, 3);
  assert.deepEqual(session.logits(), logits);
});

test('a sampler needs logits', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = model.createSession();
  const sampler = engine.createSampler({ temperature: 1, seed: 1 });
  assert.throws(() => sampler.sample(session), sottoError('empty-prompt'));
  session.append([1]);
  assert.ok(sampler.sample(session) < 1003);
  session.append([2, 3], { allLogits: true });
  for (let i = 0; i < 50; i++)
    assert.ok(sampler.sample(session) < 1003, 'the last row counts, not all of them');
  sampler.dispose();
  assert.throws(() => sampler.sample(session), sottoError('disposed', /sampler/));
  assert.throws(() => engine.createSampler({ temperature: -1 }), sottoError('bad-option'));
  assert.throws(() => engine.createSampler({ topk: 1 }), sottoError('unknown-option', /topK/));
});

test('weights are refused unless they fit by name, shape and amount', async () => {
  const engine = await Engine.create();
  const model = engine.createModel(tinyConfig);
  const request = (changes) => ({
    name: 'final_norm.weight',
    dtype: 'F32',
    rows: 8,
    columns: 1,
    transposed: false,
    rowOffset: 0,
    regroup: null,
    ...changes,
  });
  assert.throws(() => model.beginTensor(request({ name: 'nonsense' })), sottoError('bad-tensor', /nonsense/));
  assert.throws(() => model.beginTensor(request({ rows: 9 })), sottoError('bad-tensor', /9.*8/));
  assert.throws(() => model.beginTensor(request({ dtype: 'I64' })), sottoError('bad-tensor', /I64/));
  assert.throws(() => model.createSession(), sottoError('missing-tensor', /finish/));
  assert.throws(() => model.finish(), sottoError('missing-tensor', /token_embedding\.weight/));

  const writer = model.beginTensor(request());
  assert.throws(() => model.beginTensor(request()), sottoError('bad-tensor', /still being written/));
  assert.throws(() => model.finish(), sottoError('bad-tensor', /still being written/));
  writer.write(new Uint8Array(32));
  writer.end();
  assert.throws(() => writer.write(new Uint8Array(4)), sottoError('bad-tensor', /not being written/));
  assert.throws(() => model.beginTensor(request()), sottoError('bad-tensor', /twice/));

  const short = model.beginTensor(request({ name: 'final_norm.bias' }));
  short.write(new Uint8Array(28));
  assert.throws(() => short.end(), sottoError('bad-tensor', /7 of 8/));
  const long = model.beginTensor(request({ name: 'final_norm.bias' }));
  long.write(new Uint8Array(36));
  assert.throws(() => long.end(), sottoError('bad-tensor', /more bytes/));
  model.dispose();
  await assertOnlyEngine(engine);
});

test('absurd and unknown configurations are refused without allocating', async () => {
  const engine = await Engine.create();
  for (const changes of [
    { layers: [] },
    { hiddenSize: 0 },
    { vocabSize: -1 },
    { contextLength: 1e9 },
    { norm: 'layer' },
  ]) {
    assert.throws(
      () => engine.createModel({ ...tinyConfig, ...changes }),
      sottoError('bad-config', new RegExp(Object.keys(changes)[0])),
    );
  }
  assert.ok(engine.memory().peakBytes < 1 << 20);
});

test('memoryLimit bounds what the engine allocates', async () => {
  await assert.rejects(Engine.create({ memoryLimit: 1 << 16 }), sottoError('out-of-memory', /\d+ bytes/));
  const engine = await Engine.create({ memoryLimit: 1 << 17 });
  assert.throws(() => engine.createModel(tinyConfig), sottoError('out-of-memory', /\d+ bytes/));
  await assertOnlyEngine(engine);
});

/** Nothing is left of models: but for a few small things that are made once, it takes as much as a new engine. */
async function assertOnlyEngine(engine) {
  const { bytesInUse } = (await Engine.create({ variant: engine.variant })).memory();
  const more = engine.memory().bytesInUse - bytesInUse;
  assert.ok(more >= 0 && more < 4096, `${more} bytes more than a new engine`);
}
