// Guides made of fragments: sessions, memory, phones, hosting, errors, versions. In Node, or in Chromium where they need a page.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AbortError, LanguageModel, SOTTO_ERROR_CODES, SottoError } from 'sotto';
import { chatModel } from '../api/chat-model.mjs';
import { launchBrowser } from '../browser/browser.mjs';
import { textOf } from '../project/repository.mjs';
import { importBlock, runFragment } from './fragment.mjs';
import { PACKAGES } from './installed.mjs';
import { HUB_MODEL, hubFor, loadStories, reachHub, storyOf } from './models.mjs';
import { fragmentOnPage } from './pages.mjs';
import { testDocument } from './test-document.mjs';

process.env.SOTTO_CACHE = mkdtempSync(join(tmpdir(), 'sotto-docs-'));
after(() => rmSync(process.env.SOTTO_CACHE, { recursive: true, force: true }));

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/** What a page of a guide takes for granted. */
const SOTTO = "import { LanguageModel } from 'sotto';";
const STORIES = `${SOTTO}
import source from 'sotto-tiny-stories';`;
const MODEL = `${STORIES}
const model = await LanguageModel.load(source);`;

const sessionFor = async (t, text) => {
  const model = await loadStories(t);
  const session = await model.createSession();
  await session.append(text);
  return { model, session };
};

testDocument('docs/guides/sessions.md', {
  'Read once, answer often js 1': async (block, t) => {
    const { log } = console;
    console.log = () => {};
    const given = { model: await loadStories(t) };
    const { session, text, usage } = await runFragment(t, block, given, '{ session, text, usage }').finally(
      () => {
        console.log = log;
      },
    );
    assert.ok(text.length > 20);
    assert.equal(usage.cachedTokens, session.length - usage.completionTokens);
  },
  'Branches js 1': async (block, t) => {
    const endings = await runFragment(t, block, { model: await loadStories(t) }, 'endings');
    assert.equal(new Set(endings).size, 3);
  },
  'Back js 1': async (block, t) => {
    const { session } = await sessionFor(t, 'Once upon a time');
    const { before, first, second } = await runFragment(t, block, { session }, '{ before, first, second }');
    assert.notEqual(first, second);
    assert.ok(session.length > before);
  },
  'Keep it js 1 + Keep it js 2': async (blocks, t) => {
    const [keep, restore] = Object.values(blocks);
    const code = `${keep.code}\n    const saved = session;\n    {\n${restore.code}\n    restored = session;\n    }`;
    await fragmentOnPage(
      t,
      browser,
      { code },
      {
        setup: `${MODEL}
const session = await model.createSession();
await session.append('Once upon a time');
let restored;`,
        result: `[await saved.generate({ maxNewTokens: 9, seed: 1 }).text(),
          await restored.generate({ maxNewTokens: 9, seed: 1 }).text()]`,
        check: ([kept, again]) => {
          assert.ok(kept.length > 0);
          assert.equal(again, kept);
        },
      },
    );
  },
  'Look inside js 1': async (block, t) => {
    const { model, session } = await sessionFor(t, 'Once upon a time');
    const result = '{ rows, attention, logits, keys, values }';
    const seen = await runFragment(t, block, { session }, result);
    const { nLayers, nHeads, vocabSize } = model.info;
    assert.equal(seen.attention.length, nLayers * nHeads * seen.rows * session.length);
    assert.equal(seen.logits.length, vocabSize);
    assert.ok(seen.keys.length > 0 && seen.values.length === seen.keys.length);
  },
  'Done js 1': async (block, t) => {
    const { session } = await sessionFor(t, 'Once');
    await runFragment(t, block, { session });
    await assert.rejects(session.append('more'), { code: 'disposed' });
  },
});

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

testDocument('docs/guides/errors.md', {
  'explain.js': async (block, t) => {
    const { explain } = await importBlock(t, block);
    const cases = [...block.code.matchAll(/case '([\w-]+)'/g)].map(([, code]) => code);
    assert.deepEqual(
      cases.filter((code) => !SOTTO_ERROR_CODES.includes(code)),
      [],
    );
    const other = explain(new SottoError('bad-token', 'a message'));
    for (const code of SOTTO_ERROR_CODES)
      assert.equal(explain(new SottoError(code, 'a message')) !== other, cases.includes(code), code);
    assert.equal(explain(new AbortError({})), undefined);
  },
});

test('errors.md has each code of SOTTO_ERROR_CODES once, and no other, with words in each column', () => {
  const rows = textOf('docs/guides/errors.md')
    .split('\n')
    .filter((line) => /^\| `'/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\|? *| *\|$/g, '')));
  assert.deepEqual(rows.map(([code]) => code.replaceAll(/[`']/g, '')).sort(), [...SOTTO_ERROR_CODES].sort());
  for (const row of rows) {
    assert.equal(row.length, 4, row[0]);
    assert.ok(
      row.every((cell) => cell !== ''),
      row[0],
    );
  }
});

testDocument('docs/guides/versions.md', {
  'Saved sessions js 1': async (block, t) => {
    const { model, session } = await sessionFor(t, 'Once upon a time');
    const restore = await runFragment(t, block, { model }, 'restore');
    const bytes = await session.save();
    const format = Number(/writes format (\d+)/.exec(textOf('docs/guides/versions.md'))[1]);
    assert.equal(new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true), format);
    const again = await restore({ bytes, text: 'something else' });
    assert.deepEqual(await again.tokens(), await session.tokens());
    const older = bytes.slice();
    older[8] = format - 1;
    const anew = await restore({ bytes: older, text: 'Once upon a time' });
    assert.deepEqual(await anew.tokens(), await session.tokens());
    await assert.rejects(restore({ bytes: 'no bytes', text: '' }), { code: 'bad-option' });
  },
});
