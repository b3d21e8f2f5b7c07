// Models that are kept: without a connection, damaged in any way, where nothing can be kept, and two at once.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
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
  tokensOf,
} from './hub-support.mjs';

const cache = ownCache();

const WEIGHTS = 'model.safetensors';
const SIZE = LARGE[WEIGHTS].length;
const BLOCK = 2 << 20;
const LAST = Math.ceil(SIZE / BLOCK) - 1;

/** A hub with a model that is kept, in a folder of its own. */
async function keptModel(t, files = LARGE) {
  const hub = await hubOf(t, files);
  const folder = newFolder(t);
  const options = { endpoint: hub.endpoint, store: new ModelStore({ folder }), retries: 1, timeout: 1_000 };
  await assertLoads(ID, options, files);
  const before = bytesSent(hub);
  return { hub, folder, options, fetched: () => bytesSent(hub) - before };
}

/** The paths of what a store holds below `blocks` or `models`, in order. */
function pathsIn(folder, inside) {
  return readdirSync(join(folder, inside), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The blocks of the weights. */
function weightBlocks(folder) {
  const paths = pathsIn(folder, 'blocks').filter((path) => statSync(path).size > 100_000);
  assert.equal(paths.length, LAST + 1);
  return paths;
}

function change(path, edit) {
  const bytes = readFileSync(path);
  writeFileSync(path, edit(bytes) ?? bytes);
}

test('without a connection: by name, by address, by addresses of each file', async (t) => {
  const hub = await hubOf(t, LARGE);
  const folder = `${hub.endpoint}/${ID}/resolve/main/`;
  const each = Object.fromEntries(Object.keys(LARGE).map((name) => [name, folder + name]));
  const store = new ModelStore({ folder: newFolder(t) });
  const loadAll = async (retries) => {
    await assertLoads(ID, { endpoint: hub.endpoint, store, retries }, LARGE);
    await assertLoads(folder, { store, retries }, LARGE);
    await assertLoads(each, { store, retries }, LARGE);
  };
  await loadAll(1);
  await hub.close();
  const began = performance.now();
  await loadAll(5);
  assert.ok(performance.now() - began < 20_000);
  assert.equal((await store.list()).filter(({ isComplete }) => isComplete).length, 3);
  const error = await refusalOf('owner/other', { endpoint: hub.endpoint, store, retries: 0 });
  assert.equal(error.code, 'network');
});

const flipped = (bytes, place) => bytes.map((byte, i) => (i === place ? byte ^ 4 : byte));

const DAMAGES = {
  'a flipped bit': (path) => change(path, (bytes) => flipped(bytes, bytes.length >> 1)),
  'a flipped bit in its head': (path) => change(path, (bytes) => flipped(bytes, 9)),
  'a block that is cut': (path) => truncateSync(path, 50_000),
  'a block of nothing': (path) => truncateSync(path, 0),
  'a block that is too long': (path) => change(path, (bytes) => Buffer.concat([bytes, Buffer.alloc(9)])),
  zeros: (path) => change(path, (bytes) => void bytes.fill(0)),
  'a block that is gone': (path) => rmSync(path),
  'a folder in its place': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
};
for (const [name, damage] of Object.entries(DAMAGES)) {
  for (const index of [0, LAST]) {
    test(`damaged in the store: ${name}, block ${index}`, async (t) => {
      const { folder, options, fetched } = await keptModel(t);
      damage(weightBlocks(folder)[index]);
      const { notices } = await assertLoads(ID, options, LARGE);
      if (name.startsWith('a folder')) return assert.match(notices.join(), /not kept/);
      assert.deepEqual(notices, []);
      const length = index === LAST ? SIZE - LAST * BLOCK : BLOCK;
      // What the server had sent when the block was whole lies in buffers.
      assert.ok(fetched() >= length && fetched() <= length + (3 << 20), `${fetched()} bytes`);
      const before = fetched();
      await assertLoads(ID, options, LARGE);
      assert.equal(fetched(), before);
    });
  }
}

test('damaged in the store: every file of a model at once', async (t) => {
  const { folder, options, hub } = await keptModel(t, SHARDED);
  for (const path of pathsIn(folder, 'blocks')) DAMAGES['a flipped bit'](path);
  const { notices } = await assertLoads(ID, options, SHARDED);
  assert.deepEqual(notices, []);
  await hub.close();
  await assertLoads(ID, options, SHARDED);
});

test('damaged in the store, and no connection: a typed error that says so', async (t) => {
  const { folder, options, hub } = await keptModel(t);
  DAMAGES['a flipped bit'](weightBlocks(folder)[0]);
  await hub.close();
  const { code } = await refusalOf(ID, { ...options, retries: 0 });
  assert.ok(['network', 'store'].includes(code), code);
});

test('blocks of other bytes that are whole in themselves are found out by the hash', async (t) => {
  const { folder, options, hub } = await keptModel(t);
  const other = await keptModel(t, {
    ...LARGE,
    [WEIGHTS]: LARGE[WEIGHTS].map((byte, i) => (i === 4_500_000 ? byte ^ 1 : byte)),
  });
  const index = Math.floor(4_500_000 / BLOCK);
  writeFileSync(weightBlocks(folder)[index], readFileSync(weightBlocks(other.folder)[index]));
  for (const path of pathsIn(folder, 'models')) rmSync(path); // else they count as checked
  await assertLoads(ID, options, LARGE);
  await hub.close();
  await assertLoads(ID, options, LARGE);
});

for (const [name, edit] of Object.entries({
  cut: (bytes) => bytes.subarray(0, bytes.length >> 1),
  'of nothing': () => Buffer.alloc(0),
  'of another format': () => Buffer.from('{"format":99}'),
  'with a file that leads outside': (bytes) =>
    Buffer.from(bytes.toString().replaceAll('config.json', '../../x')),
  'that is no JSON': () => Buffer.from([0xff, 0, 1]),
  'without a commit': (bytes) =>
    Buffer.from(bytes.toString().replace(/"revision":"[^"]*"/, '"revision":null')),
})) {
  test(`a damaged manifest: ${name}`, async (t) => {
    const { folder, options, fetched, hub } = await keptModel(t);
    for (const path of pathsIn(folder, 'models')) change(path, edit);
    const { notices } = await assertLoads(ID, options, LARGE);
    assert.deepEqual(notices, []);
    assert.equal(fetched(), 0); // the blocks are found by their hash
    await hub.close();
    await assertLoads(ID, options, LARGE);
  });
}

test('a store that is wiped while the model is loaded', async (t) => {
  const { folder, options } = await keptModel(t);
  const wipe = ({ phase }) => phase === 'weights' && rmSync(folder, { recursive: true, force: true });
  await assertLoads(ID, { ...options, onProgress: wipe }, LARGE);
  await assertLoads(ID, options, LARGE);
});

test('where nothing can be kept the model loads, and info tells', async (t) => {
  const hub = await hubOf(t, LARGE);
  const file = join(newFolder(t), 'file');
  writeFileSync(file, '');
  process.env.SOTTO_CACHE = join(file, 'below');
  t.after(() => {
    process.env.SOTTO_CACHE = cache;
  });
  const { notices } = await assertLoads(ID, { endpoint: hub.endpoint }, LARGE);
  assert.equal(notices.length, 1);
  assert.match(notices[0], /not kept for the next time.*store: false/s);
  assert.deepEqual((await assertLoads(ID, { endpoint: hub.endpoint, store: false }, LARGE)).notices, []);
  // A store that was asked for by its name has to be there.
  const error = await refusalOf(ID, {
    endpoint: hub.endpoint,
    store: new ModelStore({ folder: join(file, 'x') }),
  });
  assert.equal(error.code, 'store');
});

for (const [code, notice] of Object.entries({ ENOSPC: /no room/, EIO: /cannot be written/ })) {
  for (const nWrites of [2, 7]) {
    test(`${code} after ${nWrites} writes: the model loads, and info tells`, async (t) => {
      const hub = await hubOf(t, LARGE);
      const options = { endpoint: hub.endpoint, store: new ModelStore({ folder: newFolder(t) }) };
      const { rename } = fs;
      let left = nWrites;
      fs.rename = (...args) => {
        if (left-- > 0) return rename(...args);
        return Promise.reject(Object.assign(new Error(`${code}: no more`), { code }));
      };
      syncBuiltinESMExports();
      const restore = () => {
        fs.rename = rename;
        syncBuiltinESMExports();
      };
      t.after(restore);
      const { notices } = await assertLoads(ID, options, LARGE);
      assert.equal(notices.length, 1, notices.join('\n'));
      assert.match(notices[0], notice);
      restore();
      await assertLoads(ID, options, LARGE);
    });
  }
}

test('two loads of a model at once, on one thread and on two', async (t) => {
  const hub = await hubOf(t, LARGE);
  const options = { endpoint: hub.endpoint, store: new ModelStore({ folder: newFolder(t) }) };
  const models = await Promise.all(
    [false, false, true, true].map((worker) => LanguageModel.load(ID, { ...options, worker })),
  );
  for (const model of models) {
    assert.deepEqual(await tokensOf(model), await expectedOf(LARGE));
    assert.deepEqual(model.info.notices, []);
  }
  for (const model of models) await model.dispose();
  await hub.close();
  await assertLoads(ID, options, LARGE);
});

test('loads that are given up keep what came, and the next one goes on', async (t) => {
  const hub = await hubOf(t, LARGE);
  hub.faults.add({ kind: 'slow', rate: 2e7, path: WEIGHTS, times: Number.POSITIVE_INFINITY });
  const options = { endpoint: hub.endpoint, store: new ModelStore({ folder: newFolder(t) }), retries: 0 };
  for (const least of [1e6, 3e6]) {
    const controller = new AbortController();
    const onProgress = ({ phase, loaded }) =>
      phase === 'weights' && loaded > least && controller.abort(new Error('enough'));
    await assert.rejects(
      LanguageModel.load(ID, { ...options, onProgress, signal: controller.signal }),
      /enough/,
    );
  }
  hub.faults.add({ kind: 'cut', after: 500_000, path: WEIGHTS });
  assert.equal((await refusalOf(ID, options)).code, 'network');
  const [kept] = await options.store.list();
  assert.ok(kept.bytes > 3e6 && !kept.isComplete);
  let first;
  const onProgress = (progress) => {
    if (progress.phase === 'weights' && progress.loaded > 0) first ??= progress;
  };
  await assertLoads(ID, { ...options, onProgress }, LARGE);
  assert.ok(first.fromStore > 2e6);
  assert.ok(bytesSent(hub) < SIZE + BLOCK, `${bytesSent(hub)} of ${SIZE}`);
});

test('deleted models are fetched anew, and other revisions keep what they share', async (t) => {
  const files = madeModel(8);
  const hub = await hubOf(t, files, { repo: { revisions: { v1: files } } });
  const store = new ModelStore({ folder: newFolder(t) });
  const options = { endpoint: hub.endpoint, store };
  await assertLoads(ID, options, files);
  await assertLoads(ID, { ...options, revision: 'v1' }, files);
  const sent = bytesSent(hub);
  assert.equal(await store.delete(ID), true);
  await assertLoads(ID, { ...options, revision: 'v1' }, files);
  await assertLoads(ID, options, files);
  assert.equal(bytesSent(hub), sent);
  await store.clear();
  await assertLoads(ID, options, files);
  assert.equal(bytesSent(hub), 2 * sent);
});

test('what a thread keeps in its memory is seen by all that is of the package there', async (t) => {
  const hub = await hubOf(t, LARGE);
  const store = new ModelStore({ kind: 'memory' });
  await store.clear();
  const model = await LanguageModel.load(ID, { endpoint: hub.endpoint, store, worker: false });
  await model.dispose();
  assert.deepEqual(
    (await store.list()).map(({ name, isComplete }) => [name, isComplete]),
    [[ID, true]],
  );
  assert.ok((await store.size()) > 0);
  assert.ok(await store.delete(ID));
  assert.deepEqual(await store.list(), []);
});
