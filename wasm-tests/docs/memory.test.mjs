// docs/guides/workers-and-memory.md and phones.md, run in Node, and in Chromium where they need a page.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { LanguageModel } from 'sotto';
import { chatModel } from '../api/chat-model.mjs';
import { launchBrowser } from '../browser/browser.mjs';
import { runFragment } from './fragment.mjs';
import { PACKAGES } from './installed.mjs';
import { HUB_MODEL, hubFor, loadStories, reachHub, storyOf } from './models.mjs';
import { fragmentOnPage, SOTTO, STORIES } from './pages.mjs';
import { testDocument } from './test-document.mjs';

process.env.SOTTO_CACHE = mkdtempSync(join(tmpdir(), 'sotto-docs-'));
after(() => rmSync(process.env.SOTTO_CACHE, { recursive: true, force: true }));

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

testDocument('docs/guides/workers-and-memory.md', {
  'Will it fit? js 1': async (block, t) => {
    const asked = [];
    globalThis.confirm = (text) => asked.push(text) > 0;
    t.after(() => delete globalThis.confirm);
    const files = chatModel({ n_positions: 4096 }); // the context that is asked about
    reachHub(t, await hubFor(t, { [HUB_MODEL]: { files } }));
    const run = () => runFragment(t, block, { LanguageModel, model: undefined }, '{ model, source }');
    const { model, source } = await run();
    assert.deepEqual([source, model.info.weights], [HUB_MODEL, 'q8']);
    assert.deepEqual(asked, ['Download 1 MB?']);
    await model.dispose();
    await (await run()).model.dispose();
    assert.equal(asked.length, 1, 'what is kept is not asked for');
  },
  'Will it fit? js 2': async (block, t) => {
    const given = { LanguageModel, source: PACKAGES['sotto-tiny-stories'] };
    const result = '{ model, bytesInUse, peakBytes }';
    const { model, bytesInUse, peakBytes } = await runFragment(t, block, given, result);
    await model.dispose();
    assert.ok(bytesInUse > 7e6 && peakBytes >= bytesInUse);
  },
  'Giving it back js 1': async (block, t) => {
    const model = await loadStories(t);
    await runFragment(t, block, { model });
    await assert.rejects(async () => model.generate('Once').text(), { code: 'disposed' });
  },
  'Giving it back js 2': async ({ path, code }, t) => {
    const model = await loadStories(t);
    let end;
    globalThis.hot = { dispose: (run) => (end = run) };
    t.after(() => delete globalThis.hot);
    await runFragment(t, { path, code: code.replace('import.meta.hot', 'globalThis.hot') }, { model });
    await end();
    await assert.rejects(async () => model.generate('Once').text(), { code: 'disposed' });
    await runFragment(t, { path, code }, { model }); // where nothing is replaced it does nothing
  },
  'model.js + One model for the whole page js 1': async (blocks, t) => {
    const { 'model.js': file, ...others } = blocks;
    const [block] = Object.values(others);
    const { stories, model } = await runFragment(t, block, {}, '{ stories, model }', {
      'model.js': file.code,
    });
    t.after(() => model.dispose());
    const alone = await Promise.all(
      ['Once upon a time', 'There was a dog'].map((begin) => storyOf(begin, { maxNewTokens: 40, seed: 7 })),
    );
    assert.deepEqual(stories, alone);
  },
  'Several models, one worker js 1': (block, t) =>
    fragmentOnPage(t, browser, block, {
      setup: STORIES,
      result: "await Promise.all([first, second].map((each) => each.generate('Once', { seed: 1 }).text()))",
      check: ([one, other], page) => {
        assert.ok(one.length > 0 && one === other);
        assert.equal(page.workers().length, 1);
      },
      options: { files: { '/worker.js': "import '/sotto/dist/worker.js';\n" } },
    }),
  'Several tabs js 1': async (block, t) => {
    const story = await storyOf('Once upon a time', { maxNewTokens: 40, seed: 7 });
    const setup = (hold) => `${STORIES}
const shown = [];
const show = (text) => shown.push(text);
${hold ? "navigator.locks.request('my-model', () => new Promise(() => {})); await new Promise((go) => setTimeout(go, 50));" : ''}`;
    for (const [hold, expected] of [
      [false, story],
      [true, 'The model runs in another tab.'],
    ])
      await fragmentOnPage(t, browser, block, {
        setup: setup(hold),
        result: 'shown',
        check: (shown) => assert.deepEqual(shown, [expected]),
      });
  },
});

testDocument('docs/guides/phones.md', {
  'What fits js 1': (block, t) =>
    fragmentOnPage(t, browser, block, {
      setup: `${SOTTO}\nconst source = '${HUB_MODEL}';`,
      result: '({ BUDGET, weights, kept: model.info.weights })',
      check: (outcome) => assert.deepEqual(outcome, { BUDGET: 1.5e9, weights: 'q8', kept: 'q8' }),
    }),
  'What helps js 1': (block, t) =>
    fragmentOnPage(t, browser, block, {
      setup: `const events = [];
const model = { dispose: () => events.push('disposed') };
const setTimeout = (run, ms) => { events.push(ms); return globalThis.setTimeout(run, 0); };
const turn = (isHidden) => {
  Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
};`,
      result: `(turn(true), turn(false), turn(true),
        await new Promise((go) => globalThis.setTimeout(go, 50)), events)`,
      check: (events) => assert.deepEqual(events, [60_000, 60_000, 'disposed']),
    }),
});
