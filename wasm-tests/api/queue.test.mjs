import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aborted, assertStillWorks, load, sottoError, storiesContext, storiesPath } from './support.mjs';

const short = { temperature: 0, maxNewTokens: 12 };

test('generations run one at a time, in the order in which they were asked for', async (t) => {
  const model = await load(t, storiesPath);
  const events = [];
  const start = (name) => {
    const generation = model.generate('Once upon a time', { ...short, onToken: () => events.push(name) });
    return generation.result.then((result) => {
      events.push(`${name} ended`);
      return result;
    });
  };
  const results = await Promise.all(['a', 'b', 'c'].map(start));
  assert.deepEqual(
    events.filter((event, i) => event !== events[i - 1]),
    ['a', 'a ended', 'b', 'b ended', 'c', 'c ended'],
  );
  assert.deepEqual(results[2].tokenIds, results[0].tokenIds);
  const [first, second, third] = results.map(({ timings }) => timings.queueMs);
  assert.ok(first < second && second < third, 'the waiting is told');
});

test('an aborted generation leaves the queue at once', async (t) => {
  const model = await load(t, storiesPath);
  let firstEnded = false;
  const first = model.generate('Once upon a time', { temperature: 0, maxNewTokens: 100 });
  first.result.then(() => {
    firstEnded = true;
  });
  const controller = new AbortController();
  const waiting = model.generate('One day', { ...short, signal: controller.signal });
  const last = model.generate('One day', short);
  controller.abort();
  const { finishReason, usage, tokenIds, timings } = await aborted(waiting);
  assert.equal(firstEnded, false);
  assert.deepEqual({ finishReason, tokenIds }, { finishReason: 'aborted', tokenIds: [] });
  assert.deepEqual(usage, { promptTokens: 0, cachedTokens: 0, completionTokens: 0, totalTokens: 0 });
  assert.ok(timings.queueMs >= 0);
  assert.ok((await first.result).tokenIds.length > 20);
  assert.equal((await last.result).tokenIds.length, 12);
});

test('a generation that fails lets the next one run', async (t) => {
  const model = await load(t, storiesPath);
  const failing = model.generate(new Array(storiesContext).fill(1), short);
  const next = model.generate('Once upon a time', short);
  await assert.rejects(failing.result, sottoError('prompt-too-long'));
  assert.equal((await next.result).tokenIds.length, 12);
  await assertStillWorks(model);
});

test('text can be encoded and decoded while a generation runs', async (t) => {
  const model = await load(t, storiesPath);
  const generation = model.generate('Once upon a time', { temperature: 0, maxNewTokens: 100 });
  let isRunning = true;
  generation.result.then(() => {
    isRunning = false;
  });
  const ids = await model.encode('One day');
  assert.equal(await model.decode(ids), 'One day');
  assert.ok((await model.memory()).kvPages > 0);
  assert.ok(isRunning);
  await generation.result;
});

test('two models do not wait for each other', async (t) => {
  const [one, two] = [await load(t, storiesPath), await load(t, storiesPath)];
  const order = [];
  const run = (model, name) => model.generate('Once', { ...short, onToken: () => order.push(name) }).result;
  await Promise.all([run(one, 'one'), run(two, 'two')]);
  assert.ok(order.indexOf('two') < order.lastIndexOf('one'), order.join(' '));
});
