// What the tests of the demo's parts share: a server, a browser, pages with the model loaded, and the model itself in Node.
import { after, before } from 'node:test';
import { LanguageModel } from 'sotto';
import { startServer } from '../../tools/serve.mjs';
import { PACKAGES } from '../docs/installed.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Sets them up before the file's tests, and ends them after. */
export function demoSession() {
  const session = { url: '', browser: null, model: null, onDemo };
  let server;
  before(async () => {
    server = await startServer({ port: 0 });
    session.url = server.url;
    session.browser = await launchBrowser();
    session.model = await LanguageModel.load(PACKAGES['sotto-tiny-stories']);
  });
  after(() => Promise.all([session.browser?.close(), server?.close(), session.model?.dispose()]));

  /**
   * Runs `use` on a fresh page with its model loaded; the page must not have complained at the end.
   *
   * @param {(demo: DemoPage, page: import('playwright-core').Page) => Promise<void>} use
   * @param {{ hash?: string } & import('playwright-core').BrowserContextOptions} [options] `hash`: of the address
   */
  async function onDemo(use, { hash = '', ...options } = {}) {
    const opened = await openPage(session.browser, session.url + hash, options);
    try {
      const demo = new DemoPage(opened.page);
      if (hash === '') await demo.waitForModel();
      else await demo.waitForLink();
      await use(demo, opened.page);
      opened.assertQuiet();
    } finally {
      await opened.close();
    }
  }
  return session;
}
