// What every store has to do, in Node and in browsers: tests run these checks where the store is.
import { expectEqual, expectError, expectTrue, makeBytes, sameBytes } from './expect.mjs';

/**
 * Each gets `open`, which opens the store under test once more, and `wipe`, which deletes everything in it behind its back. The
 * store is empty before each.
 */
export const STORE_CHECKS = {
  async 'gives back what was written'({ open }) {
    const [store, other] = [await open(), await open()];
    for (const length of [1, 2, 1000, 0, 4 * 2 ** 20 + 16]) {
      const bytes = makeBytes(length);
      await store.write('models/a', bytes);
      expectEqual(await store.read('models/a'), bytes, `${length} bytes`);
      expectEqual(await other.read('models/a'), bytes, `${length} bytes, opened anew`);
    }
  },

  async 'joins parts, and takes views in the middle of something'({ open }) {
    const store = await open();
    const bytes = makeBytes(100);
    await store.write(
      'a',
      bytes.subarray(10, 13),
      new Uint8Array(0),
      bytes.subarray(13, 60),
      bytes.subarray(60, 61),
    );
    expectEqual(await store.read('a'), bytes.slice(10, 61));
    await store.write('a');
    expectEqual(await store.read('a'), new Uint8Array(0));
  },

  async 'has nothing where nothing was written'({ open }) {
    const store = await open();
    await store.write('models/abc', makeBytes(3));
    for (const absent of ['models/ab', 'models/abcd', 'models', 'abc', 'models/abc/d', 'blocks/x/0']) {
      expectEqual(await store.read(absent), null, absent);
    }
  },

  async 'replaces a value, by a longer one or a shorter one'({ open }) {
    const store = await open();
    for (const [round, length] of [1000, 10, 100_000, 0, 5].entries()) {
      await store.write('models/a', makeBytes(length, round));
      expectEqual(await store.read('models/a'), makeBytes(length, round), `${length} bytes`);
      expectEqual(await store.list(''), [{ key: 'models/a', size: length }]);
    }
  },

  async 'lists by any beginning of a key'({ open }) {
    const store = await open();
    const keys = [
      'blocks/ab/0',
      'blocks/ab/1',
      'blocks/abc/0',
      'blocks/u-1/0',
      'models/ab',
      'models/a.b_c-d',
    ];
    for (const [i, key] of keys.entries()) await store.write(key, makeBytes(i));
    for (const prefix of [
      '',
      'b',
      'blocks/',
      'blocks/a',
      'blocks/ab',
      'blocks/ab/',
      'blocks/ab/1',
      'models/a.',
      'x',
      'models/ab/',
    ]) {
      const expected = keys.flatMap((key, size) => (key.startsWith(prefix) ? [{ key, size }] : []));
      expectEqual(sorted(await store.list(prefix)), expected.sort(byKey), `'${prefix}'`);
    }
  },

  async 'forgets by any beginning of a key'({ open }) {
    const keys = ['blocks/ab/0', 'blocks/ab/1', 'blocks/abc/0', 'models/ab', 'models/abc', 'other'];
    for (const prefix of [
      'models/ab',
      'blocks/ab/',
      'blocks/ab',
      'blocks/ab/1',
      'nothing',
      'models/x/',
      'b',
      '',
    ]) {
      const store = await open();
      for (const key of keys) await store.write(key, makeBytes(9));
      await store.delete(prefix);
      await store.delete(prefix);
      const expected = keys.filter((key) => !key.startsWith(prefix)).sort();
      expectEqual(
        sorted(await store.list('')).map(({ key }) => key),
        expected,
        `'${prefix}'`,
      );
      for (const key of keys) expectEqual((await store.read(key)) === null, key.startsWith(prefix), key);
    }
  },

  async 'refuses what is no key'({ open }) {
    const store = await open();
    const wrong = [
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/.b',
      '.a',
      'A',
      'a b',
      'ä',
      'a\\b',
      'c:',
      'a%2fb',
      'a?',
      'a\0',
      'a\n',
    ];
    for (const key of [...wrong, 'x'.repeat(256)]) {
      await expectError(store.write(key, makeBytes(1)), { name: 'TypeError', message: /no key/ });
      await expectError(store.read(key), { name: 'TypeError', message: /no key/ });
    }
    expectEqual(await store.list(''), []);
    for (const key of ['x'.repeat(64), 'a.b', '-', '_', '0', `${'a/'.repeat(20)}a`])
      await store.write(key, makeBytes(1));
  },

  async 'shares no bytes with who writes and who reads'({ open }) {
    const store = await open();
    const bytes = makeBytes(1000);
    await store.write('a', bytes);
    bytes.fill(0);
    const read = await store.read('a');
    expectEqual(read, makeBytes(1000));
    read.fill(0);
    expectEqual(await store.read('a'), makeBytes(1000));
  },

  async 'takes several writers of one value'({ open }) {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open()));
    const bytes = makeBytes(2 ** 20 + 3);
    await Promise.all(stores.map((store) => store.write('blocks/a/0', bytes)));
    for (const store of stores) expectEqual(await store.read('blocks/a/0'), bytes);
    expectEqual(await stores[0].list(''), [{ key: 'blocks/a/0', size: bytes.length }]);
  },

  async 'ends with the value of one of several writers'({ open }) {
    const stores = await Promise.all(Array.from({ length: 5 }, () => open()));
    const values = stores.map((_, i) => makeBytes(200_000 + i, i));
    await Promise.all(stores.map((store, i) => store.write('models/a', values[i])));
    const read = await stores[0].read('models/a');
    expectTrue(
      values.some((value) => sameBytes(value, read)),
      'it is one of them',
    );
  },

  async 'takes writers of many values at once'({ open }) {
    const stores = await Promise.all([open(), open(), open()]);
    const keys = Array.from({ length: 30 }, (_, i) => `blocks/${i % 4}/${i}`);
    await Promise.all(keys.map((key, i) => stores[i % 3].write(key, makeBytes(1000 + i, i))));
    for (const [i, key] of keys.entries())
      expectEqual(await stores[0].read(key), makeBytes(1000 + i, i), key);
    expectEqual((await stores[1].list('')).length, keys.length);
  },

  async 'takes writers, readers and who deletes at once'({ open }) {
    const [writer, other] = [await open(), await open()];
    const value = makeBytes(50_000);
    const writes = Array.from({ length: 12 }, () => writer.write('blocks/a/0', value));
    const deletes = Array.from({ length: 6 }, () => other.delete('blocks/a/'));
    const lists = Array.from({ length: 6 }, () => other.list(''));
    await Promise.all([...writes, ...deletes, ...lists, other.read('blocks/a/0')]);
    await writer.write('blocks/a/0', value);
    expectEqual(await other.read('blocks/a/0'), value);
  },

  async 'goes on where everything was deleted behind its back'({ open, wipe }) {
    const store = await open();
    await store.write('blocks/a/0', makeBytes(100));
    expectEqual(await store.read('blocks/a/0'), makeBytes(100));
    await wipe();
    expectEqual(await store.read('blocks/a/0'), null);
    expectEqual(await store.list(''), []);
    await store.delete('');
    await store.write('blocks/a/0', makeBytes(50));
    await wipe();
    await store.write('blocks/a/1', makeBytes(60));
    expectEqual(await store.list('blocks/'), [{ key: 'blocks/a/1', size: 60 }]);
  },

  async 'tells how much room there is, and whether it lasts'({ open }) {
    const store = await open();
    const room = await store.quota();
    if (room !== null) expectTrue(room.usage >= 0 && room.quota > room.usage, JSON.stringify(room));
    expectEqual(typeof (await store.persist()), 'boolean');
    expectTrue(['opfs', 'cache', 'folder', 'memory'].includes(store.kind), store.kind);
  },
};

const byKey = (a, b) => (a.key < b.key ? -1 : 1);
const sorted = (values) => [...values].sort(byKey);
