// Downloads in the demo that do not come to their end at once: without a connection, a page that is closed, two tabs, a
// tab in the background, and a browser that has no room.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DemoPage } from './demo-page.mjs';
import { DemoWorld, LARGE, TINY, WEIGHTS } from './demo-world.mjs';

let world;
before(async () => {
  world = await DemoWorld.start();
});
after(() => world?.close());

const TINY_BYTES = 10_796_264;

/** Weights come slowly, and end after 5 MB: what was asked for goes on when a browser is told to be offline. */
function slowAndCut() {
  world.slow(1.5e6);
  world.hub.faults.add({ kind: 'cut', path: WEIGHTS, after: 5e6, times: 9 });
}

/** Waits until so many MB of the small model are there. */
const waitForMegabytes = (page, least) =>
  page.waitForFunction(
    (wanted) =>
      Number(/^(\d+\.\d) MB of/.exec(document.querySelector('#progress-text').textContent)?.[1]) >= wanted,
    least,
  );
/** Cuts the connection, and waits until the page says so. */
async function goOffline(page) {
  await page.context().setOffline(true);
  await page.waitForFunction(() => document.querySelector('#problem').dataset.code === 'offline', undefined, {
    timeout: 60_000,
  });
}

const weightsSent = () =>
  world.hub.log.filter(({ origin }) => origin === 'cdn').reduce((sum, { bytesSent }) => sum + bytesSent, 0);
const status = (page) => page.textContent('#status');
const problemCode = (page, code) =>
  page.waitForFunction((wanted) => document.querySelector('#problem').dataset.code === wanted, code);
const keptRow = (page, name) =>
  page.$$eval(
    '#kept-list li',
    (all, wanted) => all.map((one) => one.textContent).find((row) => row.includes(wanted)),
    name,
  );

describe('a connection that ends', () => {
  test('for a moment: loading waits, says so, and goes on by itself', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      world.slow(1.5e6);
      await demo.watchWords('progress-text');
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 2);
      await page.context().setOffline(true);
      await page.waitForFunction(() =>
        /No connection/.test(document.querySelector('#progress-text').textContent),
      );
      assert.match(await status(page), /goes on when it is back/);
      await page.context().setOffline(false);
      world.hub.faults.clear();
      await demo.waitForModel(TINY);
      assert.equal(await demo.problem(), '');
    }));

  test('for long: the page says what is here, and offers to go on when there is one again', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await page.fill('#prompt', 'The little fox');
      slowAndCut();
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 4);
      await goOffline(page);
      const words = await demo.problem();
      assert.match(
        words,
        /no connection.*About (half|three quarters) of it is here: [45]\.\d MB of 10\.\d MB/is,
      );
      assert.match(words, /Tiny stories is still there/);
      assert.match(await demo.generate(), /[a-z]{3}/, 'the model that was there writes on');
      assert.equal(await page.inputValue('#prompt'), 'The little fox');
    }));

  test('back again: a button goes on where it ended', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      slowAndCut();
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 4);
      await goOffline(page);
      world.hub.faults.clear();
      const sent = weightsSent();
      await page.context().setOffline(false);
      await problemCode(page, 'back-online');
      await page.click('#problem .way-on');
      await demo.waitForModel(TINY);
      const rest = weightsSent() - sent;
      assert.ok(rest > 0 && rest < TINY_BYTES - 3e6, `${rest} bytes were fetched again`);
      assert.equal(await demo.problem(), '');
    }));

  test('before it begins: a model by name says that there is none', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await demo.waitForOffline();
      await page.context().setOffline(true);
      await demo.loadByName(TINY);
      await page.waitForFunction(
        () => document.querySelector('#problem').dataset.code === 'offline',
        undefined,
        { timeout: 60_000 },
      );
      assert.match(
        await demo.problem(),
        /no connection.*models that are here as a whole load all the same/is,
      );
      await page.context().setOffline(false);
      await problemCode(page, 'back-online');
      await page.click('#problem .way-on');
      await demo.waitForModel(TINY);
    }));
});

describe('a page that is closed in the middle of a download', () => {
  test('says afterwards what is here, and goes on', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      world.slow(1.5e6);
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 5);
      await page.reload();
      await page.waitForSelector('#resume', { state: 'visible' });
      assert.match(
        await page.textContent('#resume-words'),
        /About (a quarter|half|three quarters) of owner\/tiny is here: [2-6]\.\d MB of 10\.\d MB/,
      );
      assert.match(await status(page), /is here.*You can go on/);
      assert.match(await demo.generate(), /[a-z]{3}/);
      await demo.openKept();
      assert.match(
        await keptRow(page, TINY),
        /About .* of it: [2-6]\.\d MB of 10\.\d MB · used today.*Go on.*Delete/,
      );
      await demo.closeModels();
      world.hub.faults.clear();
      const sent = weightsSent();
      await page.click('#resume-go');
      await demo.waitForModel(TINY);
      assert.ok(weightsSent() - sent < TINY_BYTES - 2e6);
      assert.equal(await page.isVisible('#resume'), false);
      await page.reload();
      await demo.waitForModel();
      assert.equal(await page.isVisible('#resume'), false, 'it is whole');
    }));

  test('is not asked twice, and not after a stop', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      world.slow(1.5e6);
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 3);
      await page.reload();
      await page.click('#resume-not');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'change-model');
      await page.reload();
      await demo.waitForModel();
      await page.waitForTimeout(300);
      assert.equal(await page.isVisible('#resume'), false);
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 3.5);
      await page.click('#cancel-loading');
      await demo.waitForModel();
      await page.reload();
      await demo.waitForModel();
      await page.waitForTimeout(300);
      assert.equal(await page.isVisible('#resume'), false);
      await demo.openKept();
      assert.match(await keptRow(page, TINY), /Go on/);
      await page.click(`[aria-label="Delete ${TINY}"]`);
      await page.click(`[aria-label="Delete ${TINY}: sure?"]`);
      await page.waitForFunction(() => !document.querySelector('#kept-list').textContent.includes('tiny'));
    }));
});

describe('two tabs', () => {
  /** Another tab of the same visitor. */
  async function otherTab({ page }) {
    const other = await page.context().newPage();
    await other.goto(world.url);
    const demo = new DemoPage(other);
    await demo.waitForModel();
    return demo;
  }

  test('load the same model at once', () =>
    world.onDemo(async (demo) => {
      const other = await otherTab(demo);
      world.slow(4e6);
      await demo.loadByName(TINY);
      await other.loadByName(TINY);
      await Promise.all([demo.waitForModel(TINY), other.waitForModel(TINY)]);
      for (const each of [demo, other]) await each.setSeed(7);
      const [first, second] = [await demo.generate(), await other.generate()];
      assert.equal(first, second);
      assert.equal((await demo.problem()) + (await other.problem()), '');
    }));

  test('one deletes what the other uses: that writes on, and its list knows', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await demo.loadByName(TINY);
      await demo.waitForModel(TINY);
      await page.waitForFunction(() => document.querySelector('#kept-list').textContent.includes('tiny'));
      const other = await otherTab(demo);
      await other.openKept();
      await other.page.click(`[aria-label="Delete ${TINY}"]`);
      await other.page.click(`[aria-label="Delete ${TINY}: sure?"]`);
      await page.waitForFunction(() => !document.querySelector('#kept-list').textContent.includes('tiny'));
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));

  test('one cannot delete what the other is downloading, and is told so', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      const fault = world.slow(1.5e6);
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 2);
      const other = await otherTab(demo);
      assert.equal(await other.page.isVisible('#resume'), false, 'it is no download that was cut');
      await other.openKept();
      for (const label of [`Delete ${TINY}`, 'Delete all']) {
        const button = other.page.locator(
          label === 'Delete all' ? '#kept-clear' : `[aria-label^="${label}"]`,
        );
        await button.click();
        await button.click();
        await problemCode(other.page, 'in-use');
        assert.match(await other.problem(), /in another tab.*Stop it there first/is);
        await other.page.click('#problem .close');
      }
      fault.remove();
      await demo.waitForModel(TINY);
      await page.reload();
      await demo.waitForModel();
      const requests = world.hub.log.length;
      await demo.openKept();
      await page.click(`[aria-label="Load ${TINY}"]`);
      await demo.waitForModel(TINY);
      assert.equal(world.hub.log.length, requests, 'all of it is there');
    }));
});

describe('deleting', () => {
  test('a model that is on its way here stops that, and leaves nothing', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      world.slow(1.5e6);
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 3);
      await page.click('#cancel-loading');
      await demo.waitForModel();
      await demo.openKept();
      await page.click(`[aria-label="Go on ${TINY}"]`);
      await waitForMegabytes(page, 3.5);
      await demo.openKept();
      await page.click(`[aria-label="Delete ${TINY}"]`);
      await page.click(`[aria-label="Delete ${TINY}: sure?"]`);
      await page.waitForFunction(() => !document.querySelector('#kept-list').textContent.includes('tiny'));
      await demo.closeModels();
      await demo.waitForModel();
      assert.equal(await demo.problem(), '');
      const size = await page.evaluate(async () => {
        const { ModelStore } = await import('./sotto/index.js');
        return new ModelStore().size();
      });
      assert.equal(size, 0);
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));
});

describe('a tab in the background', () => {
  test('downloads and writes on behind another tab, and when it was put to sleep', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      const hidden = () =>
        page.evaluate(() => {
          // What a hidden tab is like: it says so, and draws nothing.
          Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
          Object.defineProperty(document, 'hidden', { value: true, configurable: true });
          window.requestAnimationFrame = () => 1;
          document.dispatchEvent(new Event('visibilitychange'));
        });
      world.slow(2e6);
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 2);
      await hidden();
      const front = await page.context().newPage();
      await front.goto('about:blank');
      await front.bringToFront();
      await demo.waitForModel(TINY);
      await demo.setSeed(7);
      const behind = await demo.generate();
      assert.match(behind, /[a-z]{3}/);

      await page.reload();
      await page.bringToFront();
      await demo.waitForModel();
      await demo.openKept();
      await page.click(`[aria-label="Delete ${TINY}"]`);
      await page.click(`[aria-label="Delete ${TINY}: sure?"]`);
      await page.waitForFunction(() => !document.querySelector('#kept-list').textContent.includes('tiny'));
      await demo.loadByName(TINY);
      await waitForMegabytes(page, 2);
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await devtools.send('Page.setWebLifecycleState', { state: 'active' });
      await demo.waitForModel(TINY);
      await demo.setSeed(7);
      assert.equal(await demo.generate(), behind);
    }));
});

describe('a browser without room', () => {
  test('says afterwards that the model is not kept; deleting what is kept helps', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await demo.waitForOffline();
      await demo.loadByName(TINY);
      await demo.waitForModel(TINY);
      const devtools = await page.context().newCDPSession(page);
      const { origin } = new URL(world.server.url);
      const usage = await page.evaluate(async () => (await navigator.storage.estimate()).usage);
      // Not room for the large model, but where the small one is gone.
      await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 37e6 });
      await demo.loadByName(LARGE);
      await page.waitForSelector('#proposal-load', { state: 'visible' });
      await page.click('#proposal-load');
      await demo.waitForModel(LARGE);
      assert.match(await demo.waitForProblem(), /it is not kept.*no room.*Delete models/is);
      await page.click('#problem .way-on');
      await page.click(`[aria-label="Delete ${TINY}"]`);
      await page.click(`[aria-label="Delete ${TINY}: sure?"]`);
      await page.waitForFunction(() => !document.querySelector('#kept-list').textContent.includes('tiny'));
      await page.click(`[aria-label="Go on ${LARGE}"]`);
      await page.waitForFunction(() =>
        /large3\d\.\d MB · used/.test(document.querySelector('#kept-list').textContent),
      );
      assert.equal(await demo.problem(), '');
      assert.ok((await demo.generate()).length > 0);
    }));

  test('says before where the browser tells how much there is', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await demo.loadByName(LARGE);
      await page.click('#proposal-load');
      await demo.waitForModel(LARGE);
      await page.evaluate(() => {
        navigator.storage.estimate = async () => ({ usage: 9e6, quota: 14e6 });
      });
      await demo.loadByName(TINY);
      await page.waitForSelector('#proposal-load', { state: 'visible' });
      assert.match(await page.innerText('#proposal'), /room for 5\.0 MB only.*not be kept.*delete models/is);
      await page.click('#proposal-not');
      // There is what can be deleted.
      await page.waitForSelector(`#kept-list [aria-label="Delete ${LARGE}"]`, { state: 'visible' });
    }));
});
