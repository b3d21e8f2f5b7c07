// Writing in the demo: what it shows of each token, branches and attention, held against the library in Node.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SPACING, stepOf } from '../../demo/write/staff.js';
import { dropFiles, fixtureFiles } from './browser.mjs';
import { bitsOf, near, PROMPT, SEED, StoryBench } from './story-bench.mjs';

const bench = new StoryBench();
before(() => bench.open());
after(() => bench.close());

describe('the story that the page begins by itself', () => {
  test('is the one that it is to be, and takes no focus', () =>
    bench.onPage(async (demo) => {
      await demo.page.waitForFunction(() => document.querySelector('#text-voice').textContent !== '');
      assert.equal(await demo.page.evaluate(() => document.activeElement.tagName), 'BODY');
      await demo.setPace('full');
      await demo.waitForEnd();
      assert.equal(await demo.prompt(), PROMPT);
      const { result } = await bench.write(Number(await demo.page.inputValue('#seed')));
      assert.equal(await demo.voice(), result.text);
      assert.equal(await demo.state(), 'the end');
      assert.equal(await demo.page.isChecked('#new-seed'), true);
    }));

  test('gives way to what the visitor asks for, at any time', () =>
    bench.onPage(async (demo) => {
      await demo.page.waitForFunction(() => document.querySelector('#text-voice').textContent !== '');
      await demo.page.fill('#prompt', 'Max wanted to fly to the moon.');
      assert.match(await demo.generate(), /[a-z]{3}/);
      assert.equal(await demo.prompt(), 'Max wanted to fly to the moon.');
      assert.equal(await demo.state(), 'the end');
    }));

  test('is not begun where a link brought settings, nor for other models', () =>
    bench.onPage(
      async (demo) => {
        await demo.waitForModel();
        await dropFiles(demo.page, await fixtureFiles('odd-60'));
        await demo.waitForModel('model.safetensors');
        await demo.page.waitForTimeout(300);
        assert.equal(await demo.voice(), '');
        assert.equal(await demo.state(), '–');
      },
      { hash: '#v=1&seed=7' },
    ));
});

describe('each token', () => {
  test('is shaded by its surprise, and its note stands as high', () =>
    bench.onDemo(async (demo) => {
      const text = await demo.generate();
      const { result } = await bench.write();
      assert.equal(text, result.text);
      const tokens = await demo.tokens();
      assert.equal(tokens.length, result.tokenIds.length);
      for (const [index, { bits }] of tokens.entries())
        near(bits, bitsOf(result.logprobs[index]), 0.006, `bits of token ${index}`);
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
    bench.onDemo(async (demo) => {
      await demo.generate();
      const { result } = await bench.write();
      const check = async (index) => {
        const { logprob, alternatives } = result.logprobs[index];
        await demo.page.waitForFunction(
          () => ![...document.querySelectorAll('.alternative-word')].some((word) => word.textContent === '…'),
        );
        const choice = await demo.choice();
        assert.equal(choice.word, await bench.wordOf(result.tokenIds[index]));
        assert.match(choice.facts, new RegExp(`^${Math.round(Math.exp(logprob) * 100)} %`));
        for (const [place, { tokenId, logprob: other }] of alternatives.entries()) {
          assert.equal(choice.alternatives[place].word, await bench.wordOf(tokenId));
          near(choice.alternatives[place].share, Math.exp(other), 1e-3, `share of alternative ${place}`);
          assert.equal(choice.alternatives[place].isChosen, tokenId === result.tokenIds[index]);
        }
        const selected = (await demo.tokens()).findIndex(({ isSelected }) => isSelected);
        assert.equal(selected, index);
        assert.equal(await demo.page.locator('#staff .note.is-selected').count(), 1);
      };
      // The newest is the selected one; four notes to the left of it stands the one of four tokens before.
      const { x, y } = await demo.page.locator('#staff .note.is-selected').boundingBox();
      await demo.page.mouse.click(x + 4 - 4 * SPACING, y);
      await check(result.tokenIds.length - 5);
      for (const index of [surprisingOf(result)[1], result.tokenIds.length - 1]) {
        await demo.clickToken(index);
        await check(index);
      }
    }));

  test('is reached by the keys, and said in a sentence', () =>
    bench.onDemo(async (demo) => {
      await demo.generate();
      const { page } = demo;
      await page.focus('#text');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowLeft');
      assert.equal(
        (await demo.tokens()).findIndex(({ isSelected }) => isSelected),
        1,
      );
      const { word } = await demo.choice();
      const said = await page.textContent('#status');
      assert.ok(said.startsWith(`“${word}”: `) && said.length < 90, said);
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement.className.split(' ')[0]), 'alternative');
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
      await page.click('#choice-next');
      assert.equal(
        (await demo.tokens()).findIndex(({ isSelected }) => isSelected),
        2,
      );
    }));
});

/** Where something else was nearly as likely. */
const surprisingOf = ({ logprobs }) =>
  [...logprobs.keys()].filter(
    (index) => bitsOf(logprobs[index]) > 0.8 && logprobs[index].alternatives[1].logprob > -3,
  );

describe('a branch', () => {
  test('begins with the same tokens and the other one, and goes on as in the library', () =>
    bench.onDemo(async (demo) => {
      const whole = await demo.generate();
      const { session, promptLength, result } = await bench.write();
      const index = surprisingOf(result)[2];
      const place = result.logprobs[index].alternatives.findIndex(
        ({ tokenId }) => tokenId !== result.tokenIds[index],
      );
      const { tokenId, logprob } = result.logprobs[index].alternatives[place];
      const fork = await session.fork();
      await fork.truncate(promptLength + index);
      await fork.append([tokenId]);
      const rest = await fork.generate({ ...bench.settings, seed: SEED }).result;

      await demo.clickToken(index);
      await demo.chooseAlternative(place);
      const expected = await bench.model.decode([
        ...result.tokenIds.slice(0, index),
        tokenId,
        ...rest.tokenIds,
      ]);
      assert.equal(await demo.voice(), expected);
      assert.notEqual(expected, whole);
      const tokens = await demo.tokens();
      assert.equal(tokens.length, index + 1 + rest.tokenIds.length);
      near(tokens[index].bits, bitsOf({ logprob }), 0.006, 'bits of the other word');
      near(tokens.at(-2).bits, bitsOf(rest.logprobs.at(-2)), 0.006, 'bits of the last word');
      assert.equal(await demo.tokenCount(), tokens.length);

      // The tree has both; the keys go to the first and back.
      const word = await bench.wordOf(tokenId);
      assert.deepEqual(await demo.branches(), [
        { name: 'the first text', isShown: false },
        { name: `${word} instead of ${await bench.wordOf(result.tokenIds[index])}`, isShown: true },
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
      assert.equal((await demo.page.textContent('.branch:focus .branch-before')) !== '', true);

      // A new text begins without them.
      await demo.generate();
      assert.deepEqual(await demo.branches(), []);
    }));

  test('that is there already is shown, and of too many the oldest goes', () =>
    bench.onDemo(async (demo) => {
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
      assert.match(
        await demo.page.textContent('#tree-note'),
        /12 texts are kept: the one with “.+” was let go/,
      );
      assert.notEqual(await demo.voice(), shown);
    }));
});

describe('what the model looked at', () => {
  test('is what the taps say', () =>
    bench.onDemo(async (demo) => {
      await demo.generate();
      const { session, promptLength, result } = await bench.write();
      const index = 20;
      const position = promptLength + index;
      const fork = await session.fork();
      await fork.truncate(position);
      await fork.tap(['attention']);
      await fork.append([result.tokenIds[index]]);
      const { attention } = await fork.taps();
      const { nLayers, nHeads } = bench.model.info;
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
        for (let at = 1; at < length; at++)
          near(shown[at], expected[at] / most, 2e-3, `weight of token ${at}`);
        assert.ok(shown.slice(length).every((weight) => weight === 0));
        const first = `${(expected[0] * 100).toFixed(expected[0] < 0.1 ? 1 : 0)} %`;
        assert.ok((await demo.page.textContent('#attention-words')).includes(`took ${first}`));
      };

      await demo.clickToken(index);
      await demo.page.click('#attention-toggle');
      await demo.page.waitForFunction(() =>
        /looked most at/.test(document.querySelector('#attention-words').textContent),
      );
      assert.equal(await demo.prompt(), PROMPT);
      await check(meanOf(() => true));
      await demo.page.selectOption('#attention-layer', '2');
      await check(meanOf((plane) => Math.floor(plane / nHeads) === 2));
      await demo.page.selectOption('#attention-head', '5');
      await check(meanOf((plane) => plane === 2 * nHeads + 5));
      await demo.page.click('#attention-toggle');
      assert.equal(await demo.page.locator('.shows-attention').count(), 0);
    }));

  test('is told where a model has no attention, and its memory no pages', () =>
    bench.onDemo(async (demo) => {
      await dropFiles(demo.page, await fixtureFiles('families/mamba2-tied'));
      await demo.waitForModel('model.safetensors');
      await demo.page.fill('#prompt', '5 17 90');
      await demo.page.fill('#max-new-tokens', '20');
      await demo.generate();
      await demo.clickToken(2);
      await demo.page.click('#attention-toggle');
      await demo.page.waitForFunction(() =>
        /another way than attention/.test(document.querySelector('#attention-words').textContent),
      );
      assert.match(await demo.page.textContent('#memory-words'), /: 23 of [\d,]+ tokens\.$/);
    }));
});
