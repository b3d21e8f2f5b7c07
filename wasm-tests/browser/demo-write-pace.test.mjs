// Writing in the demo: its pace, the figures beside it, and what it asks of the page and of those who read otherwise.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import { LanguageModel } from 'sotto';
import { MODEL, near, SEED, StoryBench } from './story-bench.mjs';

const bench = new StoryBench();
before(() => bench.open());
after(() => bench.close());

describe('memory and figures', () => {
  test('are the library’s', () =>
    bench.onDemo(async (demo) => {
      await demo.generate();
      const fresh = await LanguageModel.load(MODEL, { worker: true });
      const empty = await fresh.memory();
      const { session, promptLength } = await bench.write(SEED, fresh);
      const { kvPages, bytesInUse } = await fresh.memory();
      await fresh.dispose();
      const words = await demo.page.textContent('#memory-words');
      const [, tokens, context, pages, megabytes] = words.match(
        /(\d+) of (\d+) tokens, (\d+) pages, ([\d.]+) MB\.$/,
      );
      assert.equal(Number(tokens), session.length);
      assert.equal(Number(context), bench.model.info.contextLength);
      assert.equal(empty.kvPages, 0);
      assert.equal(Number(pages), kvPages);
      near(Number(megabytes), (bytesInUse - empty.bytesInUse) / 1e6, 0.06, words);
      const cells = await demo.page.$$eval('#memory-strip span', (spans) =>
        spans.map(({ style }) =>
          ['--filled', '--prompt'].map((name) => Number(style.getPropertyValue(name))),
        ),
      );
      // A cell for each page that the text may come to fill.
      const mostTokens = Math.min(promptLength + bench.settings.maxNewTokens, bench.model.info.contextLength);
      assert.equal(cells.length, Math.ceil(mostTokens / 32));
      const sum = (column) => cells.reduce((all, cell) => all + cell[column] * 32, 0);
      near(sum(0), session.length, 0.1, 'positions that are filled');
      near(sum(1), promptLength, 0.1, 'positions of the prompt');
      assert.equal(await demo.page.textContent('#figure-threads'), '1');
      assert.match(await demo.page.textContent('#figure-memory'), /^\d+\.\d MB$/);
      assert.match(await demo.page.textContent('#figure-engine'), /SIMD/);
    }));
});

describe('the pace', () => {
  test('step by step shows a token for each press, with its competition', () =>
    bench.onDemo(async (demo) => {
      const { page } = demo;
      const { result } = await bench.write();
      await demo.setPace('step');
      await page.click('#generate');
      await page.waitForFunction(
        () => document.querySelector('#next-word').getAttribute('aria-disabled') === 'false',
      );
      assert.equal((await demo.tokens()).length, 1);
      await page.focus('#next-word');
      await page.keyboard.press('ArrowRight');
      await page.focus('#text');
      await page.keyboard.press('ArrowRight');
      assert.equal((await demo.tokens()).length, 3);
      assert.equal((await demo.choice()).word, await bench.wordOf(result.tokenIds[2]));
      const wait = `, step by step: ${result.tokenIds.length - 3} wait.`;
      await page.waitForFunction(
        (words) => document.querySelector('#pace-words').textContent.endsWith(words),
        wait,
      );
      assert.match(await page.textContent('#pace-words'), /^Written at [\d,]+ tokens\/s, /);
      await demo.setPace('full');
      await demo.waitForEnd();
      assert.equal(await demo.voice(), result.text);
    }));

  test('reading pace is slower than the model, and says so; stop leaves what was shown', () =>
    bench.onDemo(async (demo) => {
      const { page } = demo;
      const { result, promptLength } = await bench.write();
      await demo.setPace('reading');
      const startMs = performance.now();
      await page.click('#generate');
      await page.waitForFunction(() => document.querySelectorAll('#text-voice .token').length >= 30);
      const seconds = (performance.now() - startMs) / 1000;
      assert.ok(seconds > 0.8, `30 tokens in ${seconds} s`);
      const [, rate] = (await page.textContent('#pace-words')).match(
        /^Written at ([\d,]+) tokens\/s, shown at reading pace/,
      );
      assert.ok(Number(rate.replace(',', '')) > 60, rate);
      await page.click('#stop');
      await demo.waitForQuiet();
      assert.equal(await demo.state(), 'you stopped it');
      const shown = await demo.voice();
      assert.ok(result.text.startsWith(shown) && shown.length < result.text.length, shown);
      const count = (await demo.tokens()).length;
      assert.equal(await demo.tokenCount(), count);
      await page.waitForTimeout(200);
      assert.equal((await demo.tokens()).length, count);
      assert.match(await page.textContent('#memory-words'), new RegExp(`: ${promptLength + count} of `));
    }));
});

describe('at full speed', () => {
  for (const viewport of [
    { width: 390, height: 844 },
    { width: 1440, height: 900 },
  ]) {
    test(`nothing moves and no task is long at ${viewport.width} px`, () =>
      bench.onDemo(
        async (demo) => {
          await demo.generate(); // what comes once is no part of writing
          await demo.page.waitForTimeout(200); // its last frame, too
          await demo.page.evaluate(() => {
            window.seen = { shifts: [], tasks: [] };
            new PerformanceObserver((list) => {
              for (const { value } of list.getEntries()) window.seen.shifts.push(value);
            }).observe({ type: 'layout-shift' });
            new PerformanceObserver((list) => {
              for (const { duration } of list.getEntries()) window.seen.tasks.push(duration);
            }).observe({ type: 'longtask' });
          });
          // Other programs of the machine can make a task long: it is the page where none of several runs is without.
          const tasks = [];
          for (let run = 0; run < 8 && tasks.at(-1)?.length !== 0; run++) {
            await demo.page.evaluate(() => {
              window.seen.tasks = [];
              // Not by a click: what moves soon after one is not counted.
              document.querySelector('#composer').requestSubmit();
            });
            await demo.waitForEnd();
            await demo.page.waitForTimeout(200);
            tasks.push(await demo.page.evaluate(() => window.seen.tasks));
          }
          assert.deepEqual(tasks.at(-1), [], `the tasks were ${JSON.stringify(tasks)}`);
          assert.deepEqual(await demo.page.evaluate(() => window.seen.shifts), []);
        },
        { viewport },
      ));
  }
});

const barriers = (demo) =>
  demo.page.evaluate(async () => {
    const { violations } = await window.axe.run('#desk');
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });

describe('who reads it otherwise', () => {
  for (const [name, options] of Object.entries({
    light: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
    dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  })) {
    test(`finds no barrier: ${name}`, () =>
      bench.onDemo(async (demo) => {
        await demo.page.evaluate(axe.source);
        await demo.generate();
        await demo.clickToken(12);
        assert.deepEqual(await barriers(demo), []);
        await demo.chooseAlternative(
          (await demo.choice()).alternatives.findIndex(({ isChosen }) => !isChosen),
        );
        await demo.clickToken(20);
        await demo.page.click('#attention-toggle');
        await demo.page.waitForFunction(() => document.querySelector('.shows-attention') !== null);
        assert.deepEqual(await barriers(demo), []);
      }, options));
  }

  test('finds no barrier before anything is written', () =>
    bench.onPage(
      async (demo) => {
        await demo.waitForModel();
        await demo.page.evaluate(axe.source);
        assert.deepEqual(await barriers(demo), []);
      },
      { hash: '#v=1&seed=7' },
    ));

  test('hears when it begins and how it ended, and little between', () =>
    bench.onDemo(async (demo) => {
      await demo.watchWords('status');
      await demo.generate();
      const { status } = await demo.words();
      assert.equal(status[0], 'Writing.');
      assert.match(status.at(-1), /^Done: \d+ tokens, the end\.$/);
      assert.equal(status.length, 2, status.join(' '));
      const live = await demo.page.$$eval(
        '#sheet [aria-live], #sheet [role="status"], #sheet [role="log"]',
        (all) => all.length,
      );
      assert.equal(live, 0);
      assert.equal(await demo.page.locator('#text button, #text [tabindex]').count(), 0);
    }));
});
