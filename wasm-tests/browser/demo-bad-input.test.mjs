// What can go wrong with models in the demo, each with words that a visitor understands, a way on, and nothing lost:
// files that are none, connections that end, room that ends, tabs in each other's way, browsers that lack something.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { dropFiles, fixtureFiles } from './browser.mjs';
import { DemoWorld, TINY_FILES, WEIGHTS } from './demo-world.mjs';

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1234567890\n';
const PAGE = '<!doctype html><title>Sign in</title><p>Please sign in.';
const JPEG = Buffer.from([
  0xff,
  0xd8,
  0xff,
  0xe0,
  0,
  16,
  ...Buffer.from('JFIF and then what a camera wrote'),
]);

/** What is for programmers, and on no visitor's page. */
const OF_PROGRAMMERS =
  /`|\boption\b|git lfs|python|transformers|from_pretrained|undefined|null|\bbytes? \d|NaN/i;

let world;
before(async () => {
  world = await DemoWorld.start({
    repos: {
      'owner/gated': { files: TINY_FILES, gated: true },
      'owner/private': { files: TINY_FILES, private: true },
      'owner/pictures': { files: { 'README.md': 'pictures', 'one.jpg': JPEG } },
      'owner/clip': { files: { ...TINY_FILES, 'config.json': '{"model_type":"clip"}' } },
      'owner/torch': {
        files: { 'config.json': TINY_FILES['config.json'], 'pytorch_model.bin': 'PK\x03\x04' },
      },
    },
  });
});
after(() => world?.close());

const bytesOf = (name) => readFile(TINY_FILES[name].path);
const file = (name, content) => ({ name, buffer: Buffer.from(content) });

describe('wrong files', () => {
  test('each kind has its words and its way on, and what was there is there', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      const [{ buffer: gguf }] = await fixtureFiles('families/llama-llama3', ['model.gguf']);
      const [config, tokenizer, weights] = await Promise.all(
        ['config.json', 'tokenizer.json', WEIGHTS].map(bytesOf),
      );
      const index = {
        weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
      };
      const cases = {
        'a photo': [[file('holiday.jpg', JPEG)], /no files of a model.*holiday\.jpg.*\.gguf/is],
        'a photo with another name': [
          [file('model.gguf', JPEG)],
          /something else than a model.*model\.gguf/is,
        ],
        'an archive': [[file('model.zip', 'PK\x03\x04')], /another form.*model\.zip.*\.safetensors/is],
        'a pickle': [[file('pytorch_model.bin', 'PK\x03\x04')], /another form.*hold programs.*\.gguf/is],
        'a pickle with another name': [
          [file('model.gguf', `PK\x03\x04${'x'.repeat(99)}`)],
          /another form.*model\.gguf/is,
        ],
        compressed: [[file('model.gguf.gz', '\x1f\x8b')], /unpacked first.*model\.gguf\.gz/is],
        'half of a file': [
          [file('model.gguf', gguf.subarray(0, gguf.length / 2))],
          /not whole.*model\.gguf.*download it again/is,
        ],
        'half of the weights': [
          [file('config.json', config), file(WEIGHTS, weights.subarray(0, 1e6))],
          /not whole.*model\.safetensors/is,
        ],
        nothing: [[file('model.gguf', '')], /not whole.*model\.gguf is empty/is],
        'a pointer': [[file('model.gguf', POINTER)], /stands for the model.*model\.gguf.*download/is],
        'a pointer for weights': [
          [file('config.json', config), file(WEIGHTS, POINTER)],
          /stands for the model.*model\.safetensors/is,
        ],
        'a page': [[file('model.gguf', PAGE)], /a page, and no model.*model\.gguf.*download button/is],
        'a page for its sizes': [
          [file('config.json', PAGE), file(WEIGHTS, weights)],
          /a page, and no model.*config\.json/is,
        ],
        'without weights': [
          [file('config.json', config), file('tokenizer.json', tokenizer)],
          /file is missing.*weights.*config\.json, tokenizer\.json/is,
        ],
        'without its sizes': [[file(WEIGHTS, weights)], /file is missing.*missing is config\.json/is],
        'without a part': [
          [
            file('config.json', config),
            file('model.safetensors.index.json', JSON.stringify(index)),
            file('model-00001-of-00002.safetensors', weights),
          ],
          /file is missing.*model-00002-of-00002\.safetensors/is,
        ],
        'a part alone': [[file('a-00002-of-00002.gguf', gguf)], /file is missing.*a-00001-of-00002\.gguf/is],
        'two models': [
          [file('a.gguf', gguf), file('b.gguf', gguf)],
          /several models.*a\.gguf.*b\.gguf.*one of them/is,
        ],
        'another kind of model': [
          [file('config.json', '{"model_type":"clip"}'), file(WEIGHTS, weights)],
          /does not run here.*“clip”.*Llama/is,
        ],
        'sizes that are none': [
          [file('config.json', '{"model_type":'), file(WEIGHTS, weights)],
          /damaged.*config\.json/is,
        ],
      };
      await demo.setSeed(7);
      await page.fill('#prompt', 'The little fox');
      const story = await demo.generate();
      for (const [what, [files, words]] of Object.entries(cases)) {
        await dropFiles(page, files);
        const problem = await demo.waitForProblem();
        assert.match(problem, words, what);
        assert.match(problem, /Tiny stories is still there/, what);
        assert.doesNotMatch(problem, OF_PROGRAMMERS, what);
        await page.click('#problem .close');
        await demo.waitForModel();
      }
      assert.equal(await demo.voice(), story);
      assert.equal(await page.inputValue('#prompt'), 'The little fox');
      assert.equal(await demo.generate(), story);
    }));

  test('so has what a name or an address leads to', () =>
    world.onDemo(async (demo) => {
      const { page } = demo;
      const cases = {
        'owner/none': /no such model.*letter by letter/is,
        'owner/private': /no such model.*or it is private/is,
        'owner/gated': /only for some.*account/is,
        'owner/pictures': /no model that runs here.*\.gguf/is,
        'owner/torch': /no model that runs here.*\.gguf/is,
        'owner/clip': /does not run here.*“clip”/is,
        'owner/tiny@nowhere': /no such model.*behind the @/is,
        [`${world.server.url}nothing.gguf`]: /no such file.*letter by letter/is,
        [`${world.server.url}index.html`]: /no model that runs here/is,
        'http://127.0.0.1:1/model.gguf': /nobody answers.*open it here/is,
        'just words': /no name of a model/is,
      };
      for (const [typed, words] of Object.entries(cases)) {
        await demo.loadByName(typed);
        const problem = await demo.waitForProblem();
        assert.match(problem, words, typed);
        assert.doesNotMatch(problem, OF_PROGRAMMERS, typed);
        assert.equal(await page.inputValue('#model-source'), typed, 'to be mended');
        await page.click('#problem .close');
      }
      await page.keyboard.press('Escape');
      assert.match(await demo.generate(), /[a-z]{3}/);
    }));
});
