// What is kept of models, on top of any store: blocks, manifests and ModelStore, in Node and in browsers.
import { BLOCK_BYTES, BlockFile } from '../../build/web/stores/blocks.js';
import { contentId } from '../../build/web/stores/ids.js';
import { listManifests, readManifest, writeManifest } from '../../build/web/stores/manifest.js';
import { ModelStore } from '../../build/web/stores/model-store.js';
import { expectEqual, expectError, expectTrue, makeBytes, makeRandom } from './expect.mjs';

const SHA = 'a'.repeat(64);
const KEY = `blocks/${SHA}/0000000`;

/** Each gets what those of conformance.mjs get, and `spec`, the options of a ModelStore that is the same store. */
export const MODEL_CHECKS = {
  async 'blocks: a file is there as far as it was written'({ open }) {
    const store = await open();
    const size = 2 * BLOCK_BYTES + 1000;
    const bytes = makeBytes(size);
    const blockOf = (index, end = index + 1) =>
      bytes.slice(index * BLOCK_BYTES, Math.min(size, end * BLOCK_BYTES));
    const file = new BlockFile(store, SHA, size);
    expectEqual([...(await file.have())], []);
    expectEqual(await file.read(0), null);
    expectEqual(
      [0, 1, 2, 3].map((index) => file.lengthOf(index)),
      [BLOCK_BYTES, BLOCK_BYTES, 1000, 0],
    );
    await file.write(2, blockOf(2));
    await file.write(0, blockOf(0));
    await file.write(1, blockOf(1).subarray(0, 77));
    expectEqual([...(await file.have())].sort(), [
      [0, BLOCK_BYTES],
      [1, 77],
      [2, 1000],
    ]);
    const other = new BlockFile(await open(), SHA, size);
    for (const index of [0, 2]) expectEqual(await other.read(index), blockOf(index));
    expectEqual(await other.read(1), blockOf(1).subarray(0, 77));
    await other.write(1, blockOf(1).subarray(0, 50)); // a shorter beginning is no news
    expectEqual(await file.read(1), blockOf(1).subarray(0, 77));
    await other.write(1, blockOf(1));
    expectEqual(await file.read(1), blockOf(1));
    for (const [index, length] of [
      [2, 1001],
      [0, BLOCK_BYTES + 1],
      [3, 1],
      [-1, 0],
      [0.5, 0],
      [1e7, 0],
    ])
      await expectError(file.write(index, new Uint8Array(length)), { name: 'RangeError' });
    await file.delete();
    expectEqual([...(await other.have())], []);
    expectEqual(await store.list(''), []);
  },

  async 'blocks: files of nothing, and of a size that nobody knows'({ open }) {
    const store = await open();
    const empty = new BlockFile(store, SHA, 0);
    expectEqual(empty.lengthOf(0), 0);
    expectEqual([...(await empty.have())], []);
    const unknown = new BlockFile(store, 'u-1', null);
    expectEqual(unknown.lengthOf(100), BLOCK_BYTES);
    await unknown.write(1, makeBytes(5));
    expectEqual(await unknown.read(1), makeBytes(5));
    for (const wrong of ['', '../a', 'a/b', 'A', '.a']) {
      const made = (async () => new BlockFile(store, wrong, 1))();
      await expectError(made, { name: 'TypeError' });
    }
  },

  async 'blocks: a write that was cut at any byte leaves no block'({ open }) {
    const store = await open();
    const file = new BlockFile(store, SHA, BLOCK_BYTES);
    await file.write(0, makeBytes(40));
    const whole = await store.read(KEY);
    for (let length = 0; length < whole.length; length++) {
      for (const cut of [whole.slice(0, length), withZeros(whole, length)]) {
        if (cut.every((byte, i) => byte === whole[i]) && cut.length === whole.length) continue;
        await store.write(KEY, cut);
        expectEqual(await file.read(0), null, `${length} of ${whole.length} bytes`);
        expectEqual(await store.list(''), [], `${length} bytes: what is damaged goes`);
      }
    }
    await store.write(KEY, whole, Uint8Array.of(0));
    expectEqual(await file.read(0), null, 'a byte more');
  },

  async 'blocks: a whole one that was cut at 50 places, or changed, is none'({ open }) {
    const store = await open();
    const random = makeRandom(5);
    const bytes = makeBytes(300_000);
    const file = new BlockFile(store, SHA, bytes.length);
    await file.write(0, bytes);
    const whole = await store.read(KEY);
    for (let round = 0; round < 50; round++) {
      await store.write(KEY, whole.subarray(0, random(whole.length)));
      expectEqual(await file.read(0), null, 'cut');
      const changed = whole.slice();
      changed[random(whole.length)] ^= 1 << random(8);
      await store.write(KEY, changed);
      expectEqual(await file.read(0), null, 'changed');
    }
    await file.write(0, bytes);
    expectEqual(await file.read(0), bytes);
    const shorter = new BlockFile(store, SHA, bytes.length - 1);
    expectEqual(await shorter.read(0), null, 'more than the file has');
  },

  async 'blocks: two who load the same file help each other'({ open }) {
    const stores = await Promise.all([open(), open()]);
    const files = stores.map((store) => new BlockFile(store, SHA, 3 * BLOCK_BYTES));
    const block = makeBytes(BLOCK_BYTES);
    await Promise.all(files.flatMap((file) => [0, 1, 2].map((index) => file.write(index, block))));
    for (const index of [0, 1, 2]) expectEqual(await files[index % 2].read(index), block);
  },

  async 'manifests: come back as they were, and only to who asks for their source'({ open }) {
    const store = await open();
    const manifest = makeManifest('a/b', { __proto__: 5, 'sub/model.gguf': 7 });
    expectEqual(await readManifest(store, manifest.source), null);
    await writeManifest(store, manifest);
    expectEqual(await readManifest(store, manifest.source), manifest);
    expectEqual(await readManifest(store, 'another'), null);
    await writeManifest(store, { ...manifest, lastUsed: 9, files: {} });
    expectEqual(await readManifest(store, manifest.source), { ...manifest, lastUsed: 9, files: {} });
    await writeManifest(store, makeManifest('c/d', {}));
    expectEqual((await listManifests(store)).map(({ name }) => name).sort(), ['a/b', 'c/d']);
  },

  async 'manifests: damaged ones are as if they were not there'({ open }) {
    const store = await open();
    const manifest = makeManifest('a/b', { 'model.gguf': 7 });
    await writeManifest(store, manifest);
    const [{ key }] = await store.list('models/');
    const whole = await store.read(key);
    for (let length = 0; length < whole.length; length++) {
      await store.write(key, whole.subarray(0, length));
      expectEqual(await readManifest(store, manifest.source), null, `${length} bytes`);
    }
    expectEqual(await listManifests(store), []);
    const file = { content: SHA, size: 7, sha256: SHA };
    const wrong = [
      null,
      [],
      1,
      'a',
      {},
      { format: 2 },
      { name: '' },
      { name: 5 },
      { revision: 5 },
      { source: 'other' },
      { lastUsed: -1 },
      { lastUsed: '1' },
      { files: null },
      { files: [] },
      { files: { '../a': file } },
      { files: { a: null } },
      ...['', 'a', '../b', 'A'.repeat(64), 5, null].map((content) => ({
        files: { a: { ...file, content } },
      })),
      ...[-1, 0.5, 2 ** 53, '7', null].map((size) => ({ files: { a: { ...file, size } } })),
      ...['', 'a', 5, undefined].map((sha256) => ({ files: { a: { ...file, sha256 } } })),
    ];
    for (const change of wrong) {
      const isObject = typeof change === 'object' && change !== null && !Array.isArray(change);
      const text = JSON.stringify(isObject ? { format: 1, ...manifest, ...change } : change);
      const isRight = isObject && Object.keys(change).length === 0;
      await store.write(key, new TextEncoder().encode(text));
      expectEqual((await readManifest(store, manifest.source)) !== null, isRight, text);
      expectEqual((await listManifests(store)).length, isRight ? 1 : 0, text);
    }
    await store.write(key, Uint8Array.of(0xff, 0xfe));
    expectEqual(await listManifests(store), []);
  },

  async 'contents: named by their hash, or by all that tells them apart'() {
    expectEqual(await contentId(SHA, []), SHA);
    const ids = await Promise.all([
      contentId(null, ['https://a.example/x', '"1"', null, 5]),
      contentId(null, ['https://a.example/x', '"2"', null, 5]),
      contentId(null, ['https://a.example/x', null, '"1"', 5]),
      contentId('not a hash', ['https://a.example/x', '"1"', null, 6]),
    ]);
    expectEqual(new Set(ids).size, 4);
    for (const id of ids) expectTrue(/^u-[0-9a-f]{64}$/.test(id), id);
  },

  async 'ModelStore: lists what is kept of each model, the latest used first'({ open, spec }) {
    const models = new ModelStore(spec);
    expectEqual(models.kind, spec.kind);
    expectEqual(await models.list(), []);
    expectEqual(await models.size(), 0);
    const store = await open();
    const size = BLOCK_BYTES + 10;
    const manifest = makeManifest('a/b', { 'model.gguf': size, 'same.gguf': size });
    const empty = { content: OTHER_SHA, size: 0, sha256: null };
    await writeManifest(store, { ...manifest, files: { ...manifest.files, 'empty.json': empty } });
    await writeManifest(store, {
      ...makeManifest('c/d', { x: 5 }, { content: 'c'.repeat(64) }),
      lastUsed: 1_800_000_000_000,
    });
    const file = new BlockFile(store, SHA, size);
    await file.write(1, makeBytes(10));
    const [first, second] = await models.list();
    expectEqual([first.name, first.bytes, first.totalBytes, first.isComplete], ['c/d', 0, 5, false]);
    expectEqual([second.name, second.revision, second.isComplete], ['a/b', 'f'.repeat(40), false]);
    expectEqual([second.bytes, second.totalBytes], [10, size]);
    expectEqual(second.lastUsed, new Date(1_700_000_000_000));
    const named = (name, bytes, totalBytes) => ({ name, bytes, totalBytes });
    const files = [named('model.gguf', 10, size), named('same.gguf', 10, size), named('empty.json', 0, 0)];
    expectEqual(second.files, files);
    await file.write(0, makeBytes(BLOCK_BYTES));
    expectEqual(
      (await models.list()).map(({ isComplete }) => isComplete),
      [false, true],
    );
    const manifests = (await store.list('models/')).reduce((sum, value) => sum + value.size, 0);
    expectEqual(await models.size(), manifests + size + 2 * 16);
  },

  async 'ModelStore: deletes by name and revision, and leaves what others share'({ open, spec }) {
    const models = new ModelStore(spec);
    const store = await open();
    const shas = ['1', '2', '3'].map((digit) => digit.repeat(64));
    const of = (name, ...contents) => {
      const files = contents.map((content, i) => [`${i}`, { content, size: 3, sha256: content }]);
      return { ...makeManifest(name, {}), files: Object.fromEntries(files) };
    };
    for (const manifest of [of('a/b', shas[0], shas[1]), of('a/b@v1', shas[1]), of('c/d', shas[2])])
      await writeManifest(store, manifest);
    for (const sha of shas) await new BlockFile(store, sha, 3).write(0, makeBytes(3));
    const names = async () => (await models.list()).map(({ name }) => name).sort();
    expectEqual(await models.delete('a'), false);
    expectEqual(await models.delete('a/b', { revision: 'v2' }), false);
    expectEqual(await names(), ['a/b', 'a/b@v1', 'c/d']);
    expectEqual(await models.delete('a/b', { revision: 'f'.repeat(40) }), true);
    expectEqual(await names(), ['a/b@v1', 'c/d']);
    expectEqual((await store.list('blocks/')).map(({ key }) => key[7]).sort(), ['2', '3']);
    expectEqual(await models.delete('a/b', { revision: 'v1' }), true);
    expectEqual(
      (await store.list('blocks/')).map(({ key }) => key[7]),
      ['3'],
    );
    expectEqual(await models.delete('c/d'), true);
    expectEqual(await models.delete('c/d'), false);
    expectEqual(await store.list(''), []);
  },

  async 'ModelStore: forgets everything, and only what is its own'({ open, spec }) {
    const models = new ModelStore(spec);
    const store = await open();
    await writeManifest(store, makeManifest('a/b', { x: 3 }));
    await new BlockFile(store, SHA, 3).write(0, makeBytes(3));
    await new BlockFile(store, OTHER_SHA, 3).write(0, makeBytes(3)); // of no model
    await store.write('else/x', makeBytes(1));
    await models.clear();
    expectEqual(await models.size(), 0);
    expectEqual(await store.list(''), [{ key: 'else/x', size: 1 }]);
    expectEqual(typeof (await models.persist()), 'boolean');
    const { list, kind } = models; // as members of a reactive store are called
    expectEqual(await list(), []);
    expectEqual(kind, spec.kind);
    expectEqual(models.spec, spec);
    expectEqual(Object.prototype.toString.call(models), '[object ModelStore]');
  },

  async 'ModelStore: says what is wrong with what it is given'({ spec }) {
    const make = async (options) => new ModelStore(options);
    await expectError(make({ kinds: 'opfs' }), { name: 'SottoError', code: 'unknown-option' });
    for (const options of [{ kind: 'disk' }, { folder: 5 }, { kind: 'opfs', folder: '/x' }, null, 'opfs'])
      await expectError(make(options), { name: 'SottoError', code: 'bad-option' });
    const models = new ModelStore(spec);
    await expectError(models.delete(), { name: 'SottoError', code: 'bad-option' });
    await expectError(models.delete('a', { rev: 'x' }), { name: 'SottoError', code: 'unknown-option' });
  },
};

const OTHER_SHA = 'b'.repeat(64);

function withZeros(bytes, begin) {
  const zeroed = bytes.slice();
  return zeroed.fill(0, begin);
}

/** @param files sizes by name */
export function makeManifest(name, files, { source = `hub ${name}`, content = SHA } = {}) {
  const kept = Object.entries(files).map(([file, size]) => [file, { content, size, sha256: null }]);
  return {
    name,
    revision: 'f'.repeat(40),
    source,
    files: Object.fromEntries(kept),
    lastUsed: 1_700_000_000_000,
  };
}
