// node tools/picture.mjs, after the build: the picture of the demo that README.md shows, docs/pictures/demo.webp.
import './setup.mjs';
import { mkdir, writeFile } from 'node:fs/promises';
import { launchBrowser, openPage } from '../wasm-tests/browser/browser.mjs';
import { DemoPage } from '../wasm-tests/browser/demo-page.mjs';
import { main } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';
import { startServer } from './serve.mjs';

const VIEW = { viewport: { width: 1200, height: 700 }, deviceScaleFactor: 1.6 };
const PROMPT = 'On a rock in the sea stood a lighthouse.';
const SEED = 7;
const QUALITY = 0.75;

/** The same picture as WebP: Chromium itself is what encodes it. */
const toWebp = (page, png) =>
  page.evaluate(
    async ({ base64, quality }) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = Object.assign(document.createElement('canvas'), {
        width: bitmap.width,
        height: bitmap.height,
      });
      canvas.getContext('2d').drawImage(bitmap, 0, 0);
      const address = canvas.toDataURL('image/webp', quality);
      return address.slice(address.indexOf(',') + 1);
    },
    { base64: png.toString('base64'), quality: QUALITY },
  );

await main(async () => {
  const server = await startServer({ port: 0 });
  const browser = await launchBrowser();
  try {
    const { page } = await openPage(browser, server.url, VIEW);
    const demo = new DemoPage(page);
    await demo.waitForModel();
    await demo.setSeed(SEED);
    await page.fill('#prompt', PROMPT);
    await demo.generate();
    await page.evaluate(() => {
      document.activeElement.blur();
      scrollTo(0, 0);
    });
    const webp = Buffer.from(await toWebp(page, await page.screenshot()), 'base64');
    await mkdir(inRepository('docs/pictures'), { recursive: true });
    await writeFile(inRepository('docs/pictures/demo.webp'), webp);
    console.log(`docs/pictures/demo.webp: ${webp.length} bytes`);
  } finally {
    await Promise.all([browser.close(), server.close()]);
  }
});
