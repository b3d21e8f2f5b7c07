// Stores in a browser: the suite over OPFS and the Cache API, on the page and in a worker; two pages; no room; no store at all.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { inRepository } from '../../tools/lib/folders.mjs';
import { pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { STORE_CHECKS } from '../stores/conformance.mjs';
import { MODEL_CHECKS } from '../stores/model-checks.mjs';
import { launchBrowser, openPage } from './browser.mjs';

let browser;
let server;
let url;
before(async () => {
  browser = await launchBrowser();
  const folders = { '/build/web/': 'build/web', '/wasm-tests/stores/': 'wasm-tests/stores' };
  const handlers = Object.entries(folders).map(([path, folder]) => [path, staticFiles(inRepository(folder))]);
  server = createServer((request, response) => {
    const { path } = pathOf(request.url);
    const handler = handlers.find(([prefix]) => path.startsWith(prefix));
    if (handler !== undefined) return handler[1](request, response, path.slice(handler[0].length - 1));
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>a page</title>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}/`;
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function newPage(t) {
  const opened = await openPage(browser, url);
  t.after(() => opened.close());
  return opened.page;
}

/** Where the suite runs: each resolves to what a check threw, or null. */
const PLACES = {
  page: (page, kind, name) =>
    page.evaluate(
      async (given) => {
        const { runCheck } = await import('/wasm-tests/stores/browser-checks.mjs');
        return runCheck(given.kind, given.name);
      },
      { kind, name },
    ),
  worker: (page, kind, name) =>
    page.evaluate(
      async (given) => {
        if (window.checker === undefined) {
          window.checker = new Worker('/wasm-tests/stores/browser-checks.mjs', { type: 'module' });
          await new Promise((resolve) => window.checker.addEventListener('message', resolve, { once: true }));
        }
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise((resolve) => {
          port1.onmessage = ({ data }) => resolve(data);
        });
        window.checker.postMessage(given, [port2]);
        return answer;
      },
      { kind, name },
    ),
};

for (const kind of ['opfs', 'cache']) {
  for (const [place, run] of Object.entries(PLACES)) {
    test(`${kind}, ${place}: passes the suite of stores`, async (t) => {
      const page = await newPage(t);
      for (const name of Object.keys({ ...STORE_CHECKS, ...MODEL_CHECKS })) {
        await t.test(name, async () => assert.equal(await run(page, kind, name), null));
      }
    });
  }
}

test('two tabs write and read the same blocks at once, on pages and in workers', async (t) => {
  const page = await newPage(t);
  const other = await page.context().newPage();
  await other.goto(url);
  const work = async (seed) => {
    const { openStore } = await import('/build/web/stores/open.js');
    const { BlockFile, BLOCK_BYTES } = await import('/build/web/stores/blocks.js');
    const file = new BlockFile(await openStore({ kind: 'opfs' }), 'c0', 6 * BLOCK_BYTES);
    const source = `
      import { openStore } from '${location.origin}/build/web/stores/open.js';
      import { BlockFile, BLOCK_BYTES } from '${location.origin}/build/web/stores/blocks.js';
      const file = new BlockFile(await openStore({ kind: 'opfs' }), 'c0', 6 * BLOCK_BYTES);
      for (let i = 0; i < 6; i++) await file.write(i, new Uint8Array(BLOCK_BYTES).fill(i));
      postMessage('done');`;
    const script = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const worker = new Worker(script, { type: 'module' });
    const done = new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = ({ message }) => reject(new Error(message));
    });
    for (let i = 0; i < 6; i++) {
      const index = (i + seed) % 6;
      await file.write(index, new Uint8Array(BLOCK_BYTES).fill(index));
    }
    await done;
    worker.terminate();
    const read = [];
    for (let i = 0; i < 6; i++) read.push((await file.read(i))?.every((byte) => byte === i));
    return read;
  };
  const found = await Promise.all([page.evaluate(work, 0), other.evaluate(work, 3)]);
  assert.deepEqual(found, new Array(2).fill(new Array(6).fill(true)));
});

test('a value that another tab has open can be read, and written once it is free', async (t) => {
  const page = await newPage(t);
  const found = await page.evaluate(async () => {
    const { openStore } = await import('/build/web/stores/open.js');
    const store = await openStore({ kind: 'opfs' });
    const value = new Uint8Array(100_000).fill(7);
    await store.write('blocks/a/0', value);
    const startWorker = (source) => {
      const worker = new Worker(URL.createObjectURL(new Blob([source])));
      return {
        worker,
        said: () => new Promise((resolve) => worker.addEventListener('message', resolve, { once: true })),
      };
    };
    const holder = startWorker(`
      (async () => {
        let folder = await navigator.storage.getDirectory();
        for (const name of ['sotto-models', 'blocks', 'a']) folder = await folder.getDirectoryHandle(name);
        const access = await (await folder.getFileHandle('0')).createSyncAccessHandle();
        onmessage = () => { access.close(); postMessage('free'); };
        postMessage('held');
      })();`);
    await holder.said();
    const codeOf = (promise) =>
      promise.then(
        () => null,
        ({ code, message }) => `${code}: ${message}`,
      );
    const onPage = (await store.read('blocks/a/0')).length;
    const otherSize = await codeOf(store.write('blocks/a/0', value, value));
    const sameSize = await codeOf(store.write('blocks/a/0', value)); // which is there
    const deleted = await codeOf(store.delete('blocks/a/'));
    const other = startWorker(`
      (async () => {
        const { openStore } = await import('${location.origin}/build/web/stores/open.js');
        const store = await openStore({ kind: 'opfs' });
        const read = await store.read('blocks/a/0');
        postMessage(read.length);
        await store.write('blocks/a/0', read, read);
        postMessage((await store.read('blocks/a/0')).length);
      })();`);
    const { data: inWorker } = await other.said();
    const later = other.said();
    await new Promise((resolve) => setTimeout(resolve, 200));
    holder.worker.postMessage('let go');
    const { data: written } = await later;
    holder.worker.terminate();
    other.worker.terminate();
    return { onPage, inWorker, otherSize, sameSize, deleted, written };
  });
  assert.match(found.otherSize, /^store: .*\(opfs\) cannot be written/);
  assert.match(found.deleted, /^store: .*\(opfs\) cannot be cleared/);
  delete found.otherSize;
  delete found.deleted;
  assert.deepEqual(found, { onPage: 100_000, inWorker: 100_000, sameSize: null, written: 200_000 });
});

for (const kind of ['opfs', 'cache']) {
  for (const place of ['page', 'worker']) {
    test(`${kind}, ${place}: no room is told with numbers, and what is there can be read`, async (t) => {
      const page = await newPage(t);
      const devtools = await page.context().newCDPSession(page);
      const setQuota = (quota) =>
        devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(url).origin, ...quota });
      await setQuota({ quotaSize: 20e6 });
      const found = await page.evaluate(
        async ({ source, inWorker }) => {
          if (!inWorker) return new Function(`return (${source})`)()(location.origin);
          const script = `(${source})('${location.origin}').then((found) => postMessage(found))`;
          const worker = new Worker(URL.createObjectURL(new Blob([script])));
          return new Promise((resolve) => {
            worker.onmessage = ({ data }) => resolve(data);
          });
        },
        { source: String(fillStore).replaceAll('KIND', `'${kind}'`), inWorker: place === 'worker' },
      );
      assert.equal(found.code, 'store-full', found.message);
      assert.match(found.message, new RegExp(`no room for \\d+ more bytes.*${kind}; \\d+ bytes in use`));
      assert.match(found.message, /delete models.*`store: false`/);
      // Access handles get a little more than the quota.
      assert.ok(found.nWritten >= 4 && found.nWritten < 11, `${found.nWritten} blocks of 2 MiB in 20 MB`);
      assert.deepEqual(found.kept, new Array(found.nWritten).fill(2 * 2 ** 20));
      assert.equal(found.nRead, found.nWritten);
      assert.equal(found.reopened, kind);
      assert.ok(found.afterDelete);
    });
  }
}

/** Fills a store of KIND, on a page or in a worker that has nothing but this function. */
async function fillStore(origin) {
  const { openStore } = await import(`${origin}/build/web/stores/open.js`);
  const { BlockFile, BLOCK_BYTES } = await import(`${origin}/build/web/stores/blocks.js`);
  const store = await openStore({ kind: KIND });
  const file = new BlockFile(store, 'c1', 20 * BLOCK_BYTES);
  const bytes = new Uint8Array(BLOCK_BYTES);
  let nWritten = 0;
  let error = {};
  try {
    for (; nWritten < 20; nWritten++)
      await file.write(nWritten, crypto.getRandomValues(bytes.subarray(0, 65536)) && bytes);
  } catch (cause) {
    error = { code: cause.code, message: cause.message };
  }
  const kept = [...(await file.have()).values()];
  let nRead = 0;
  while ((await file.read(nRead))?.length === BLOCK_BYTES) nRead++;
  const reopened = (await openStore({ kind: KIND })).kind;
  await file.delete();
  await file.write(0, bytes);
  const afterDelete = (await file.read(0)) !== null;
  return { ...error, nWritten, nRead, kept, reopened, afterDelete };
}

/** What a page finds where a browser offers less; `change` runs before all else. */
async function openedWith(t, change, { spec = { kind: 'auto' }, isForReading = false } = {}) {
  const context = await browser.newContext();
  t.after(() => context.close());
  await context.addInitScript(change);
  const page = await context.newPage();
  await page.goto(url);
  return page.evaluate(
    async (given) => {
      const { openStore } = await import('/build/web/stores/open.js');
      const { ModelStore } = await import('/build/web/index.js');
      const problems = [];
      const { isForReading } = given;
      try {
        const store = await openStore(given.spec, { isForReading, onProblem: (text) => problems.push(text) });
        const models = new ModelStore();
        return { kind: store?.kind ?? null, problems, list: await models.list(), models: models.kind };
      } catch (error) {
        return { code: error.code, message: error.message };
      }
    },
    { spec, isForReading },
  );
}

const refuseOpfs = () => {
  StorageManager.prototype.getDirectory = () =>
    Promise.reject(new DOMException('not in private windows', 'SecurityError'));
};

test("a browser's next store is taken where one fails, or is not there, or loses what is written", async (t) => {
  const changes = {
    'getDirectory throws': refuseOpfs,
    'no getDirectory': () => delete StorageManager.prototype.getDirectory,
    'no navigator.storage': () => Object.defineProperty(Navigator.prototype, 'storage', { value: undefined }),
    'no way to write': () => delete FileSystemFileHandle.prototype.createWritable,
    'writes fail': () => {
      FileSystemFileHandle.prototype.createWritable = () =>
        Promise.reject(new DOMException('no', 'UnknownError'));
    },
    'writes are lost': () => {
      FileSystemWritableFileStream.prototype.write = async () => {};
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    const found = await openedWith(t, change);
    assert.equal(found.kind, 'cache', what);
    assert.equal(found.problems.length, 1, what);
    assert.match(found.problems[0], /\(opfs\)/, what);
    assert.deepEqual(found.list, [], what);
  }
  const private_ = await openedWith(t, refuseOpfs);
  assert.match(private_.problems[0], /cannot be opened: not in private windows/);
});

test('a page reads what its workers write, where only they can', async (t) => {
  const change = () => delete FileSystemFileHandle.prototype.createWritable;
  const found = await openedWith(t, change, { isForReading: true });
  assert.deepEqual(found, { kind: 'opfs', problems: [], list: [], models: 'opfs' });
});

test('where a browser keeps nothing, there is no store, and a kind that was asked for says why', async (t) => {
  const refuseAll = () => {
    const refuse = () => {
      throw new DOMException('not in this frame', 'SecurityError');
    };
    StorageManager.prototype.getDirectory = refuse;
    Object.defineProperty(globalThis, 'caches', { get: refuse });
  };
  const found = await openedWith(t, refuseAll);
  assert.deepEqual([found.kind, found.list, found.models], [null, [], null]);
  assert.equal(found.problems.length, 2);
  for (const problem of found.problems) assert.match(problem, /cannot be opened: not in this frame/);
  for (const kind of ['opfs', 'cache', 'folder']) {
    const refused = await openedWith(t, refuseAll, { spec: { kind } });
    assert.equal(refused.code, 'store');
    assert.match(refused.message, new RegExp(`\\(${kind}\\).*\`store: false\``));
  }
  const insecure = () => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });
  const withoutHttps = await openedWith(t, insecure);
  assert.equal(withoutHttps.kind, null);
  assert.match(withoutHttps.problems[0], /did not come over https/);
});
