// The entries that are one script, in Chromium: a page with inline.js alone, and a service worker with edge.js.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { startServer } from '../../tools/serve.mjs';
import { filesOf, storiesPath } from '../api/support.mjs';
import { launchBrowser, openPage } from './browser.mjs';

const POLICY = '/policy/';
const SERVICE_WORKER = '/service-worker.js';

/** Everything that a caller may want of a model, in the page, in a service worker, and here. */
async function use(model) {
  const responseFormat = { type: 'json-schema', schema: { enum: [17, 'a', null] } };
  const { tokenIds } = await model.generate('Once upon a time', { seed: 7, maxNewTokens: 60 }).result;
  const { parsed } = await model.generate('Once', { seed: 7, responseFormat }).result;
  const messages = [{ role: 'user', content: 'A fox' }];
  const chat = await model.chat(messages, { chatTemplate: 'chatml', seed: 7, maxNewTokens: 9 }).text();
  await model.dispose();
  return { tokenIds, parsed, chat };
}

const serviceWorker = `
import { LanguageModel } from '/sotto/edge.js';
const use = ${use};
addEventListener('message', async ({ data, source }) => {
  try {
    source.postMessage(await use(await LanguageModel.load('/models/tiny-stories/', data)));
  } catch (error) {
    source.postMessage([error.code, error.message]);
  }
});`;

let browser;
let server;
let expected;
before(async () => {
  const send = (type, text, headers) => (_request, response) => {
    response.writeHead(200, { 'Content-Type': type, ...headers });
    response.end(text);
  };
  const noBlobs = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
  server = await startServer({
    port: 0,
    isolation: false,
    routes: {
      [POLICY]: send('text/html', '<title>a page</title>', { 'Content-Security-Policy': noBlobs }),
      [SERVICE_WORKER]: send('text/javascript', serviceWorker),
    },
  });
  browser = await launchBrowser();
  expected = await use(await LanguageModel.load(storiesPath));
});
after(() => Promise.all([browser?.close(), server?.close()]));

async function open(t, path) {
  const opened = await openPage(browser, new URL(path, server.url).href);
  t.after(() => opened.close());
  return opened;
}

/** The scripts and binaries of the package that were asked for. */
const ofPackage = (requests) =>
  requests.map((url) => new URL(url).pathname).filter((path) => path.startsWith('/sotto/'));

for (const worker of [true, false]) {
  test(`a page with inline.js asks for nothing else, worker: ${worker}`, async (t) => {
    const { page, requests, complaints } = await open(t, 'icon.svg');
    const workers = [];
    page.on('worker', (started) => workers.push(new URL(started.url()).protocol));
    const used = await page.evaluate(
      async ([source, given]) => {
        const { LanguageModel } = await import('/sotto/inline.js');
        return new Function(`return ${source}`)()(
          await LanguageModel.load('models/tiny-stories/', { worker: given, store: false }),
        );
      },
      [String(use), worker],
    );
    assert.deepEqual(used, expected);
    assert.deepEqual(workers, worker ? ['blob:'] : []);
    assert.deepEqual(ofPackage(requests), ['/sotto/inline.js']);
    // Files that a model need not have are asked for.
    assert.ok(
      complaints.every((text) => /404/.test(text)),
      complaints.join(),
    );
  });
}

test('a page of no origin, as from a disk, runs inline.js in a worker', async (t) => {
  const opened = await openPage(browser, 'data:text/html,<title>a page</title>');
  t.after(() => opened.close());
  const code = await readFile(new URL('../../dist/inline.js', import.meta.url), 'utf8');
  const files = Object.entries(filesOf(storiesPath)).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString('base64'),
  ]);
  const used = await opened.page.evaluate(
    async ([script, given, source]) => {
      const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
      const { LanguageModel } = await import(address);
      const toBytes = ([name, text]) => [name, Uint8Array.from(atob(text), (c) => c.charCodeAt(0))];
      const model = await LanguageModel.load(Object.fromEntries(given.map(toBytes)), { worker: true });
      return new Function(`return ${source}`)()(model);
    },
    [code, files, String(use)],
  );
  assert.deepEqual(used, expected);
});

test('a policy that allows no workers from blobs is named, and this thread does', async (t) => {
  const { page } = await open(t, POLICY);
  const outcomes = await page.evaluate(async () => {
    const { LanguageModel } = await import('/sotto/inline.js');
    const load = (worker) =>
      LanguageModel.load('/models/tiny-stories/', { worker }).then(
        () => ['loaded'],
        ({ code, message }) => [code, message],
      );
    return [await load(true), await load(false)];
  });
  assert.equal(outcomes[0][0], 'unsupported-environment', outcomes[0][1]);
  assert.match(
    outcomes[0][1],
    /worker did not start.*must allow blob: in worker-src.*\{ worker: false \} does without/,
  );
  assert.deepEqual(outcomes[1], ['loaded']);
});

test('a service worker with edge.js loads the model and uses it', async (t) => {
  const { page, requests } = await open(t, 'icon.svg');
  const [used, refused] = await page.evaluate(async (script) => {
    const registration = await navigator.serviceWorker.register(script, { type: 'module', scope: '/sw/' });
    const installing = registration.installing ?? registration.waiting ?? registration.active;
    while (installing.state !== 'activated') await new Promise((resolve) => setTimeout(resolve, 10));
    const ask = (options) =>
      new Promise((resolve) => {
        navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
        registration.active.postMessage(options);
      });
    navigator.serviceWorker.startMessages();
    return [await ask({}), await ask({ worker: true })];
  }, SERVICE_WORKER);
  assert.deepEqual(used, expected);
  assert.equal(refused[0], 'unsupported-environment');
  assert.match(refused[1], /sotto\/edge runs models in the thread/);
  const [script, ...binaries] = ofPackage(requests);
  assert.equal(script, '/sotto/edge.js');
  assert.match(binaries.join(), /^\/sotto\/wasm\/(simd|relaxed)\.wasm$/);
});
