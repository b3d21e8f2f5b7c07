import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import {
  aborted,
  assertStillWorks,
  collect,
  filesOf,
  load,
  serveFiles,
  storiesContext,
  storiesPath,
} from './support.mjs';

const long = { temperature: 0, maxNewTokens: 200 };
const longPrompt = Array.from({ length: 200 }, (_, i) => i + 100); // two chunks of prefill

for (const worker of [false, true]) {
  test(`a generation can be aborted at any time, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker, prefixCache: 0 });
    const full = await model.generate('Once upon a time', long).result;
    assert.ok(full.tokenIds.length > 30);

    await t.test('before it is asked for', async () => {
      const { signal } = abortedWith('early');
      const result = await aborted(model.generate('Once', { signal }));
      assert.deepEqual(result.tokenIds, []);
    });

    await t.test('while a long text is encoded, by which the others of its batch go on', async () => {
      const longText = 'Once upon a time, there was a little girl. '.repeat(50_000);
      const [alone] = model.generateBatch([longText], { ...long, overflow: 'slide' });
      const [one, other] = model.generateBatch([longText, 'Once upon a time'], {
        ...long,
        overflow: 'slide',
      });
      for (let i = 0; i < 10; i++) await null;
      for (const generation of [alone, one]) generation.abort();
      for (const generation of [alone, one]) {
        const { usage, text } = await aborted(generation);
        assert.equal(text, '');
        assert.equal(usage.promptTokens, 0); // else it was encoded
      }
      assert.equal((await other.result).text, full.text);
    });

    await t.test('in prefill', async () => {
      const generation = model.generate(longPrompt, long);
      for (let i = 0; i < 10; i++) await null; // until the request is on its way
      generation.abort();
      const { usage, text } = await aborted(generation);
      assert.equal(text, '');
      assert.deepEqual(usage, { promptTokens: 200, cachedTokens: 0, completionTokens: 0, totalTokens: 200 });
    });

    await t.test('in decode, by its signal', async () => {
      const controller = new AbortController();
      const onToken = () => controller.abort();
      const generation = model.generate('Once upon a time', { ...long, signal: controller.signal, onToken });
      const pieces = [];
      const reading = (async () => {
        for await (const piece of generation) pieces.push(piece);
      })();
      await assert.rejects(reading, { name: 'AbortError' });
      const { text, tokenIds } = await aborted(generation);
      assert.ok(tokenIds.length > 0 && tokenIds.length < full.tokenIds.length);
      assert.deepEqual(tokenIds, full.tokenIds.slice(0, tokenIds.length));
      assert.equal(pieces.map((piece) => piece.text).join(''), text);
      assert.ok(full.text.startsWith(text));
    });

    await t.test('in decode, by a timer', async () => {
      const generation = model.generate('Once upon a time', long);
      setTimeout(() => generation.abort(), 10);
      await aborted(generation);
    });

    await t.test('by leaving the loop', async () => {
      const generation = model.generate('Once upon a time', long);
      for await (const _ of generation) break;
      await aborted(generation);
    });

    await t.test('by an error in the loop, which is kept', async () => {
      const generation = model.generate('Once upon a time', long);
      const own = new Error('own');
      const loop = async () => {
        for await (const _ of generation) throw own;
      };
      await assert.rejects(loop, own);
      await aborted(generation);
    });

    await t.test('by cancelling its stream', async () => {
      const generation = model.generate('Once upon a time', long);
      const reader = generation.toReadableStream().getReader();
      await reader.read();
      await reader.cancel();
      await aborted(generation);
    });

    await t.test('after its end, which changes nothing', async () => {
      const generation = model.generate('Once upon a time', { ...long, maxNewTokens: 3 });
      const result = await generation.result;
      generation.abort();
      assert.equal((await generation.result).finishReason, 'length');
      assert.equal(result.tokenIds.length, 3);
    });

    await assertStillWorks(model);
    assert.equal((await model.memory()).kvPages, 0);
  });
}

test('what onToken throws ends the generation, and only that', async (t) => {
  const model = await load(t, storiesPath);
  const own = new Error('own');
  let calls = 0;
  const onToken = () => {
    calls++;
    throw own;
  };
  const generation = model.generate('Once upon a time', { ...long, onToken });
  const next = model.generate('Once upon a time', { temperature: 0, maxNewTokens: 5 });
  await assert.rejects(generation.result, (error) => error === own);
  await assert.rejects(generation.text(), own);
  await assert.rejects(collect(generation), own);
  assert.equal(calls, 1);
  assert.equal((await next.result).tokenIds.length, 5);
  await assertStillWorks(model);
});

test('no listener stays on a signal', async (t) => {
  const { signal } = new AbortController();
  const model = await LanguageModel.load(storiesPath, { signal });
  t.after(() => model.dispose());
  await Promise.all([1, 2, 3].map(() => model.generate('Once', { signal, maxNewTokens: 2 }).result));
  assert.throws(() => model.generate('Once', { signal, maxNewTokens: -1 }));
  await assert.rejects(model.generate(new Array(storiesContext).fill(1), { signal }).result);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

for (const worker of [false, true]) {
  for (const phase of ['engine', 'config', 'tokenizer', 'weights']) {
    test(`loading can be aborted in the phase '${phase}', worker: ${worker}`, async (t) => {
      for (const source of [
        storiesPath,
        filesOf(storiesPath),
        (await serveFiles(t, filesOf(storiesPath))).url,
      ]) {
        const controller = new AbortController();
        const reason = new Error('own');
        const onProgress = (progress) => {
          if (progress.phase === phase) controller.abort(reason);
        };
        const loading = LanguageModel.load(source, { worker, signal: controller.signal, onProgress });
        await assert.rejects(loading, (error) => error === reason);
        assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
      }
    });
  }
}

test('loading does not begin when the signal was aborted before', async (t) => {
  const { url, requests } = await serveFiles(t, filesOf(storiesPath));
  const { signal, reason } = abortedWith('early');
  await assert.rejects(LanguageModel.load(url, { signal }), (error) => error === reason);
  assert.deepEqual(requests, []);
});

test('loading can be aborted while the server is silent', async (t) => {
  const { url } = await serveFiles(t, { ...filesOf(storiesPath), 'model.safetensors': () => {} });
  for (const worker of [false, true]) {
    const controller = new AbortController();
    const loading = LanguageModel.load(url, { worker, signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await assert.rejects(loading, { name: 'AbortError' });
  }
});

test('what onProgress throws ends the loading', async () => {
  const own = new Error('own');
  const onProgress = () => {
    throw own;
  };
  await assert.rejects(LanguageModel.load(storiesPath, { onProgress }), (error) => error === own);
});

function abortedWith(message) {
  const controller = new AbortController();
  const reason = new Error(message);
  controller.abort(reason);
  return { signal: controller.signal, reason };
}
