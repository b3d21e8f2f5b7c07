// Choosing models in the demo: what one would take is shown before it is loaded, in a dialog that needs no mouse.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { dropFiles } from './browser.mjs';
import { beforeWorkers, DemoWorld, LARGE, TINY, TINY_FILES, WEIGHTS } from './demo-world.mjs';
import { assertAccessible, assertNoShifts, watchShifts } from './page-checks.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

let world;
before(async () => {
  world = await DemoWorld.start();
});
after(() => world?.close());

const weightsAsked = () =>
  world.hub.log.filter(({ origin, bytesSent }) => origin === 'cdn' && bytesSent > 2e7).length;
const proposal = (page) => page.innerText('#proposal');
const waitForQuestion = (page) =>
  page.waitForFunction(
    () =>
      document.querySelector('#model-dialog').open &&
      !document.querySelector('#proposal').hidden &&
      document.querySelector('#proposal-not').textContent === 'Not now',
  );
const focused = (page) => page.evaluate(() => document.activeElement.id);

/** A device with so little memory, as the browser tells the library. */
const withMemory = (bytes) =>
  beforeWorkers(
    `Object.defineProperty(WorkerNavigator.prototype, 'deviceMemory', { get: () => ${bytes / 2 ** 30} })`,
  );

describe('choosing a model in the demo', () => {
  test('a large model is shown with its size and memory, and loaded when that is wanted', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await watchShifts(page);
      const before = weightsAsked();
      await demo.loadByName(LARGE);
      await waitForQuestion(page);
      const words = await proposal(page);
      const { n_positions } = JSON.parse(await readFile(TINY_FILES['config.json'].path, 'utf8'));
      assert.match(
        words,
        new RegExp(`owner/large.*gpt2, 19\\.\\d million parameters.*${n_positions} tokens`, 's'),
      );
      assert.match(words, /Download\s+3\d\.\d MB, once/);
      assert.match(words, /Memory\s+\d\d\.\d MB/);
      assert.match(words, /It fits on this device/);
      assert.equal(await page.isVisible('#proposal-smaller'), false);
      assert.match(
        await page.textContent('#model-dialog [role="status"]'),
        /owner\/large.*Download: .*It fits/,
      );
      assert.equal(weightsAsked(), before, 'nothing is downloaded before');
      world.slow(2e7);
      await page.click('#proposal-load');
      await page.waitForFunction(() =>
        /^[23]\d\.\d MB/.test(document.querySelector('#progress-text').textContent),
      );
      await assertNoShifts(page);
      await demo.waitForModel(LARGE);
      assert.equal(await page.isVisible('#model-dialog'), false);
      assert.ok((await demo.generate()).length > 0);

      // Kept by now: nothing has to be asked.
      await demo.useEmbedded();
      await demo.openKept();
      await page.click(`[aria-label="Load ${LARGE}"]`);
      await demo.waitForModel(LARGE);
    }));

  test('not now: nothing is left of it, and the model that was there is', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await demo.loadByName(LARGE);
      await waitForQuestion(page);
      await page.click('#proposal-not');
      await page.waitForSelector('#choices', { state: 'visible' });
      assert.equal(await page.inputValue('#model-source'), LARGE);
      const kept = await page.evaluate(async () => {
        const { ModelStore } = await import('./sotto/index.js');
        return (await new ModelStore().list()).map(({ name }) => name);
      });
      assert.deepEqual(
        kept.filter((name) => name.includes('owner')),
        [],
      );
      await page.keyboard.press('Escape');
      assert.equal(await focused(page), 'change-model');
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));

  test('looking can be stopped, by the button and by Escape', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      world.hub.faults.add({ kind: 'hang', on: 'info', times: 2 });
      await demo.loadByName(LARGE);
      await page.waitForFunction(() => document.querySelector('#proposal-not').textContent === 'Stop');
      assert.match(await proposal(page), /Looking at what it takes/);
      await page.click('#proposal-not');
      await page.waitForSelector('#choices', { state: 'visible' });
      await demo.loadByName(LARGE);
      await page.waitForSelector('#proposal', { state: 'visible' });
      await page.keyboard.press('Escape');
      await page.waitForSelector('#model-dialog', { state: 'hidden' });
      assert.equal(await demo.problem(), '');
      await demo.waitForModel();
    }));

  test('a small model is not asked about', () =>
    world.onDemo(async (demo) => {
      await demo.loadByName(TINY);
      await demo.waitForModel(TINY);
      assert.equal(await demo.page.isVisible('#model-dialog'), false);
    }));

  test('of a model that does not fit, the smaller form is offered, and loaded', () =>
    world.onDemo(
      async (demo) => {
        const { page } = demo;
        const names = ['config.json', 'tokenizer.json', WEIGHTS];
        const files = names.map(async (name) => ({ name, buffer: await readFile(TINY_FILES[name].path) }));
        await dropFiles(page, await Promise.all(files));
        await waitForQuestion(page);
        const words = await proposal(page);
        assert.match(words, /nothing: it is on this device/);
        assert.match(words, /too large for this device.*In a smaller form.*\d\.\d MB and fits/s);
        await page.click('#proposal-smaller');
        await demo.waitForModel(WEIGHTS);
        assert.match(await page.textContent('#model-facts'), /\(q8\)/);
        assert.ok((await demo.generate()).length > 0);
      },
      { prepare: withMemory(12e6) },
    ));

  test('of a model of which no form fits, it says to take another', () =>
    world.onDemo(
      async (demo) => {
        await demo.loadByName(TINY);
        await waitForQuestion(demo.page);
        assert.match(await proposal(demo.page), /too large.*Choose a smaller model/s);
        assert.equal(await demo.page.isVisible('#proposal-smaller'), false);
      },
      { prepare: withMemory(1e6) },
    ));

  test('needs no mouse, and gives the focus back', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await demo.loadByName(TINY);
      await demo.waitForModel(TINY); // kept by now: there is something to delete
      await page.waitForSelector('#kept-clear:not([hidden])', { state: 'attached' });
      await page.focus('#change-model');
      await page.keyboard.press('Enter');
      const visited = [];
      for (let step = 0; step < 20; step++) {
        visited.push(await focused(page));
        assert.ok(
          await page.evaluate(
            () => document.activeElement === document.body || document.activeElement.closest('#model-dialog'),
          ),
          `the focus left the dialog at ${visited}`,
        );
        await page.keyboard.press('Tab');
      }
      for (const id of ['model-source', 'choose-files', 'choose-folder', 'kept-clear', 'close-models'])
        assert.ok(visited.includes(id), `Tab never came to #${id}, only to ${visited}`);
      await page.focus('#model-source');
      await page.keyboard.type(LARGE);
      await page.keyboard.press('Enter');
      await waitForQuestion(page);
      assert.equal(await focused(page), 'proposal-name');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'proposal-load');
      await page.keyboard.press('Enter');
      await demo.waitForModel(LARGE);
      assert.equal(await focused(page), 'change-model');
    }));

  test('Escape in the dialog is the dialog’s', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      world.slow(1e6);
      await demo.loadByName(TINY);
      await page.waitForSelector('#model-loading', { state: 'visible' });
      await demo.openModels();
      await page.keyboard.press('Escape');
      await page.waitForSelector('#model-dialog', { state: 'hidden' });
      assert.equal(await page.isVisible('#model-loading'), true, 'loading goes on');
      await page.keyboard.press('Escape');
      await demo.waitForModel();
    }));

  for (const colorScheme of ['light', 'dark']) {
    test(`axe-core finds nothing, in any state of it (${colorScheme})`, () =>
      world.onDemo(
        async (demo) => {
          const { page } = demo;
          await assertAccessible(page);
          await demo.openModels();
          await assertAccessible(page);
          await demo.loadByName(LARGE);
          await waitForQuestion(page);
          await assertAccessible(page);
          await page.click('#proposal-not');
          await demo.loadByName('owner/none');
          await demo.waitForProblem();
          await assertAccessible(page);
          await demo.closeModels();
          world.slow(1e6);
          await demo.loadByName(TINY);
          await page.waitForFunction(() => /^3/.test(document.querySelector('#progress-text').textContent));
          await assertAccessible(page);
          await page.reload();
          await page.waitForSelector('#resume', { state: 'visible' });
          await assertAccessible(page);
        },
        { colorScheme, viewport: { width: colorScheme === 'dark' ? 390 : 1440, height: 844 } },
      ));

    test(`a phone’s first screen is the text’s, and its targets are large (${colorScheme})`, () =>
      world.onDemo(
        async (demo) => {
          const { page } = demo;
          const box = (selector) => page.locator(selector).boundingBox();
          const sheet = await box('#sheet');
          assert.ok(sheet.y < 300, `the sheet begins at ${sheet.y} px`);
          await demo.loadByName(LARGE);
          await waitForQuestion(page);
          for (const id of ['proposal-load', 'proposal-not', 'close-models']) {
            const { width, height } = await box(`#${id}`);
            assert.ok(width >= 36 && height >= 38, `#${id} is ${width} × ${height} px`);
          }
          assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
          const dialog = await box('#model-dialog');
          assert.ok(dialog.x >= 0 && dialog.x + dialog.width <= 390);
          await page.click('#proposal-load');
          await demo.waitForModel(LARGE);
          await demo.openKept();
          await page.click(`[aria-label="Delete ${LARGE}"]`);
          await page.click(`[aria-label="Delete ${LARGE}: sure?"]`);
          await page.waitForFunction(
            () => !document.querySelector('#kept-list').textContent.includes('large'),
          );
        },
        { ...PHONE, colorScheme },
      ));
  }
});
