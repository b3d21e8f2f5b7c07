// The component that the guides of frameworks show: it loads a model once, streams, stops, and gives the memory back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { openPage } from '../browser/browser.mjs';
import { answerOf, hubFor } from './models.mjs';
import { connect, IMPORT_MAP, servePage } from './served.mjs';

/** What the guides' components ask. */
export const QUESTION = 'Why is the sky blue?';

/** The page: `sotto` is the one that counts models. */
const HTML = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><main></main>
<script type="importmap">${JSON.stringify({ imports: { ...IMPORT_MAP, sotto: '/watched.js' } })}</script>
<script type="module" src="/app.js"></script>`;

const WATCHED = readFileSync(new URL('watched.js', import.meta.url), 'utf8');

const counts = (page) => page.evaluate(() => ({ ...globalThis.counts }));

/** Waits until an answer has ended, whole or stopped. */
const waitForEnd = (page) =>
  page.waitForFunction(
    () =>
      document.querySelector('main p').getAttribute('aria-busy') === 'false' &&
      document.querySelector('main p').textContent !== '',
  );

/** Asks, and stops when the first of the answer is there. */
const askAndStop = (page) =>
  page.evaluate(() => {
    const [ask, stop] = document.querySelectorAll('button');
    const observer = new MutationObserver(() => {
      if (document.querySelector('main p').textContent === '' || stop.disabled) return;
      observer.disconnect();
      stop.click();
    });
    ask.click();
    setTimeout(() =>
      observer.observe(document.querySelector('main'), {
        childList: true,
        characterData: true,
        attributes: true,
        subtree: true,
      }),
    );
  });

/** Clicks Ask, waits for the answer, and gives it. */
export async function ask(page) {
  await page.click('button:text("Ask")');
  await waitForEnd(page);
  return page.textContent('main p');
}

/**
 * Opens an app, whose script shows the component in `main` and has `show(isShown)`, and uses it.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {string} code the app's script, which leaves `sotto` to the page's import map
 * @param {{ begun: number }} expected how many loads begin when it is shown
 */
export async function testAssistant(t, browser, code, { begun }) {
  const hub = await hubFor(t);
  const url = await servePage(t, HTML, { files: { '/app.js': code, '/watched.js': WATCHED } });
  const { page, complaints, close } = await openPage(browser, 'about:blank');
  t.after(close);
  await connect(page.context(), hub);
  await page.goto(url);

  await page.waitForSelector('button:text("Ask")');
  assert.deepEqual(await counts(page), { begun, loaded: 1, disposed: 0 });

  const whole = await answerOf(QUESTION);
  assert.equal(await ask(page), whole);

  await askAndStop(page);
  await waitForEnd(page);
  const text = await page.textContent('main p');
  assert.ok(text.length > 0 && text.length < whole.length, `${text.length} of ${whole.length}`);
  assert.ok(whole.startsWith(text));

  await page.click('button:text("Ask")');
  await page.evaluate(() => globalThis.show(false));
  await page.waitForFunction(() => globalThis.counts.disposed === 1);
  assert.deepEqual(await counts(page), { begun, loaded: 1, disposed: 1 });

  // A load that fails is told: the hub no longer has the model, and nothing is kept.
  await page.evaluate(async () => {
    const { ModelStore } = await import('/sotto/dist/index.js');
    await new ModelStore().clear();
  });
  await page.route('https://huggingface.co/**', (route) => route.fulfill({ status: 404 }));
  await page.evaluate(() => globalThis.show(true));
  await page.waitForSelector('[role=alert]');
  assert.match(await page.textContent('[role=alert]'), /SottoError/);
  assert.deepEqual(
    complaints.filter((each) => !/404/.test(each)),
    [],
  );
}
