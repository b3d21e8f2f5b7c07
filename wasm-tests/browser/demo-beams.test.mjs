// The demo's contest: the steps that it shows are those of the library's beam search.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { dropFiles, fixtureFiles } from './browser.mjs';
import { demoSession, PHONE } from './demo-session.mjs';
import { assertAccessible, assertNoShifts, watchShifts } from './page-checks.mjs';

const PROMPT = 'Once upon a time, there was a little fox named Pip';
/** Behind this the likeliest text is not the one of always the likeliest token, and texts are dropped at once. */
const UNLIKE_GREEDY = 'Once upon a time, there was a little dog';
/** Stories of this beginning come to an end within a few tokens. */
const NEAR_THE_END = 'Ever since then, Pip and Tom were the best of friends. The';

async function runContest({ page }, { prompt = PROMPT, numBeams = 4, steps = 8 } = {}) {
  await page.click('#mode-beams');
  await page.waitForSelector('.score');
  await page.fill('#prompt', prompt);
  await page.fill('#beams-number', String(numBeams));
  await page.fill('#beams-length', String(steps));
  await page.click('#beams-start');
  await page.waitForFunction(() => /^Step/.test(document.querySelector('#beams-step').textContent));
}

const stepOf = (page) => page.textContent('#beams-step');
const standings = (page) => page.locator('.standing-text').allTextContents();

/** Goes to a step by hand. */
async function goTo(page, step) {
  for (;;) {
    const now = Number(/Step (\d+)/.exec(await stepOf(page))[1]);
    if (now === step) return;
    await page.click(now < step ? '#beams-next' : '#beams-back');
  }
}

describe('the contest', () => {
  const session = demoSession();
  const { onDemo } = session;

  for (const numBeams of [2, 5]) {
    test(`each step has the texts of the search of that length: ${numBeams} texts`, () =>
      onDemo(
        async (demo, page) => {
          const steps = 6;
          await runContest(demo, { numBeams, steps });
          for (let step = 1; step <= steps; step++) {
            await goTo(page, step);
            // The same search, ended here: its texts are those that run at this step, as long as none has ended.
            const options = { numBeams, numReturnSequences: numBeams, maxNewTokens: step };
            const { sequences } = await session.model.generate(PROMPT, options).result;
            assert.ok(sequences.every(({ finishReason }) => finishReason === 'length'));
            assert.deepEqual(
              await standings(page),
              sequences.map(({ text }) => text),
            );
            assert.deepEqual(
              await page.locator('.standings .score-number').allTextContents(),
              sequences.map(({ score }) => `${(Math.exp(score) * 100).toFixed(1)} %`),
            );
          }
        },
        { reducedMotion: 'reduce' },
      ));
  }

  test('shows who is dropped, the winner, and what always taking the likeliest writes, with both scores', () =>
    onDemo(
      async (demo, page) => {
        const steps = 10;
        await runContest(demo, { prompt: UNLIKE_GREEDY, steps });
        const search = { numBeams: 4, maxNewTokens: steps };
        const { text, sequences } = await session.model.generate(UNLIKE_GREEDY, search).result;
        const greedy = await session.model.generate(UNLIKE_GREEDY, {
          temperature: 0,
          maxNewTokens: steps,
          logprobs: 0,
        }).result;
        const greedyScore = greedy.logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / steps;
        assert.deepEqual(await page.locator('.result-text').allTextContents(), [text, greedy.text]);
        const shown = (score) => `${(Math.exp(score) * 100).toFixed(1)} %`;
        assert.deepEqual(await page.locator('.result .score-number').allTextContents(), [
          shown(sequences[0].score),
          shown(greedyScore),
        ]);
        assert.ok(sequences[0].score > greedyScore, 'else the next line needs another prompt');
        assert.match(await page.textContent('.contest-verdict'), /likelier as a whole/);

        await goTo(page, 1);
        const before = await standings(page);
        const dropped = await page.locator('.standings .is-dropped .standing-text').allTextContents();
        assert.ok(dropped.length > 0, 'else the test needs another prompt');
        await goTo(page, 2);
        const after = await standings(page);
        assert.deepEqual(
          dropped,
          before.filter((each) => !after.some((next) => next.startsWith(each))),
        );
      },
      { reducedMotion: 'reduce' },
    ));

  test('texts that end are shown as ended, and may win', () =>
    onDemo(
      async (demo, page) => {
        const steps = 12;
        await runContest(demo, { prompt: NEAR_THE_END, steps });
        const search = { numBeams: 4, numReturnSequences: 4, maxNewTokens: steps };
        const { sequences } = await session.model.generate(NEAR_THE_END, search).result;
        const ended = sequences.filter(({ finishReason }) => finishReason === 'end-token');
        assert.ok(ended.length > 0, 'else the test needs another prompt');
        assert.equal((await page.locator('.result-text').allTextContents())[0], sequences[0].text);
        for (const { tokenIds, text } of ended) {
          await goTo(page, tokenIds.length);
          const shown = await page.locator('.standings .is-ended .standing-text').allTextContents();
          assert.ok(shown.includes(text), `${text} is among ${shown}`);
        }
      },
      { reducedMotion: 'reduce' },
    ));

  test('plays by itself, pauses, and goes on by hand and by key', () =>
    onDemo(async (demo, page) => {
      await runContest(demo, { steps: 12 });
      assert.equal(await page.textContent('#beams-play'), 'Pause');
      await page.waitForFunction(() => /^Step 2 /.test(document.querySelector('#beams-step').textContent));
      await page.focus('#beams-play');
      await page.keyboard.press('Enter');
      const paused = await stepOf(page);
      await page.waitForTimeout(1200);
      assert.equal(await stepOf(page), paused);
      await page.focus('#beams-next');
      await page.keyboard.press('Enter');
      assert.notEqual(await stepOf(page), paused);
      assert.match(await page.textContent('#status'), /^Step \d+\. .*will go on/);
      await page.focus('#beams-back');
      await page.keyboard.press('Enter');
      assert.equal(await stepOf(page), paused);
      await page.focus('#beams-play');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.contest-verdict', { timeout: 15_000 });
      assert.match(await page.textContent('#status'), /^The winner: /);
      await page.focus('#prompt');
      await page.keyboard.press('Control+Enter');
      await page.waitForFunction(() => document.querySelector('#beams-play').textContent === 'Pause');
      await page.keyboard.press('Escape');
      assert.equal(await page.textContent('#beams-play'), 'Play');
    }));

  test('works with ids, and says what is wrong with a prompt', () =>
    onDemo(
      async (demo, page) => {
        await page.click('#mode-beams');
        await page.waitForSelector('.score');
        await page.fill('#prompt', '');
        await page.click('#beams-start');
        assert.match(await demo.waitForProblem(), /nothing to begin with/i);
        const files = await fixtureFiles('odd-60');
        await dropFiles(page, files);
        await demo.waitForModel('model.safetensors');
        await runContest(demo, { prompt: '5 17 900', steps: 5 });
        const model = await LanguageModel.load(
          Object.fromEntries(files.map(({ name, buffer }) => [name, buffer])),
        );
        const { sequences } = await model.generate([5, 17, 900], {
          numBeams: 4,
          numReturnSequences: 4,
          maxNewTokens: 5,
        }).result;
        await model.dispose();
        assert.deepEqual(
          await standings(page),
          sequences.map(({ tokenIds }) => tokenIds.join(' ')),
        );
      },
      { reducedMotion: 'reduce' },
    ));

  test('runs without a connection, once the page is kept', () =>
    onDemo(
      async (demo, page) => {
        await demo.waitForOffline();
        await page.context().setOffline(true);
        await runContest(demo, { steps: 3 });
        assert.equal((await standings(page)).length, 4);
      },
      { reducedMotion: 'reduce' },
    ));

  test('two tabs do not hear each other’s contests', () =>
    onDemo(
      async (_, page) => {
        const other = await page.context().newPage();
        await other.goto(session.url);
        await other.waitForFunction(() => document.querySelector('#runtime').textContent !== '');
        const run = async (tab) => {
          await runContest({ page: tab }, { steps: 24 });
          return standings(tab);
        };
        const [one, two] = await Promise.all([run(page), run(other)]);
        assert.ok(one.length >= 4);
        assert.deepEqual(one, two);
      },
      { reducedMotion: 'reduce' },
    ));

  for (const [name, options] of [
    ['a phone in the dark', { ...PHONE, colorScheme: 'dark' }],
    ['a wide screen', { viewport: { width: 1440, height: 900 } }],
  ]) {
    test(`nothing moves by itself, and axe-core finds nothing: ${name}`, () =>
      onDemo(async (demo, page) => {
        await page.click('#mode-beams');
        await page.waitForSelector('.score');
        await assertAccessible(page);
        await watchShifts(page);
        await runContest(demo, { steps: 6 });
        await page.waitForSelector('.contest-verdict', { timeout: 15_000 });
        await page.waitForTimeout(300);
        await assertNoShifts(page);
        await assertAccessible(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(width <= 0, 'nothing stands beyond the edge');
      }, options));
  }
});
