// The package itself in a page, without the demo's help: the worker, addresses and files as sources, the end.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../../tools/serve.mjs';
import { fixturePath, fixtureReference, load } from '../api/support.mjs';
import { launchBrowser, openPage } from './browser.mjs';

let browser;
let server;
let opened;
let page;
before(async () => {
  server = await startServer({ port: 0, folders: { '/processors/': 'wasm-tests/api/processors' } });
  browser = await launchBrowser();
  // A file of the same origin, so that nothing else runs on the page.
  opened = await openPage(browser, new URL('icon.svg', server.url).href);
  ({ page } = opened);
});
after(() => Promise.all([browser?.close(), server?.close()]));

/** Waits for the page's last worker to be gone: a browser tells it a little later. */
async function waitForNoWorkers() {
  const endMs = Date.now() + 5000;
  while (page.workers().length > 0 && Date.now() < endMs) await page.waitForTimeout(20);
  assert.equal(page.workers().length, 0);
}

describe('the package in a page', () => {
  test('loads from an address below the page, in a worker of its own, which dispose() ends', async () => {
    const seen = [];
    page.on('worker', (worker) => seen.push(worker.url()));
    const progress = await page.evaluate(async () => {
      const { LanguageModel } = await import('/sotto/index.js');
      const events = [];
      window.model = await LanguageModel.load('models/tiny-stories/', { onProgress: (p) => events.push(p) });
      return events;
    });
    assert.deepEqual(seen, [new URL('sotto/worker.js', server.url).href]);
    assert.equal(page.workers().length, 1);
    assert.deepEqual([...new Set(progress.map(({ phase }) => phase))].sort(), [
      'config',
      'engine',
      'tokenizer',
      'weights',
    ]);
    const weights = progress.filter(({ phase }) => phase === 'weights');
    assert.equal(weights.at(-1).loaded, weights.at(-1).total);
    assert.equal(weights.at(-1).file, 'model.safetensors');

    const code = await page.evaluate(async () => {
      const running = window.model.generate('Once upon a time', { seed: 1 });
      await window.model.dispose();
      return running.result.then(
        () => 'no error',
        (error) => error.code,
      );
    });
    assert.equal(code, 'disposed');
    await waitForNoWorkers();
  });

  test('gives the same tokens through every view, and from files as from an address', async () => {
    const { fromUrl, iterated, streamed, called, fromFiles, fromBytes } = await page.evaluate(async () => {
      const { LanguageModel } = await import('/sotto/index.js');
      const options = { seed: 3, maxNewTokens: 40 };
      const prompt = 'In a deep cave there lived a dragon.';
      const names = [
        'config.json',
        'generation_config.json',
        'model.safetensors',
        'tokenizer.json',
        'tokenizer_config.json',
      ];
      const responses = await Promise.all(names.map((name) => fetch(`/models/tiny-stories/${name}`)));
      const blobs = await Promise.all(responses.map((response) => response.blob()));

      const model = await LanguageModel.load(new URL('/models/tiny-stories/', location.href));
      const called = [];
      const generation = model.generate(prompt, { ...options, onToken: ({ text }) => called.push(text) });
      const streamed = [];
      for await (const { text } of generation.toReadableStream()) streamed.push(text);
      const iterated = [];
      for await (const { text } of generation) iterated.push(text);
      const { tokenIds: fromUrl } = await generation.result;
      await model.dispose();

      const tokensOf = async (source) => {
        const other = await LanguageModel.load(source);
        const { tokenIds } = await other.generate(prompt, options).result;
        await other.dispose();
        return tokenIds;
      };
      const fromFiles = await tokensOf(blobs.map((blob, i) => new File([blob], names[i])));
      const buffers = await Promise.all(blobs.map((blob) => blob.arrayBuffer()));
      const fromBytes = await tokensOf(Object.fromEntries(names.map((name, i) => [name, buffers[i]])));
      return { fromUrl, iterated, streamed, called, fromFiles, fromBytes };
    });
    assert.equal(fromUrl.length, 40);
    assert.ok(iterated.length > 20);
    assert.deepEqual(streamed, iterated);
    assert.deepEqual(called, iterated);
    assert.deepEqual(fromFiles, fromUrl);
    assert.deepEqual(fromBytes, fromUrl);
  });

  test('a table of inputs per layer stays in a chosen file, and gives the tokens that it gives in Node', async (t) => {
    const family = 'families/gemma4_text-shared';
    const folder = mkdtempSync(join(tmpdir(), 'sotto-chosen-'));
    t.after(() => rmSync(folder, { recursive: true }));
    cpSync(fixturePath(family), folder, { recursive: true });
    const weightsFile = join(folder, 'model.safetensors');
    const input = await page.evaluateHandle(() => {
      const frame = document.createElementNS('http://www.w3.org/1999/xhtml', 'iframe'); // the page is no HTML
      document.documentElement.append(frame);
      const made = frame.contentDocument.createElement('input');
      Object.assign(made, { type: 'file', multiple: true });
      frame.contentDocument.body.append(made);
      return made;
    });
    await input.setInputFiles([join(folder, 'config.json'), weightsFile]);
    const [{ promptIds }] = fixtureReference(family).cases;
    const options = { temperature: 0, maxNewTokens: 20 };

    for (const [weights, threads] of [
      ['f32', 1],
      ['q8', 2],
    ]) {
      const model = await load(t, folder, { weights });
      const { tokenIds } = await model.generate(promptIds, options).result;
      const found = await page.evaluate(
        async ([chosen, given, promptIds, options]) => {
          const { LanguageModel } = await import('/sotto/index.js');
          window.model = await LanguageModel.load([...chosen.files], given);
          const { tokenIds } = await window.model.generate(promptIds, options).result;
          const { weightBytes, threads } = window.model.info;
          return { tokenIds, weightBytes, threads };
        },
        [input, { weights, threads }, promptIds, options],
      );
      assert.deepEqual(found, { tokenIds, weightBytes: model.info.weightBytes, threads });
      if (threads === 1) await page.evaluate(() => window.model.dispose());
    }

    // A file that changed is no longer what was chosen.
    writeFileSync(weightsFile, readFileSync(weightsFile).subarray(0, -1));
    const error = await page.evaluate(async () => {
      const { code, message } = await window.model.generate([1]).result.catch((reason) => reason);
      await window.model.dispose();
      return { code, message };
    });
    assert.equal(error.code, 'bad-file');
    assert.match(error.message, /^model\.safetensors cannot be read any more \(.*\); choose it again/);
    await page.evaluate(() => document.querySelector('iframe').remove());
    await waitForNoWorkers();
  });

  test('holds as much memory after many loads as after one', async () => {
    const heaps = await page.evaluate(async () => {
      const { LanguageModel } = await import('/sotto/index.js');
      const sizes = [];
      for (let round = 0; round < 12; round++) {
        const model = await LanguageModel.load('/models/tiny-stories/');
        await model.generate('Once', { seed: 1, maxNewTokens: 4 }).text();
        sizes.push((await model.memory()).heapBytes);
        await model.dispose();
      }
      return sizes;
    });
    assert.equal(new Set(heaps).size, 1, `heaps: ${heaps}`);
    await waitForNoWorkers();
  });

  test('tells a missing file, an aborted load and a bad option apart', async () => {
    const outcomes = await page.evaluate(async () => {
      const { LanguageModel, SottoError } = await import('/sotto/index.js');
      const codeOf = (promise) =>
        promise.then(
          () => 'no error',
          (error) => (error instanceof SottoError ? error.code : error.name),
        );
      const controller = new AbortController();
      const aborted = LanguageModel.load('/models/tiny-stories/', {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      return Promise.all([
        codeOf(LanguageModel.load('/models/nowhere/')),
        codeOf(aborted),
        codeOf(LanguageModel.load('/models/tiny-stories/', { thread: 2 })),
      ]);
    });
    assert.deepEqual(outcomes, ['file-not-found', 'AbortError', 'unknown-option']);
    await waitForNoWorkers();
  });

  test('asks no other origin for anything', () => {
    // The browser itself reports the address that has nothing.
    opened.complaints.splice(0, Infinity, ...opened.complaints.filter((words) => !/404/.test(words)));
    opened.assertQuiet();
    assert.ok(opened.requests.some((url) => url.endsWith('.wasm')));
  });

  test('what reads chats is fetched with the first one', async () => {
    const isFetched = () => opened.requests.some((url) => url.endsWith('/sotto/chat-format.js'));
    const load = () =>
      page.evaluate(async () => {
        const { LanguageModel } = await import('/sotto/index.js');
        window.model = await LanguageModel.load('/models/tiny-stories/');
        return (await window.model.generate('Once', { maxNewTokens: 2 }).result).tokenIds.length;
      });
    assert.equal(await load(), 2);
    assert.ok(!isFetched());
    const prompt = await page.evaluate(async () => {
      const messages = [{ role: 'user', content: 'Hello' }];
      const text = await window.model.applyChatTemplate(messages, { chatTemplate: 'chatml' });
      await window.model.dispose();
      return text;
    });
    assert.match(prompt, /user\nHello/);
    assert.ok(isFetched());
  });

  test('sessions, batches, questions of the worker and processors beside it work in a page as in Node', async () => {
    const found = await page.evaluate(async () => {
      const { AbortError, LanguageModel } = await import('/sotto/index.js');
      const model = await LanguageModel.load('/models/tiny-stories/');
      const prompt = 'Once upon a time';
      const greedy = { temperature: 0, maxNewTokens: 12 };
      const plain = await model.generate(prompt, greedy).result;

      const session = await model.createSession();
      await session.append(prompt);
      const branch = await session.fork();
      const bytes = await session.save();
      const restored = await model.restoreSession(bytes);
      const texts = [];
      for (const one of [session, branch, restored]) texts.push(await one.generate(greedy).text());
      const batch = model.generateBatch([prompt, 'One day'], greedy).map((generation) => generation.text());
      texts.push((await Promise.all(batch))[0]);

      const stopWhen = ({ tokenIds }) => tokenIds.length === 5;
      const stopped = await model.generate(prompt, { ...greedy, stopWhen, stop: /never$/ }).result;
      const logitsProcessor = '/processors/only-even.mjs';
      const even = await model.generate(prompt, { ...greedy, logitsProcessor }).result;
      const generation = model.generate(prompt, { ...greedy, onToken: () => generation.abort() });
      const error = await generation.result.catch((reason) => reason);
      const { tokens } = await model.score(prompt);
      await session.tap(['hidden', 'attention']);
      await session.append(' there');
      const { hidden, attention } = await session.taps();
      const sizes = [hidden.length, attention.length, (await session.kv(0)).keys.length, tokens.length];
      await model.dispose();
      return {
        text: plain.text,
        texts,
        stopped: [stopped.finishReason, stopped.tokenIds.length],
        even: even.tokenIds,
        isAbort: error instanceof AbortError && error.result.tokenIds.length > 0,
        sizes,
      };
    });
    assert.deepEqual(found.texts, new Array(4).fill(found.text));
    assert.deepEqual(found.stopped, ['stop-when', 5]);
    assert.ok(found.even.length > 0 && found.even.every((id) => id % 2 === 0), `${found.even}`);
    assert.ok(found.isAbort);
    for (const size of found.sizes) assert.ok(size > 0, `${found.sizes}`);
  });

  test('what keeps answers to a form is loaded with the first of them, and not before', async () => {
    const isFetched = () => opened.requests.some((url) => url.endsWith('/sotto/form-code.js'));
    const known = await page.evaluate(async () => {
      const { LanguageModel } = await import('/sotto/index.js');
      window.model = await LanguageModel.load('/models/tiny-stories/');
      return window.model.generate('Once upon a time', { maxNewTokens: 3 }).text();
    });
    assert.ok(known.length > 0);
    assert.ok(!isFetched());
    const { text, parsed } = await page.evaluate(async () => {
      const responseFormat = { type: 'json-schema', schema: { enum: ['happy', 'sad'] } };
      const { text, parsed } = await window.model.generate('Lily was', { responseFormat }).result;
      await window.model.dispose();
      return { text, parsed };
    });
    assert.equal(text, JSON.stringify(parsed));
    assert.ok(['happy', 'sad'].includes(parsed));
    assert.ok(isFetched());
  });
});
