// The code that the demo shows: run as a reader would run it, it writes what stands on the page.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { moduleCode } from '../../demo/use/code.js';
import { literal, quote } from '../../demo/use/literal.js';
import { chatModel } from '../api/chat-model.mjs';
import { PACKAGES } from '../docs/installed.mjs';
import { connect, pageOf, servePage } from '../docs/served.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';
import { demoSession, PHONE } from './demo-session.mjs';
import { assertAccessible, assertNoShifts, watchShifts } from './page-checks.mjs';

/** Quotation marks, lines, and what would end a script of a page. */
const PROMPT = "Once upon a time, \"Tom\" said: 'It\\'s </script><!-- here'.\nThen";
const SEED = 21;

/** Opens the dialog, and gives the three blocks. */
async function codeOf(page) {
  await page.click('#use');
  await page.waitForSelector('#code-dialog[open]');
  const blocks = { install: '#code-install', module: '#code-module', page: '#code-page' };
  for (const [name, selector] of Object.entries(blocks)) blocks[name] = await page.textContent(selector);
  await page.keyboard.press('Escape');
  await page.waitForSelector('#code-dialog', { state: 'detached' });
  return blocks;
}

describe('the code of the settings', () => {
  const session = demoSession();
  const { onDemo } = session;

  /** Runs a page, with the CDN where it looks for it, until `selector` has this text. */
  async function runPage(t, html, selector, text) {
    const url = await servePage(t, html);
    const opened = await openPage(session.browser, 'about:blank');
    try {
      await connect(opened.page.context());
      await opened.page.goto(url);
      await opened.page
        .waitForFunction(
          ([where, wanted]) => {
            const scripts = document.querySelectorAll('script');
            for (const script of scripts) script.remove();
            return document.querySelector(where)?.textContent.trim() === wanted.trim();
          },
          [selector, text],
        )
        .catch(async (error) => {
          const shown = await opened.page.evaluate(() => document.body.textContent);
          throw new Error(`the page shows ${JSON.stringify(shown)} and logged ${opened.complaints}`, {
            cause: error,
          });
        });
      assert.deepEqual(opened.complaints, []);
    } finally {
      await opened.close();
    }
  }

  const runBoth = async (t, code, text) => {
    await runPage(t, pageOf(code.module), 'body', text);
    await runPage(t, code.page, '#text', text);
  };

  test('of a text: the module and the page write it, and follow the settings', async (t) => {
    let code;
    let text;
    await onDemo(async (demo, page) => {
      await page.fill('#prompt', PROMPT);
      await page.fill('#temperature', '0.65');
      await page.fill('#max-new-tokens', '40');
      await page.fill('#stop-string', 'zebra\\nelephant');
      await demo.setSeed(SEED);
      text = await demo.generate();
      code = await codeOf(page);
      assert.match(code.module, /temperature: 0\.65/);
      await page.fill('#temperature', '0');
      const other = await codeOf(page);
      assert.match(other.module, /temperature: 0,/);
      assert.doesNotMatch(other.module, /topK/);
    });
    assert.equal(code.install, `npm i ${Object.keys(PACKAGES).join(' ')}`);
    await runBoth(t, code, text);
  });

  test('of a comparison and of a contest', async (t) => {
    const runs = [];
    await onDemo(
      async (_, page) => {
        await page.fill('#prompt', 'Max wanted to fly to the moon.');
        await page.click('#mode-compare');
        await page.waitForSelector('.side');
        await page.fill('#seed', String(SEED));
        await page.fill('#max-new-tokens', '15');
        await page.click('#compare-start');
        await page.waitForFunction(() => document.querySelector('#compare-part').textContent !== '');
        const texts = await page.locator('.side-text').allTextContents();
        runs.push([await codeOf(page), texts.join('')]);
        await page.click('#mode-beams');
        await page.waitForSelector('.score');
        await page.fill('#beams-length', '6');
        await page.click('#beams-start');
        await page.waitForSelector('.contest-verdict');
        runs.push([await codeOf(page), await page.locator('.result-text').first().textContent()]);
      },
      { reducedMotion: 'reduce' },
    );
    for (const [code, text] of runs) await runBoth(t, code, text);
  });

  test('of a chat with a model of a hub', async (t) => {
    const files = chatModel({
      files: { 'generation_config.json': Buffer.from(JSON.stringify({ max_new_tokens: 20 })) },
    });
    const hub = await startHub({ repos: { 'owner/chat': { files } } });
    t.after(() => hub.close());
    const opened = await openPage(session.browser, `${session.url}?hub=${hub.endpoint}`);
    let code;
    try {
      const demo = new DemoPage(opened.page);
      await demo.waitForModel();
      await demo.loadByName('owner/chat');
      await demo.waitForModel('owner/chat');
      await opened.page.fill('#seed', String(SEED));
      await opened.page.fill('#message', 'Tell me of the sea.');
      code = await codeOf(opened.page);
    } finally {
      await opened.close();
    }
    assert.equal(code.install, 'npm i sotto');
    assert.match(code.module, /load\('owner\/chat', { endpoint: 'http/);
    assert.match(code.module, /model\.chat\(messages, \{/);
    const model = await LanguageModel.load(files);
    const messages = [{ role: 'user', content: 'Tell me of the sea.' }];
    const options = new Function(`return ${/model\.chat\(messages, (\{.*?\})\)/s.exec(code.module)[1]}`)();
    assert.equal(options.seed, SEED);
    let text = '';
    for await (const piece of model.chat(messages, options)) if (piece.kind === 'text') text += piece.text;
    await model.dispose();
    assert.ok(text.length > 5);
    await runPage(t, pageOf(code.module), 'body', text);
  });

  test('names where each kind of model comes from', () => {
    const doing = { mode: 'write', prompt: [5, 17], options: { maxNewTokens: 9, temperature: 0 } };
    const codeFor = (choice) => moduleCode({ ...doing, choice });
    const hub = {
      name: 'a/b:Q4_K_M',
      source: 'a/b:Q4_K_M',
      origin: 'hub',
      options: {},
    };
    assert.match(codeFor(hub), /load\('a\/b:Q4_K_M'\);/);
    const folder = {
      ...hub,
      options: { subfolder: 'small', revision: 'v1' },
    };
    assert.match(codeFor(folder), /load\('a\/b:Q4_K_M', { subfolder: 'small', revision: 'v1' }\);/);
    const address = {
      name: 'https://x.example/m.gguf',
      source: new URL('https://x.example/m.gguf'),
      origin: 'address',
    };
    assert.match(codeFor(address), /load\('https:\/\/x\.example\/m\.gguf'\);/);
    assert.match(
      codeFor({ name: 'my model.gguf', source: [] }),
      /on a server.*\n.*load\('\/models\/my model\.gguf'\);/,
    );
    assert.match(codeFor({ name: 'my folder', source: [] }), /load\('\/models\/my-folder\/'\);/);
    assert.match(codeFor(hub), /generate\(\[5, 17\], { maxNewTokens: 9, temperature: 0 }\);/);
  });

  test('values come back from their source text, and end no script', () => {
    const evaluate = (source) => new Function(`return (${source})`)();
    const texts = [
      '',
      "it's",
      'say "no"',
      'a\\b',
      'a\nb\u2028c',
      PROMPT,
      '<!--',
      '</SCRIPT >',
      '<script',
      '$`',
      '🦊',
    ];
    for (const text of texts) {
      assert.equal(evaluate(quote(text)), text);
      assert.doesNotMatch(quote(text), /<\/script|<script|<!--/i);
    }
    const values = [{}, [], { a: 1, 'b c': ['x'.repeat(80), 'y'.repeat(80)], d: { e: [1, 2] } }, texts];
    for (const value of values) assert.deepEqual(evaluate(literal(value)), value);
  });

  for (const [name, options] of [
    ['a phone in the dark', { ...PHONE, colorScheme: 'dark' }],
    ['a wide screen', { viewport: { width: 1440, height: 900 } }],
  ]) {
    test(`opens and closes by key, nothing moves, and axe-core finds nothing: ${name}`, () =>
      onDemo(async (_, page) => {
        await watchShifts(page);
        await page.focus('#use');
        await page.keyboard.press('Enter');
        await page.waitForSelector('#code-dialog[open]');
        await assertAccessible(page);
        await page.keyboard.press('Escape');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'use');
        await assertNoShifts(page);
      }, options));
  }
});
