// The demo as an app of the device: what a browser asks of a page before it offers that, below a path, and the button.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inRepository } from '../../tools/lib/folders.mjs';
import { pageFiles } from '../../tools/lib/page-files.mjs';
import { answer, pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { buildSite } from '../../tools/site.mjs';
import { launchWholeBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const BASE = '/some/where';

let browser;
let folder;
let server;
let url;
let isDown = false;
before(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'sotto-site-')), 'site');
  await buildSite(folder);
  const files = staticFiles(folder);
  server = createServer((request, response) => {
    const { path } = pathOf(request.url);
    if (isDown) return response.destroy();
    if (!path?.startsWith(`${BASE}/`)) return answer(response, 404);
    void files(request, response, path.slice(BASE.length));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}${BASE}/`;
  browser = await launchWholeBrowser();
});
after(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

async function onPage(use) {
  const opened = await openPage(browser, url);
  try {
    const demo = new DemoPage(opened.page);
    await demo.waitForModel();
    await use(demo, opened);
  } finally {
    isDown = false;
    await opened.close();
  }
}

/** Width and height of a PNG, from its header. */
const sizeOf = (png) => `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;

describe('the demo as an app', () => {
  test('a browser finds nothing that keeps it from being installed', () =>
    onPage(async (demo) => {
      await demo.waitForOffline();
      const devtools = await demo.page.context().newCDPSession(demo.page);
      const { url: address, errors, data } = await devtools.send('Page.getAppManifest');
      assert.equal(address, `${url}manifest.webmanifest`);
      assert.deepEqual(errors, []);
      assert.equal(JSON.parse(data).display, 'standalone');
      const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
      // A profile of its own is what tests run in, and no page can be installed there.
      const own = installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito');
      assert.deepEqual(own, []);
    }));

  test('its icons are there, of the sizes that they say, and small', async () => {
    const manifest = JSON.parse(await readFile(inRepository('demo/manifest.webmanifest'), 'utf8'));
    assert.ok(manifest.icons.some(({ purpose }) => purpose === 'maskable'));
    for (const { src, sizes, type } of manifest.icons) {
      const response = await fetch(new URL(src, url));
      assert.equal(response.status, 200, src);
      assert.equal(response.headers.get('content-type'), type);
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.ok(bytes.length < 16_000, `${src} has ${bytes.length} bytes`);
      if (type === 'image/png') assert.equal(sizeOf(bytes), sizes);
    }
  });

  test('the colours of its bars are those of the page, light and dark', async () => {
    const html = await readFile(inRepository('demo/index.html'), 'utf8');
    const css = await readFile(inRepository('demo/style/base.css'), 'utf8');
    const papers = [...css.matchAll(/--paper: (#\w+)/g)].map(([, colour]) => colour);
    const bars = [...html.matchAll(/name="theme-color" content="(#\w+)"/g)].map(([, colour]) => colour);
    assert.deepEqual(bars, papers);
    const { theme_color, background_color } = JSON.parse(
      await readFile(inRepository('demo/manifest.webmanifest'), 'utf8'),
    );
    assert.deepEqual([theme_color, background_color], [papers[0], papers[0]]);
  });

  test('the button is there only where the browser offers it, and asks once', () =>
    onPage(async ({ page }) => {
      assert.equal(await page.isVisible('#install'), false);
      await page.evaluate(() => {
        window.asked = 0;
        const offer = new Event('beforeinstallprompt', { cancelable: true });
        offer.prompt = async () => {
          window.asked++;
        };
        dispatchEvent(offer);
        window.isPrevented = offer.defaultPrevented;
      });
      assert.equal(await page.evaluate(() => window.isPrevented), true);
      await page.click('#install');
      assert.equal(await page.evaluate(() => window.asked), 1);
      assert.equal(await page.isVisible('#install'), false);
    }));

  test('all that the page asks for, in all its folders, is kept for visits without a connection', () =>
    onPage(async (demo, { requests }) => {
      const { page } = demo;
      await demo.waitForOffline();
      const listed = Object.keys(await pageFiles());
      const asked = requests.map((request) => new URL(request).pathname.slice(BASE.length + 1).split('?')[0]);
      const others = asked.filter(
        (path) =>
          path !== '' &&
          !path.startsWith('models/') &&
          !['page-files.json', 'service-worker.js'].includes(path),
      );
      assert.deepEqual(
        others.filter((path) => !listed.includes(path)),
        [],
      );
      const folders = new Set(listed.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
      for (const name of ['loading', 'parts', 'write', 'chat', 'style', 'icons', 'sotto'])
        assert.ok(folders.has(name), name);

      isDown = true;
      await page.reload();
      await demo.waitForModel();
      assert.match(await demo.generate(), /[a-z]{3}/, 'its own model as well');
      const icon = await page.evaluate(() => fetch('icons/icon-512.png').then(({ status }) => status));
      assert.equal(icon, 200);
    }));
});
