// The demo's comparison: two texts from one reading of the prompt, as the library writes them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { presetOf } from '../../demo/compare/presets.js';
import { dropFiles, fixtureFiles, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';
import { demoSession, PHONE } from './demo-session.mjs';
import { assertAccessible, assertNoShifts, watchShifts } from './page-checks.mjs';

const PROMPT = 'On a rock in the sea stood a lighthouse.';
const SEED = 7;
const LENGTH = 60;

const optionsOf = (name) => {
  const { temperature, topK, topP } = presetOf(name);
  return temperature === 0 ? { temperature } : { temperature, topK, topP };
};

async function openCompare({ page }, prompt = PROMPT) {
  await page.click('#mode-compare');
  await page.waitForSelector('.side');
  await page.fill('#prompt', prompt);
  await page.fill('#seed', String(SEED));
  await page.fill('#max-new-tokens', String(LENGTH));
}

const waitForBoth = (page) =>
  page.waitForFunction(() => document.querySelector('#compare-part').textContent !== '');
const textsOf = (page) => page.locator('.side-text').allTextContents();

describe('the comparison', () => {
  const session = demoSession();
  const { onDemo } = session;

  test('writes what the library writes with each setting, and says where the texts part', () =>
    onDemo(async (demo, page) => {
      await openCompare(demo);
      await page.click('#compare-start');
      await waitForBoth(page);
      const results = [];
      for (const name of ['careful', 'daring']) {
        const options = { ...optionsOf(name), seed: SEED, maxNewTokens: LENGTH };
        results.push(await session.model.generate(PROMPT, options).result);
      }
      assert.deepEqual(
        await textsOf(page),
        results.map(({ text }) => text),
      );
      const [one, two] = results.map(({ tokenIds }) => tokenIds);
      const common = one.findIndex((id, i) => two[i] !== id);
      const nTokens = (await session.model.encode(PROMPT)).length;
      assert.match(
        await page.textContent('#compare-read'),
        new RegExp(`once, ${nTokens} tokens in [\\d.]+ m?s`),
      );
      const expected = common === 0 ? 'at the first token' : `after ${common} token`;
      assert.match(await page.textContent('#compare-part'), new RegExp(`They part ${expected}`));
      const [both] = await page.locator('.both').allTextContents();
      assert.equal(both, await session.model.decode(one.slice(0, common)));
      assert.match((await page.locator('.side-facts').allTextContents())[0], /^\d+ tokens · .* tokens\/s · /);
    }));

  test('the same setting on both sides gives the same text; presets and dials are the same thing', () =>
    onDemo(async (demo, page) => {
      await openCompare(demo);
      await page.click('.side:nth-child(1) .chip:has-text("Certain")');
      await page.click('.side:nth-child(2) summary');
      await page.fill('#compare-two-daring', '0');
      assert.equal(
        await page.getAttribute('.side:nth-child(2) .chip:has-text("Certain")', 'aria-pressed'),
        'true',
      );
      await page.click('#compare-start');
      await waitForBoth(page);
      const text = await session.model.generate(PROMPT, { temperature: 0, maxNewTokens: LENGTH }).text();
      assert.deepEqual(await textsOf(page), [text, text]);
      assert.match(await page.textContent('#compare-part'), /same words to the end/);
    }));

  test('needs no mouse: Control and Enter begin, Escape stops and keeps what is there', () =>
    onDemo(async (demo, page) => {
      await openCompare(demo);
      await page.fill('#max-new-tokens', '255');
      await page.focus('#prompt');
      await page.keyboard.press('Control+Enter');
      await page.waitForFunction(() => document.querySelectorAll('.side-text')[1].textContent.length > 5);
      await page.keyboard.press('Escape');
      await waitForBoth(page);
      assert.equal(await page.getAttribute('#compare-stop', 'aria-disabled'), 'true');
      const whole = await session.model.generate(PROMPT, { ...optionsOf('careful'), seed: SEED }).text();
      const [text] = await textsOf(page);
      assert.ok(text.length > 0 && whole.startsWith(text));
      await page.keyboard.press('Tab');
      await page.focus('.side .chip');
      await page.keyboard.press('Enter');
      assert.equal(await page.getAttribute('.side .chip', 'aria-pressed'), 'true');
    }));

  test('speaks in ids where the model has no tokenizer', () =>
    onDemo(async (demo, page) => {
      const files = await fixtureFiles('odd-60');
      await dropFiles(page, files);
      await demo.waitForModel('model.safetensors');
      await openCompare(demo, '5 17 900');
      await page.fill('#max-new-tokens', '9');
      await page.click('#compare-start');
      await waitForBoth(page);
      const model = await LanguageModel.load(
        Object.fromEntries(files.map(({ name, buffer }) => [name, buffer])),
      );
      const options = { ...optionsOf('careful'), seed: SEED, maxNewTokens: 9 };
      const { tokenIds } = await model.generate([5, 17, 900], options).result;
      await model.dispose();
      assert.equal((await textsOf(page))[0].trim(), tokenIds.join(' '));
    }));

  test('says what is wrong with a prompt or a seed, and goes on', () =>
    onDemo(async (demo, page) => {
      await openCompare(demo, '');
      await page.click('#compare-start');
      assert.match(await demo.waitForProblem(), /nothing to begin with/i);
      await page.fill('#prompt', PROMPT);
      await page.fill('#seed', 'seven');
      await page.click('#compare-start');
      await page.waitForFunction(() => /out of range/.test(document.querySelector('#problem').textContent));
      await page.fill('#seed', '7');
      await page.click('#compare-start');
      await waitForBoth(page);
      assert.equal(await demo.problem(), '');
    }));

  test('says so where its code does not come, and comes when it is asked for again', async () => {
    const opened = await openPage(session.browser, 'about:blank', { serviceWorkers: 'block' });
    try {
      const { page } = opened;
      await page.route('**/compare/*', (route) => route.abort());
      await page.goto(session.url);
      const demo = new DemoPage(page);
      await demo.waitForModel();
      await page.click('#mode-compare');
      assert.match(await demo.waitForProblem(), /connection failed.*This part of the page did not come/is);
      await page.unroute('**/compare/*');
      await page.click('#mode-compare');
      await page.waitForSelector('.side');
      await page.click('#mode-write');
      assert.match(await demo.generate(), /[a-z]{3}/);
    } finally {
      await opened.close();
    }
  });

  for (const [name, options] of [
    ['a phone in the dark', { ...PHONE, colorScheme: 'dark' }],
    ['a wide screen', { viewport: { width: 1440, height: 900 } }],
    ['a screen that keeps still', { reducedMotion: 'reduce' }],
  ]) {
    test(`nothing moves by itself, and axe-core finds nothing: ${name}`, () =>
      onDemo(async (demo, page) => {
        await openCompare(demo);
        await watchShifts(page);
        await page.click('#compare-start');
        await waitForBoth(page);
        await assertAccessible(page);
        await page.click('.side summary');
        await assertAccessible(page);
        await assertNoShifts(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(width <= 0, 'nothing stands beyond the edge');
      }, options));
  }
});
