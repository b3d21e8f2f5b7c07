// docs/guides/hosting-models.md: models from a page's own server and from another origin, and what is said of tools.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { ggufFileType } from '../../build/web/formats/gguf-types.js';
import { launchBrowser } from '../browser/browser.mjs';
import { chatGguf } from './chat-gguf.mjs';
import { nginx } from './host-configs.mjs';
import { HUB_MODEL, hubFiles } from './models.mjs';
import { fragmentOnPage } from './pages.mjs';
import { servePage } from './served.mjs';
import { commandsOf, shellFor } from './shell.mjs';
import { testDocument } from './test-document.mjs';

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

const SOTTO =
  "import { LanguageModel } from 'sotto';\nconst shown = [];\nconst show = (text) => shown.push(text);";

/** What llama.cpp calls files by their types, as the library knows it. */
const FILE_TYPES = Array.from({ length: 50 }, (_, number) => ggufFileType(number));

/** The headers of threads, with which a page takes nothing of others that does not agree. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The model's files below a path. */
const filesBelow = (folder) =>
  Object.fromEntries(Object.entries(hubFiles).map(([file, bytes]) => [`${folder}/${file}`, bytes]));

testDocument('docs/guides/hosting-models.md', {
  'A folder on your own server sh 1 + A folder on your own server js 1': async (blocks, t) => {
    const [{ code }, block] = Object.values(blocks);
    const [, name, folder] = /^hf download (\S+) --local-dir public(\/\S+)\n$/.exec(code);
    assert.equal(name, HUB_MODEL);
    await fragmentOnPage(t, browser, block, {
      setup: SOTTO,
      result: 'model.info.architecture',
      check: (architecture) => assert.equal(architecture, 'gpt2'),
      options: { files: filesBelow(folder) },
    });
  },
  'Another origin, or a CDN nginx 1 + Another origin, or a CDN js 1': async (blocks, t) => {
    const [{ code }, block] = Object.values(blocks);
    const load = async (headersOf) => {
      const there = await servePage(t, '', { files: filesBelow('/smollm2'), headersOf });
      const moved = { ...block, code: block.code.replace('https://models.example/', there) };
      assert.notEqual(moved.code, block.code);
      await fragmentOnPage(t, browser, moved, {
        setup: SOTTO,
        result: '({ architecture: model.info.architecture, shown, isolated: crossOriginIsolated })',
        check: ({ architecture, shown, isolated }) => {
          assert.deepEqual([architecture, isolated], ['gpt2', true]);
          assert.match(shown.at(-1), /^(\d+) of \1 bytes$/);
        },
        options: { headers: ISOLATION },
      });
    };
    await load(nginx(code));
    await assert.rejects(load(() => ({})));
  },
  'What users keep js 1': (block, t) =>
    fragmentOnPage(t, browser, block, {
      setup: `${SOTTO}\nawait (await LanguageModel.load('${HUB_MODEL}')).dispose();`,
      result: `await (async () => {
        const button = document.querySelector('button');
        const { textContent } = button;
        button.click();
        while (document.querySelector('button')) await new Promise((go) => setTimeout(go, 20));
        return { textContent, left: await store.list() };
      })()`,
      check: (outcome) => assert.deepEqual(outcome, { textContent: `Delete ${HUB_MODEL} (1 MB)`, left: [] }),
    }),
  'Making it smaller sh 1 + Making it smaller sh 2': async (blocks, t) => {
    const [make, check] = Object.values(blocks);
    const [convert, quantize] = commandsOf(make);
    const [, whole] = /^python3 convert_hf_to_gguf\.py \w+ --outtype f16 --outfile (\S+\.gguf)$/.exec(
      convert,
    );
    const [, from, file, type] = /^llama-quantize (\S+) (\S+) (\w+)$/.exec(quantize);
    assert.equal(from, whole);
    assert.ok(file.endsWith(`-${type}.gguf`));
    assert.ok(FILE_TYPES.includes(type), type);
    const run = shellFor(t, { files: { [file]: chatGguf() } });
    const [info, answer] = await Promise.all(commandsOf(check).map((command) => run(command)));
    assert.match(info, /^name +A small chat$/m);
    assert.ok(answer.trim().length > 0);
  },
});
