// The demo as one folder for a static host: below a path, without isolation, under a strict policy that reaches the worker
// as well. wasm-tests/docs/site.test.mjs has the documentation beside it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { buildSite } from '../../tools/site.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const BASE = '/some/where';
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "manifest-src 'self'",
].join('; ');

let browser;
let folder;
let server;
before(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'sotto-site-')), 'site');
  await buildSite(folder);
  const files = staticFiles(folder);
  server = createServer((request, response) => {
    const { path } = pathOf(request.url);
    if (!path?.startsWith(`${BASE}/`)) return response.writeHead(404).end();
    response.setHeader('Content-Security-Policy', POLICY);
    void files(request, response, path.slice(BASE.length));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

test('the static site works below a path, and under a strict policy', async () => {
  const opened = await openPage(browser, `http://127.0.0.1:${server.address().port}${BASE}/`);
  const demo = new DemoPage(opened.page);
  await demo.waitForModel();
  await demo.setSeed(7);
  assert.match(await demo.generate(), /[a-z]{3}/);
  assert.ok(opened.requests.length > 3);
  for (const url of opened.requests) assert.ok(new URL(url).pathname.startsWith(`${BASE}/`), url);
  opened.assertQuiet();
});
