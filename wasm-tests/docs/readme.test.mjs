// Every block of code in README.md, run as a reader would run it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { launchBrowser } from '../browser/browser.mjs';
import { repositoryFiles, root, textOf } from '../project/repository.mjs';
import { codeBlocks } from './code-blocks.mjs';
import { manifestOf, PACKAGES, projectFor } from './installed.mjs';
import { answerOf, storyOf } from './models.mjs';
import { onPage, showsText } from './pages.mjs';
import { pageOf } from './served.mjs';
import { testDocument } from './test-document.mjs';

const execute = promisify(execFile);

let browser;
let story; // what the embedded model writes
before(async () => {
  browser = await launchBrowser();
  story = await storyOf('Once upon a time', { seed: 7 });
});
after(() => browser?.close());

testDocument('README.md', {
  'Install sh 1': ({ code }) => {
    const names = /^npm i (.*)\n$/.exec(code)?.[1].split(' ');
    assert.deepEqual(
      names,
      Object.keys(PACKAGES).map((name) => manifestOf(name).name),
    );
    assert.deepEqual(names, Object.keys(PACKAGES));
  },

  'A first text js 1': async ({ code }, t) => {
    const folder = projectFor(t, { 'story.mjs': code });
    const { stdout } = await execute(process.execPath, ['story.mjs'], { cwd: folder });
    assert.ok(story.length > 100);
    assert.equal(stdout.replaceAll('\n', ''), story.replaceAll('\n', ''));
    const marked = `${code}\nconsole.log('that was all');`;
    await onPage(t, browser, pageOf(marked), async (page, said) => {
      while (said.at(-1) !== 'that was all') await page.waitForEvent('console');
      assert.equal(said.slice(0, -1).join(''), story);
    });
  },

  'A first text html 1': ({ code }, t) =>
    onPage(t, browser, code, (page) => showsText(page, '#story', story)),

  'A first text js 2': async ({ code }, t) => {
    const text = await answerOf('Why is the sky blue?', { maxNewTokens: 200 });
    assert.ok(text.length > 100);
    const page = pageOf(code).replace('<body>', '<body><output></output>');
    const shown = page.replace('document.body', "document.querySelector('output')");
    assert.notEqual(shown, page);
    await onPage(t, browser, shown, (opened) => showsText(opened, 'output', text));
  },

  'A first text html 2': async ({ code }, t) => {
    const whole = await answerOf('Tell me of the sea.');
    const script = /<script type="module">\n(.*)<\/script>/s.exec(code)[1];
    assert.ok(script.trim().split('\n').length <= 18, 'it is short');
    const isDone = (page) => page.waitForFunction(() => globalThis.wasEnabled && !isEnabled());
    const prepare = () => {
      globalThis.isEnabled = () => !document.querySelector('button').disabled;
      globalThis.progressValues = [];
      addEventListener('DOMContentLoaded', () => {
        const note = () => {
          globalThis.wasEnabled ||= isEnabled();
          globalThis.progressValues.push(document.querySelector('progress').value);
        };
        const options = { attributes: true, childList: true, subtree: true };
        new MutationObserver(note).observe(document, options);
      });
    };
    await onPage(
      t,
      browser,
      code,
      async (page) => {
        await isDone(page);
        assert.equal(await page.textContent('p'), whole);
        const values = await page.evaluate(() => globalThis.progressValues);
        assert.equal(values.at(-1), 1);
        assert.ok(values.length > 1 && values.every((value, i) => i === 0 || value >= values[i - 1]));
      },
      { prepare },
    );
    const stopAtOnce = () => {
      addEventListener('DOMContentLoaded', () => {
        const observer = new MutationObserver(() => {
          observer.disconnect();
          document.querySelector('button').click();
        });
        observer.observe(document.querySelector('p'), { childList: true });
      });
    };
    await onPage(
      t,
      browser,
      code,
      async (page) => {
        await isDone(page);
        const text = await page.textContent('p');
        assert.ok(text.length > 0 && text.length < whole.length, `${text.length} of ${whole.length}`);
        assert.ok(whole.startsWith(text));
      },
      { prepare: `(${prepare})(); (${stopAtOnce})();` },
    );
  },

  'What your page needs http 1': async ({ code }, t) => {
    const headers = Object.fromEntries(
      code
        .trim()
        .split('\n')
        .map((line) => line.split(': ')),
    );
    assert.equal(Object.keys(headers).length, 2);
    const html = pageOf(`
      import { LanguageModel } from 'sotto';
      import tinyStories from 'sotto-tiny-stories';
      const model = await LanguageModel.load(tinyStories, crossOriginIsolated ? { threads: 2 } : {});
      document.body.append(crossOriginIsolated, ' ', model.info.threads);
    `);
    const shows = (text) => (page) =>
      page.waitForFunction((wanted) => document.body.innerText === wanted, text);
    await onPage(t, browser, html, shows('true 2'), { headers });
    await onPage(t, browser, html, shows('false 1'));
  },

  'Work on sotto sh 1': ({ code }) => {
    const { scripts } = manifestOf('sotto');
    const names = [...code.matchAll(/^npm (\w+) +#/gm)].map(([, name]) => name);
    assert.deepEqual(names, ['start', 'test']);
    for (const name of names) {
      const files = scripts[name].split(' && ').map((command) => /^node (\S+)$/.exec(command)[1]);
      for (const file of files) assert.ok(existsSync(join(root, file)), file);
    }
  },
});

test("the example of the embedded model's own README runs", async (t) => {
  const [{ code }, ...others] = codeBlocks('demo/models/tiny-stories/README.md').filter(
    ({ language }) => language === 'js',
  );
  assert.deepEqual(others, []);
  const folder = projectFor(t, { 'story.mjs': code });
  const { stdout } = await execute(process.execPath, ['story.mjs'], { cwd: folder });
  assert.equal(stdout, `${story}\n`);
});

test('addresses at the CDN are of the versions that the packages have', () => {
  const documents = repositoryFiles().filter((path) => path === 'README.md' || /^docs\/.*\.md$/.test(path));
  const versions = documents.flatMap((path) =>
    [...textOf(path).matchAll(/\/npm\/([\w-]+)@([^/]+)\//g)].map(([, name, version]) => [
      path,
      name,
      version,
    ]),
  );
  assert.ok(new Set(versions.map(([path]) => path)).size >= 2);
  for (const [path, name, version] of versions)
    assert.equal(version, manifestOf(name).version, `${path}: ${name}`);
});
