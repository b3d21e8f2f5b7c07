// Writing in the demo: what it shows of each token, branches, attention and memory, held against the library in Node.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { stepOf } from '../../demo/write/staff.js';
import { inRepository } from '../../tools/lib/folders.mjs';
import { startServer } from '../../tools/serve.mjs';
import { dropFiles, fixtureFiles, launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const PROMPT = 'Once upon a time, there was a little fox named Pip';
const SEED = 8;
/** What the page asks for with the settings that it opens with. */
const SETTINGS = { maxNewTokens: 255, temperature: 0.8, topK: 40, topP: 0.9, logprobs: 8 };

let browser;
let server;
let model;
before(async () => {
  server = await startServer({ port: 0 });
  browser = await launchBrowser();
  model = await LanguageModel.load(inRepository('demo/models/tiny-stories'));
});
after(() => Promise.all([browser?.close(), server?.close(), model?.dispose()]));

async function onPage(use, { hash = '', ...options } = {}) {
  const opened = await openPage(browser, `${server.url}${hash}`, options);
  try {
    await use(new DemoPage(opened.page));
    opened.assertQuiet();
  } finally {
    await opened.close();
  }
}

const onDemo = (use, options) =>
  onPage(async (demo) => {
    await demo.waitForModel();
    await demo.setSeed(SEED);
    await use(demo);
  }, options);

/** The same story by the library, as a session. */
async function write(seed = SEED) {
  const session = await model.createSession();
  await session.append(PROMPT);
  const promptLength = session.length;
  const result = await session.generate({ ...SETTINGS, seed }).result;
  return { session, promptLength, result };
}

const bitsOf = ({ logprob }) => -logprob / Math.LN2;
const wordOf = async (id) =>
  model.info.eosTokenIds.includes(id) ? '(the end)' : (await model.decode([id])).trim();
const near = (actual, expected, tolerance, words) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${words}: ${actual}, not ${expected}`);

describe('the story that the page begins by itself', () => {
  test('is the one that it is to be, and takes no focus', () =>
    onPage(async (demo) => {
      await demo.page.waitForFunction(() => document.querySelector('#text-voice').textContent !== '');
      assert.equal(await demo.page.evaluate(() => document.activeElement.tagName), 'BODY');
      await demo.setPace('full');
      await demo.waitForEnd();
      assert.equal(await demo.prompt(), PROMPT);
      const { result } = await write(Number(await demo.page.inputValue('#seed')));
      assert.equal(await demo.voice(), result.text);
      assert.equal(await demo.state(), 'the end');
      assert.equal(await demo.page.isChecked('#new-seed'), true);
    }));

  test('gives way to what the visitor asks for, at any time', () =>
    onPage(async (demo) => {
      await demo.page.waitForFunction(() => document.querySelector('#text-voice').textContent !== '');
      await demo.page.fill('#prompt', 'Max wanted to fly to the moon.');
      assert.match(await demo.generate(), /[a-z]{3}/);
      assert.equal(await demo.prompt(), 'Max wanted to fly to the moon.');
      assert.equal(await demo.state(), 'the end');
    }));

  test('is not begun where a link brought settings, nor for other models', () =>
    onPage(
      async (demo) => {
        await demo.waitForModel();
        await dropFiles(demo.page, await fixtureFiles('odd-60'));
        await demo.waitForModel('model.safetensors');
        await demo.page.waitForTimeout(300);
        assert.equal(await demo.voice(), '');
        assert.equal(await demo.state(), '–');
      },
      { hash: '#seed=7' },
    ));
});

describe('each token', () => {
  test('is shaded by its surprise, and its note stands as high', () =>
    onDemo(async (demo) => {
      const text = await demo.generate();
      const { result } = await write();
      assert.equal(text, result.text);
      const tokens = await demo.tokens();
      assert.equal(tokens.length, result.tokenIds.length);
      for (const [index, { bits }] of tokens.entries())
        near(bits, Math.max(0, bitsOf(result.logprobs[index])), 0.006, `bits of token ${index}`);
      assert.ok(tokens.some(({ bits }) => bits > 3));

      // The staff has the latest of them; the newest is marked.
      const notes = await demo.page.$$eval('#staff .note', (elements) =>
        elements.map((element) => {
          const [, x, y] = element.getAttribute('transform').match(/translate\(([\d.]+) ([\d.]+)\)/);
          return { x: Number(x), y: Number(y), isSelected: element.classList.contains('is-selected') };
        }),
      );
      const room = notes.length;
      assert.ok(room < tokens.length, 'the staff is full');
      const inOrder = notes.toSorted((a, b) => a.x - b.x);
      for (let index = tokens.length - room; index < tokens.length; index++) {
        const { y, isSelected } = inOrder[index % room];
        assert.equal(y, 46 - stepOf(result.logprobs[index].logprob) * 4, `height of note ${index}`);
        assert.equal(isSelected, index === tokens.length - 1);
      }
    }));

  test('shows what else it could have been, by a click on it or on its note', () =>
    onDemo(async (demo) => {
      await demo.generate();
      const { result } = await write();
      const check = async (index) => {
        const { logprob, alternatives } = result.logprobs[index];
        await demo.page.waitForFunction(
          () => ![...document.querySelectorAll('.alternative-word')].some((word) => word.textContent === '…'),
        );
        const choice = await demo.choice();
        assert.equal(choice.word, await wordOf(result.tokenIds[index]));
        assert.match(choice.facts, new RegExp(`^${Math.round(Math.exp(logprob) * 100)} %`));
        for (const [place, { tokenId, logprob: other }] of alternatives.entries()) {
          assert.equal(choice.alternatives[place].word, await wordOf(tokenId));
          near(choice.alternatives[place].share, Math.exp(other), 1e-3, `share of alternative ${place}`);
          assert.equal(choice.alternatives[place].isChosen, tokenId === result.tokenIds[index]);
        }
        const selected = (await demo.tokens()).findIndex(({ isSelected }) => isSelected);
        assert.equal(selected, index);
        assert.equal(await demo.page.locator('#staff .note.is-selected').count(), 1);
      };
      const surprising = surprisingOf(result).at(-1);
      await demo.clickToken(surprising);
      await check(surprising);
      // The note of the last token stands where the next one is to come.
      const [x, y] = await demo.page.$eval('#staff', (staff) => {
        const { left, top } = staff.getBoundingClientRect();
        const note = [...staff.querySelectorAll('.note:not(.is-old)')].at(-4);
        const [, noteX, noteY] = note.getAttribute('transform').match(/translate\(([\d.]+) ([\d.]+)\)/);
        return [left + Number(noteX), top + Number(noteY)];
      });
      await demo.page.mouse.click(x, y);
      const chosen = (await demo.tokens()).findIndex(({ isSelected }) => isSelected);
      assert.ok(chosen > surprising && chosen < result.tokenIds.length - 1, `token ${chosen}`);
      await check(chosen);
    }));

  test('is reached by the keys, and said in a sentence', () =>
    onDemo(async (demo) => {
      await demo.generate();
      const { page } = demo;
      await page.focus('#text');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowLeft');
      assert.equal((await demo.tokens()).findIndex(({ isSelected }) => isSelected), 1);
      const { word } = await demo.choice();
      const said = await page.textContent('#status');
      assert.ok(said.startsWith(`“${word}”: `) && said.length < 90, said);
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement.className.split(' ')[0]), 'alternative');
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
      await page.click('#choice-next');
      assert.equal((await demo.tokens()).findIndex(({ isSelected }) => isSelected), 2);
    }));
});

/** Where something else was nearly as likely. */
const surprisingOf = ({ logprobs }) =>
  [...logprobs.keys()].filter((index) => bitsOf(logprobs[index]) > 0.8 && logprobs[index].alternatives[1].logprob > -3);

describe('a branch', () => {
  test('begins with the same tokens and the other one, and goes on as in the library', () =>
    onDemo(async (demo) => {
      const whole = await demo.generate();
      const { session, promptLength, result } = await write();
      const index = surprisingOf(result)[2];
      const place = result.logprobs[index].alternatives.findIndex(
        ({ tokenId }) => tokenId !== result.tokenIds[index],
      );
      const { tokenId, logprob } = result.logprobs[index].alternatives[place];
      const fork = await session.fork();
      await fork.truncate(promptLength + index);
      await fork.append([tokenId]);
      const rest = await fork.generate({ ...SETTINGS, seed: SEED }).result;

      await demo.clickToken(index);
      await demo.chooseAlternative(place);
      const expected = await model.decode([...result.tokenIds.slice(0, index), tokenId, ...rest.tokenIds]);
      assert.equal(await demo.voice(), expected);
      assert.notEqual(expected, whole);
      const tokens = await demo.tokens();
      assert.equal(tokens.length, index + 1 + rest.tokenIds.length);
      near(tokens[index].bits, bitsOf({ logprob }), 0.006, 'bits of the other word');
      near(tokens.at(-2).bits, Math.max(0, bitsOf(rest.logprobs.at(-2))), 0.006, 'bits of the last word');
      assert.equal(await demo.tokenCount(), tokens.length);

      // The tree has both; the keys go to the first and back.
      const word = await wordOf(tokenId);
      assert.deepEqual(await demo.branches(), [
        { name: 'the first text', isShown: false },
        { name: `${word} instead of ${await wordOf(result.tokenIds[index])}`, isShown: true },
      ]);
      await demo.page.locator('.branch').nth(1).focus();
      await demo.page.keyboard.press('ArrowUp');
      await demo.page.keyboard.press('Enter');
      await demo.waitForQuiet();
      assert.equal(await demo.voice(), whole);
      assert.equal(await demo.tokenCount(), result.tokenIds.length);
      await demo.page.keyboard.press('ArrowDown');
      await demo.page.keyboard.press('Enter');
      await demo.waitForQuiet();
      assert.equal(await demo.voice(), expected);
      assert.equal(await demo.page.textContent('.branch:focus .branch-before') !== '', true);

      // A new text begins without them.
      await demo.generate();
      assert.deepEqual(await demo.branches(), []);
    }));

  test('that is there already is shown, and of too many the oldest goes', () =>
    onDemo(async (demo) => {
      await demo.page.fill('#max-new-tokens', '12');
      await demo.generate();
      const first = demo.page.locator('.branch').first();
      let place = 0;
      for (let index = 1; (await demo.branches()).length < 12; index++) {
        for (place = 0; place < 4 && (await demo.branches()).length < 12; place++) {
          if ((await demo.branches()).length > 1) await first.click();
          await demo.clickToken(index);
          const { alternatives } = await demo.choice();
          if (!alternatives[place].isChosen) await demo.chooseAlternative(place);
        }
      }
      const names = (await demo.branches()).map(({ name }) => name);
      const shown = await demo.voice();
      await first.click();
      await demo.waitForQuiet();
      const there = (await demo.branches()).length;
      await demo.clickToken(6);
      await demo.chooseAlternative((await demo.choice()).alternatives.findIndex(({ isChosen }) => !isChosen));
      const now = await demo.branches();
      assert.equal(there, 12);
      assert.equal(now.length, 12);
      assert.equal(now.filter(({ name }) => names.includes(name)).length, 11);
      assert.match(await demo.page.textContent('#tree-note'), /12 texts are kept: the one with “.+” was let go/);
      assert.notEqual(await demo.voice(), shown);
    }));
});

describe('what the model looked at', () => {
  test('is what the taps say', () =>
    onDemo(async (demo) => {
      await demo.generate();
      const { session, promptLength, result } = await write();
      const index = 20;
      const position = promptLength + index;
      const fork = await session.fork();
      await fork.truncate(position);
      await fork.tap(['attention']);
      await fork.append([result.tokenIds[index]]);
      const { attention } = await fork.taps();
      const { nLayers, nHeads } = model.info;
      const length = position + 1;
      assert.equal(attention.length, nLayers * nHeads * length);
      const meanOf = (isWanted) => {
        const planes = [...Array(nLayers * nHeads).keys()].filter(isWanted);
        return Array.from({ length }, (_, at) =>
          planes.reduce((sum, plane) => sum + attention[plane * length + at] / planes.length, 0),
        );
      };
      const weightsOnPage = () =>
        demo.page.$$eval('#text .token', (elements) =>
          elements.map((element) => Number(element.style.getPropertyValue('--weight'))),
        );
      const check = async (expected) => {
        const most = Math.max(...expected.slice(1));
        const shown = await weightsOnPage();
        assert.equal(shown.length, promptLength + result.tokenIds.length);
        assert.equal(shown[0], 0);
        for (let at = 1; at < length; at++) near(shown[at], expected[at] / most, 2e-3, `weight of token ${at}`);
        assert.ok(shown.slice(length).every((weight) => weight === 0));
        const first = `${(expected[0] * 100).toFixed(expected[0] < 0.1 ? 1 : 0)} %`;
        assert.ok((await demo.page.textContent('#attention-words')).includes(`took ${first}`));
      };

      await demo.clickToken(index);
      await demo.page.click('#attention-toggle');
      await demo.page.waitForFunction(() => /looked most at/.test(document.querySelector('#attention-words').textContent));
      assert.equal(await demo.prompt(), PROMPT);
      await check(meanOf(() => true));
      await demo.page.selectOption('#attention-layer', '2');
      await check(meanOf((plane) => Math.floor(plane / nHeads) === 2));
      await demo.page.selectOption('#attention-head', '5');
      await check(meanOf((plane) => plane === 2 * nHeads + 5));
      await demo.page.click('#attention-toggle');
      assert.equal(await demo.page.$eval('#text', (text) => text.classList.contains('shows-attention')), false);
    }));
});

describe('memory and figures', () => {
  test('are the library’s', () =>
    onDemo(async (demo) => {
      await demo.generate();
      const fresh = await LanguageModel.load(inRepository('demo/models/tiny-stories'));
      const empty = await fresh.memory();
      const session = await fresh.createSession();
      await session.append(PROMPT);
      const promptLength = session.length;
      await session.generate({ ...SETTINGS, seed: SEED }).result;
      const { kvPages, bytesInUse } = await fresh.memory();
      await fresh.dispose();
      const words = await demo.page.textContent('#memory-words');
      const [, tokens, context, pages, megabytes] = words.match(/(\d+) of (\d+) tokens, (\d+) pages, ([\d.]+) MB\.$/);
      assert.equal(Number(tokens), session.length);
      assert.equal(Number(context), model.info.contextLength);
      assert.equal(Number(pages), kvPages - empty.kvPages);
      near(Number(megabytes), (bytesInUse - empty.bytesInUse) / 1e6, 0.06, words);
      const cells = await demo.page.$$eval('#memory-strip span', (spans) =>
        spans.map(({ style }) => ['--filled', '--prompt'].map((name) => Number(style.getPropertyValue(name)))),
      );
      assert.equal(cells.length, model.info.contextLength / 32);
      const sum = (column) => cells.reduce((all, cell) => all + cell[column] * 32, 0);
      near(sum(0), session.length, 0.1, 'positions that are filled');
      near(sum(1), promptLength, 0.1, 'positions of the prompt');
      assert.equal(await demo.page.textContent('#figure-threads'), '1');
      assert.match(await demo.page.textContent('#figure-memory'), /^\d+\.\d MB$/);
      assert.match(await demo.page.textContent('#figure-engine'), /vectors/);
    }));
});

describe('the pace', () => {
  test('step by step shows a token for each press, with its competition', () =>
    onDemo(async (demo) => {
      const { page } = demo;
      const { result } = await write();
      await demo.setPace('step');
      await page.click('#generate');
      await page.waitForFunction(() => document.querySelector('#next-word').getAttribute('aria-disabled') === 'false');
      assert.equal((await demo.tokens()).length, 1);
      await page.click('#next-word');
      await page.focus('#text');
      await page.keyboard.press('ArrowRight');
      assert.equal((await demo.tokens()).length, 3);
      assert.equal((await demo.choice()).word, await wordOf(result.tokenIds[2]));
      await page.waitForFunction(() => /wait\.$/.test(document.querySelector('#pace-words').textContent));
      assert.match(
        await page.textContent('#pace-words'),
        new RegExp(`^Written at [\\d,]+ tokens/s, shown step by step: ${result.tokenIds.length - 3} wait\\.$`),
      );
      await demo.setPace('full');
      await demo.waitForEnd();
      assert.equal(await demo.voice(), result.text);
    }));

  test('reading pace is slower than the model, and says so; stop leaves what was shown', () =>
    onDemo(async (demo) => {
      const { page } = demo;
      const { result } = await write();
      await demo.setPace('reading');
      const startMs = performance.now();
      await page.click('#generate');
      await page.waitForFunction(() => document.querySelectorAll('#text-voice .token').length >= 30);
      const seconds = (performance.now() - startMs) / 1000;
      assert.ok(seconds > 0.8, `30 tokens in ${seconds} s`);
      const [, rate] = (await page.textContent('#pace-words')).match(/^Written at ([\d,]+) tokens\/s, shown at reading pace/);
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
      assert.match(await page.textContent('#memory-words'), new RegExp(`: ${13 + count} of 256`));
    }));
});

describe('at full speed', () => {
  for (const viewport of [
    { width: 390, height: 844 },
    { width: 1440, height: 900 },
  ]) {
    test(`nothing moves and no task is long at ${viewport.width} px`, () =>
      onDemo(
        async (demo) => {
          await demo.generate(); // what comes once is no part of writing
          await demo.page.evaluate(() => {
            window.seen = { shifts: [], tasks: [] };
            new PerformanceObserver((list) => {
              for (const { value } of list.getEntries()) window.seen.shifts.push(value);
            }).observe({ type: 'layout-shift' });
            new PerformanceObserver((list) => {
              for (const { duration } of list.getEntries()) window.seen.tasks.push(duration);
            }).observe({ type: 'longtask' });
          });
          // Not by a click: what moves soon after one is not counted.
          for (let run = 0; run < 3; run++) {
            await demo.page.evaluate(() => document.querySelector('#composer').requestSubmit());
            await demo.waitForEnd();
          }
          await demo.page.waitForTimeout(200);
          assert.deepEqual(await demo.page.evaluate(() => window.seen), { shifts: [], tasks: [] });
        },
        { viewport },
      ));
  }
});
