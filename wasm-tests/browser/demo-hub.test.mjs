// The demo and models by name: progress, stopping and going on, what is kept, and the words of what goes wrong.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { inRepository } from '../../tools/lib/folders.mjs';
import { startServer } from '../../tools/serve.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const NAME = 'owner/tiny';
const WEIGHTS = 'model.safetensors';
const WEIGHT_BYTES = 10_796_264;

const FILES = Object.fromEntries(
  ['config.json', 'generation_config.json', WEIGHTS, 'tokenizer.json', 'tokenizer_config.json'].map(
    (name) => [name, { path: inRepository('demo/models/tiny-stories', name) }],
  ),
);

let browser;
let server;
let hub;
before(async () => {
  browser = await launchBrowser();
  server = await startServer({ port: 0 });
});
beforeEach(async () => {
  await hub?.close();
  hub = await startHub({ repos: { [NAME]: { files: FILES }, 'owner/gated': { files: FILES, gated: true } } });
});
after(() => Promise.all([browser?.close(), server?.close(), hub?.close()]));

/** Runs `use` on a fresh page whose names belong to the stand-in hub. */
async function onHubDemo(use, options) {
  const opened = await openPage(browser, `${server.url}?hub=${hub.endpoint}`, options);
  try {
    const demo = new DemoPage(opened.page);
    await demo.waitForModel();
    await use(demo, opened);
  } finally {
    await opened.close();
  }
}

const slow = (rate) => hub.faults.add({ kind: 'slow', path: WEIGHTS, rate, times: Number.POSITIVE_INFINITY });
const keptRows = (page) => page.$$eval('#kept-list li', (all) => all.map((one) => one.textContent));
const weightsSent = () =>
  hub.log.filter(({ origin }) => origin === 'cdn').reduce((sum, { bytesSent }) => sum + bytesSent, 0);

describe('models by name in the demo', () => {
  test('tells how far a model is, keeps it, has it again without a request, and deletes it', () =>
    onHubDemo(async (demo, { complaints }) => {
      const { page } = demo;
      slow(2e6);
      await page.evaluate(() => {
        window.shifts = [];
        new PerformanceObserver((list) => window.shifts.push(...list.getEntries())).observe({
          type: 'layout-shift',
        });
      });
      await demo.watchWords('progress-text', 'status');
      await demo.loadByName(NAME);
      await page.waitForFunction(() =>
        /^[6-7]\.\d MB of/.test(document.querySelector('#progress-text').textContent),
      );
      const shift = await page.evaluate(() => window.shifts.reduce((sum, { value }) => sum + value, 0));
      assert.ok(shift < 0.001, `the page moved by ${shift} while it loaded`);
      await demo.waitForModel(NAME);
      const { 'progress-text': progress, status } = await demo.words();
      assert.ok(
        progress.some((words) => /^\d\.\d MB of 10\.9 MB · \d+\.\d MB\/s · \d+ s left$/.test(words)),
        progress.join('\n'),
      );
      assert.ok(status.length <= 5, `the live region spoke ${status.length} times: ${status}`);
      await demo.setSeed(7);
      const story = await demo.generate();
      assert.match(story, /[a-z]{3}/);

      await page.reload();
      await demo.waitForModel();
      const requests = hub.log.length;
      await demo.openKept();
      await page.click(`[aria-label="Load ${NAME}"]`);
      await demo.waitForModel(NAME);
      assert.equal(hub.log.length, requests, 'a kept model needs no request');
      await demo.setSeed(7);
      assert.equal(await demo.generate(), story);
      assert.match(
        (await keptRows(page)).find((row) => row.includes(NAME)),
        /10\.9 MB · used today/,
      );

      await demo.openKept();
      await page.click(`[aria-label="Delete ${NAME}"]`);
      assert.match((await keptRows(page)).join(), /owner\/tiny/, 'the first press only asks');
      await page.click(`[aria-label="Delete ${NAME}: sure?"]`);
      await page.waitForFunction(() => document.querySelector('#kept-total').textContent === 'nothing yet');
      assert.doesNotMatch((await keptRows(page)).join(), /owner\/tiny/);
      assert.equal(await page.evaluate(() => document.activeElement.localName), 'summary');
      assert.deepEqual(complaints, []);
    }));

  test('stops in the middle, and goes on where it stopped', () =>
    onHubDemo(async (demo) => {
      const { page } = demo;
      const fault = slow(1.5e6);
      await demo.loadByName(NAME);
      await page.waitForFunction(() =>
        /^[5-7]\.\d MB of/.test(document.querySelector('#progress-text').textContent),
      );
      await page.click('#cancel-loading');
      await demo.waitForModel();
      assert.match(
        await page.textContent('#model-source-hint'),
        /Stopped. What came is kept.*goes on from there/,
      );
      assert.equal(await page.evaluate(() => document.activeElement.id), 'change-model', 'where it goes on');
      await page.waitForFunction(() => /owner\/tiny/.test(document.querySelector('#kept-list').textContent));
      assert.match((await keptRows(page)).join(), /[4-6]\.\d MB of 10\.\d MB · used today/);
      fault.remove();
      const sent = weightsSent();
      await demo.openKept();
      await page.click(`[aria-label="Go on ${NAME}"]`);
      await demo.waitForModel(NAME);
      const rest = weightsSent() - sent;
      assert.ok(rest > 0 && rest < WEIGHT_BYTES - 4e6, `${rest} bytes were fetched again`);
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));

  test('says in words what is wrong with a name, and what to do', () =>
    onHubDemo(async (demo) => {
      const { page } = demo;
      const story = await demo.generate();
      assert.ok(story.length > 0);
      for (const [typed, words] of [
        ['tiny', /no name of a model.*two parts/is],
        ['owner/tinny', /no such model.*owner\/tinny.*letter by letter/is],
        ['owner/gated', /only for some.*accepted its conditions.*consent/is],
        [`${server.url}style/`, /holds no model.*\.gguf/is],
      ]) {
        await page.click('#problem .close').catch(() => {});
        await demo.loadByName(typed);
        const problem = await demo.waitForProblem();
        assert.match(problem, words);
        assert.match(problem, /Tiny stories is still there/);
        assert.doesNotMatch(problem, /`token`|Invalid username/);
        await demo.waitForModel();
        assert.equal(await page.inputValue('#model-source'), typed, 'to be mended');
      }
      await hub.close();
      hub = undefined;
      await demo.loadByName(NAME);
      assert.match(await demo.waitForProblem(), /connection failed.*check the connection/is);
    }));

  test('works without a connection after the first visit, the page and the models that are kept', async () => {
    const own = await startServer({ port: 0 });
    const opened = await openPage(browser, `${own.url}?hub=${hub.endpoint}`);
    try {
      const { page } = opened;
      const demo = new DemoPage(page);
      await demo.waitForModel();
      await demo.loadByName(NAME);
      await demo.waitForModel(NAME);
      await demo.waitForOffline();
      const isIsolated = () => page.evaluate(() => crossOriginIsolated);
      assert.equal(await isIsolated(), true);
      const paths = await page.evaluate(async () =>
        (await (await caches.open('sotto-page')).keys()).map(({ url }) => url),
      );
      assert.ok(paths.some((path) => path.includes('/models/tiny-stories/model.safetensors')));
      assert.ok(
        paths.every((path) => path.startsWith(own.url)),
        'chosen models are not the service worker’s',
      );
      await Promise.all([own.close(), hub.close()]);
      hub = undefined;

      await page.reload();
      await demo.waitForModel();
      assert.equal(await isIsolated(), true);
      await demo.openKept();
      await page.click(`[aria-label="Load ${NAME}"]`);
      await demo.waitForModel(NAME);
      assert.match(await demo.generate(), /[a-z]{3}/);
      assert.equal(await demo.problem(), '');
    } finally {
      await opened.close();
      await own.close();
    }
  });

  test('takes the address of a folder, and of a model’s page on the hub', () =>
    onHubDemo(async (demo) => {
      await demo.loadByName(`${hub.endpoint}/${NAME}/tree/main`);
      await demo.waitForModel(NAME);
      assert.equal(await demo.page.textContent('#model-name'), NAME);
      const folder = `${hub.endpoint}/${NAME}/resolve/main/`;
      await demo.loadByName(folder);
      await demo.waitForModel(folder);
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));

  test('keeps one type of a GGUF repository, and loads that one again', () =>
    onHubDemo(async (demo) => {
      const { page } = demo;
      const gguf = { path: inRepository('wasm-tests/fixtures/families/llama-llama3/model.gguf') };
      const files = { 'tiny-Q4_0.gguf': gguf, 'tiny-Q8_0.gguf': gguf };
      await hub.addRepository('owner/tiny-gguf', { files });
      await demo.loadByName('owner/tiny-gguf:Q4_0');
      await demo.waitForModel('owner/tiny-gguf:Q4_0');
      await demo.useEmbedded();
      const requests = hub.log.length;
      await demo.openKept();
      await page.click('[aria-label="Load Q4_0 owner/tiny-gguf"]');
      await demo.waitForModel('owner/tiny-gguf:Q4_0');
      assert.equal(hub.log.length, requests);
      assert.equal(
        await page.evaluate(() => document.activeElement.id),
        'change-model',
        'where it came from',
      );
    }));

  test('says that a model is not kept where there is no room, and works with it', () =>
    onHubDemo(async (demo) => {
      const { page } = demo;
      await demo.waitForOffline();
      const devtools = await page.context().newCDPSession(page);
      const { origin } = new URL(server.url);
      await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 9e6 });
      await demo.loadByName(NAME);
      await demo.waitForModel(NAME);
      assert.match(await demo.waitForProblem(), /it is not kept.*no room.*Delete models/is);
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));
});
