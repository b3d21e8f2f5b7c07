// site/, the demo as one folder for a static host: below a path, without isolation, under a strict policy that reaches
// the worker as well.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const BASE = '/some/where';
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
].join('; ');

let browser;
let server;
before(async () => {
  await promisify(execFile)(process.execPath, ['tools/site.mjs'], { cwd: root });
  const files = staticFiles(`${root}site`);
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

test('what the demo links to is there', async () => {
  const opened = await openPage(browser, `http://127.0.0.1:${server.address().port}${BASE}/`);
  const links = await opened.page.$$eval('a[href]', (all) => all.map((link) => link.href));
  assert.ok(links.length > 0);
  for (const link of links) assert.equal((await fetch(link)).status, 200, link);
});
