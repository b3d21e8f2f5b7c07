// How files are asked for, and what is told meanwhile: headers, functions in place of fetch, signed addresses, progress.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel, ModelStore } from 'sotto';
import {
  assertLoads,
  bytesSent,
  expectedOf,
  hubOf,
  ID,
  LARGE,
  madeModel,
  newFolder,
  ownCache,
  refusalOf,
  SHARDED,
  TOKEN,
  tokensOf,
} from './hub-support.mjs';

ownCache();

const ALWAYS = Number.POSITIVE_INFINITY;
const WEIGHTS = 'model.safetensors';
const SIZE = LARGE[WEIGHTS].length;
const sizeOf = (files) => Object.values(files).reduce((sum, { length }) => sum + length, 0);

const optionsFor = (t, hub, more = {}) => ({
  endpoint: hub.endpoint,
  store: new ModelStore({ folder: newFolder(t) }),
  retries: 1,
  ...more,
});

test('headers go with each request, whatever form they come in', async (t) => {
  const hub = await hubOf(t, LARGE);
  for (const headers of [{ 'X-Mine': 'a b' }, [['x-mine', 'a b']], new Headers({ 'x-mine': 'a b' })]) {
    hub.log.length = 0;
    await assertLoads(ID, optionsFor(t, hub, { headers, credentials: 'omit' }), LARGE);
    assert.ok(hub.log.length > 3);
    for (const entry of hub.log) assert.equal(entry.headers['x-mine'], 'a b');
  }
});

test('authorization given as a header stays with its origin, and out of messages', async (t) => {
  const hub = await hubOf(t, LARGE, { repo: { private: true, token: TOKEN } });
  const headers = { Authorization: `Bearer ${TOKEN}` };
  await assertLoads(ID, optionsFor(t, hub, { headers }), LARGE);
  assert.deepEqual(hub.leaks, []);
  hub.faults.add({
    kind: 'status',
    status: 418,
    message: `not with Bearer ${TOKEN}`,
    on: 'info',
    times: ALWAYS,
  });
  await refusalOf(ID, optionsFor(t, hub, { headers })); // looks for the token in all of the error
});

for (const worker of [false, true]) {
  test(`fetch of one's own, ${worker ? 'lent to a worker' : 'on the same thread'}`, async (t) => {
    const hub = await hubOf(t, LARGE, { repo: { private: true, token: TOKEN } });
    const calls = [];
    const own = (url, init) => {
      calls.push({ url, init });
      return fetch(url, init);
    };
    const options = optionsFor(t, hub, { fetch: own, worker, token: TOKEN, headers: { 'x-mine': '1' } });
    hub.faults.add({ kind: 'cut', path: WEIGHTS, after: 1_000_000 });
    hub.faults.add({ kind: 'slow', path: WEIGHTS, rate: 2e7 });
    await assertLoads(ID, options, LARGE);
    const names = calls.map(({ url }) => url.split('/').at(-1));
    assert.equal(names.filter((name) => name === WEIGHTS).length, 2); // the cut one, and the rest
    for (const { init } of calls) assert.equal(new Headers(init.headers).get('x-mine'), '1');
    assert.match(new Headers(calls.at(-1).init.headers).get('range'), /^bytes=\d+-$/);
    assert.ok(calls.every(({ init }) => init.signal instanceof AbortSignal));
    assert.deepEqual(hub.leaks, []);
    const before = calls.length;
    await assertLoads(ID, options, LARGE);
    assert.equal(calls.length, before);
  });

  test(`fetch that answers out of memory is not robbed of its bytes (${worker ? 'worker' : 'same thread'})`, async () => {
    const files = madeModel(11);
    const answer = (url) => {
      const bytes = files[url.split('/').at(-1)];
      if (bytes === undefined) return new Response('no', { status: 404 });
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(bytes);
          controller.close();
        },
      });
      return new Response(body, { headers: { 'content-length': String(bytes.length) } });
    };
    for (let i = 0; i < 2; i++) {
      const options = { fetch: async (url) => answer(url), worker, store: false };
      await assertLoads('http://model.invalid/', options, files);
    }
  });

  test(`fetch that fails, hangs, or gives nonsense (${worker ? 'worker' : 'same thread'})`, async () => {
    const url = 'http://model.invalid/';
    const options = { worker, store: false, retries: 1, timeout: 300 };
    const failures = {
      throws: () => {
        throw new Error('of mine');
      },
      rejects: () => Promise.reject(new Error('of mine')),
      hangs: () => new Promise(() => {}),
      nothing: () => undefined,
      'no response': () => ({ status: 'x' }),
    };
    for (const [name, own] of Object.entries(failures)) {
      const { code, message } = await refusalOf(url, { ...options, fetch: own });
      assert.equal(code, 'network', `${name}: ${message}`);
      if (/throws|rejects/.test(name)) assert.match(message, /of mine/);
    }
    const signal = AbortSignal.timeout(100);
    const load = LanguageModel.load(url, { ...options, timeout: 9_000, fetch: failures.hangs, signal });
    await assert.rejects(load, { name: 'TimeoutError' });
  });
}

test('addresses of files that are each signed by themselves', async (t) => {
  const hub = await hubOf(t, SHARDED);
  const signed = {};
  for (const name of Object.keys(SHARDED)) {
    const response = await fetch(`${hub.endpoint}/${ID}/resolve/main/${name}`, { redirect: 'manual' });
    signed[name] = new URL(response.headers.get('location'), hub.endpoint).href;
  }
  const store = new ModelStore({ folder: newFolder(t) });
  hub.faults.add({ kind: 'cut', after: 50_000, on: 'cdn' });
  await assertLoads(signed, { store, retries: 2 }, SHARDED);
  const secret = new URL(Object.values(signed).find((url) => url.includes('sig='))).searchParams.get('sig');
  assert.ok(!JSON.stringify(await store.list()).includes(secret));
  hub.clock.advance(4_000_000);
  const { code, message } = await refusalOf(signed, { store: false, retries: 0 });
  assert.equal(code, 'network');
  assert.match(message, /HTTP 403/);
  assert.ok(!message.includes(secret));
});

test('what progress tells: it grows, ends at all bytes, and says what the store gave', async (t) => {
  const hub = await hubOf(t, SHARDED);
  const options = optionsFor(t, hub);
  hub.faults.add({ kind: 'slow', rate: 2e6, on: 'cdn', times: ALWAYS });
  const needed = Object.entries(SHARDED).filter(([name]) => name !== 'reference.json');
  const total = sizeOf(Object.fromEntries(needed));
  for (const isKept of [false, true]) {
    const events = [];
    await assertLoads(ID, { ...options, onProgress: (progress) => events.push(progress) }, SHARDED);
    const ofWeights = events.filter(({ phase }) => phase === 'weights');
    let before = 0;
    for (const { loaded, total, fromStore, all } of events) {
      assert.ok(loaded <= (total ?? loaded) && fromStore <= loaded);
      assert.ok(all.loaded >= before && all.fromStore <= all.loaded, `${all.loaded} after ${before}`);
      assert.ok(all.total === null || all.loaded <= all.total);
      assert.ok(all.secondsLeft === null || all.secondsLeft >= 0);
      before = all.loaded;
    }
    const { all } = events.at(-1);
    assert.deepEqual([all.loaded, all.total, all.fromStore], [total, total, isKept ? total : 0]);
    // Known from the first weights on, but for headers and what is small.
    const totals = ofWeights.map((event) => event.all.total).filter((known) => known !== null);
    assert.ok(totals.length > 3 && totals.every((known) => known > 0.95 * total && known <= total));
    if (isKept) assert.ok(events.every((event) => event.all.bytesPerSecond === null));
    else {
      const middle = ofWeights.filter(({ loaded }) => loaded > 50_000);
      assert.ok(middle.some((event) => event.all.secondsLeft > 0 && event.all.bytesPerSecond < 4e6));
    }
  }
});

test('progress over a cut and a resumed load counts each byte once', async (t) => {
  const hub = await hubOf(t, LARGE);
  const options = optionsFor(t, hub, { retries: 0 });
  hub.faults.add({ kind: 'cut', path: WEIGHTS, after: 2_500_000 });
  hub.faults.add({ kind: 'slow', path: WEIGHTS, rate: 2e7 });
  assert.equal((await refusalOf(ID, options)).code, 'network');
  const events = [];
  await assertLoads(ID, { ...options, onProgress: (progress) => events.push(progress) }, LARGE);
  const { loaded, total, fromStore } = events.filter(({ phase }) => phase === 'weights').at(-1);
  assert.deepEqual([loaded, total], [SIZE, SIZE]);
  assert.ok(fromStore > 1e6 && fromStore < 2_500_001);
});

test('weights are shared by loads of one model, and not by those of another commit', async (t) => {
  const hub = await hubOf(t, LARGE);
  const options = optionsFor(t, hub);
  const first = await LanguageModel.load(ID, options);
  const second = await LanguageModel.load(ID, options);
  const now = madeModel(12);
  await hub.move(ID, now);
  const third = await LanguageModel.load(ID, { ...options, update: true });
  await first.dispose();
  assert.deepEqual(await tokensOf(second), await expectedOf(LARGE));
  assert.deepEqual(await tokensOf(third), await expectedOf(now));
  await second.dispose();
  await third.dispose();
  assert.ok(bytesSent(hub) <= SIZE + now[WEIGHTS].length);
});

test('an address whose content changes is fetched anew', async (t) => {
  const [before, now] = [madeModel(13), madeModel(14)];
  const hub = await hubOf(t, before, { staticMirror: true });
  const store = new ModelStore({ folder: newFolder(t) });
  const url = `${hub.endpoint}/${ID}/resolve/main/`;
  await assertLoads(url, { store }, before);
  await hub.move(ID, now);
  await assertLoads(url, { store }, now);
});

test('options that do not fit are refused before anything is asked', async (t) => {
  const hub = await hubOf(t, LARGE);
  for (const bad of [
    { token: 'a b' },
    { endpoint: 'ftp://x' },
    { endpoint: 'https://u:p@x' },
    { revision: 'a b' },
    { subfolder: '../x' },
    { retries: -1 },
    { timeout: 0 },
    { fetch: 'x' },
    { headers: { range: 'bytes=0-1' } },
    { headers: 'x' },
    { credentials: 'some' },
    { store: 'x' },
  ]) {
    const { code } = await refusalOf(ID, { endpoint: hub.endpoint, ...bad });
    assert.equal(code, 'bad-option', JSON.stringify(bad));
  }
  assert.equal(hub.log.length, 0);
});
