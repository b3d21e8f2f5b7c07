// docs/guides/offline.md: after one visit the page and its model work without their server.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before } from 'node:test';
import { answer, pathOf, staticFiles } from '../../tools/lib/static-files.mjs';
import { launchBrowser, openPage } from '../browser/browser.mjs';
import { IMPORT_MAP, PACKAGES } from './installed.mjs';
import { storyOf } from './models.mjs';
import { testDocument } from './test-document.mjs';

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

const HTML = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><p></p>
<script type="importmap">${JSON.stringify({ imports: IMPORT_MAP })}</script>
<script type="module" src="./main.js"></script>`;

testDocument('docs/guides/offline.md', {
  'service-worker.js + main.js': async (blocks, t) => {
    const story = await storyOf('Once upon a time', { seed: 7 });
    const files = Object.values(blocks).map(({ file, code }) => [`/${file}`, code]);
    const texts = { '/': ['text/html', HTML] };
    for (const [path, code] of files) texts[path] = ['text/javascript', code];
    const folders = {
      '/sotto/': staticFiles(PACKAGES.sotto),
      '/stories/': staticFiles(PACKAGES['sotto-tiny-stories']),
    };
    let isDown = false;
    const server = createServer((request, response) => {
      if (isDown) return response.destroy();
      const { path } = pathOf(request.url);
      const prefix = Object.keys(folders).find((each) => path.startsWith(each));
      if (prefix !== undefined) return folders[prefix](request, response, path.slice(prefix.length - 1));
      if (!(path in texts)) return answer(response, 404);
      response.setHeader('Content-Type', texts[path][0]);
      response.end(texts[path][1]);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    const opened = await openPage(browser, `http://127.0.0.1:${server.address().port}/`);
    t.after(opened.close);
    const { page, complaints } = opened;
    const shows = (text) =>
      page
        .waitForFunction((wanted) => document.querySelector('p')?.textContent === wanted, text)
        .catch((error) => {
          throw new Error(`the page logged ${JSON.stringify(complaints)}`, { cause: error });
        });
    await shows(story);
    assert.deepEqual(complaints, []);
    const kept = await page.evaluate(async () =>
      (await (await caches.open('app')).keys()).map(({ url }) => new URL(url).pathname),
    );
    assert.ok(kept.includes('/main.js') && !kept.some((path) => path.endsWith('.safetensors')));

    isDown = true;
    await page.context().setOffline(true);
    await page.reload();
    await shows(story);
  },
});
