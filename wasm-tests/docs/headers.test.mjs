// docs/guides/headers.md: each host's file gives a page several threads, and so does the service worker.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPage } from '../browser/browser.mjs';
import { namedBlocks } from './code-blocks.mjs';
import { firebaseJson, headersFile, netlifyToml, nginx, vercelJson } from './host-configs.mjs';
import { IMPORT_MAP, servePage } from './served.mjs';
import { testDocument } from './test-document.mjs';

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

const page = (head = '') => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><p></p>
${head}
<script type="importmap">${JSON.stringify({ imports: IMPORT_MAP })}</script>
<script type="module">
  import { LanguageModel } from 'sotto';
  import tinyStories from 'sotto-tiny-stories';
  const model = await LanguageModel.load(tinyStories, crossOriginIsolated ? { threads: 2 } : {});
  const text = await model.generate('Once upon a time', { maxNewTokens: 4 }).text();
  document.querySelector('p').textContent = crossOriginIsolated + ' ' + model.info.threads + ' ' + (text.length > 0);
</script>`;

/** What the page says of itself. */
async function assertShows(t, { html = page(), ...host }, expected) {
  const opened = await openPage(browser, await servePage(t, html, host));
  t.after(opened.close);
  await opened.page
    .waitForFunction((wanted) => document.querySelector('p')?.textContent === wanted, expected)
    .catch((error) => {
      throw new Error(`the page logged ${JSON.stringify(opened.complaints)}`, { cause: error });
    });
  return opened;
}

const THREADS = 'true 2 true';
const ONE_THREAD = 'false 1 true';

/** A host that reads a file of the document. */
const hostOf =
  (read) =>
  async ({ code }, t) => {
    const opened = await assertShows(t, { headersOf: read(code) }, THREADS);
    assert.deepEqual(opened.complaints, []);
  };

/** Lines of headers, for all paths. */
const headerLines = (code) => {
  const headers = Object.fromEntries(
    code
      .trim()
      .split('\n')
      .map((line) => line.split(': ')),
  );
  return () => headers;
};

test('without headers the page has one thread', async (t) => {
  await assertShows(t, {}, ONE_THREAD);
});

const PLAIN = 'GitHub Pages, and other hosts that send no headers';

testDocument('docs/guides/headers.md', {
  'Headers for several threads http 1': hostOf(headerLines),
  _headers: hostOf(headersFile),
  'netlify.toml': hostOf(netlifyToml),
  'vercel.json': hostOf(vercelJson),
  'firebase.json': hostOf(firebaseJson),
  'nginx nginx 1': hostOf(nginx),
  [`isolation-worker.js + isolate.js + ${PLAIN} html 1`]: async (blocks, t) => {
    const files = {
      '/isolation-worker.js': blocks['isolation-worker.js'].code,
      '/isolate.js': blocks['isolate.js'].code,
    };
    const html = page(blocks[`${PLAIN} html 1`].code);
    const opened = await assertShows(t, { html, files }, THREADS);
    assert.deepEqual(opened.complaints, []);
    assert.equal(await opened.page.evaluate(() => sessionStorage.length), 0);
  },
});

test('where the service worker does not help, the page stays as it is', async (t) => {
  const blocks = namedBlocks('docs/guides/headers.md');
  const files = {
    '/isolation-worker.js': "addEventListener('install', () => skipWaiting());",
    '/isolate.js': blocks.get('isolate.js').code,
  };
  const html = page(blocks.get(`${PLAIN} html 1`).code);
  const { page: opened } = await assertShows(t, { html, files }, ONE_THREAD);
  await opened.waitForFunction(() => sessionStorage.length === 1);
});

test('files that say something else are told', () => {
  assert.throws(() => headersFile('  X: y'));
  assert.throws(() => netlifyToml('[headers]\n'));
  assert.throws(() => nginx('server { location / { add_header A b }'));
  assert.throws(() => nginx('server { } }'));
  assert.deepEqual(vercelJson('{"headers":[{"source":"/a/(.*)","headers":[]}]}')('/a/b'), {});
  assert.deepEqual(headersFile('/a/*\n  X: y\n')('/b'), {});
});
