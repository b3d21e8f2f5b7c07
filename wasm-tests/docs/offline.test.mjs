// docs/guides/offline.md: after one visit the page and its model work without their server.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { launchBrowser, openPage } from '../browser/browser.mjs';
import { storyOf } from './models.mjs';
import { IMPORT_MAP, servePage } from './served.mjs';
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
    const files = Object.fromEntries(Object.values(blocks).map(({ file, code }) => [`/${file}`, code]));
    let isDown = false;
    const url = await servePage(t, HTML, { files, isDown: () => isDown });
    const opened = await openPage(browser, url);
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
