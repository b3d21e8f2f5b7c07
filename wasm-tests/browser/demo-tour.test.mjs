// The demo's tour: five steps whose numbers are those of the model and of the visitor's own beginning.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { chancesOf, leftAfter } from '../../demo/tour/chances.js';
import { dropFiles, fixtureFiles } from './browser.mjs';
import { demoSession, PHONE } from './demo-session.mjs';
import { assertAccessible, assertNoShifts, watchShifts } from './page-checks.mjs';

const PROMPT = 'Once upon a time, there was a little';
const SEED = 7;
const SETTINGS = { temperature: 0.8, topK: 40, topP: 0.9 };
const PLACES = ['#prompt', '.model', '#staff', '.sampling', '#text'];

const focusedId = (page) => page.evaluate(() => document.activeElement.id);

/** Waits until a step is shown, from 1 on. */
const waitForStep = (page, step) =>
  page.waitForFunction(
    (wanted) =>
      document.querySelector('.tour-where')?.textContent === `Step ${wanted} of 5` &&
      document.querySelector('#tour-content').getAttribute('aria-busy') === 'false',
    step,
  );

async function startTour(page, prompt = PROMPT) {
  await page.fill('#prompt', prompt);
  await page.fill('#seed', String(SEED));
  await page.click('#tour-start');
  await waitForStep(page, 1);
}

async function goTo(page, step) {
  for (let next = 2; next <= step; next++) {
    await page.click('#tour-next');
    await waitForStep(page, next);
  }
}

const content = (page) => page.textContent('#tour-content');
const percent = (chance) => `${(chance * 100).toFixed(1)} %`;

describe('the tour', () => {
  const session = demoSession();
  const { onDemo } = session;

  /** What the model says in Node of what comes after the prompt. */
  async function chancesInNode() {
    const reader = await session.model.createSession();
    await reader.append(PROMPT);
    const logits = await reader.logits();
    const { keys, values, firstPosition } = await reader.kv(0);
    assert.equal(firstPosition, 0);
    const perToken = (keys.length + values.length) / reader.length;
    await reader.dispose();
    const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
    const chances = Array.from(logits, (logit, id) => ({ id, chance: Math.exp(logit) / sum }));
    return { perToken, chances: chances.sort((a, b) => b.chance - a.chance) };
  }

  test('shows tokens, the reading, chances and choices as the library has them', () =>
    onDemo(async (_, page) => {
      await startTour(page);
      const ids = [...(await session.model.encode(PROMPT))];
      const shown = await page.locator('.token-id').allTextContents();
      assert.deepEqual(shown.map(Number), ids);
      assert.match(await content(page), new RegExp(`2,048 tokens.*is ${ids.length} of them`));
      const words = await page.locator('.tour-tokens .token-word').allTextContents();
      for (const [i, id] of ids.entries()) {
        const word = (await session.model.decode([id])).trim();
        assert.equal(words[i], word === '' ? '∎' : word);
      }

      const { chances, perToken } = await chancesInNode();
      const { nLayers } = session.model.info;
      await goTo(page, 2);
      assert.match(
        await content(page),
        new RegExp(
          `All ${ids.length} tokens went through the model’s ${nLayers} layers together, in [\\d.]+ m?s`,
        ),
      );
      assert.match(await content(page), new RegExp(`${perToken} numbers for each token`));
      assert.equal(await page.locator('.tour-cache rect').count(), ids.length * nLayers);

      await page.click('#tour-next');
      await waitForStep(page, 3);
      const top = chances.slice(0, 7);
      const shownChances = await page.locator('.tour-percent').allTextContents();
      assert.deepEqual(
        shownChances,
        top.map(({ chance }) => (chance < 0.001 ? '< 0.1 %' : percent(chance))),
      );
      assert.match(await content(page), /All the others share \d+\.\d %/);

      await page.click('#tour-next');
      await waitForStep(page, 4);
      const choose = (seed) => session.model.generate(PROMPT, { ...SETTINGS, seed, maxNewTokens: 1 }).result;
      const first = await choose(SEED);
      const left = leftAfter(chances, SETTINGS);
      const chanceOf = ({ tokenIds: [id] }) => percent(left.find((each) => each.id === id).chance);
      const word = ({ text }) => text.trim() || '↵';
      assert.match(await content(page), new RegExp(`Of 2,048 tokens ${left.length} tokens? `));
      assert.ok((await content(page)).includes(`chose “${word(first)}”, which had ${chanceOf(first)}`));
      await page.click('#tour-again');
      const second = await choose(SEED + 1);
      await page.waitForFunction(
        (said) => document.querySelector('#status').textContent.includes(said),
        `Throw ${SEED + 1} of the dice chose “${word(second)}”`,
      );

      await page.click('#tour-next');
      await waitForStep(page, 5);
      const begun = await page.textContent('.tour-text');
      assert.equal(begun, `${PROMPT}${first.text}`);
      await page.click('.tour-more');
      await page.waitForFunction(
        (length) => document.querySelector('.tour-text').textContent.length > length,
        begun.length,
      );
      const next = await session.model.generate([...ids, ...first.tokenIds], {
        ...SETTINGS,
        seed: SEED + 1,
        maxNewTokens: 1,
      }).result;
      assert.equal(await page.textContent('.tour-text'), `${begun}${next.text}`);
      assert.match(
        await content(page),
        new RegExp(`one token only, as the ${ids.length + 1} before it are kept`),
      );
    }));

  test('its chances are those by which the library chooses', async () => {
    const { chances } = await chancesInNode();
    for (const settings of [
      { temperature: 1.5, topK: 5, topP: 1 },
      { temperature: 0.7, topK: 0, topP: 0.8 },
      { temperature: 1, topK: 3, topP: 0.95 },
    ]) {
      const left = leftAfter(chances, settings);
      const sum = left.reduce((all, { chance }) => all + chance, 0);
      assert.ok(Math.abs(sum - 1) < 1e-9);
      const times = 300;
      const { sequences } = await session.model.generate(PROMPT, {
        ...settings,
        seed: 1,
        maxNewTokens: 1,
        numReturnSequences: times,
      }).result;
      const seen = new Map();
      for (const { tokenIds } of sequences) seen.set(tokenIds[0], (seen.get(tokenIds[0]) ?? 0) + 1);
      for (const id of seen.keys())
        assert.ok(
          left.some((each) => each.id === id),
          `${id} was left out`,
        );
      for (const { id, chance } of left) {
        // Five standard deviations of a count of so many throws.
        const spread = 5 * Math.sqrt(times * chance * (1 - chance)) + 1;
        assert.ok(
          Math.abs((seen.get(id) ?? 0) - times * chance) <= spread,
          `${id}: ${seen.get(id)} of ${times}`,
        );
      }
    }
    assert.deepEqual(leftAfter(chances, { temperature: 0 }), [{ id: chances[0].id, chance: 1 }]);
    const sum = chancesOf([1, 2, 3]).reduce((all, { chance }) => all + chance, 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
  });

  test('marks the place that it speaks of, by key all through, and gives the focus back', () =>
    onDemo(async (_, page) => {
      await page.fill('#prompt', PROMPT);
      await page.focus('#tour-start');
      await page.keyboard.press('Enter');
      for (const [i, place] of PLACES.entries()) {
        await waitForStep(page, i + 1);
        assert.equal(await focusedId(page), 'tour-title');
        const marked = await page.locator('.tour-place').count();
        assert.equal(marked, 1);
        assert.ok(await page.$eval('.tour-place', (each, selector) => each.matches(selector), place));
        assert.match(await page.textContent('#status'), new RegExp(`^Step ${i + 1} of 5 `));
        if (i === 1) {
          await page.keyboard.press('ArrowLeft');
          await waitForStep(page, 1);
          await page.keyboard.press('ArrowRight');
          await waitForStep(page, 2);
        }
        if (i === 4) break;
        do await page.keyboard.press('Tab');
        while ((await focusedId(page)) !== 'tour-next');
        await page.keyboard.press('Enter');
      }
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('#tour').count(), 0);
      assert.equal(await page.locator('.tour-place').count(), 0);
      assert.equal(await focusedId(page), 'tour-start');
    }));

  test('follows the beginning and the settings as they are changed, and says what it lacks', () =>
    onDemo(async (demo, page) => {
      await startTour(page);
      await page.fill('#prompt', '');
      await page.waitForFunction(() =>
        /no beginning yet/.test(document.querySelector('#tour-content').textContent),
      );
      await page.fill('#prompt', 'The dragon');
      const ids = [...(await session.model.encode('The dragon'))].join(' ');
      await page.waitForFunction(
        (wanted) =>
          [...document.querySelectorAll('.token-id')].map((id) => id.textContent).join(' ') === wanted,
        ids,
      );
      await goTo(page, 4);
      await page.fill('#temperature', '0');
      await page.waitForFunction(() =>
        /always the likeliest/.test(document.querySelector('#tour-content').textContent),
      );
      // The page goes on beside it.
      assert.match(await demo.generate(), /[a-z]{3}/);
      await page.click('#tour-close');
      assert.equal(await page.locator('#tour').count(), 0);
    }));

  test('works with ids, and with another model that comes while it is open', () =>
    onDemo(async (demo, page) => {
      await startTour(page);
      const files = await fixtureFiles('odd-60');
      await dropFiles(page, files);
      await demo.waitForModel('model.safetensors');
      await page.fill('#prompt', '5 17 900');
      await page.waitForFunction(() => document.querySelectorAll('.token-id').length === 3);
      await goTo(page, 5);
      assert.match(await page.textContent('.tour-text'), /^5 17 900 \d+$/);
      const model = await LanguageModel.load(
        Object.fromEntries(files.map(({ name, buffer }) => [name, buffer])),
      );
      const dial = async (id) => Number(await page.inputValue(id));
      const temperature = await dial('#temperature');
      const filters = { topK: await dial('#top-k'), topP: await dial('#top-p'), seed: SEED };
      const options = { temperature, maxNewTokens: 1, ...(temperature > 0 && filters) };
      const { tokenIds } = await model.generate([5, 17, 900], options).result;
      assert.equal(await page.textContent('.tour-text'), `5 17 900 ${tokenIds[0]}`);
      await model.dispose();
    }));

  for (const [name, options] of [
    ['a phone in the dark', { ...PHONE, colorScheme: 'dark' }],
    ['a wide screen', { viewport: { width: 1440, height: 900 } }],
    ['a screen that keeps still', { reducedMotion: 'reduce' }],
  ]) {
    test(`nothing moves by itself, axe-core finds nothing, and the place stays in sight: ${name}`, () =>
      onDemo(async (_, page) => {
        await watchShifts(page);
        await startTour(page);
        for (let step = 1; step <= 5; step++) {
          await waitForStep(page, step);
          await page.waitForTimeout(options.reducedMotion ? 100 : 900); // the page scrolls there
          await assertAccessible(page);
          const { top, panelTop } = await page.evaluate(() => ({
            top: document.querySelector('.tour-place').getBoundingClientRect().top,
            panelTop: document.querySelector('#tour').getBoundingClientRect().top,
          }));
          assert.ok(top >= 0, `step ${step} begins at ${top}`);
          if (name.startsWith('a phone')) assert.ok(top < panelTop - 40, `step ${step}: ${top}, ${panelTop}`);
          if (step < 5) await page.click('#tour-next');
        }
        await assertNoShifts(page);
      }, options));
  }
});
