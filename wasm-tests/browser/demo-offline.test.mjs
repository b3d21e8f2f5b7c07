// The demo as a static site below a path, and its service worker: without a connection, with another release, with other
// headers, and with a host that sends what its list does not say.
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { answer, pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { buildSite } from '../../tools/site.mjs';
import { dropFiles, fixtureFiles, launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const BASE = '/some/where';

let browser;
let folder;
let server;
/** How the host is now. */
const host = { isDown: false, isIsolated: false, asked: [] };
before(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'sotto-site-')), 'site');
  await buildSite(folder);
  const files = staticFiles(folder);
  server = createServer((request, response) => {
    const { path } = pathOf(request.url);
    host.asked.push(path);
    if (host.isDown) return response.destroy();
    if (!path?.startsWith(`${BASE}/`)) return answer(response, 404);
    if (host.isIsolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
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

/** The scripts and styles that were asked for since the last time. */
function askedFiles() {
  const asked = host.asked.filter(
    (path) => /\.(js|css|wasm)$/.test(path) && !path.endsWith('/service-worker.js'),
  );
  host.asked = [];
  return asked;
}

test('the site works without a connection, and takes what is new of another release', async () => {
  const opened = await openPage(browser, `http://127.0.0.1:${server.address().port}${BASE}/`);
  const { page } = opened;
  const demo = new DemoPage(page);
  const reload = async () => {
    await page.reload();
    await demo.waitForModel();
    await demo.waitForOffline();
  };
  await demo.waitForModel();
  await demo.waitForOffline();
  assert.ok(askedFiles().length > 50);

  await reload();
  assert.deepEqual(askedFiles(), [], 'nothing is new');

  host.isDown = true;
  await page.reload();
  await demo.waitForModel();
  assert.match(await demo.generate(), /[a-z]{3}/);
  host.isDown = false;
  askedFiles();

  // Another release: one style changed, and its hash with it.
  const style = join(folder, 'style/base.css');
  await appendFile(style, ':root { --release: 2 }\n');
  const list = JSON.parse(await readFile(join(folder, 'page-files.json'), 'utf8'));
  const digest = await crypto.subtle.digest('SHA-256', await readFile(style));
  list['style/base.css'] = Buffer.from(digest).toString('hex').slice(0, 16);
  await writeFile(join(folder, 'page-files.json'), JSON.stringify(list));
  const release = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--release').trim());
  await reload();
  assert.equal(await release(), '2', 'at the first visit');
  assert.deepEqual(askedFiles(), [`${BASE}/style/base.css`], 'the others are as they were');
  const kept = () =>
    page.evaluate(async () =>
      (await (await caches.open('sotto-page')).keys())
        .map(({ url }) => url)
        .filter((url) => /base\.css/.test(url)),
    );
  assert.equal((await kept()).length, 1, 'the old one is gone');

  // A host that sends the next file before its list: it is shown, and not kept as what it is not.
  list['style/base.css'] = '0123456789abcdef';
  await writeFile(join(folder, 'page-files.json'), JSON.stringify(list));
  await page.reload();
  await demo.waitForModel();
  assert.equal(await release(), '2');
  assert.deepEqual(await kept().then((urls) => urls.filter((url) => url.endsWith('0123456789abcdef'))), []);
  list['style/base.css'] = Buffer.from(digest).toString('hex').slice(0, 16);
  await writeFile(join(folder, 'page-files.json'), JSON.stringify(list));

  // Isolated from now on: scripts that were kept without the headers would be refused.
  host.isIsolated = true;
  await reload();
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  host.isDown = true;
  await page.reload();
  await demo.waitForModel();
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  assert.match(await demo.generate(), /[a-z]{3}/);
  host.isDown = false;
  await opened.close();
});

test('a tab of the release before goes on, and the next one has the new files of all folders', async () => {
  Object.assign(host, { isDown: false, isIsolated: false });
  const opened = await openPage(browser, `http://127.0.0.1:${server.address().port}${BASE}/`);
  const { page } = opened;
  const demo = new DemoPage(page);
  await demo.waitForModel();
  await demo.waitForOffline();
  askedFiles();

  // Two scripts that belong together, in two folders: the old one of one with the new one of the other would not start.
  const change = async (list, path, act) => {
    const file = join(folder, path);
    await writeFile(file, act(await readFile(file, 'utf8')));
    const digest = await crypto.subtle.digest('SHA-256', await readFile(file));
    list[path] = Buffer.from(digest).toString('hex').slice(0, 16);
  };
  const list = JSON.parse(await readFile(join(folder, 'page-files.json'), 'utf8'));
  await change(list, 'parts/format.js', (text) => `${text}\nexport const RELEASE = 'third';\n`);
  await change(
    list,
    'loading/model-bar.js',
    (text) =>
      `import { RELEASE } from '../parts/format.js';\n${text}\ndocument.documentElement.dataset.release = RELEASE;\n`,
  );
  await writeFile(join(folder, 'page-files.json'), JSON.stringify(list));

  const next = await page.context().newPage();
  await next.goto(page.url());
  const newer = new DemoPage(next);
  await newer.waitForModel();
  assert.equal(await next.evaluate(() => document.documentElement.dataset.release), 'third');
  assert.deepEqual(askedFiles().sort(), [`${BASE}/loading/model-bar.js`, `${BASE}/parts/format.js`]);

  // What the old tab asks for only now is of its own release, though the newer one is there: and so after a sleep.
  const words = (tab) => tab.evaluate(async () => (await fetch('loading/model-bar.js')).text());
  assert.doesNotMatch(await words(page), /RELEASE/);
  assert.match(await words(next), /RELEASE/);
  await newer.waitForOffline();
  await page.waitForTimeout(500);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('ServiceWorker.enable');
  await devtools.send('ServiceWorker.stopAllWorkers');
  assert.doesNotMatch(await words(page), /RELEASE/);
  assert.match(await words(next), /RELEASE/);

  assert.match(await demo.generate(), /[a-z]{3}/);
  await dropFiles(page, await fixtureFiles('odd-60'));
  await demo.waitForModel('model.safetensors');
  await demo.useEmbedded();
  assert.match(await demo.generate(), /[a-z]{3}/);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.release), undefined);

  host.isDown = true;
  await page.reload();
  await demo.waitForModel();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.release), 'third');
  host.isDown = false;
  await opened.close();
});
