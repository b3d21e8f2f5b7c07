// Stores in Node: the suite over memory and over a folder, and what is a folder's own.
import assert from 'node:assert/strict';
import fs, { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FolderStore } from '../../build/web/stores/folder.js';
import { openStore } from '../../build/web/stores/open.js';
import { STORE_CHECKS } from './conformance.mjs';
import { makeBytes } from './expect.mjs';
import { MODEL_CHECKS } from './model-checks.mjs';

const root = await mkdtemp(join(tmpdir(), 'sotto-stores-'));
after(() => rm(root, { recursive: true }));
let nFolders = 0;
const newFolder = () => join(root, `${nFolders++}`, 'models');

const PLACES = {
  memory() {
    const spec = { kind: 'memory' };
    return { spec, open: () => openStore(spec), wipe: async () => (await openStore(spec)).delete('') };
  },
  folder() {
    const folder = newFolder();
    const spec = { kind: 'folder', folder };
    return {
      spec,
      open: () => openStore(spec),
      wipe: () => rm(folder, { recursive: true, force: true }),
    };
  },
};

for (const [kind, makePlace] of Object.entries(PLACES)) {
  for (const [what, check] of Object.entries({ ...STORE_CHECKS, ...MODEL_CHECKS })) {
    test(`${kind}: ${what}`, async () => {
      const place = makePlace();
      await place.wipe();
      await check(place);
    });
  }
}

test('a folder is SOTTO_CACHE or one for caches, and made when it is needed', async () => {
  const folder = newFolder();
  process.env.SOTTO_CACHE = folder;
  try {
    const store = await FolderStore.create();
    assert.equal(store.folder, folder);
    await assert.rejects(readdir(folder), { code: 'ENOENT' });
    await store.write('a', makeBytes(3));
    assert.deepEqual(await readdir(folder), ['a.sotto']);
    assert.ok((await store.quota()).quota > 2 ** 20);
  } finally {
    delete process.env.SOTTO_CACHE;
  }
  assert.match((await FolderStore.create()).folder, /[\\/]\.cache[\\/]sotto[\\/]models$/);
});

test('files of others in a folder are neither seen nor deleted, and what is empty of ours is', async () => {
  const folder = newFolder();
  await mkdir(join(folder, 'models', 'mine'), { recursive: true });
  const others = ['models/llama.gguf', 'models/mine/x.sotto.txt', 'notes.txt', '.hidden', '.x.sotto'];
  for (const name of others) await writeFile(join(folder, name), 'mine');
  const store = await openStore({ kind: 'folder', folder });
  await store.write('models/a', makeBytes(1));
  await store.write('blocks/a/0', makeBytes(1));
  assert.deepEqual((await store.list('')).map(({ key }) => key).sort(), ['blocks/a/0', 'models/a']);
  await store.delete('');
  const left = await readdir(folder, { recursive: true });
  assert.deepEqual(
    left.filter((name) => !name.startsWith('blocks')).sort(),
    [...others, 'models', 'models/mine'].sort(),
  );
  assert.ok(!left.includes('blocks/a'));
  assert.equal(await readFile(join(folder, 'models/llama.gguf'), 'utf8'), 'mine');
});

test('what a writer left that was ended goes some time later', async () => {
  const folder = newFolder();
  const store = await openStore({ kind: 'folder', folder });
  await store.write('blocks/a/0', makeBytes(1));
  const [fresh, old] = ['.0-1-x.sotto-part', '.0-2-y.sotto-part'].map((name) =>
    join(folder, 'blocks/a', name),
  );
  for (const path of [fresh, old]) await writeFile(path, 'half');
  await utimes(old, 0, 0);
  assert.equal((await store.list('')).length, 1);
  assert.deepEqual((await readdir(join(folder, 'blocks/a'))).sort(), ['.0-1-x.sotto-part', '0.sotto']);
  await store.delete('blocks/a/');
  assert.deepEqual(await readdir(folder, { recursive: true }), ['blocks']);
});

test('a folder that cannot be written is an error of its own, and none where any store would do', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  const inFile = { kind: 'folder', folder: join(file, 'models') };
  await assert.rejects(openStore(inFile), {
    name: 'SottoError',
    code: 'store',
    message: /\(folder\).*store: false/,
  });
  const problems = [];
  const onProblem = (problem) => problems.push(problem);
  assert.equal(await openStore({ ...inFile, kind: 'auto' }, { onProblem }), null);
  assert.equal(problems.length, 1);
  assert.match(problems[0], /\(folder\) cannot be written: ENOTDIR/);
  assert.equal(await openStore(null), null);
  for (const kind of ['opfs', 'cache'])
    await assert.rejects(openStore({ kind }), {
      code: 'store',
      message: new RegExp(`\\(${kind}\\) cannot be opened`),
    });
});

test('the memory of a thread is one store', async () => {
  const [first, second] = [await openStore({ kind: 'memory' }), await openStore({ kind: 'memory' })];
  await first.write('a', makeBytes(2));
  assert.deepEqual(await second.read('a'), makeBytes(2));
  await first.delete('');
});

test('a disk that is full is told as such, with numbers and advice, and nothing is left of the value', async (t) => {
  const folder = newFolder();
  const store = await openStore({ kind: 'folder', folder });
  await store.write('blocks/a/0', makeBytes(10));
  const { open } = fs;
  for (const code of ['ENOSPC', 'EDQUOT']) {
    t.mock.method(fs, 'open', async (...given) => {
      const handle = await open(...given);
      const { write } = handle;
      // The disk takes 3 bytes more.
      handle.write = async (bytes, begin, length) => {
        if (begin > 0) throw Object.assign(new Error(`${code}: no room`), { code });
        return write.call(handle, bytes, begin, Math.min(length, 3));
      };
      return handle;
    });
    syncBuiltinESMExports();
    const message = /no room for 100 more bytes.*\(folder; \d+ bytes in use.*delete models.*store: false/;
    await assert.rejects(store.write('blocks/a/0', makeBytes(100)), { code: 'store-full', message });
    await assert.rejects(
      openStore({ kind: 'memory' }).then(() => store.write('b', makeBytes(9))),
      { code: 'store-full' },
    );
    assert.ok((await openStore({ kind: 'auto', folder })) !== null, 'what is there can still be read');
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(await store.read('blocks/a/0'), makeBytes(10));
  const left = await readdir(folder, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    left.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
    ['0.sotto'],
  );
});
