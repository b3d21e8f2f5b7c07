// The demo in browsers that lack something: SIMD, modules, a store, a secure address; where a part of the page does not
// come, and where the engine ends.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { inRepository } from '../../tools/lib/folders.mjs';
import { launchBrowser, openPage } from './browser.mjs';
import { DemoPage } from './demo-page.mjs';
import { beforeWorkers, DemoWorld, TINY } from './demo-world.mjs';

/** A name of this machine that is not secure, as an address of a home network is not. */
const INSECURE_HOST = 'sotto.test';
const RESOLVE = `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;

const VERSIONS = /Chrome and Edge from version 91, Firefox from 89 and Safari from 16\.4/;

let world;
before(async () => {
  world = await DemoWorld.start({ flags: [RESOLVE] });
});
after(() => world?.close());

async function onPage(url, options, use) {
  const opened = await openPage(world.browser, url, options);
  try {
    await use(new DemoPage(opened.page), opened);
  } finally {
    await opened.close();
  }
}

describe('an old browser', () => {
  test('without SIMD is told which ones run a model', async () => {
    const browser = await launchBrowser(['--js-flags=--no-enable-sse4-1']);
    try {
      const { page } = await openPage(browser, world.url);
      const problem = await new DemoPage(page).waitForProblem();
      assert.match(problem, /browser is too old/i);
      assert.match(problem, VERSIONS);
      assert.equal(await page.textContent('#model-name'), 'No model');
      assert.match(await page.inputValue('#prompt'), /^Once upon a time/);
    } finally {
      await browser.close();
    }
  });

  /** The page as a browser without modules has it: it skips what it does not know. */
  const withoutModules = async (context) => {
    await context.addInitScript(() => {
      delete HTMLScriptElement.prototype.noModule;
    });
    await context.route(world.server.url, async (route) => {
      const html = await readFile(inRepository('demo/index.html'), 'utf8');
      const body = html.replace(/<script type="module".*?<\/script>/g, '');
      await route.fulfill({ contentType: 'text/html', body });
    });
  };

  test('without modules is told so by a script of the old kind', () =>
    onPage(world.server.url, { prepare: withoutModules }, async (demo) => {
      const problem = await demo.waitForProblem();
      assert.match(problem, /browser is too old/i);
      assert.match(problem, VERSIONS);
      assert.match(await demo.page.textContent('#model-facts'), /could not start/);
    }));

  test('without dialogs has the choices on the page', () => {
    const prepare = (context) =>
      context.addInitScript(() => {
        delete HTMLDialogElement.prototype.showModal;
        delete HTMLDialogElement.prototype.close;
      });
    return onPage(world.url, { prepare }, async (demo) => {
      await demo.waitForModel();
      await demo.loadByName(TINY);
      await demo.waitForModel(TINY);
      assert.equal(await demo.page.isVisible('#model-dialog'), false);
      await demo.openModels();
      await demo.closeModels();
      assert.equal(await demo.page.isVisible('#model-dialog'), false);
    });
  });

  test('the script for it has nothing that old browsers do not know', async () => {
    const script = await readFile(inRepository('demo/start-check.js'), 'utf8');
    assert.doesNotMatch(
      script.replace(/\/\/.*$/gm, ''),
      /=>|`|\b(?:const|let|class|async|import|export)\b|\?\.|\?\?/,
    );
  });
});

describe('a page that is not whole', () => {
  for (const [what, file] of Object.entries({
    'a script': '**/parts/controls.js',
    'the library': '**/sotto/index.js',
  })) {
    test(`${what} did not come: it says so, and to reload`, () =>
      onPage(
        world.url,
        { prepare: (context) => context.route(file, (route) => route.abort()) },
        async (demo) => {
          const problem = await demo.waitForProblem();
          assert.match(problem, /could not start.*part of it did not come.*Reload/is);
          assert.match(problem, VERSIONS);
        },
      ));
  }

  for (const file of ['**/sotto/worker.js', '**/sotto/wasm/*.wasm']) {
    test(`${file} did not come: it says so, and the same button brings it`, () => {
      let isDown = true;
      const prepare = (context) =>
        context.route(file, (route) => (isDown ? route.abort() : route.continue()));
      return onPage(world.url, { prepare }, async (demo) => {
        const problem = await demo.waitForProblem();
        assert.match(problem, /engine could not start.*reload|connection failed/is);
        assert.doesNotMatch(problem, /Content-Security|`|option/);
        isDown = false;
        await demo.page.click('#problem .way-on');
        await demo.waitForModel();
        assert.match(await demo.generate(), /[a-z]{3}/);
      });
    });
  }
});

describe('a browser that keeps nothing', () => {
  const use = async (demo, look = async () => {}) => {
    await demo.waitForModel();
    assert.match(await demo.generate(), /[a-z]{3}/);
    await demo.loadByName(TINY);
    await demo.waitForModel(TINY);
    await look();
    assert.match(await demo.generate(), /[a-z]{3}/);
    await demo.openKept();
    assert.match(await demo.page.textContent('#kept-total'), /nothing/);
    assert.match(await demo.page.textContent('#kept-hint'), /keeps nothing here/);
  };

  test('as in private windows: models load, and it says that they are not kept', () => {
    const blocked = `
      const refuse = () => Promise.reject(new DOMException('The operation is insecure.', 'SecurityError'));
      if (globalThis.StorageManager) StorageManager.prototype.getDirectory = refuse;
      if (globalThis.CacheStorage) CacheStorage.prototype.open = CacheStorage.prototype.keys = refuse;`;
    const inPages = `${blocked}
      Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('No.', 'SecurityError'); } });`;
    const prepare = async (context) => {
      await context.addInitScript(inPages);
      await beforeWorkers(blocked)(context);
    };
    return onPage(world.url, { prepare }, async (demo, { complaints }) => {
      await use(demo, async () => {
        assert.match(await demo.waitForProblem(), /not kept.*window that is not private/is);
      });
      assert.deepEqual(complaints, []);
    });
  });

  test('as at an address that is not secure', () => {
    const url = world.url.replace('127.0.0.1', INSECURE_HOST);
    return onPage(url, {}, async (demo) => {
      assert.equal(await demo.page.evaluate(() => isSecureContext), false);
      await use(demo);
    });
  });
});

describe('an engine that ends', () => {
  test('is loaded again, and the text is there', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      await page.fill('#prompt', 'The little fox');
      const before = await demo.generate();
      // An error that nobody catches ends it, as a fault of the browser does.
      await page.workers()[0].evaluate(() => {
        setTimeout(() => {
          throw new Error('the worker fell over');
        });
      });
      await page.waitForTimeout(200);
      assert.equal(await demo.voice(), before);
      await page.click('#generate');
      const problem = await demo.waitForProblem();
      assert.match(problem, /engine stopped.*loaded again/is);
      assert.doesNotMatch(problem, /worker ended/);
      await demo.waitForModel();
      assert.equal(await page.inputValue('#prompt'), 'The little fox');
      assert.match(await demo.generate(), /[a-z]{3}/);
      assert.equal(await demo.problem(), '');
    }));

  test('and cannot be loaded again: a button tries once more', () =>
    world.onDemo(async (demo, { page }) => {
      await page.workers()[0].evaluate(() => {
        setTimeout(() => {
          throw new Error('the worker fell over');
        });
      });
      await page.waitForTimeout(200);
      await page.context().route('**/sotto/worker.js', (route) => route.abort());
      await page.evaluate(async () => {
        for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
        await caches.delete('sotto-page');
      });
      await page.click('#generate');
      await page.waitForSelector('#problem .way-on');
      assert.equal(await page.textContent('#model-name'), 'No model');
      assert.doesNotMatch(await demo.problem(), /still there/);
      await page.context().unroute('**/sotto/worker.js');
      await page.click('#problem .way-on');
      await demo.waitForModel();
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));
});
