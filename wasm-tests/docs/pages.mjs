// Pages that run a document's code in Chromium.
import assert from 'node:assert/strict';
import { openPage } from '../browser/browser.mjs';
import { hubFor } from './models.mjs';
import { splitImports } from './module-text.mjs';
import { connect, pageOf, servePage } from './served.mjs';

/** What fragments on pages take for granted: the library, a model's source, a model. */
export const SOTTO = "import { LanguageModel } from 'sotto';";
export const STORIES = `${SOTTO}
import source from 'sotto-tiny-stories';`;
export const MODEL = `${STORIES}
const model = await LanguageModel.load(source);`;

/**
 * Opens a page that reaches the CDN and a hub with the model, and gives it to `use`, with what it logs.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {string} html
 * @param {(page: import('playwright-core').Page, said: string[]) => Promise<void>} use
 * @param {object} [options]
 * @param {Record<string, string>} [options.headers] sent with everything
 * @param {Record<string, string | Buffer>} [options.files] beside the page, by their path
 * @param {(() => void) | string} [options.prepare] run in the page before its own scripts
 */
export async function onPage(t, browser, html, use, { headers = {}, files, prepare = () => {} } = {}) {
  const hub = await hubFor(t);
  const url = await servePage(t, html, { headersOf: () => headers, files });
  const opened = await openPage(browser, 'about:blank');
  const said = [];
  opened.page.on('console', (message) => said.push(message.text()));
  try {
    await connect(opened.page.context(), hub);
    await opened.page.addInitScript(prepare);
    await opened.page.goto(url);
    await use(opened.page, said).catch((error) => {
      throw new Error(`the page logged ${JSON.stringify(opened.complaints)}`, { cause: error });
    });
    assert.deepEqual(opened.complaints, []);
  } finally {
    await opened.close();
  }
}

/** Waits until an element's text is as it should be. */
export const showsText = (page, selector, text) =>
  page.waitForFunction(
    ([where, wanted]) => document.querySelector(where)?.textContent === wanted,
    [selector, text],
  );

/**
 * Runs a fragment in a page.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {import('./code-blocks.mjs').CodeBlock} block
 * @param {object} how
 * @param {string} how.setup what declares the values that the fragment takes for granted
 * @param {string} how.result an expression, of data
 * @param {(outcome: any, page: import('playwright-core').Page) => unknown} how.check
 * @param {Parameters<typeof onPage>[4]} [how.options]
 */
export function fragmentOnPage(t, browser, { code }, { setup, result, check, options }) {
  const { imports, body } = splitImports(code);
  const html = pageOf(`${imports.join('')}
${setup}
globalThis.outcome = (async () => {
  {
${body}
    return ${result};
  }
})();`);
  return onPage(
    t,
    browser,
    html,
    async (page) => {
      await page.waitForFunction(() => globalThis.outcome !== undefined);
      await check(await page.evaluate(() => globalThis.outcome), page);
    },
    options,
  );
}
