// The demo in Chromium, served with the headers of cross-origin isolation and without them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { dropFiles, fixtureFiles, launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const SEED = 7;
const OWN_MODEL = 'model.safetensors';

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

for (const isolation of [true, false]) {
  describe(`the demo ${isolation ? 'with' : 'without'} isolation headers`, () => {
    let server;
    before(async () => {
      server = await startServer({ port: 0, isolation });
    });
    after(() => server?.close());

    /** Runs `use` on a fresh page with its model loaded; the page must not have complained at the end. */
    async function onDemo(use, options) {
      const opened = await openPage(browser, server.url, options);
      try {
        const demo = new DemoPage(opened.page);
        await demo.waitForModel();
        await use(demo, opened);
        opened.assertQuiet();
      } finally {
        await opened.close();
      }
    }

    test('loads its model by itself, from its own origin, and says where it runs', () =>
      onDemo(async ({ page }, { requests }) => {
        assert.equal(await page.evaluate(() => crossOriginIsolated), isolation);
        assert.match(
          await page.textContent('#runtime'),
          isolation ? /is cross-origin/ : /is not cross-origin/,
        );
        assert.match(await page.textContent('#model-facts'), /gpt2 · 5\.39 million parameters/);
        assert.ok(requests.some((url) => url.endsWith('/models/tiny-stories/model.safetensors')));
        assert.equal(page.workers().length, 1);
      }));

    test('writes a story piece by piece, and the same one from the same seed', () =>
      onDemo(async (demo) => {
        await demo.setSeed(SEED);
        await demo.watchGrowth();
        const first = await demo.generate();
        const lengths = await demo.lengths();
        assert.ok(lengths.length >= 3, `the text had ${lengths.length} lengths on its way`);
        assert.deepEqual(
          lengths,
          lengths.toSorted((a, b) => a - b),
        );
        assert.equal(await demo.prompt(), await demo.page.inputValue('#prompt'));
        assert.ok(first.length > 200, first);
        assert.equal(await demo.state(), 'the end');
        assert.match(await demo.page.textContent('#figure-speed'), /^\d+(\.\d)? tokens\/s$/);
        assert.match(await demo.page.textContent('#figure-first'), /^\d+(\.\d+)? m?s$/);

        assert.equal(await demo.generate(), first);
        await demo.setSeed(SEED + 1);
        assert.notEqual(await demo.generate(), first);
      }));

    test('takes a new seed each time unless one is kept', () =>
      onDemo(async (demo) => {
        const first = await demo.generate();
        const seed = await demo.page.inputValue('#seed');
        assert.notEqual(await demo.generate(), first);
        await demo.setSeed(seed);
        assert.equal(await demo.page.isChecked('#new-seed'), false);
        assert.equal(await demo.generate(), first);
      }));

    test('stops in the middle, and goes on with another text', () =>
      onDemo(async (demo) => {
        await demo.setSeed(SEED);
        const whole = await demo.generate();
        const wholeCount = await demo.tokenCount();
        await demo.stopAtFirstWords('button');
        const part = await demo.generate();
        assert.equal(await demo.state(), 'you stopped it');
        const count = await demo.tokenCount();
        assert.ok(count > 0 && count < wholeCount, `${count} of ${wholeCount} tokens`);
        assert.ok(part.length > 0 && part.length < whole.length && whole.startsWith(part), part);
        assert.equal(await demo.generate(), whole);
      }));

    test('leaves the thread of the page nearly idle while it writes', () =>
      onDemo(async (demo) => {
        await demo.setSeed(SEED);
        await demo.generate(); // what comes once is no part of writing
        const { busyMs, writingMs } = await demo.generateMeasured();
        assert.ok(busyMs < writingMs / 2, `busy for ${busyMs.toFixed()} of ${writingMs.toFixed()} ms`);
      }));

    test('takes dropped files, speaks in ids without a tokenizer, and takes its own model back', () =>
      onDemo(async (demo) => {
        await dropFiles(demo.page, await fixtureFiles('odd-60'));
        await demo.waitForModel(OWN_MODEL);
        await demo.page.fill('#prompt', '5, 17 900');
        assert.match(await demo.generate(), /^( \d+)+$/);
        assert.equal(await demo.prompt(), '5 17 900');
        assert.ok((await demo.tokenCount()) > 10);

        await demo.page.fill('#prompt', '5 fox');
        await demo.page.click('#generate');
        assert.match(await demo.waitForProblem(), /“fox” is no token id/);
        await demo.page.fill('#prompt', '5 1003');
        await demo.page.click('#generate');
        assert.match(await demo.waitForProblem(), /1003/);

        await demo.useEmbedded();
        assert.match(await demo.page.inputValue('#prompt'), /^Once upon a time/);
        assert.match(await demo.generate(), /[a-z]{3}/);
        assert.equal(await demo.problem(), '');
      }));

    test('takes a dropped .gguf', () =>
      onDemo(async (demo) => {
        await dropFiles(demo.page, await fixtureFiles('families/llama-llama3', ['model.gguf']));
        await demo.waitForModel('model.gguf');
        assert.match(await demo.page.textContent('#model-facts'), /^llama · /);
        await demo.generate();
        assert.equal(await demo.problem(), '');
        assert.ok((await demo.tokenCount()) > 0);
      }));

    test('says in words what is wrong with files, and goes on with the model that it has', () =>
      onDemo(async (demo) => {
        const [config, generation, weights] = await fixtureFiles('odd-60');
        const cut = { ...weights, buffer: weights.buffer.subarray(0, weights.buffer.length / 2) };
        const garbage = { ...config, buffer: Buffer.from('{ "model_type": ') };
        const cases = [
          [[config, generation, cut], /A file is not whole.*model\.safetensors/s],
          [[garbage, weights], /A file is damaged.*config\.json/s],
          [[config], /A file is missing.*model\.safetensors/s],
          [[{ ...config, name: 'holiday.jpg' }], /None of these files.*holiday\.jpg/],
        ];
        await demo.setSeed(SEED);
        const story = await demo.generate();
        for (const [files, words] of cases) {
          await dropFiles(demo.page, files);
          const problem = await demo.waitForProblem();
          assert.match(problem, words);
          assert.match(problem, /Tiny stories is still there/);
          await demo.waitForModel();
          assert.equal(await demo.generate(), story);
          assert.equal(await demo.problem(), '');
        }
      }));

    test('says in words what is wrong with a prompt or a setting', () =>
      onDemo(async (demo) => {
        const { page } = demo;
        const complain = async () => {
          await page.click('#generate');
          return demo.waitForProblem();
        };
        await page.fill('#prompt', '');
        assert.match(await complain(), /nothing to begin with/i);
        await page.fill('#prompt', 'Once upon a time. '.repeat(200));
        assert.match(await complain(), /beginning is too long.*512/is);
        await page.fill('#prompt', 'Once upon a time');
        await page.fill('#seed', 'seven');
        assert.match(await complain(), /setting is out of range.*seed/is);
        await demo.setSeed(SEED);
        assert.match(await demo.generate(), /[a-z]{3}/);
      }));
  });
}
