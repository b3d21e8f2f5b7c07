// node tools/demo-pictures.mjs [NAME ...], after the build: the pictures of the demo that the documents show, all or those
// named, in docs/pictures/.
import './setup.mjs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { launchBrowser, openPage } from '../wasm-tests/browser/browser.mjs';
import { DemoPage } from '../wasm-tests/browser/demo-page.mjs';
import { main, UserError } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';
import { startServer } from './serve.mjs';

const PROMPT = 'On a rock in the sea stood a lighthouse.';
const SEED = 7;
const QUALITY = 0.75;

const DESK = { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
const DARK = { colorScheme: 'dark' };

async function writeStory(demo) {
  await demo.setSeed(SEED);
  await demo.page.fill('#prompt', PROMPT);
  await demo.generate();
}

/** Marks the most surprising token, so that the panel shows what else could have come there. */
async function chooseSurprise(demo) {
  await demo.page.evaluate(() => {
    const tokens = [...document.querySelectorAll('#text-voice .token')].slice(0, 60);
    const surpriseOf = (token) => Number(token.style.getPropertyValue('--surprise'));
    tokens.reduce((best, token) => (surpriseOf(token) > surpriseOf(best) ? token : best)).click();
  });
}

async function branch(demo) {
  await chooseSurprise(demo);
  await demo.page.click('#alternatives button:not([aria-disabled="true"])');
  await demo.waitForEnd();
  await demo.page.click('#attention-toggle');
}

async function compare(demo) {
  await demo.page.click('#mode-compare');
  await demo.setSeed(SEED);
  await demo.page.click('#compare-start');
  await demo.page.waitForFunction(
    () => document.querySelector('#compare-stop').getAttribute('aria-disabled') === 'true',
  );
}

async function contest(demo) {
  await demo.page.click('#mode-beams');
  await demo.page.click('#beams-start');
  await demo.page.waitForFunction(() =>
    /Step (\d+) of \1$/m.test(document.querySelector('#beams').innerText),
  );
}

async function tour(demo) {
  await writeStory(demo);
  await demo.page.click('#tour-start');
  await demo.page.waitForSelector('#tour-content > *');
}

/** What each picture shows: how the page is looked at, and what is done with it before. */
const PICTURES = {
  demo: { view: { ...DESK, viewport: { width: 1280, height: 800 } }, act: writeStory },
  'demo/write': { view: DESK, act: branch, begin: writeStory },
  'demo/write-dark': { view: { ...DESK, ...DARK }, act: chooseSurprise, begin: writeStory },
  'demo/phone': { view: PHONE, act: writeStory },
  'demo/phone-dark': { view: { ...PHONE, ...DARK }, act: chooseSurprise, begin: writeStory },
  'demo/compare': { view: DESK, act: compare },
  'demo/contest': { view: { ...DESK, ...DARK }, act: contest },
  'demo/tour': { view: DESK, act: tour },
  'demo/models': { view: DESK, act: (demo) => demo.openModels() },
};

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

async function take(browser, url, name) {
  const { view, begin = () => {}, act } = PICTURES[name];
  const opened = await openPage(browser, url, view);
  try {
    const demo = new DemoPage(opened.page);
    await demo.waitForModel();
    await begin(demo);
    await act(demo);
    await opened.page.evaluate(async () => {
      if (!document.querySelector(':modal, .tour')) document.activeElement.blur();
      await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
    });
    const webp = Buffer.from(await toWebp(opened.page, await opened.page.screenshot()), 'base64');
    const path = `docs/pictures/${name}.webp`;
    await mkdir(dirname(inRepository(path)), { recursive: true });
    await writeFile(inRepository(path), webp);
    console.log(`${path}: ${webp.length} bytes`);
  } finally {
    await opened.close();
  }
}

await main(async () => {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PICTURES);
  const unknown = names.find((name) => !Object.hasOwn(PICTURES, name));
  if (unknown !== undefined)
    throw new UserError(`There is no picture '${unknown}'. There are ${Object.keys(PICTURES).join(', ')}.`);
  const server = await startServer({ port: 0 });
  const browser = await launchBrowser();
  try {
    for (const name of names) await take(browser, server.url, name);
  } finally {
    await Promise.all([browser.close(), server.close()]);
  }
});
