// docs/react.md: its files as they stand there, in React in Chromium, in StrictMode.
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { rolldown } from 'rolldown';
import { LanguageModel } from 'sotto';
import { chatModel } from '../api/chat-model.mjs';
import { launchBrowser, openPage } from '../browser/browser.mjs';
import { root } from '../project/repository.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { codeBlocks } from './code-blocks.mjs';
import { connect, IMPORT_MAP, projectFor, servePage } from './installed.mjs';

const HUB_MODEL = 'HuggingFaceTB/SmolLM2-135M-Instruct';

const MAIN = `
  import { StrictMode } from 'react';
  import { createRoot } from 'react-dom/client';
  import { Assistant } from './assistant.js';
  const page = createRoot(document.querySelector('main'));
  globalThis.show = (isShown) => page.render(isShown ? <StrictMode><Assistant /></StrictMode> : null);
  show(true);
`;

const hubFiles = chatModel({
  files: { 'generation_config.json': Buffer.from('{ "max_new_tokens": 900 }') },
});

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/** The guide's app as one script; `sotto` is left to the page's import map. */
async function bundleApp(t) {
  const blocks = codeBlocks('docs/react.md');
  assert.deepEqual(
    blocks.map(({ file }) => file),
    ['use-model.tsx', 'assistant.tsx'],
  );
  const folder = projectFor(t, {
    ...Object.fromEntries(blocks.map(({ file, code }) => [file, code])),
    'main.tsx': MAIN,
  });
  for (const name of ['react', 'react-dom', 'scheduler']) {
    symlinkSync(`${root}node_modules/${name}`, join(folder, 'node_modules', name), 'junction');
  }
  const build = await rolldown({
    input: join(folder, 'main.tsx'),
    external: ['sotto'],
    platform: 'browser',
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    transform: { define: { 'process.env.NODE_ENV': '"development"' } }, // which has StrictMode mount twice
  });
  const { output } = await build.generate({ format: 'es' });
  await build.close();
  return output[0].code;
}

test('the hook of docs/react.md loads once, streams, stops, and gives the memory back', async (t) => {
  const hub = await startHub({ repos: { [HUB_MODEL]: { files: hubFiles } } });
  t.after(() => hub.close());
  const code = await bundleApp(t);
  const html = `<!doctype html><meta charset="utf-8"><main></main>
    <script type="importmap">${JSON.stringify({ imports: { ...IMPORT_MAP, sotto: '/watched.js' } })}</script>
    <script type="module" src="/app.js"></script>`;
  const url = await servePage(t, html);
  const { page, complaints, close } = await openPage(browser, 'about:blank');
  t.after(close);
  await connect(page.context(), hub);
  const script = (body) => (route) => route.fulfill({ contentType: 'text/javascript', body });
  await page.route('**/app.js', script(code));
  await page.route('**/watched.js', script(readFileSync(new URL('watched.js', import.meta.url), 'utf8')));
  await page.goto(url);
  const counts = () => page.evaluate(() => ({ ...globalThis.counts }));

  await page.waitForSelector('text=Ask');
  assert.deepEqual(await counts(), { begun: 2, loaded: 1, disposed: 0 }, 'StrictMode begins twice');

  const model = await LanguageModel.load(hubFiles);
  const whole = await model.chat([{ role: 'user', content: 'Why is the sky blue?' }]).text();
  await model.dispose();
  const waitForEnd = () =>
    page.waitForFunction(
      () =>
        document.querySelector('main p').getAttribute('aria-busy') === 'false' &&
        document.querySelector('main p').textContent !== '',
    );
  await page.click('text=Ask');
  await waitForEnd();
  assert.equal(await page.textContent('main p'), whole);

  await page.evaluate(() => {
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
        subtree: true,
      }),
    );
  });
  await waitForEnd();
  const text = await page.textContent('main p');
  assert.ok(text.length > 0 && text.length < whole.length, `${text.length} of ${whole.length}`);
  assert.ok(whole.startsWith(text));

  await page.click('text=Ask');
  await page.evaluate(() => globalThis.show(false));
  await page.waitForFunction(() => globalThis.counts.disposed === 1);
  assert.deepEqual(await counts(), { begun: 2, loaded: 1, disposed: 1 });
  assert.deepEqual(complaints, []);
});
