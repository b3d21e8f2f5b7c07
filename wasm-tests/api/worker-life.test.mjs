// Workers that are stuck, were ended from outside, have errors of their own, or whose models nobody holds any more.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { LanguageModel } from 'sotto';
import { aborted, fixturePath, load, sottoError } from './support.mjs';

const model8 = fixturePath('odd-8');
const workerScript = new URL('../../dist/worker.js', import.meta.url);
const blocking = {
  maxNewTokens: 8,
  temperature: 0,
  logitsProcessor: new URL('./processors/blocking.mjs', import.meta.url),
};
const prompt = [1, 2, 3, 4, 5];
const gone = sottoError('engine-crashed', /has not ended within 30 s.*load it again/);

/** Lets all pass that the page waits for, in this test alone. */
function mockWait(t) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return () => t.mock.timers.tick(30_000);
}

/** A generation whose worker is stuck by now, after two tokens. */
async function stuck(model, options = {}) {
  let nTokens = 0;
  const generation = model.generate(prompt, { ...blocking, ...options });
  for await (const piece of {
    [Symbol.asyncIterator]: () => generation.toReadableStream().values({ preventCancel: true }),
  }) {
    nTokens += piece.tokenIds.length;
    if (nTokens === 2) break;
  }
  return generation;
}

async function assertGone(model) {
  assert.throws(() => model.generate([1]), gone);
  await assert.rejects(model.memory(), gone);
  await model.dispose();
}

test('abort() of a stuck worker ends with what there is, after a while, and the model is gone', async (t) => {
  const model = await load(t, model8, { worker: true });
  const wait = mockWait(t);
  const generation = await stuck(model);
  const waiting = model.generate([1]);
  const own = new Error('own');
  generation.abort(own);
  t.mock.timers.tick(29_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(model.generate([1]), 'it still counts as alive');
  wait();
  const result = await aborted(generation);
  assert.equal(result.tokenIds.length, 2);
  assert.equal(result.usage.completionTokens, 2);
  assert.deepEqual(result.sequences.length, 1);
  await assert.rejects(generation.result, ({ cause }) => cause === own);
  await assert.rejects(waiting.result, gone);
  await assertGone(model);
});

test('maxTime of a stuck worker ends with what there is in an error', async (t) => {
  const model = await load(t, model8, { worker: true });
  const wait = mockWait(t);
  const generation = await stuck(model, { maxTime: 100_000 });
  t.mock.timers.tick(100_000);
  assert.ok(model.generate([1], { maxNewTokens: 1 }), 'it still counts as alive');
  wait();
  await assert.rejects(generation.result, gone);
  await assertGone(model);
});

test('dispose() of a session in a stuck worker finds out', async (t) => {
  const model = await load(t, model8, { worker: true });
  const session = await model.createSession();
  await session.append(prompt.slice(0, 4));
  const wait = mockWait(t);
  const generation = session.generate({ ...blocking, forcedTokens: [5] });
  for await (const _ of generation.toReadableStream().values({ preventCancel: true })) break;
  const disposing = session.dispose();
  const appending = session.fork();
  appending.catch(() => {});
  wait();
  await disposing;
  await assert.rejects(generation.result, gone);
  await assertGone(model);
});

test('dispose() of a model in a stuck worker ends it at once', async () => {
  const model = await LanguageModel.load(model8, { worker: true });
  const generation = await stuck(model);
  await Promise.all([model.dispose(), assert.rejects(generation.result, sottoError('disposed'))]);
});

test('dispose() does not wait for a thread that cannot be ended', async (t) => {
  const model = await LanguageModel.load(model8, { worker: true });
  let terminate;
  t.mock.method(Worker.prototype, 'terminate', function () {
    terminate = () => Worker.prototype.terminate.call(this);
    return new Promise(() => {});
  });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const disposing = model.dispose();
  t.mock.timers.tick(10_000);
  await disposing;
  t.mock.restoreAll();
  await terminate();
});

test('time in which the page itself was blocked does not count', async (t) => {
  const model = await load(t, model8, { worker: true });
  const wait = mockWait(t);
  const generation = model.generate(prompt, { maxNewTokens: 40, temperature: 0 });
  for (let i = 0; i < 10; i++) await null; // until the request is on its way
  generation.abort();
  const { now } = Date;
  t.mock.method(Date, 'now', () => now() + 60_000);
  wait();
  await aborted(generation);
  assert.equal((await model.generate([1], { maxNewTokens: 1 }).result).tokenIds.length, 1);
});

test('a stuck worker of the caller is left to the caller', async (t) => {
  const worker = new Worker(workerScript);
  t.after(() => worker.terminate());
  const model = await load(t, model8, { worker });
  const wait = mockWait(t);
  const generation = await stuck(model);
  generation.abort();
  wait();
  await aborted(generation);
  assert.throws(() => model.generate([1]), sottoError('engine-crashed', /The worker is yours/));
  await model.dispose();
});

/** A thread of Node that looks like a web worker: no event tells of its end, and errors do not end it. */
class WebWorker extends EventTarget {
  #node = new Worker(workerScript);

  constructor() {
    super();
    this.#node.on('message', (data) => this.dispatchEvent(Object.assign(new Event('message'), { data })));
    this.#node.unref();
  }

  postMessage(message, transfer) {
    this.#node.postMessage(message, transfer);
  }

  terminate() {
    return this.#node.terminate();
  }

  ref() {
    this.#node.ref();
  }

  unref() {
    this.#node.unref();
  }

  throwSomething() {
    this.dispatchEvent(Object.assign(new Event('error'), { message: 'Uncaught Error: somebody else' }));
  }
}

test('a web worker that was terminated from outside sends nothing: an abort finds out', async (t) => {
  const worker = new WebWorker();
  const model = await load(t, model8, { worker });
  await worker.terminate();
  const wait = mockWait(t);
  const generation = model.generate(prompt, { maxNewTokens: 8 });
  await new Promise((resolve) => setImmediate(resolve)); // until the request is on its way
  generation.abort();
  wait();
  assert.deepEqual((await aborted(generation)).tokenIds, []);
  await assertGone(model);
});

test('errors of other code in a worker of the caller leave the model alone', async (t) => {
  const worker = new WebWorker();
  t.after(() => worker.terminate());
  const model = await load(t, model8, { worker });
  const generation = model.generate(prompt, { maxNewTokens: 8, temperature: 0 });
  worker.throwSomething();
  assert.ok((await generation.result).tokenIds.length > 0);
  await model.dispose();

  const loading = LanguageModel.load(model8, { worker });
  worker.throwSomething(); // before any answer: whatever it is, the script may not have come that far
  await assert.rejects(loading, sottoError('unsupported-environment', /somebody else/));
});

test("a thread's end by an error of other code is told with that error", async (t) => {
  const script = `
    import { parentPort } from 'node:worker_threads';
    await import(${JSON.stringify(workerScript.href)});
    parentPort.on('message', (message) => { if (message === 'fail') throw new Error('somebody else'); });
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
  const model = await load(t, model8, { worker });
  worker.ref();
  worker.postMessage('fail');
  await new Promise((resolve) => worker.once('exit', resolve));
  assert.throws(() => model.generate([1]), sottoError('engine-crashed', /somebody else/));
});

test('no listener stays on a worker of the caller', async (t) => {
  const worker = new Worker(workerScript);
  t.after(() => worker.terminate());
  await (await LanguageModel.load(model8, { worker })).dispose();
  for (const event of ['message', 'error', 'messageerror', 'exit'])
    assert.equal(worker.listenerCount(event), 0);
});

test('a model that nobody holds gives its worker back, but not before', async () => {
  const script = `
    import { Worker } from 'node:worker_threads';
    import { LanguageModel } from 'sotto';
    let nEnded = 0;
    const { terminate } = Worker.prototype;
    Worker.prototype.terminate = function () { nEnded++; return terminate.call(this); };
    const collect = async () => {
      for (let i = 0; i < 5; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
    };
    const load = () => LanguageModel.load(${JSON.stringify(model8)}, { worker: true });
    const said = [];
    let model = await load();
    let session = await model.createSession();
    const { info } = model;
    model = null;
    await collect();
    said.push(nEnded); // the session holds it
    await session.append([1]);
    let generation = session.generate({ maxNewTokens: 3, stopWhen: async () => { await collect(); return false; } });
    session = null;
    await collect();
    said.push(nEnded); // the generation holds it
    said.push((await generation.result).tokenIds.length);
    await collect();
    said.push(nEnded); // nothing does, although its results are still there

    const texts = await load().then((last) => {
      const texts = [1, 2].map((id) => last.generate([id], { maxNewTokens: 2 }).result); // one waits for the other
      last = null;
      return texts;
    });
    await collect();
    said.push((await Promise.all(texts)).map(({ tokenIds }) => tokenIds.length).join());
    await collect();
    said.push(nEnded, info.nLayers > 0, generation.constructor.name);
    console.log(JSON.stringify(said));
  `;
  const options = { cwd: new URL('../../', import.meta.url), timeout: 60_000 };
  const args = ['--expose-gc', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  assert.deepEqual(JSON.parse(stdout), [0, 0, 3, 1, '2,2', 2, true, 'Generation']);
});

test('a worker whose script imports ours late is waited for', async (t) => {
  const script = `
    setTimeout(() => import(${JSON.stringify(workerScript.href)}), 500);
    require('node:worker_threads').parentPort.on('message', () => {}); // which takes the messages until then`;
  const worker = new Worker(script, { eval: true });
  t.after(() => worker.terminate());
  const model = await load(t, model8, { worker });
  assert.equal((await model.generate([1, 2], { maxNewTokens: 3 }).result).tokenIds.length, 3);
});
