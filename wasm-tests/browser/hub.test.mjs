// Models by name in real pages: what is kept in the browser's store, and what becomes of it when pages are closed, reloaded,
// two, or without a connection.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { launchBrowser, openPage } from './browser.mjs';

const ID = 'owner/tiny';
const NAMES = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
];
const BLOCK_BYTES = 2 << 20;
const ROUNDS = process.env.SOTTO_ALL === '1' ? 50 : 3; // of two pages at once

let browser;
let server;
let files;
let text; // what the model writes, loaded from the page's own server
before(async () => {
  const read = (name) => readFile(new URL(`../../demo/models/tiny-stories/${name}`, import.meta.url));
  files = Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await read(name)])));
  server = await startServer({ port: 0 });
  browser = await launchBrowser();
  const { page, close } = await blankPage();
  text = (await load(page, 'models/tiny-stories/', { store: false })).text;
  await close();
});
after(() => Promise.all([browser?.close(), server?.close()]));

const blankPage = () => openPage(browser, new URL('icon.svg', server.url).href);

/** A hub with the model, which ends with the test. */
async function hubFor(t, options = {}) {
  const hub = await startHub({ repos: { [ID]: { files, ...options } } });
  t.after(() => hub.close());
  return hub;
}

/** Loads in the page and writes; `given` are options of loading. */
function load(page, source, given) {
  return page.evaluate(
    async ([from, options]) => {
      const { LanguageModel } = await import('/sotto/index.js');
      const events = [];
      const begin = performance.now();
      try {
        const onProgress = (event) => events.push(event);
        const model = await LanguageModel.load(from, { onProgress, ...options });
        const seconds = (performance.now() - begin) / 1000;
        const written = await model.generate('Once upon a time', { seed: 7, maxNewTokens: 16 }).text();
        await model.dispose();
        return { text: written, notices: model.info.notices, last: events.at(-1).all, seconds };
      } catch ({ code, message }) {
        return { code, message };
      }
    },
    [source, given],
  );
}

const kept = (page) =>
  page.evaluate(async () => {
    const { ModelStore } = await import('/sotto/index.js');
    const store = new ModelStore();
    const models = await store.list();
    return { kind: store.kind, models: models.map(({ lastUsed: _, ...model }) => model) };
  });

const bytesSent = (hub) => hub.log.reduce((sum, { bytesSent: sent }) => sum + sent, 0);
const allBytes = () => Object.values(files).reduce((sum, file) => sum + file.length, 0);

describe('a model by name in Chromium', () => {
  test('is kept in OPFS, and loaded from there without a request, also offline', async (t) => {
    const hub = await hubFor(t);
    const { page, close } = await blankPage();
    t.after(close);
    const first = await load(page, ID, { endpoint: hub.endpoint });
    assert.deepEqual([first.text, first.notices], [text, []]);
    assert.deepEqual(
      [first.last.loaded, first.last.total, first.last.fromStore],
      [allBytes(), allBytes(), 0],
    );
    const { kind, models } = await kept(page);
    assert.deepEqual([kind, models.length], ['opfs', 1]);
    const [{ name, revision, bytes, isComplete }] = models;
    assert.deepEqual([name, revision, bytes, isComplete], [ID, hub.commitOf(ID), allBytes(), true]);

    const nRequests = hub.log.length;
    const second = await load(page, ID, { endpoint: hub.endpoint });
    assert.equal(second.text, text);
    assert.equal(second.last.fromStore, allBytes());
    assert.equal(hub.log.length, nRequests);
    await hub.close();
    assert.equal((await load(page, ID, { endpoint: hub.endpoint })).text, text);
    const other = await load(page, 'owner/other', { endpoint: hub.endpoint, retries: 0 });
    assert.equal(other.code, 'network');

    const isDeleted = await page.evaluate(async (id) => {
      const { ModelStore } = await import('/sotto/index.js');
      return new ModelStore().delete(id);
    }, ID);
    assert.equal(isDeleted, true);
    assert.deepEqual((await kept(page)).models, []);
    assert.equal((await load(page, ID, { endpoint: hub.endpoint, retries: 0 })).code, 'network');
  });

  test('goes on where it was, when its page was closed in the middle', async (t) => {
    const hub = await hubFor(t);
    const context = await browser.newContext();
    t.after(() => context.close());
    hub.faults.add({ kind: 'stall', on: 'cdn', after: BLOCK_BYTES + 1_000_000, times: 1 });
    const page = await context.newPage();
    await page.goto(new URL('icon.svg', server.url).href);
    void load(page, ID, { endpoint: hub.endpoint }).catch(() => {}); // its page is gone then
    const next = await context.newPage();
    await next.goto(new URL('icon.svg', server.url).href);
    const endMs = Date.now() + 10_000;
    while (((await kept(next)).models[0]?.bytes ?? 0) < BLOCK_BYTES && Date.now() < endMs);
    await page.close();
    const before = bytesSent(hub);
    const loaded = await load(next, ID, { endpoint: hub.endpoint });
    assert.equal(loaded.text, text);
    assert.ok(loaded.last.fromStore >= BLOCK_BYTES, `${loaded.last.fromStore} bytes came from the store`);
    assert.ok(bytesSent(hub) - before < allBytes() - BLOCK_BYTES + 10_000);
  });

  test('comes to two pages at once', async (t) => {
    const hub = await hubFor(t);
    const context = await browser.newContext();
    t.after(() => context.close());
    const pages = await Promise.all([context.newPage(), context.newPage()]);
    await Promise.all(pages.map((page) => page.goto(new URL('icon.svg', server.url).href)));
    for (let round = 0; round < ROUNDS; round++) {
      const loaded = await Promise.all(pages.map((page) => load(page, ID, { endpoint: hub.endpoint })));
      for (const one of loaded) assert.deepEqual([one.text, one.notices], [text, []]);
      const [{ isComplete, bytes }] = (await kept(pages[0])).models;
      assert.deepEqual([isComplete, bytes], [true, allBytes()]);
      await pages[0].evaluate(async () => {
        const { ModelStore } = await import('/sotto/index.js');
        await new ModelStore().clear();
      });
    }
  });

  test('with a token, which goes to the hub alone, and by a function of the page', async (t) => {
    const hub = await hubFor(t, { private: true, token: 'hf_secret' });
    const { page, close } = await blankPage();
    t.after(close);
    const refused = await load(page, ID, { endpoint: hub.endpoint });
    assert.equal(refused.code, 'access-denied');
    assert.match(refused.message, /no model owner\/tiny at .*, or it is private/);
    const loaded = await load(page, ID, { endpoint: hub.endpoint, token: 'hf_secret' });
    assert.equal(loaded.text, text);
    assert.deepEqual(hub.leaks, []);
    const byFunction = await page.evaluate(
      async ([id, endpoint]) => {
        const { LanguageModel } = await import('/sotto/index.js');
        const asked = [];
        const model = await LanguageModel.load(id, {
          endpoint,
          store: false,
          fetch(url, init) {
            asked.push(url);
            return fetch(url, { ...init, headers: { ...init.headers, authorization: 'Bearer hf_secret' } });
          },
        });
        const written = await model.generate('Once upon a time', { seed: 7, maxNewTokens: 16 }).text();
        return { written, nAsked: asked.length };
      },
      [ID, hub.endpoint],
    );
    assert.deepEqual(byFunction, { written: text, nAsked: 1 + NAMES.length });
  });

  test('damaged on its way is not run', async (t) => {
    const hub = await hubFor(t);
    const { page, close } = await blankPage();
    t.after(close);
    hub.faults.add({ kind: 'flip', on: 'cdn', offset: 5_000_000, times: 1 });
    const damaged = await load(page, ID, { endpoint: hub.endpoint });
    assert.equal(damaged.code, 'bad-file');
    assert.match(damaged.message, /model\.safetensors: its bytes do not have the SHA-256/);
    assert.equal((await load(page, ID, { endpoint: hub.endpoint })).text, text);
  });
});
