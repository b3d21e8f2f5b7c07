// The demo's share link: what is written from it is the very text, and nothing is lost to a damaged one.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { presetOf } from '../../demo/compare/presets.js';
import { fragmentOf, readLink, shortHash } from '../../demo/share/link.js';
import { PACKAGES } from '../docs/installed.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { dropFiles, fixtureFiles, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';
import { demoSession, PHONE } from './demo-session.mjs';
import { assertAccessible, assertNoShifts, watchShifts } from './page-checks.mjs';

const PROMPT = 'There was once a queen who lived in a golden castle.';
const OWN = { temperature: 0.8, topK: 40, topP: 0.9 };
const HUB_MODEL = 'owner/tiny';

/** Opens the dialog, and gives the link's hash. */
async function hashOf(page) {
  await page.click('#share');
  await page.waitForSelector('#share-dialog[open]');
  const link = await page.inputValue('#share-link');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#share-dialog', { state: 'detached' });
  return new URL(link).hash;
}

async function slipOf(page, words) {
  await page.waitForFunction(
    (wanted) => new RegExp(wanted).test(document.querySelector('#link-slip p')?.textContent ?? ''),
    words,
  );
  return page.textContent('#link-slip p');
}

describe('the share link', () => {
  const session = demoSession();
  const { onDemo } = session;
  const textOf = (options) => session.model.generate(PROMPT, options).text();

  test('holds the prompt, the seed and what differs from the model’s own; opened, it writes the very text', async () => {
    let hash;
    const options = { ...OWN, temperature: 0.5, maxNewTokens: 90, seed: 12 };
    await onDemo(async (demo, page) => {
      await page.fill('#prompt', PROMPT);
      await page.fill('#temperature', '0.5');
      await page.fill('#max-new-tokens', '90');
      await demo.setSeed(12);
      const before = readLink(await hashOf(page));
      assert.equal(before.state.text, undefined, 'nothing is written yet');
      const text = await demo.generate();
      hash = await hashOf(page);
      assert.deepEqual(readLink(hash), {
        isWhole: true,
        state: {
          mode: 'write',
          prompt: PROMPT,
          seed: 12,
          temperature: 0.5,
          maxNewTokens: 90,
          text: shortHash(text),
        },
      });
      await page.fill('#prompt', `${PROMPT} `);
      assert.equal(readLink(await hashOf(page)).state.text, undefined, 'the text is of another beginning');
    });
    await onDemo(
      async (demo, page) => {
        await slipOf(page, 'word for word');
        assert.equal(await demo.voice(), await textOf(options));
        assert.equal(await page.inputValue('#prompt'), PROMPT);
        assert.equal(await page.inputValue('#seed'), '12');
        assert.equal(await page.inputValue('#temperature'), '0.5');
        assert.equal(await page.isChecked('#new-seed'), false);
        assert.match(await page.textContent('#status'), /word for word/);
      },
      { hash },
    );
  });

  test('says so where the text is not the one that was shared', () =>
    onDemo(async (_, page) => slipOf(page, 'it is not the one that was shared'), {
      hash: `#${fragmentOf({ mode: 'write', prompt: PROMPT, seed: 3, maxNewTokens: 5, text: '0badcafe' })}`,
    }));

  test('of a comparison has both settings, and of a contest its size', async () => {
    const hashes = [];
    await onDemo(async (_, page) => {
      await page.fill('#prompt', PROMPT);
      await page.click('#mode-compare');
      await page.waitForSelector('.side');
      await page.fill('#seed', '4');
      await page.fill('#max-new-tokens', '20');
      await page.click('.side:nth-child(1) .chip:has-text("Certain")');
      hashes.push(await hashOf(page));
      await page.click('#mode-beams');
      await page.waitForSelector('.score');
      await page.fill('#beams-number', '3');
      await page.fill('#beams-length', '5');
      hashes.push(await hashOf(page));
    });
    const [compare, beams] = hashes.map((hash) => readLink(hash).state);
    const { temperature, topK, topP } = presetOf('daring');
    assert.deepEqual(
      [compare.mode, compare.one, compare.two],
      ['compare', { temperature: 0 }, { temperature, topK, topP }],
    );
    assert.deepEqual([beams.mode, beams.numBeams, beams.steps], ['beams', 3, 5]);
    await onDemo(
      async (_, page) => {
        await page.waitForFunction(() => document.querySelector('#compare-part')?.textContent);
        const rest = { maxNewTokens: 20, seed: 4 };
        assert.deepEqual(await page.locator('.side-text').allTextContents(), [
          await textOf({ temperature: 0, maxNewTokens: 20 }),
          await textOf({ temperature, topK, topP, ...rest }),
        ]);
      },
      { hash: hashes[0] },
    );
    await onDemo(
      async (_, page) => {
        await page.waitForSelector('.contest-verdict', { timeout: 15_000 });
        assert.equal(
          (await page.locator('.result-text').allTextContents())[0],
          await textOf({ numBeams: 3, maxNewTokens: 5 }),
        );
      },
      { hash: hashes[1] },
    );
  });

  test('another one opened in the same tab is followed, too', () =>
    onDemo(async (demo, page) => {
      await page.evaluate(
        (hash) => {
          location.hash = hash;
        },
        fragmentOf({ mode: 'write', prompt: PROMPT, seed: 5, maxNewTokens: 12 }),
      );
      const text = await textOf({ ...OWN, seed: 5, maxNewTokens: 12 });
      await page.waitForFunction(
        (wanted) => document.querySelector('#text-voice').textContent === wanted,
        text,
      );
      assert.equal(await demo.prompt(), PROMPT);
    }));

  test('damaged: what can be read is taken, words say so, and the page works on', async () => {
    const whole = fragmentOf({ mode: 'write', prompt: PROMPT, seed: 12, maxNewTokens: 9 });
    const cases = [
      whole.slice(0, -30), // cut
      whole.replace('seed=12', 'seed=twelve'),
      fragmentOf({ mode: 'chat', prompt: 'There was once a queen' }).replace(/&sum.*/, ''), // and the model cannot chat
      fragmentOf({ mode: 'dance', prompt: PROMPT, temperature: -3 }),
      'v=1&prompt=%E0%A4%A',
      'v=2&mode=write',
    ];
    for (const hash of cases) {
      await onDemo(
        async (demo, page) => {
          await slipOf(page, 'lost or changed');
          const isRead = hash.includes('queen');
          assert.match(
            await page.inputValue('#prompt'),
            isRead ? /^There was once a queen/ : /^Once upon a time/,
          );
          await page.click('#link-slip button');
          await page.fill('#prompt', 'Once upon a time');
          assert.match(await demo.generate(), /[a-z]{3}/);
          assert.equal(await demo.problem(), '');
        },
        { hash: `#${hash}` },
      );
    }
  });

  test('any fragment is read without an error, and gives values in their ranges only', () => {
    assert.equal(readLink(''), null);
    assert.equal(readLink('#sheet'), null);
    const whole = fragmentOf({ mode: 'compare', prompt: 'a & b = c', one: '0.4,10,0.8', two: '0', seed: 1 });
    assert.equal(readLink(`#${whole}`).isWhole, true);
    assert.equal(readLink(`#${whole}`).state.prompt, 'a & b = c');
    let state = 1;
    const next = (most) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % most;
    };
    for (let round = 0; round < 3000; round++) {
      const letters = [...whole];
      for (let i = 0; i <= next(4); i++) letters[next(letters.length)] = String.fromCharCode(32 + next(95));
      const words = letters.join('').slice(0, next(2) === 0 ? undefined : next(whole.length));
      const read = readLink(`#${words}`);
      if (read === null) continue;
      assert.equal(read.isWhole, words === whole, words);
      const { seed = 0, one = { temperature: 0 } } = read.state;
      assert.ok(Number.isFinite(seed) && seed >= 0 && one.temperature >= 0 && one.temperature <= 5, words);
    }
  });

  test('names a model of the hub, and fetches nothing before the visitor says so', async (t) => {
    const folder = PACKAGES['sotto-tiny-stories'];
    const names = readdirSync(folder).filter(
      (name) => /json$|safetensors$/.test(name) && name !== 'package.json',
    );
    const files = Object.fromEntries(names.map((name) => [name, { path: folder + name }]));
    const hub = await startHub({ repos: { [HUB_MODEL]: { files } } });
    t.after(() => hub.close());
    const options = { ...OWN, seed: 8, maxNewTokens: 15 };
    const text = await textOf(options);
    const hash = fragmentOf({
      mode: 'write',
      model: HUB_MODEL,
      prompt: PROMPT,
      seed: 8,
      maxNewTokens: 15,
      text: shortHash(text),
    });
    const opened = await openPage(session.browser, `${session.url}?hub=${hub.endpoint}#${hash}`);
    try {
      const { page } = opened;
      const demo = new DemoPage(page);
      await demo.waitForLink();
      assert.match(await slipOf(page, 'owner/tiny'), /press Load .*Nothing is fetched before/);
      assert.equal(await page.inputValue('#model-source'), HUB_MODEL);
      assert.equal(await page.inputValue('#prompt'), PROMPT);
      assert.equal(hub.log.length, 0);
      await page.click('#link-slip .slip-way button');
      await page.waitForSelector('#model-dialog[open]');
      await page.press('#model-source', 'Enter');
      await slipOf(page, 'word for word');
      assert.equal(await demo.voice(), text);
      const again = readLink(await hashOf(page));
      assert.deepEqual(again.state, readLink(hash).state);
    } finally {
      await opened.close();
    }
  });

  test('says why there is none: a model from files, a very long beginning', () =>
    onDemo(async (demo, page) => {
      await page.fill('#prompt', 'Once upon a time. '.repeat(150));
      await page.click('#share');
      await page.waitForSelector('#share-dialog[open]');
      assert.match(await page.textContent('#share-words'), /2,700 characters, and a link holds 2,000/);
      assert.equal(await page.locator('#share-link').count(), 0);
      await page.keyboard.press('Escape');
      await dropFiles(page, await fixtureFiles('odd-60'));
      await demo.waitForModel('model.safetensors');
      await page.click('#share');
      await page.waitForSelector('#share-dialog[open]');
      assert.match(await page.textContent('#share-words'), /from files, which are on this device only/);
    }));

  test('needs no mouse, copies, and gives the focus back', () =>
    onDemo(async (_, page) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.focus('#share');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#share-dialog[open]');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'share-copy');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('#share-copy').textContent === 'Copied');
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(copied, await page.inputValue('#share-link'));
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'share');
    }));

  for (const [name, options] of [
    ['a phone in the dark', { ...PHONE, colorScheme: 'dark' }],
    ['a wide screen', { viewport: { width: 1440, height: 900 } }],
  ]) {
    test(`nothing moves by itself, and axe-core finds nothing: ${name}`, () =>
      onDemo(
        async (_, page) => {
          await slipOf(page, 'not the one that was shared');
          await watchShifts(page);
          await assertAccessible(page);
          await page.click('#link-slip button');
          await page.click('#share');
          await page.waitForSelector('#share-dialog[open]');
          await assertAccessible(page);
          await assertNoShifts(page);
        },
        { hash: `#${fragmentOf({ prompt: PROMPT, seed: 1, text: '00000000' })}`, ...options },
      ));
  }
});
