// Prompts that begin like earlier ones are read from there on only, and nothing but the time shows it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomModel } from './make-weights.mjs';
import { Random } from './session-reference.mjs';
import { aborted, load, sottoError, storiesPath } from './support.mjs';

const config = { n_positions: 512, n_embd: 32, n_head: 4, n_layer: 2, vocab_size: 60 };
const files = randomModel(config, new Random(1));
const PAGE_BYTES = 2 * 2 * 32 * 32 * 4; // layers, keys and values, positions, width, bytes of a number
const sampled = { temperature: 1, seed: 11, maxNewTokens: 8 };

function ids(seed, count) {
  return new Random(seed).ids(count, 60);
}

async function loadBoth(t, options = {}) {
  const cold = await load(t, files, { weights: 'f32', prefixCache: 0 });
  return { cold, model: await load(t, files, { weights: 'f32', ...options }) };
}

/** Generates, and compares with a model that has kept nothing. */
async function generate({ model, cold }, prompt, options = sampled) {
  const { tokenIds, usage, finishReason } = await model.generate(prompt, options).result;
  const expected = await cold.generate(prompt, options).result;
  assert.deepEqual([tokenIds, finishReason], [expected.tokenIds, expected.finishReason]);
  assert.equal(expected.usage.cachedTokens, 0);
  assert.equal(usage.promptTokens, prompt.length);
  assert.equal(usage.totalTokens, prompt.length + tokenIds.length);
  return { tokenIds, cached: usage.cachedTokens };
}

test('a prompt that extends an earlier one, answer included, is read from there on', async (t) => {
  const models = await loadBoth(t);
  let prompt = ids(1, 40);
  let known = 0;
  for (let turn = 0; turn < 6; turn++) {
    const { tokenIds, cached } = await generate(models, prompt, { ...sampled, seed: turn });
    assert.equal(cached, known, `turn ${turn}`);
    known = prompt.length + tokenIds.length - 1; // the last token was chosen, and not read
    prompt = [...prompt, ...tokenIds, ...ids(turn + 2, 20 + turn)];
  }
});

test('the same prompt again is read but for its last token, and other seeds give other answers', async (t) => {
  const models = await loadBoth(t);
  const prompt = ids(1, 100);
  const first = await generate(models, prompt);
  const again = await generate(models, prompt);
  const other = await generate(models, prompt, { ...sampled, seed: 12 });
  assert.deepEqual([first.cached, again.cached, other.cached], [0, 99, 99]);
  assert.deepEqual(again.tokenIds, first.tokenIds);
  assert.notDeepEqual(other.tokenIds, first.tokenIds);
});

test('a prompt that differs from some token on shares what is before it, and the earlier one stays', async (t) => {
  const models = await loadBoth(t);
  const prompt = ids(1, 100);
  await generate(models, prompt);
  for (const common of [1, 31, 32, 33, 64, 99]) {
    const branch = [...prompt.slice(0, common), (prompt[common] + 1) % 60, ...ids(common, 9)];
    assert.equal((await generate(models, branch)).cached, common);
  }
  assert.equal((await generate(models, prompt)).cached, 99);
  assert.equal((await generate(models, [(prompt[0] + 1) % 60, ...prompt])).cached, 0);
});

test('the least recently used goes when the budget is full', async (t) => {
  const models = await loadBoth(t, { prefixCache: 6 * PAGE_BYTES });
  const prompts = [1, 2, 3].map((seed) => ids(seed, 50)); // two pages each
  for (const prompt of prompts) await generate(models, prompt);
  assert.equal((await models.model.memory()).kvPages, 6);
  assert.equal(
    (await generate(models, prompts[0])).cached,
    49,
    'used again, so that the second is the oldest',
  );
  await generate(models, ids(4, 50));
  assert.equal((await generate(models, prompts[0])).cached, 49);
  assert.equal((await generate(models, prompts[2])).cached, 49);
  assert.ok((await models.model.memory()).kvPages <= 6);
  assert.equal((await generate(models, prompts[1])).cached, 0);
});

test('what is larger than the budget does not drive out what is kept', async (t) => {
  const models = await loadBoth(t, { prefixCache: 4 * PAGE_BYTES });
  const prompt = ids(1, 50);
  await generate(models, prompt);
  await generate(models, ids(2, 300));
  assert.equal((await generate(models, prompt)).cached, 49);
});

test('0 keeps nothing, and a budget is never exceeded', async (t) => {
  const prompts = Array.from({ length: 12 }, (_, i) => ids(i % 5, 20 + 11 * i));
  for (const pages of [0, 1, 3, 5]) {
    const models = await loadBoth(t, { prefixCache: pages * PAGE_BYTES });
    for (const prompt of prompts) {
      const { cached } = await generate(models, prompt);
      if (pages === 0) assert.equal(cached, 0);
      assert.ok((await models.model.memory()).kvPages <= pages);
    }
  }
});

test('what is kept gives way when memory is short', async (t) => {
  const { model: free } = await loadBoth(t);
  const { peakBytes } = await free.memory();
  const models = await loadBoth(t, { memoryLimit: peakBytes + 20 * PAGE_BYTES });
  const { model } = models;
  let nCached = 0;
  for (let round = 0; round < 40; round++) {
    nCached += (await generate(models, [...ids(round >> 1, 250), round])).cached > 0;
  }
  assert.ok(nCached >= 15, `${nCached} of 20 second prompts found the first`);
  const session = await model.createSession();
  await session.append(ids(99, 500));
  await session.save();
  await session.kv(0);
  const sessions = [];
  await assert.rejects(async () => {
    for (;;) {
      const another = await model.createSession();
      sessions.push(another);
      await another.append(ids(7, 500));
    }
  }, sottoError('out-of-memory'));
  assert.equal((await model.memory()).kvPages, 16 * sessions.length, 'only sessions are left');
  for (const one of sessions) await one.dispose();
  await generate(models, ids(1, 500));
});

test('sessions and prompts do not disturb each other', async (t) => {
  const models = await loadBoth(t);
  const { model } = models;
  const prompt = ids(1, 70);
  await generate(models, prompt);
  const session = await model.createSession();
  await session.append(prompt);
  const answer = await session.generate(sampled).result;
  assert.deepEqual((await generate(models, prompt)).tokenIds, answer.tokenIds);
  await session.truncate(10);
  await session.append([1, 2, 3]);
  await session.dispose();
  assert.equal((await generate(models, prompt)).cached, 69);
  const { logprob } = await model.score(prompt);
  assert.equal(logprob, (await models.cold.score(prompt)).logprob);
});

test('an aborted generation leaves what it has read, and one that fails nothing', async (t) => {
  const models = await loadBoth(t);
  const { model } = models;
  const prompt = ids(1, 200);
  const long = { ...sampled, maxNewTokens: 200 };
  const generation = model.generate(prompt, { ...long, onToken: () => generation.abort() });
  const { tokenIds } = await aborted(generation);
  const { cached } = await generate(models, [...prompt, ...tokenIds, 5]);
  assert.equal(cached, 200 + tokenIds.length - 1);

  const other = ids(2, 300);
  const reading = model.generate(other, { ...long, onPrefillProgress: () => reading.abort() });
  const { usage } = await aborted(reading);
  assert.equal(usage.completionTokens, 0);
  const next = await generate(models, other);
  assert.ok(next.cached >= 128 && next.cached < 300 && next.cached % 128 === 0, `${next.cached}`);

  const third = ids(3, 50);
  const failing = { temperature: 0, maxNewTokens: 3, logitsProcessor: 'file:///nowhere.js' };
  await assert.rejects(model.generate(third, failing).result);
  assert.equal((await generate(models, third)).cached, 0);
});

test('prompts of a batch share what is kept', async (t) => {
  const models = await loadBoth(t);
  const prompt = ids(1, 100);
  await generate(models, prompt);
  const prompts = [[...prompt, 1], prompt.slice(0, 60), [...prompt.slice(0, 80), 3, 4, 5], ids(2, 20)];
  const results = await Promise.all(models.model.generateBatch(prompts, sampled).map(({ result }) => result));
  for (const [i, { tokenIds, usage }] of results.entries()) {
    const expected = await models.cold.generate(prompts[i], sampled).result;
    assert.deepEqual(tokenIds, expected.tokenIds, `prompt ${i}`);
    assert.equal(usage.promptTokens, prompts[i].length);
  }
  assert.deepEqual(
    results.map(({ usage }) => usage.cachedTokens),
    [100, 59, 80, 0],
  );
});

test('text is kept as its tokens', async (t) => {
  const model = await load(t, storiesPath, { prefixCache: 1 << 20 });
  const greedy = { temperature: 0, maxNewTokens: 10 };
  const first = await model.generate('Once upon a time', greedy).result;
  const { usage } = await model.generate(`Once upon a time${first.text} Then`, greedy).result;
  assert.ok(usage.cachedTokens >= first.usage.promptTokens, JSON.stringify(usage));
  await assert.rejects(load(t, storiesPath, { prefixCache: -1 }), sottoError('bad-option', /prefixCache/));
});
