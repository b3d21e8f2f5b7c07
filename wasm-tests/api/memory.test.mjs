import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { zeroModel } from './make-weights.mjs';
import { collectGarbage, filesOf, load, sottoError, storiesPath } from './support.mjs';

test('a model that does not fit into memoryLimit is refused', async (t) => {
  await assert.rejects(
    LanguageModel.load(storiesPath, { memoryLimit: 4 << 20 }),
    sottoError('out-of-memory', /bytes/),
  );
  const model = await load(t, storiesPath, { memoryLimit: 64 << 20 });
  assert.ok((await model.memory()).peakBytes < 64 << 20);
});

test('a generation for which the memory does not suffice fails, and the model lives on', async (t) => {
  const files = zeroModel({ n_positions: 8192, n_embd: 64, n_head: 4, n_layer: 1, vocab_size: 50 });
  const { peakBytes, bytesInUse } = await (await load(t, files)).memory();
  const pageBytes = 2 * 64 * 32 * 4; // K and V, width, positions, bytes of a number
  assert.ok(
    peakBytes - bytesInUse < 200 * pageBytes,
    'what loading needs does not suffice for a full context',
  );
  const model = await load(t, files, { memoryLimit: peakBytes });
  const run = (count) => model.generate(new Array(count).fill(11), { maxNewTokens: 3 }).result;
  await assert.rejects(run(8000), sottoError('out-of-memory', /bytes/));
  assert.equal((await model.memory()).kvPages, 0);
  assert.equal((await run(3)).tokenIds.length, 3);
});

test('no whole tensor is held beside the heap', async (t) => {
  const files = filesOf(storiesPath);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const onProgress = ({ phase }) => {
    if (phase === 'weights') most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  };
  const model = await load(t, files, { onProgress });
  const { peakBytes, heapBytes } = await model.memory();
  assert.ok(peakBytes - model.info.weightBytes < 8 << 20);
  assert.ok(most < heapBytes + (16 << 20), `${most} beside a heap of ${heapBytes}`);
});

for (const [worker, threads, rounds] of [
  [false, 1, 50],
  [true, 1, 10],
  [false, 2, 15],
]) {
  test(`${rounds} loads and disposes do not grow memory, worker: ${worker}, threads: ${threads}`, async () => {
    const round = async () => {
      const model = await LanguageModel.load(storiesPath, { worker, threads });
      await model.generate('Once', { maxNewTokens: 4 }).result;
      await model.dispose();
    };
    const memory = async () => {
      await collectGarbage();
      const { arrayBuffers, external, heapUsed, rss } = process.memoryUsage();
      return { arrayBuffers, external, heapUsed, rss, resources: process.getActiveResourcesInfo().length };
    };
    await round();
    await round();
    const before = await memory();
    for (let i = 0; i < rounds; i++) await round();
    const after = await memory();
    const oneModel = 16 << 20;
    assert.ok(after.arrayBuffers - before.arrayBuffers < oneModel, JSON.stringify({ before, after }));
    assert.ok(after.external - before.external < oneModel, JSON.stringify({ before, after }));
    // Memory that threads share counts only here.
    assert.ok(after.rss - before.rss < 8 * oneModel, JSON.stringify({ before, after }));
    assert.ok(after.heapUsed - before.heapUsed < 4 << 20, JSON.stringify({ before, after }));
    assert.ok(after.resources <= before.resources, JSON.stringify({ before, after }));
  });
}
