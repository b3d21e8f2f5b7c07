import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { LanguageModel } from 'sotto';
import {
  assertStillWorks,
  collect,
  fixturePath,
  load,
  sottoError,
  storiesContext,
  storiesPath,
} from './support.mjs';

const workerScript = new URL('../../dist/worker.js', import.meta.url);
const long = { temperature: 0, maxNewTokens: 200 };

for (const worker of [false, true]) {
  test(`a disposed model refuses everything, worker: ${worker}`, async () => {
    const model = await LanguageModel.load(storiesPath, { worker });
    await model[Symbol.asyncDispose]();
    await model.dispose();
    const disposed = sottoError('disposed', /load it again/);
    assert.throws(() => model.generate('Once'), disposed);
    await assert.rejects(model.encode('Once'), disposed);
    await assert.rejects(model.decode([1]), disposed);
    await assert.rejects(model.memory(), disposed);
    assert.equal(model.info.contextLength, storiesContext);
  });

  test(`disposing ends what runs and what waits, worker: ${worker}`, async () => {
    const model = await LanguageModel.load(storiesPath, { worker });
    const running = model.generate('Once upon a time', long);
    const waiting = model.generate('Once upon a time', long);
    const pieces = collect(waiting);
    const disposed = sottoError('disposed');
    for await (const _ of running) {
      await Promise.all([
        model.dispose(),
        assert.rejects(running.result, disposed),
        assert.rejects(waiting.result, disposed),
        assert.rejects(pieces, disposed),
      ]);
      break;
    }
  });

  test(`disposing in the middle of the prompt harms nothing, worker: ${worker}`, async () => {
    const model = await LanguageModel.load(storiesPath, { worker });
    const generation = model.generate(new Array(200).fill(11), long);
    for (let i = 0; i < 10; i++) await null;
    await model.dispose();
    await assert.rejects(generation.result, sottoError('disposed'));
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
}

test('a load that fails leaves nothing behind', async () => {
  const before = process.getActiveResourcesInfo();
  for (const worker of [false, true]) {
    await assert.rejects(LanguageModel.load('no/such/folder', { worker }));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(process.getActiveResourcesInfo(), before);
});

for (const worker of [false, true]) {
  test(`a loaded model does not keep the process alive, a generation does, worker: ${worker}`, async () => {
    const script = `
      import { LanguageModel } from 'sotto';
      const model = await LanguageModel.load(${JSON.stringify(storiesPath)}, { worker: ${worker} });
      model.generate('Once upon a time', { temperature: 0, maxNewTokens: 60 }).result.then(
        ({ usage }) => console.log(usage.completionTokens),
      );
    `;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: new URL('../../', import.meta.url),
      timeout: 20_000,
    });
    assert.equal((await run).stdout, '60\n');
  });
}

test('a crash of the engine is told, ends what is pending, and the next load works', async (t) => {
  const heaps = [];
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, 'instantiate', async (...args) => {
    const result = await instantiate.apply(WebAssembly, args);
    // The probes' modules have no memory.
    const memory = Object.values(result.exports ?? {}).find((value) => value instanceof WebAssembly.Memory);
    if (memory !== undefined) heaps.push(memory);
    return result;
  });
  const model = await LanguageModel.load(storiesPath, { threads: 1 });
  const running = model.generate('Once upon a time', long);
  const waiting = model.generate('Once upon a time', long);
  const crashed = sottoError('engine-crashed', /Load the model again/);
  const reading = (async () => {
    for await (const _ of running) new Uint8Array(heaps[0].buffer).fill(0xff); // pointers into nowhere
  })();
  await assert.rejects(reading, crashed);
  await assert.rejects(running.result, crashed);
  await assert.rejects(waiting.result, crashed);
  assert.throws(() => model.generate('Once'), crashed);
  await assert.rejects(model.memory(), crashed);
  await model.dispose();
  await assertStillWorks(await load(t, storiesPath));
});

test('a worker of the caller is used by several models side by side, and not ended', async (t) => {
  const worker = new Worker(workerScript);
  t.after(() => worker.terminate());
  const first = await LanguageModel.load(storiesPath, { worker });
  await assertStillWorks(first);
  const second = await LanguageModel.load(fixturePath('odd-60'), { worker });
  const sessions = await Promise.all([first.createSession(), second.createSession()]);
  await Promise.all([sessions[0].append('Once'), sessions[1].append([1, 2, 3])]);
  assert.deepEqual([...(await sessions[1].tokens())], [1, 2, 3]);
  const greedy = { temperature: 0, maxNewTokens: 30 };
  const alone = await second.generate([1], greedy).result;
  const [story, beside] = [first.generate('Once upon a time', greedy), second.generate([1], greedy)];
  assert.deepEqual((await beside.result).tokenIds, alone.tokenIds);
  assert.equal((await story.result).tokenIds.length, 30);
  const running = second.generate([1], greedy);
  await first.dispose();
  assert.deepEqual((await running.result).tokenIds, alone.tokenIds);
  await assert.rejects(sessions[0].tokens(), sottoError('disposed'));
  assert.deepEqual([...(await sessions[1].tokens())], [1, 2, 3]);
  await second.dispose();

  const controller = new AbortController();
  const onProgress = ({ phase }) => phase === 'weights' && controller.abort();
  const aborted = LanguageModel.load(storiesPath, { worker, signal: controller.signal, onProgress });
  await assert.rejects(aborted, { name: 'AbortError' });
  await assertStillWorks(await load(t, storiesPath, { worker }));
});

test('two loads of one source share its weights in a worker, while its files are the same', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(storiesPath, folder, { recursive: true });
  const options = { worker: false, prefixCache: 0 };
  const first = await load(t, folder, options);
  const alone = await first.memory();
  const second = await LanguageModel.load(folder, options);
  assert.deepEqual(await first.memory(), await second.memory());
  const { bytesInUse } = await second.memory();
  assert.ok(
    bytesInUse - alone.bytesInUse < alone.bytesInUse / 100,
    `${bytesInUse}, alone ${alone.bytesInUse}`,
  );
  const greedy = { temperature: 0, maxNewTokens: 40 };
  const [story, sameStory] = [first, second].map((model) =>
    model.generate('Once upon a time', greedy).text(),
  );
  assert.equal(await story, await sameStory);
  const session = await second.createSession();
  await session.append('Once');
  await second.dispose();
  assert.deepEqual((await first.memory()).bytesInUse, alone.bytesInUse); // what the second had besides is free
  await assertStillWorks(first);

  const otherType = await load(t, folder, { ...options, weights: 'q8' });
  assert.notEqual((await otherType.memory()).bytesInUse, (await first.memory()).bytesInUse);
  const later = new Date(Date.now() + 10_000);
  await utimes(join(folder, 'model.safetensors'), later, later);
  const changed = await load(t, folder, options);
  await (await changed.createSession()).append('Once');
  assert.equal((await first.memory()).bytesInUse, alone.bytesInUse); // it is another engine
});

test('a worker that cannot start is told', async () => {
  const missing = new Worker(new URL('./no-such-script.mjs', import.meta.url));
  await assert.rejects(
    LanguageModel.load(storiesPath, { worker: missing }),
    sottoError('unsupported-environment', /no-such-script/),
  );
  const exits = new Worker('process.exit(3)', { eval: true });
  await assert.rejects(
    LanguageModel.load(storiesPath, { worker: exits }),
    sottoError('unsupported-environment', /code 3/),
  );
});

test('a worker that ends later is told, and the model says so from then on', async (t) => {
  const worker = new Worker(workerScript);
  const model = await load(t, storiesPath, { worker });
  const generation = model.generate('Once upon a time', long);
  for await (const _ of generation) {
    worker.terminate();
    await once(worker, 'exit');
    await assert.rejects(generation.result, sottoError('engine-crashed', /worker ended/));
    break;
  }
  assert.throws(() => model.generate('Once'), sottoError('engine-crashed'));
});

test('a worker that never answers is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const silent = { postMessage() {}, terminate() {}, addEventListener() {}, removeEventListener() {} };
  const loading = LanguageModel.load(storiesPath, { worker: silent });
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(30_000);
  await assert.rejects(loading, sottoError('unsupported-environment', /no answer for 30 s.*sotto\/worker/));
});
