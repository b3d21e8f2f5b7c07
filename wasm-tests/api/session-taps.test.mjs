// What a session shows of the inside of a model: hidden states, attention weights, keys and values; and score().
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { randomModel, takeApart } from './make-weights.mjs';
import { assertSameBits, Random } from './session-reference.mjs';
import {
  fixtureNames,
  fixturePath,
  fixtureReference,
  load,
  sottoError,
  storiesContext,
  storiesPath,
} from './support.mjs';

for (const name of fixtureNames) {
  test(`${name}: hidden states are within 1e-3 of the reference's range`, async (t) => {
    const model = await load(t, fixturePath(name));
    const { nLayers, hiddenSize } = model.info;
    const reference = fixtureReference(name);
    const { case: index, blocks } = reference.hiddenStates;
    const { promptIds } = reference.cases[index];
    const session = await model.createSession();
    await session.tap(['hidden']);
    await session.append(promptIds);
    const taps = await session.taps();
    assert.deepEqual(Object.keys(taps), ['rows', 'hidden']);
    assert.equal(taps.rows, promptIds.length);
    assert.equal(taps.hidden.length, (nLayers + 1) * promptIds.length * hiddenSize);
    const layers = Array.from({ length: nLayers - 1 }, (_, layer) => `layers.${layer}`);
    for (const [plane, block] of ['embedding', ...layers, 'final_norm'].entries()) {
      const expected = reference.read(blocks[block]);
      const found = taps.hidden.subarray(plane * expected.length, (plane + 1) * expected.length);
      const range = Math.max(...expected) - Math.min(...expected);
      const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
      assert.ok(worst <= 1e-3 * range, `${block}: ${worst} of ${range}`);
    }
  });

  test(`${name}: attention weights add up to 1, and to nothing behind their row`, async (t) => {
    const model = await load(t, fixturePath(name));
    const { nLayers, nHeads } = model.info;
    const { promptIds } = fixtureReference(name).cases.at(-2);
    const session = await model.createSession();
    await session.append(promptIds.slice(0, 7));
    await session.tap(['attention']);
    await session.append(promptIds.slice(7));
    const { rows, attention } = await session.taps();
    const { length } = promptIds;
    assert.equal(rows, length - 7);
    assert.equal(attention.length, nLayers * nHeads * rows * length);
    for (let row = 0; row < nLayers * nHeads * rows; row++) {
      const weights = attention.subarray(row * length, (row + 1) * length);
      const position = 7 + (row % rows);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5, `a row has the sum ${sum}`);
      assert.ok(weights.subarray(0, position + 1).every((weight) => weight > 0));
      assert.ok(
        weights.subarray(position + 1).every((weight) => weight === 0),
        'nothing comes from behind',
      );
    }
  });
}

test('attention weights are the softmax of queries and of the keys that kv() shows', async (t) => {
  const config = { n_positions: 40, n_embd: 8, n_head: 2, n_layer: 1, vocab_size: 20 };
  const model = await load(t, randomModel(config, new Random(5)));
  const session = await model.createSession();
  const ids = new Random(6).ids(35, 20);
  await session.tap(['attention', 'hidden']);
  await session.append(ids);
  const { hidden, attention } = await session.taps();
  const { keys, values } = await session.kv(0);
  assert.equal(keys.length, 8 * 35);
  assert.equal(values.length, 8 * 35);
  const queries = queriesOf(randomModel(config, new Random(5)), hidden, config);
  for (let head = 0; head < 2; head++) {
    for (let row = 0; row < 35; row++) {
      const scores = Array.from({ length: row + 1 }, (_, position) => {
        const key = keys.subarray((head * 35 + position) * 4, (head * 35 + position + 1) * 4);
        return key.reduce((sum, value, i) => sum + value * queries[row][head * 4 + i], 0) / 2;
      });
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      for (const [position, score] of scores.entries()) {
        const found = attention[(head * 35 + row) * 35 + position];
        assert.ok(
          Math.abs(found - Math.exp(score) / total) < 1e-5,
          `head ${head}, ${row}, ${position}: ${found}`,
        );
      }
    }
  }
});

test('taps are of the last append or of the last token of an answer, in parts as well', async (t) => {
  const config = { n_positions: 300, n_embd: 16, n_head: 2, n_layer: 2, vocab_size: 50 };
  const model = await load(t, randomModel(config, new Random(7)));
  const ids = new Random(8).ids(280, 50);
  const session = await model.createSession();
  assert.deepEqual(await session.taps(), { rows: 0 });
  await session.tap(['hidden', 'attention']);
  assert.deepEqual(await session.taps(), { rows: 0 });
  await session.append(ids); // in three passes
  const whole = await session.taps();
  assert.equal(whole.rows, 280);
  assert.equal(whole.attention.length, 2 * 2 * 280 * 280);
  const stepwise = await model.createSession();
  await stepwise.tap(['hidden', 'attention']);
  await stepwise.append(ids.slice(0, 200));
  await stepwise.append(ids.slice(200, 279));
  await stepwise.append(ids.slice(279));
  const last = await stepwise.taps();
  assert.equal(last.rows, 1);
  for (let plane = 0; plane < 3; plane++) {
    const row = whole.hidden.subarray((plane * 280 + 279) * 16, (plane * 280 + 280) * 16);
    assertSameBits(last.hidden.subarray(plane * 16, (plane + 1) * 16), row, `hidden ${plane}`);
  }
  for (let plane = 0; plane < 4; plane++) {
    const row = whole.attention.subarray((plane * 280 + 279) * 280, (plane * 280 + 280) * 280);
    assertSameBits(last.attention.subarray(plane * 280, (plane + 1) * 280), row, `attention ${plane}`);
  }
  const { tokenIds } = await session.generate({ temperature: 0, maxNewTokens: 5 }).result;
  assert.equal(tokenIds.length, 5);
  const answer = await session.taps();
  await stepwise.append(tokenIds.slice(0, 4));
  await stepwise.append(tokenIds.slice(4));
  assert.deepEqual(answer, await stepwise.taps());
  await session.tap([]);
  await session.append([1]);
  assert.deepEqual(await session.taps(), { rows: 1 });
  assert.deepEqual(await (await stepwise.fork()).taps(), { rows: 0 }, 'a fork has no taps');
});

test('taps are of the last token of an answer whatever the strategy', async (t) => {
  const config = { n_positions: 300, n_embd: 16, n_head: 2, n_layer: 2, vocab_size: 50 };
  const model = await load(t, randomModel(config, new Random(7)));
  const strategies = [
    { temperature: 1, seed: 1, maxNewTokens: 3 },
    { temperature: 0, promptLookup: {}, maxNewTokens: 40 },
    { numBeams: 2, maxNewTokens: 200 }, // more than a pass takes
    { penaltyAlpha: 0.5, topK: 3, maxNewTokens: 10 },
    { temperature: 1, seed: 2, maxNewTokens: 400, overflow: 'slide' },
  ];
  for (const strategy of strategies) {
    const session = await model.createSession();
    await session.append([1, 2, 3]);
    await session.tap(['hidden', 'attention']);
    await session.append([4, 5]);
    await session.generate(strategy).result;
    const stepwise = await model.createSession();
    const tokens = await session.tokens();
    await stepwise.append(tokens.subarray(0, -1));
    await stepwise.tap(['hidden', 'attention']);
    await stepwise.append(tokens.subarray(-1));
    assert.deepEqual(await session.taps(), await stepwise.taps(), JSON.stringify(strategy));
    assertSameBits(await session.logits(), await stepwise.logits(), JSON.stringify(strategy));
  }
});

for (const name of fixtureNames) {
  test(`${name}: score tells the log-probabilities of the reference's logits`, async (t) => {
    const model = await load(t, fixturePath(name));
    const reference = fixtureReference(name);
    for (const { promptIds, logits, logitRange } of reference.cases) {
      const rows = reference.read(logits);
      const { tokens, logprob, perplexity } = await model.score(promptIds);
      assert.deepEqual(
        tokens.map(({ tokenId }) => tokenId),
        promptIds,
      );
      assert.equal(tokens[0].logprob, null);
      let expectedSum = 0;
      for (let i = 1; i < promptIds.length; i++) {
        const row = rows.subarray((i - 1) * reference.vocabSize, i * reference.vocabSize);
        const most = Math.max(...row);
        const total = row.reduce((sum, value) => sum + Math.exp(value - most), 0);
        const expected = row[promptIds[i]] - most - Math.log(total);
        expectedSum += expected;
        assert.ok(
          Math.abs(tokens[i].logprob - expected) < 2e-3 * logitRange,
          `${tokens[i].logprob}, ${expected}`,
        );
      }
      assert.ok(Math.abs(logprob - expectedSum) < 2e-3 * logitRange * promptIds.length);
      if (promptIds.length === 1) assert.ok(Number.isNaN(perplexity));
      else assert.equal(perplexity, Math.exp(-logprob / (promptIds.length - 1)));
    }
    assert.equal((await model.memory()).kvPages, 0);
  });
}

test('score reads text, reports, can be aborted, and refuses what is too long', async (t) => {
  const model = await load(t, storiesPath);
  const text = 'Once upon a time, there was a little girl.';
  const { tokens, perplexity } = await model.score(text);
  assert.equal(
    tokens
      .slice(1)
      .map((token) => token.text)
      .join(''),
    text,
  );
  assert.ok(perplexity < 20, `${perplexity}`);
  const shuffled = await model.score(tokens.map(({ tokenId }) => tokenId).reverse());
  assert.ok(shuffled.perplexity > 10 * perplexity);
  const controller = new AbortController();
  const { signal } = controller;
  const progress = [];
  const onPrefillProgress = (one) => {
    progress.push(one);
    controller.abort(new Error('enough'));
  };
  await assert.rejects(
    model.score(new Array(storiesContext).fill(7), { signal, onPrefillProgress }),
    /enough/,
  );
  assert.deepEqual(progress, [{ processedTokens: 32, totalTokens: storiesContext }]);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
  await assert.rejects(
    model.score(new Array(storiesContext + 1).fill(7)),
    sottoError('prompt-too-long', new RegExp(`${storiesContext + 1}.*${storiesContext}`)),
  );
  await assert.rejects(model.score(''), sottoError('empty-prompt'));
  await assert.rejects(model.score([1], { sginal: signal }), sottoError('unknown-option'));
  assert.equal((await model.score(new Array(storiesContext).fill(7))).tokens.length, storiesContext);
});

/** The queries of the first layer out of what enters it: norm, product and bias in plain numbers, [rows][n_embd]. */
function queriesOf(files, hidden, { n_embd: width }) {
  const { header, data } = takeApart(files['model.safetensors']);
  const read = (name) => {
    const [begin, end] = header[`h.0.${name}`].data_offsets;
    return new Float32Array(data.slice(begin, end).buffer);
  };
  const [scale, shift] = [read('ln_1.weight'), read('ln_1.bias')];
  const [matrix, bias] = [read('attn.c_attn.weight'), read('attn.c_attn.bias')];
  return Array.from({ length: 35 }, (_, row) => {
    const x = hidden.subarray(row * width, (row + 1) * width);
    const mean = x.reduce((sum, value) => sum + value, 0) / width;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const normed = x.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * scale[i] + shift[i]);
    return Array.from({ length: width }, (__, column) =>
      normed.reduce((sum, value, i) => sum + value * matrix[i * 3 * width + column], bias[column]),
    );
  });
}
