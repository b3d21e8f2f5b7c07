// The Prompt API in a page: the polyfill, put where browsers have theirs, loads the embedded model and streams a text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { launchBrowser, openPage } from './browser.mjs';

let browser;
let server;
before(async () => {
  server = await startServer({ port: 0 });
  browser = await launchBrowser();
});
after(() => Promise.all([browser?.close(), server?.close()]));

test('the polyfill streams a text, and what was downloaded is there the next time', async (t) => {
  const opened = await openPage(browser, new URL('icon.svg', server.url).href);
  t.after(() => opened.close());
  const seen = await opened.page.evaluate(async () => {
    const { installPromptApi } = await import('/sotto/prompt-api.js');
    const options = { source: 'models/tiny-stories/', chatTemplate: 'chatml', seed: 1, maxNewTokens: 32 };
    installPromptApi({ ...options, force: true });
    const { LanguageModel } = globalThis;
    const before = await LanguageModel.availability();
    const progress = [];
    const session = await LanguageModel.create({
      initialPrompts: [{ role: 'system', content: 'Tell stories.' }],
      monitor: (m) => m.addEventListener('downloadprogress', (event) => progress.push(event)),
    });
    const pieces = [];
    for await (const piece of session.promptStreaming('Tell me of a fox.')) pieces.push(piece);
    const answer = await session.prompt('Yes?', { responseConstraint: /^(yes|no)$/ });
    const isOwn = session instanceof LanguageModel;
    const error = await session
      .prompt([{ role: 'user', content: [{ type: 'image', value: new Blob() }] }])
      .catch((thrown) => `${thrown.constructor.name} ${thrown.name}`);
    const quota = await session
      .prompt('y '.repeat(800))
      .catch(({ name, requested, quota }) => [name, requested > quota, quota]);
    await LanguageModel.unload();
    const after = await LanguageModel.availability();
    const [event] = progress;
    const first = [event.loaded, event.total, event.constructor.name];
    return { before, after, first, last: progress.at(-1).loaded, pieces, answer, isOwn, error, quota };
  });
  assert.equal(seen.before, 'downloadable');
  assert.equal(seen.after, 'available');
  assert.deepEqual(seen.first, [0, 1, 'ProgressEvent']);
  assert.equal(seen.last, 1);
  assert.ok(seen.pieces.length > 5 && seen.pieces.join('').length > 20, JSON.stringify(seen.pieces));
  assert.match(seen.answer, /^(yes|no)$/);
  assert.equal(seen.isOwn, true);
  assert.equal(seen.error, 'DOMException NotSupportedError');
  assert.deepEqual(seen.quota, ['QuotaExceededError', true, 512]);
  opened.assertQuiet();
});
