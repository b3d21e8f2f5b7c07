// The demo's chat, with a model of random weights: what it says has no sense, where it is shown has.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { chatModel, TEMPLATE } from '../api/chat-model.mjs';
import { dropFiles, launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

let browser;
let server;
before(async () => {
  server = await startServer({ port: 0 });
  browser = await launchBrowser();
});
after(() => Promise.all([browser?.close(), server?.close()]));

const asDropped = (files) =>
  Object.entries(files).map(([name, bytes]) => ({ name, buffer: Buffer.from(bytes) }));

/** Opens the demo with a model that chats, and gives what the tests do with it. */
async function onChat(use, { options, files = chatModel() } = {}) {
  const opened = await openPage(browser, server.url, options);
  try {
    const { page } = opened;
    const demo = new DemoPage(page);
    await demo.waitForModel();
    assert.equal(await page.isVisible('#mode-chat'), false, 'its own model has no template');
    await dropFiles(page, asDropped(files));
    await demo.waitForModel('model.safetensors');
    if (options?.prepare === undefined) await page.waitForSelector('#transcript > *'); // the chat's code is there
    await page.fill('#max-new-tokens', '12');
    await use(page, demo);
    opened.assertQuiet();
  } finally {
    await opened.close();
  }
}

const waitForAnswer = (page) =>
  page.waitForFunction(() => document.querySelector('#transcript').getAttribute('aria-busy') === 'false');

async function say(page, text) {
  await page.fill('#message', text);
  await page.press('#message', 'Enter');
  await waitForAnswer(page);
}

const speakers = (page) => page.$$eval('.turn .speaker', (all) => all.map((one) => one.textContent));
const questions = (page) => page.$$eval('.is-user .said', (all) => all.map((one) => one.textContent));
const answers = (page) => page.$$eval('.is-model .turn-body', (all) => all.map((one) => one.textContent));
const cached = async (page) => Number(await page.textContent('#chat-figure-cached'));

describe('chat in the demo', () => {
  test('opens where the model has a template, answers, and reads only what is new', () =>
    onChat(async (page) => {
      assert.equal(await page.getAttribute('#mode-chat', 'aria-pressed'), 'true');
      assert.equal(await page.isVisible('#prompt'), false);
      await page.fill('#message', 'one');
      await page.press('#message', 'Shift+Enter');
      assert.equal(await page.inputValue('#message'), 'one\n');
      await say(page, 'Hello');
      assert.deepEqual(await speakers(page), ['You', 'Model']);
      assert.deepEqual(await questions(page), ['Hello']);
      assert.equal(await page.inputValue('#message'), '');
      assert.equal(await page.textContent('#chat-figure-tokens'), '12');
      await say(page, 'And then?');
      assert.deepEqual(await questions(page), ['Hello', 'And then?']);
      assert.equal((await answers(page)).length, 2);
      assert.ok((await cached(page)) > 20, `${await cached(page)} tokens from the cache`);
      assert.match(await page.textContent('.turn:last-child .note'), /tokens\/s · \d+ tokens from the cache/);
    }));

  for (const way of ['Enter', 'the button']) {
    test(`a message that is sent by ${way} before the chat’s code is there is answered`, () => {
      let bringCode;
      const code = new Promise((resolve) => {
        bringCode = resolve;
      });
      const prepare = (context) =>
        context.route('**/chat/chat-mode.js', async (route) => {
          await code;
          await route.continue();
        });
      return onChat(
        async (page) => {
          await page.fill('#message', 'Hello');
          if (way === 'Enter') await page.press('#message', 'Enter');
          else await page.click('#send');
          assert.equal(await page.inputValue('#message'), 'Hello', 'it waits');
          bringCode();
          await page.waitForSelector('.is-model [data-action="regenerate"]');
          assert.deepEqual(await questions(page), ['Hello']);
          assert.equal(await page.inputValue('#message'), '');
        },
        { options: { prepare } },
      );
    });
  }

  test('an edited message makes a branch, with arrows between the versions', () =>
    onChat(async (page) => {
      await say(page, 'Hello');
      await say(page, 'first');
      const before = await answers(page);
      await page.click('.turn:nth-child(3) [data-action="edit"]');
      await page.fill('.edit-box', 'second');
      await page.press('.edit-box', 'Enter');
      await waitForAnswer(page);
      assert.deepEqual(await questions(page), ['Hello', 'second']);
      assert.ok((await cached(page)) > 20, `${await cached(page)} tokens from the cache`);
      const after = await answers(page);
      assert.equal(after[0], before[0]);
      assert.equal(await page.textContent('.turn:nth-child(3) .version'), '2/2');
      await page.focus('.turn:nth-child(3) [data-action="previous"]');
      await page.keyboard.press('Enter');
      assert.deepEqual(await questions(page), ['Hello', 'first']);
      assert.deepEqual(await answers(page), before);
      assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'previous');
      await page.click('.turn:nth-child(3) [data-action="next"]');
      assert.deepEqual(await answers(page), after);

      await page.click('.turn:nth-child(3) [data-action="edit"]');
      await page.press('.edit-box', 'Escape');
      assert.deepEqual(await questions(page), ['Hello', 'second']);
    }));

  test('the last answer can be had anew, and a new chat begins empty', () =>
    onChat(async (page) => {
      await say(page, 'Hello');
      await page.fill('#temperature', '2');
      const [before] = await answers(page);
      await page.click('[data-action="regenerate"]');
      await waitForAnswer(page);
      assert.equal(await page.textContent('.is-model .version'), '2/2');
      assert.notEqual((await answers(page))[0], before);
      await page.click('.is-model [data-action="previous"]');
      assert.equal((await answers(page))[0], before);
      await page.click('#new-chat');
      assert.deepEqual(await speakers(page), []);
    }));

  for (const way of ['button', 'Escape']) {
    test(`stops in the middle by ${way}, keeps what there is, and goes on`, () =>
      onChat(async (page) => {
        await page.fill('#max-new-tokens', '800');
        await page.evaluate((chosen) => {
          const transcript = document.querySelector('#transcript');
          const observer = new MutationObserver(() => {
            if (!transcript.querySelector('.is-model .said')) return;
            observer.disconnect();
            if (chosen === 'button') document.querySelector('#chat-stop').click();
            else document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
          });
          observer.observe(transcript, { childList: true, subtree: true });
        }, way);
        await say(page, 'Hello');
        assert.equal(await page.textContent('#chat-figure-state'), 'you stopped it');
        const tokens = Number(await page.textContent('#chat-figure-tokens'));
        assert.ok(tokens > 0 && tokens < 800, `${tokens} tokens`);
        assert.match((await answers(page))[0], /./);
        await page.fill('#max-new-tokens', '5');
        await say(page, 'Go on');
        assert.deepEqual(await speakers(page), ['You', 'Model', 'You', 'Model']);
      }));
  }

  test('what is written stays text', () =>
    onChat(async (page) => {
      const title = await page.title();
      await page.click('.system summary');
      await page.fill('#system-prompt', HOSTILE);
      await say(page, HOSTILE);
      assert.deepEqual(await questions(page), [HOSTILE]);
      assert.equal(await page.locator('#transcript img, #transcript script').count(), 0);
      assert.equal(await page.title(), title);
    }));

  test('thoughts are folded away', () => {
    // The prompt has opened the thoughts, so all that comes is one.
    const chatTemplate = TEMPLATE.replace(
      '{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}',
      '<think>\n{% endif %}',
    );
    assert.notEqual(chatTemplate, TEMPLATE);
    return onChat(
      async (page) => {
        await say(page, 'Hello');
        assert.equal(await page.getAttribute('.thinking', 'open'), null);
        assert.match(await page.textContent('.thought'), /./);
      },
      { files: chatModel({ chatTemplate }) },
    );
  });

  test('a template that refuses gives the message back, and says why', () => {
    const jinja = "{{ raise_exception('not today') }}";
    const files = { 'chat_template.jinja': new TextEncoder().encode(jinja) };
    return onChat(
      async (page, demo) => {
        await say(page, 'Hello');
        assert.match(await demo.waitForProblem(), /not today/);
        assert.equal(await page.isVisible('#problem'), true);
        assert.equal(await page.inputValue('#message'), 'Hello');
        assert.deepEqual(await speakers(page), []);
      },
      { files: chatModel({ files, chatTemplate: null }) },
    );
  });

  test('text is a click away, and the built-in model has nothing else', () =>
    onChat(async (page, demo) => {
      await page.click('#mode-write');
      assert.equal(await page.isVisible('#transcript'), false);
      await demo.generate();
      assert.equal(await demo.tokenCount(), 12);
      await page.click('#mode-chat');
      await say(page, 'Hello');
      await demo.useEmbedded();
      assert.equal(await page.isVisible('#mode-chat'), false);
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));

  for (const [name, options] of Object.entries({ phone: PHONE, desktop: { colorScheme: 'dark' } })) {
    test(`fits a ${name}`, () =>
      onChat(
        async (page) => {
          const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok((await overflow()) <= 0);
          await say(page, `${'long'.repeat(60)} ${HOSTILE}`);
          await page.click('[data-action="regenerate"]');
          await waitForAnswer(page);
          await page.click('[data-action="edit"]');
          assert.ok((await overflow()) <= 0);
          const inner = await page.$eval('#transcript', (place) => place.scrollWidth - place.clientWidth);
          assert.ok(inner <= 0, `${inner} px`);
        },
        { options },
      ));
  }
});
