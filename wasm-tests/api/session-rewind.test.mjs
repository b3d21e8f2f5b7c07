// How far sessions go back without reading again, and that they are right when they cannot.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntoEngine } from './engine-support.mjs';
import { assertSameBits, Random, Reference } from './session-reference.mjs';
import { familyWithRoom, fixturePath, load, sottoError } from './support.mjs';

/** Models with recurrent state, windows, and two sets of rotary factors. */
const CUT_BY_CHECKPOINTS = [
  'lfm2-tied',
  'qwen3_5_text-tied',
  'granitemoehybrid-mamba',
  'falcon_h1-multipliers',
  'mamba2-tied',
  'gemma3_text-tied',
  'phi3-longrope-long',
];

/** Appends in passes of `sizes`. */
function read(model, ids, sizes) {
  const session = model.createSession();
  let begin = 0;
  for (const size of sizes) {
    session.append(ids.slice(begin, begin + size));
    begin += size;
  }
  return session;
}

test('GPT-2 goes back to any length, and keeps its logits at the end', async (t) => {
  const { model } = await loadIntoEngine(t, 'odd-60');
  const session = model.createSession();
  session.append(new Random(1).ids(60, model.config.vocabSize));
  const logits = session.logits().slice();
  assert.equal(session.rewind(60), 60);
  assertSameBits(session.logits(), logits, 'logits');
  for (const length of [59, 33, 32, 31, 1, 0]) assert.equal(session.rewind(length), length);
  assert.equal(session.logits().length, 0);
  for (const length of [1, -1, 0.5, Number.NaN]) {
    assert.throws(() => session.rewind(length), sottoError('bad-option', /length/));
  }
});

test('a recurrent state goes back to where the last pass began, then to where a reading or 256 tokens did', async (t) => {
  const source = familyWithRoom('lfm2-tied');
  const { engine, model } = await loadIntoEngine(t, source);
  const reference = new Reference({ engine, model });
  const ids = new Random(2).ids(500, model.config.vocabSize);
  const reached = (sizes, length) => {
    const session = read(model, ids, sizes);
    const found = session.rewind(length);
    session.append(ids.slice(found, length + 1));
    assertSameBits(session.logits(), reference.logits(ids.slice(0, length + 1)), `${sizes}, ${length}`);
    session.dispose();
    return found;
  };
  assert.equal(reached([10, 5], 14), 10, 'the last pass');
  assert.equal(reached([10, 5], 10), 10);
  assert.equal(reached([10, 5], 9), 0);
  assert.equal(reached([100, 40, 1, 1], 139), 100, 'the last reading');
  assert.equal(reached([100, 40, 1, 1], 140), 140, 'its end');
  assert.equal(reached([100, 40, 1, 1, 33, 1, 1], 175), 175, 'the end of the second of two');
  assert.equal(reached([100, 40, 1, 1, 33, 1, 1], 174), 142, 'its beginning');
  assert.equal(reached([100, 40, 1, 1], 141), 140, 'tokens chosen one by one run over their state');
  assert.equal(reached([128, 128, 128, 16, ...new Array(20).fill(1)], 402), 400);
  assert.equal(reached([128, 128, 128, 16, ...new Array(20).fill(1)], 399), 384);
  assert.equal(reached([128, 128, 128, 16, ...new Array(20).fill(1)], 383), 256);
  const generating = [40, ...new Array(300).fill(1)];
  assert.equal(reached(generating, 330), 328, 'one in sixteen while it generates');
  assert.equal(reached(generating, 320), 40 + 256, 'the last of which is kept');
  assert.equal(reached([40, ...new Array(100).fill(1), 9, 1, 1], 145), 140, 'a message of few tokens');
  assert.equal(reached([40, ...new Array(100).fill(1), 9, 1, 1], 149), 149, 'its end');
});

test('windows go back by 128 tokens at least', async (t) => {
  const { engine, model } = await loadIntoEngine(t, familyWithRoom('gemma3_text-tied'));
  const reference = new Reference({ engine, model });
  const ids = new Random(3).ids(501, model.config.vocabSize);
  for (const back of [1, 100, 128]) {
    const session = read(model, ids, [128, 128, 128, 116]);
    assert.equal(session.rewind(500 - back), 500 - back);
    session.append(ids.slice(500 - back, 501));
    assertSameBits(session.logits(), reference.logits(ids), `${back}`);
  }
  const session = read(model, ids, [128, 128, 128, 116]);
  assert.equal(session.kv(1).firstPosition, 0, 'a layer without a window');
  assert.equal(session.kv(0).firstPosition, 352, '500 - 128 - 7 + 1, at the border of a page');
  assert.equal(session.rewind(300), 256, 'the place that was kept');
});

test('truncate gives the length asked for, with the same bits', async (t) => {
  for (const name of CUT_BY_CHECKPOINTS) {
    const { engine, model } = await loadIntoEngine(t, familyWithRoom(name), { weights: 'q8' });
    const reference = new Reference({ engine, model });
    const ids = new Random(4).ids(400, model.config.vocabSize);
    const session = read(model, ids, [128, 128, 128, 16]);
    for (const length of [399, 390, 300, 61, 60, 7]) {
      session.truncate(length);
      assert.equal(session.length, length);
      assert.equal(session.logits().length, 0);
      const fork = session.fork();
      fork.append([5]);
      assertSameBits(fork.logits(), reference.logits([...ids.slice(0, length), 5]), `${name}, ${length}`);
      fork.dispose();
    }
  }
});

test('what a session takes stays below what was said before', async (t) => {
  for (const name of [...CUT_BY_CHECKPOINTS, 'mistral-window', 'llama-tied']) {
    const { engine, model } = await loadIntoEngine(t, familyWithRoom(name), { weights: 'q8' });
    const ids = new Random(5).ids(600, model.config.vocabSize);
    const session = model.createSession();
    assert.equal(session.kvBytes, 0);
    assert.equal(model.sequenceBytes(0), 0);
    const { bytesInUse } = engine.memory();
    for (let length = 0; length < 600; ) {
      const n = Math.min(length % 3 === 0 ? 50 : 1, 600 - length);
      session.append(ids.slice(length, length + n));
      length += n;
      assert.ok(session.kvBytes <= model.sequenceBytes(length), `${name}: ${length} tokens`);
    }
    assert.ok(engine.memory().bytesInUse > bytesInUse + 0.5 * session.kvBytes, 'it is counted memory');
    assert.throws(() => model.sequenceBytes(601), sottoError('bad-option', /nTokens/));
  }
});

test('layers without keys say so, and attention taps hold the heads of the others', async (t) => {
  const path = fixturePath('families/lfm2-tied');
  const model = await load(t, path);
  const session = await model.createSession();
  await session.tap(['attention', 'hidden']);
  await session.append([1, 2, 3, 4, 5]);
  await assert.rejects(
    session.kv(0),
    sottoError('bad-option', /layer 0 has no keys and values: it is a short convolution/),
  );
  const { firstPosition, keys } = await session.kv(1);
  assert.equal(firstPosition, 0);
  assert.equal(keys.length, 1 * 5 * 8);
  const { rows, attention, hidden } = await session.taps();
  assert.equal(rows, 5);
  assert.equal(hidden.length, 5 * 5 * 24);
  assert.equal(attention.length, 3 * 5 * 5, 'three heads of one layer');
  for (let row = 0; row < 15; row++) {
    const sum = attention.subarray(5 * row, 5 * row + 5).reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5, `${sum}`);
  }
});

test('attention taps are 0 before a window', async (t) => {
  const { model } = await loadIntoEngine(t, familyWithRoom('mistral-window'));
  const session = model.createSession();
  session.append(new Random(6).ids(300, model.config.vocabSize));
  session.tap(['attention']);
  session.append(new Random(7).ids(20, model.config.vocabSize));
  const { attention } = session.taps();
  assert.equal(attention.length, 2 * 5 * 20 * 320);
  for (let row = 0; row < 2 * 5 * 20; row++) {
    const weights = attention.subarray(row * 320, (row + 1) * 320);
    const position = 300 + (row % 20);
    assert.ok(weights.subarray(0, position - 8).every((weight) => weight === 0));
    assert.ok(weights.subarray(position - 8, position + 1).every((weight) => weight > 0));
    assert.ok(weights.subarray(position + 1).every((weight) => weight === 0));
  }
});

test('the prefix cache serves recurrent layers from where they can go on', async (t) => {
  const model = await load(t, familyWithRoom('lfm2-tied'));
  const ids = new Random(8).ids(300, model.info.vocabSize);
  const options = { temperature: 0, maxNewTokens: 4 };
  const first = await model.generate(ids, options).result;
  assert.equal(first.usage.cachedTokens, 0);
  const again = await model.generate(ids, options).result;
  assert.deepEqual(again.tokenIds, first.tokenIds);
  assert.equal(again.usage.cachedTokens, 256, 'the last pass over the prompt began there');
  const longer = await model.generate([...ids, ...first.tokenIds, 7], options).result;
  assert.equal(longer.usage.cachedTokens, 303, 'all that was read, which only grows');
  const one = await model.generate(ids, { ...options, maxNewTokens: 1 }).result;
  assert.equal(one.tokenIds[0], first.tokenIds[0]);
});

test('whatever the strategy, a session goes on from its answer with the same bits', async (t) => {
  const strategies = [
    { numBeams: 3, maxNewTokens: 40 },
    { penaltyAlpha: 0.5, topK: 3, maxNewTokens: 10 },
    { temperature: 0, promptLookup: {}, maxNewTokens: 120 },
    { temperature: 1, seed: 1, maxNewTokens: 700, overflow: 'slide', keepTokens: 3 },
  ];
  for (const name of CUT_BY_CHECKPOINTS) {
    const model = await load(t, familyWithRoom(name), { weights: 'q8' });
    for (const strategy of strategies) {
      const what = `${name}, ${JSON.stringify(strategy)}`;
      const session = await model.createSession();
      await session.append(new Random(9).ids(50, model.info.vocabSize));
      const { tokenIds } = await session.generate(strategy).result;
      assert.ok(tokenIds.length > 0, what);
      const fresh = await model.createSession();
      const tokens = await session.tokens();
      await fresh.append(tokens);
      assertSameBits(await session.logits(), await fresh.logits(), what);
      await session.truncate(tokens.length - 20);
      await fresh.truncate(tokens.length - 20);
      assertSameBits(await session.logits(), await fresh.logits(), `${what}, cut`);
    }
  }
});

test('drafts change no token of models that cannot be cut anywhere', async (t) => {
  for (const name of CUT_BY_CHECKPOINTS) {
    const model = await load(t, familyWithRoom(name), { weights: 'f32', prefixCache: 0 });
    const prompt = [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3];
    const options = { temperature: 0, maxNewTokens: 200 };
    const plain = await model.generate(prompt, options).result;
    const drafted = await model.generate(prompt, { ...options, promptLookup: { maxDraft: 9 } }).result;
    assert.deepEqual(drafted.tokenIds, plain.tokenIds, name);
  }
});
