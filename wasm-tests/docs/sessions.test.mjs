// docs/guides/sessions.md and versions.md, run in Node, and in Chromium where files are kept.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { launchBrowser } from '../browser/browser.mjs';
import { textOf } from '../project/repository.mjs';
import { runFragment } from './fragment.mjs';
import { loadStories } from './models.mjs';
import { fragmentOnPage, MODEL } from './pages.mjs';
import { testDocument } from './test-document.mjs';

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

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
