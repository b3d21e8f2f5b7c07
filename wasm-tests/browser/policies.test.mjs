// Pages whose headers forbid a part of what the package does: the error names what is in the way, or one thread does.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { inRepository } from '../../tools/lib/folders.mjs';
import { pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { launchBrowser, openPage } from './browser.mjs';

const COOP = { 'Cross-Origin-Opener-Policy': 'same-origin' };
const COEP = { 'Cross-Origin-Embedder-Policy': 'require-corp' };
const CSP = (policy) => ({ 'Content-Security-Policy': policy });
const SERVICE_WORKER = `
import { LanguageModel } from '/sotto/index.js';
import { Engine } from '/sotto/engine.js';
addEventListener('message', async ({ data, source }) => {
  const tell = (error) => source.postMessage([error.name, error.code, error.message]);
  if (data === 'engine') await Engine.create().then(() => source.postMessage(['made']), tell);
  else await LanguageModel.load('/model/', data).then(() => source.postMessage(['loaded']), tell);
});`;

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/** A server of the package and a model; `headersOf` says what a path is sent with. */
async function serve(t, headersOf) {
  const folders = { '/sotto/': 'dist', '/model/': 'demo/models/tiny-stories' };
  const handlers = Object.entries(folders).map(([path, folder]) => [path, staticFiles(inRepository(folder))]);
  const server = createServer((request, response) => {
    const { path } = pathOf(request.url);
    for (const [name, value] of Object.entries(headersOf(path))) response.setHeader(name, value);
    const handler = handlers.find(([prefix]) => path.startsWith(prefix));
    if (handler !== undefined) return handler[1](request, response, path.slice(handler[0].length - 1));
    const isScript = path.endsWith('.js');
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? SERVICE_WORKER : '<!doctype html><title>a page</title>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${server.address().port}/`;
  const opened = await openPage(browser, url);
  t.after(() => opened.close());
  return { page: opened.page, url };
}

/** What loading comes to: [name, code, message] of the error, or [threads, why]. */
function load(page, options = {}, from = '/') {
  return page.evaluate(
    async ([given, from]) => {
      const { LanguageModel } = await import(`${from}sotto/index.js`);
      try {
        const model = await LanguageModel.load('/model/', given);
        const { threads, variantReason } = model.info;
        const { tokenIds } = await model.generate('Once', { maxNewTokens: 3 }).result;
        await model.dispose();
        return [threads, variantReason, tokenIds.length];
      } catch (error) {
        return [error.name, error.code, error.message];
      }
    },
    [options, from],
  );
}

function assertRefused([name, code, message], expected) {
  assert.deepEqual([name, code], ['SottoError', 'unsupported-environment'], message);
  assert.match(message, expected);
}

test("a policy without 'wasm-unsafe-eval' is named, in the page and in the worker", async (t) => {
  const { page } = await serve(t, () => CSP("script-src 'self'; worker-src 'self'"));
  const expected = /WebAssembly is forbidden.*'wasm-unsafe-eval' in script-src/;
  for (const options of [{ worker: false }, { worker: false, variant: 'simd' }, {}, { variant: 'simd' }])
    assertRefused(await load(page, options), expected);
});

test("forms need no more than 'wasm-unsafe-eval'", async (t) => {
  const { page } = await serve(t, () =>
    CSP("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'"),
  );
  const parsed = await page.evaluate(async () => {
    const { LanguageModel } = await import('/sotto/index.js');
    const model = await LanguageModel.load('/model/');
    const responseFormat = { type: 'json-schema', schema: { enum: [17, 'a'] } };
    const { parsed } = await model.generate('Once', { responseFormat }).result;
    await model.dispose();
    return parsed;
  });
  assert.ok([17, 'a'].includes(parsed));
});

test('a policy that allows no worker is named', async (t) => {
  const { page } = await serve(t, () => CSP("script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'"));
  assertRefused(
    await load(page),
    /worker did not start.*Content-Security-Policy \(worker-src\).*worker: false/,
  );
  assert.deepEqual((await load(page, { worker: false })).at(-1), 3);
});

test("scripts without the page's Cross-Origin-Embedder-Policy are told as the cause", async (t) => {
  const { page } = await serve(t, (path) => (path === '/' ? { ...COOP, ...COEP } : {}));
  const expected =
    /worker did not start.*worker\.js must.* as this page is sent with Cross-Origin-Embedder-Policy/;
  assertRefused(await load(page), expected);
});

test('helpers that are blocked: one thread with the reason, or the cause where more are asked for', async (t) => {
  const { page } = await serve(t, (path) =>
    path.startsWith('/sotto/wasm/')
      ? { 'Cross-Origin-Resource-Policy': 'same-origin' }
      : { ...COOP, ...COEP },
  );
  const [threads, why, nTokens] = await load(page, { threads: 'auto' });
  assert.deepEqual([threads, nTokens], [1, 3], why);
  assert.match(why, /one thread, because more did not start: .*Cross-Origin-Embedder-Policy/);
  assertRefused(
    await load(page, { threads: 2 }),
    /helper thread did not start.*Cross-Origin-Embedder-Policy/,
  );
});

/** The package on another origin, as a CDN serves it, with the address of its root. */
async function serveElsewhere(t) {
  const { url } = await serve(t, () => ({
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }));
  return url;
}

test('from another origin the worker starts by itself, and its helpers do', async (t) => {
  const cdn = await serveElsewhere(t);
  const { page } = await serve(t, () => ({ ...COOP, ...COEP }));
  const started = [];
  page.on('worker', (worker) => started.push(worker.url()));
  const [threads, why, nTokens] = await load(page, { threads: 2 }, cdn);
  assert.deepEqual([threads, nTokens], [2, 3], why);
  assert.match(started[0], /^blob:/);
});

test('what a policy forbids of another origin is named', async (t) => {
  const cdn = await serveElsewhere(t);
  const policy = (workers) => CSP(`script-src 'self' ${cdn} 'wasm-unsafe-eval'; worker-src ${workers}`);
  const allowed = await serve(t, () => policy(`blob: ${cdn}`));
  assert.deepEqual((await load(allowed.page, {}, cdn)).at(-1), 3);
  const { page } = await serve(t, () => policy("'self'"));
  assertRefused(await load(page, {}, cdn), /worker did not start.*blob: and http:\S+ in worker-src/);
  assert.deepEqual((await load(page, { worker: false }, cdn)).at(-1), 3);
});

test('a service worker is told that it cannot load the engine', async (t) => {
  const { page } = await serve(t, () => ({}));
  const answers = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
    await navigator.serviceWorker.ready;
    const ask = (what) =>
      new Promise((resolve) => {
        navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
        registration.active.postMessage(what);
      });
    return [await ask({}), await ask({ worker: false }), await ask('engine'), await ask({ worker: true })];
  });
  assert.deepEqual(answers[2], ['made']);
  for (const answer of answers.slice(0, 2))
    assertRefused(
      answer,
      /cannot be loaded.*A service worker may neither.*import 'sotto\/edge' in its place/,
    );
  assertRefused(answers[3], /worker did not start.*import 'sotto\/edge' in its place/);
});
