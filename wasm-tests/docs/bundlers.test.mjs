// The guides of the first page, of bundlers and of Next.js: built by the tools of the environment table, and used in Chromium.
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { makeHarness } from '../environments/harness.mjs';
import { freePort, startProgram } from '../environments/programs.mjs';
import { root } from '../project/repository.mjs';
import { ask, QUESTION } from './assistant.mjs';
import { namedBlocks } from './code-blocks.mjs';
import { answerOf, hubFor, storyOf } from './models.mjs';
import { onPage, showsText } from './pages.mjs';
import { commandsOf } from './shell.mjs';
import { testDocument } from './test-document.mjs';
import { build, runCommands, withPage } from './tools.mjs';

const PROMPT = 'Once upon a time';

let harness;
let story;
before(async () => {
  harness = await makeHarness();
  story = await storyOf(PROMPT, { seed: 7 });
});
after(() => harness?.close());

const firstPage = namedBlocks('docs/guides/first-page.md');
const FIRST = Object.fromEntries(['index.html', 'main.js'].map((file) => [file, firstPage.get(file).code]));

/** Uses the first page: a story is written, and another one stopped. */
async function writeStories(page) {
  const text = () => page.textContent('p');
  const isIdle = () => page.waitForFunction(() => !document.querySelector('button').disabled);
  await isIdle();
  await page.click('text=Write');
  await isIdle();
  assert.ok((await text()).startsWith(PROMPT) && (await text()).length > PROMPT.length);
  await page.evaluate((prompt) => {
    const [write, stop] = document.querySelectorAll('button');
    const observer = new MutationObserver(() => {
      if (document.querySelector('p').textContent.length > prompt.length) stop.click();
    });
    observer.observe(document.querySelector('p'), { childList: true });
    write.click();
  }, PROMPT);
  await isIdle();
  assert.doesNotMatch(await text(), /\(.*abort/, 'an end that was wanted is no error');
}

const showsStory = (page) => showsText(page, 'p', story);

testDocument('docs/guides/first-page.md', {
  'With a bundler sh 1': (block) =>
    assert.deepEqual(commandsOf(block), ['npm init -y', 'npm i sotto sotto-tiny-stories', 'npm i -D vite']),
  'index.html + main.js + With a bundler sh 2': async (blocks) => {
    const folder = await build(harness, 'first-page', FIRST, [blocks['With a bundler sh 2']]);
    await withPage(harness, { folder: join(folder, 'dist') }, writeStories);
  },
  'One file, without a bundler html 1': async ({ code }, t) => {
    const whole = await answerOf(QUESTION, { maxNewTokens: 200 });
    await onPage(t, await harness.browser(), code, async (page) => {
      await page.click('button:enabled');
      await showsText(page, 'p', whole);
    });
  },
});

/** The files of a way of bundlers.md that leaves the worker behind. */
const filesOf = (blocks, names) => ({
  'index.html': FIRST['index.html'],
  ...Object.fromEntries(names.map((name) => [name, blocks[name].code])),
});

testDocument('docs/guides/bundlers.md', {
  'Vite sh 1 + vite.config.js': async (blocks) => {
    const { code } = blocks['vite.config.js'];
    const folder = await build(harness, 'vite', { ...FIRST, 'vite.config.js': code }, [blocks['Vite sh 1']]);
    const port = String(await freePort());
    const upstream = `http://127.0.0.1:${port}/`;
    const preview = [harness.tool('vite'), 'preview', '--host', '127.0.0.1', '--port', port];
    const stop = await startProgram(preview, { cwd: folder, env: harness.environment }, upstream);
    try {
      await withPage(harness, { upstream }, async (page) => {
        await writeStories(page);
        assert.equal(await page.evaluate(() => crossOriginIsolated), true);
      });
    } finally {
      stop();
    }
  },
  'webpack sh 1': async (block) => {
    const folder = await build(harness, 'webpack', FIRST, [block]);
    await withPage(harness, { folder: join(folder, 'out') }, writeStories);
  },
  'rspack.config.js + Rspack sh 1': async (blocks) => {
    const files = { ...FIRST, 'rspack.config.js': blocks['rspack.config.js'].code };
    const folder = await build(harness, 'rspack', files, [blocks['Rspack sh 1']]);
    await withPage(harness, { folder: join(folder, 'out') }, writeStories);
  },
  'worker.js + main.js + esbuild + rollup + bun + deno + copies': async (blocks, t) => {
    for (const tool of ['esbuild', 'rollup', 'bun', 'deno'])
      await t.test(tool, async () => {
        const files = filesOf(blocks, ['worker.js', 'main.js']);
        const folder = await build(harness, `worker-${tool}`, files, [blocks[tool], blocks.copies]);
        await withPage(harness, { folder: join(folder, 'out') }, showsStory);
      });
  },
  'inline.js + One file sh 1 + package.json + parcel': async (blocks, t) => {
    await t.test('esbuild', async () => {
      const folder = await build(harness, 'inline', filesOf(blocks, ['inline.js']), [
        blocks['One file sh 1'],
      ]);
      await withPage(harness, { folder: join(folder, 'out') }, showsStory);
    });
    await t.test('Parcel', async () => {
      const files = filesOf(blocks, ['inline.js']);
      files['index.html'] = files['index.html'].replace('./main.js', './inline.js');
      const metadata = JSON.parse(blocks['package.json'].code);
      const folder = await build(harness, 'parcel', files, [blocks.parcel], metadata);
      await withPage(harness, { folder: join(folder, 'dist') }, showsStory);
    });
  },
});

const LAYOUT = `import type { ReactNode } from 'react';

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`;

/** What Next checks types with. */
const TYPES = { typescript: 'typescript-oldest', '@types': '@types' };

testDocument('docs/guides/nextjs.md', {
  'app/page.tsx + next.config.mjs': async (blocks, t) => {
    const react = namedBlocks('docs/react.md');
    const folder = await harness.project('next-app', {
      ...Object.fromEntries(Object.values(blocks).map(({ file, code }) => [file, code])),
      'app/layout.tsx': LAYOUT,
      'app/use-model.tsx': react.get('use-model.tsx').code,
      'app/assistant.tsx': `'use client';\n${react.get('assistant.tsx').code}`,
    });
    for (const [name, from] of Object.entries(TYPES))
      symlinkSync(`${root}node_modules/${from}`, join(folder, 'node_modules', name), 'junction');
    await runCommands(harness, folder, [{ code: 'npx next build\n' }]);
    const port = String(await freePort());
    const upstream = `http://127.0.0.1:${port}/`;
    const start = [harness.tool('next'), 'start', '--hostname', '127.0.0.1', '--port', port];
    const stop = await startProgram(start, { cwd: folder, env: harness.environment }, upstream);
    try {
      assert.match(await (await fetch(upstream)).text(), /<progress/, 'what the server renders');
      const hub = await hubFor(t);
      const use = async (page) => {
        assert.equal(await ask(page), await answerOf(QUESTION));
        assert.equal(await page.evaluate(() => crossOriginIsolated), true);
      };
      await withPage(harness, { upstream }, use, hub);
    } finally {
      stop();
    }
  },
});
