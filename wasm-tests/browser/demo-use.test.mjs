// The demo under the hand: keyboard, stop strings, a slow or broken connection, phone and desktop.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

let browser;
let server;
before(async () => {
  server = await startServer({ port: 0 });
  browser = await launchBrowser();
});
after(() => Promise.all([browser?.close(), server?.close()]));

async function onDemo(use, options) {
  const opened = await openPage(browser, server.url, options);
  try {
    const demo = new DemoPage(opened.page);
    await demo.waitForModel();
    await use(demo);
    opened.assertQuiet();
  } finally {
    await opened.close();
  }
}

const focusedId = (page) => page.evaluate(() => document.activeElement.id);

describe('the demo in use', () => {
  test('needs no mouse, and shows where the focus is', () =>
    onDemo(async (demo) => {
      const { page } = demo;
      const visited = [];
      for (let step = 0; step < 40 && !visited.includes('copy'); step++) {
        await page.keyboard.press('Tab');
        visited.push(await focusedId(page));
        const hasOutline = await page.evaluate(() => {
          const focused = document.activeElement;
          const shown = focused.closest('label') ?? focused;
          return [focused, shown].some((element) => getComputedStyle(element).outlineStyle !== 'none');
        });
        assert.ok(hasOutline, `#${visited.at(-1)} has the focus, and nothing shows it`);
      }
      for (const id of [
        'change-model',
        'prompt',
        'temperature',
        'seed',
        'stop-string',
        'generate',
        'stop',
        'copy',
      ]) {
        assert.ok(visited.includes(id), `Tab never came to #${id}, only to ${visited}`);
      }
      await page.focus('#temperature');
      await page.keyboard.press('Home');
      assert.equal(await page.textContent('#temperature-value'), '0.00');

      await page.focus('#prompt');
      await page.keyboard.press('Control+A');
      await page.keyboard.type('The dragon');
      await page.keyboard.press('Control+Enter');
      await demo.waitForEnd();
      assert.equal(await demo.prompt(), 'The dragon');
      assert.equal(await focusedId(page), 'prompt');
    }));

  test('stops at Escape', () =>
    onDemo(async (demo) => {
      const { page } = demo;
      await demo.stopAtFirstWords('Escape');
      await page.focus('#generate');
      await page.keyboard.press('Enter');
      await demo.waitForEnd();
      assert.equal(await demo.state(), 'you stopped it');
    }));

  test('ends before a stop string, and at the length that is set', () =>
    onDemo(async (demo) => {
      await demo.setSeed(7);
      const whole = await demo.generate();
      await demo.page.fill('#stop-string', '\\n');
      assert.equal(await demo.generate(), whole.slice(0, whole.indexOf('\n')));
      assert.equal(await demo.state(), 'your stop words came');
      await demo.page.fill('#stop-string', '');
      await demo.page.fill('#max-new-tokens', '5');
      assert.ok(whole.startsWith(await demo.generate()));
      assert.equal(await demo.tokenCount(), 5);
      assert.equal(await demo.state(), 'length reached');
    }));

  test('begins as soon as the model is there when it is asked before', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    await context.route('**/model.safetensors', async (route) => {
      await released;
      await route.continue();
    });
    const demo = new DemoPage(page);
    await page.goto(server.url);
    await page.waitForFunction(() => document.querySelector('#progress-text').textContent !== '');
    await page.click('#generate');
    assert.match(await page.textContent('#generate-label'), /Waiting for the model/);
    const share = Number(await page.getAttribute('#progress', 'aria-valuenow'));
    assert.ok(share >= 0 && share <= 100, `${share} %`);
    release();
    await demo.waitForEnd();
    assert.match(await demo.voice(), /[a-z]{3}/);
    await context.close();
  });

  test('says so when its own model cannot be loaded, and loads it when asked again', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await context.route('**/model.safetensors', (route) => route.abort());
    const demo = new DemoPage(page);
    await page.goto(server.url);
    assert.match(await demo.waitForProblem(), /connection failed/i);
    assert.equal(await page.textContent('#model-name'), 'No model');
    await context.unroute('**/model.safetensors');
    await demo.useEmbedded();
    assert.match(await demo.generate(), /[a-z]{3}/);
    await context.close();
  });

  for (const [name, options] of Object.entries({
    phone: PHONE,
    desktop: { viewport: { width: 1366, height: 800 } },
  })) {
    test(`fits a ${name}, and nothing moves while text comes`, () =>
      onDemo(async (demo) => {
        const overflow = () => demo.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok((await overflow()) <= 0);
        await demo.page.evaluate(() => {
          window.shift = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shift += entry.value;
          }).observe({ type: 'layout-shift' });
        });
        await demo.generate();
        await demo.page.waitForTimeout(100);
        assert.ok((await overflow()) <= 0);
        const shift = await demo.page.evaluate(() => window.shift);
        assert.ok(shift < 0.01, `cumulative layout shift ${shift}`);
      }, options));
  }
});
