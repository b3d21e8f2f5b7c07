// The blocks of the API's documents, run in Node against small models.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import * as ai from 'ai7';
import { LanguageModel, ModelStore } from 'sotto';
import { sotto } from 'sotto/ai-sdk';
import { z } from 'zod';
import { chatModel, says } from '../api/chat-model.mjs';
import { chatGguf } from './chat-gguf.mjs';
import { runFragment, spy } from './fragment.mjs';
import { PACKAGES } from './installed.mjs';
import { HUB_MODEL, hubFiles, hubFor, loadFor, loadStories, reachHub } from './models.mjs';
import { testDocument } from './test-document.mjs';

process.env.SOTTO_CACHE = mkdtempSync(join(tmpdir(), 'sotto-docs-'));
after(() => rmSync(process.env.SOTTO_CACHE, { recursive: true, force: true }));

const QUESTION = [{ role: 'user', content: 'Hi' }];

const PLAIN_TEMPLATE =
  '{% for message in messages %}{{ message.role }}: {{ message.content }}<|im_end|>{% endfor %}assistant: ';

/** `LanguageModel` where documents name a folder of a server's. */
const loaderOf = (files) => ({
  load: (source, options) => {
    assert.ok(source in files, source);
    return LanguageModel.load(files[source], options);
  },
});

testDocument('docs/api.md', {
  'Loading js 1': async (block, t) => {
    const given = { LanguageModel, source: PACKAGES['sotto-tiny-stories'] };
    const outcome = await runFragment(t, block, given, '{ downloadBytes, fits, weights }');
    assert.ok(outcome.downloadBytes > 7e6);
    assert.deepEqual([outcome.fits, outcome.weights], [true, 'f32']);
  },
  'Sessions js 1': async (block, t) => {
    const model = await loadStories(t);
    const show = spy();
    const written = [];
    const localFile = { write: (bytes) => written.push(bytes) };
    const { session, branch } = await runFragment(
      t,
      block,
      { model, show, localFile },
      '{ session, branch }',
    );
    assert.ok(show.text().length > 20);
    assert.equal(branch.length, 10);
    assert.equal((await model.restoreSession(written[0])).length, session.length);
  },
});

testDocument('docs/chat.md', {
  'Chat js 1': async (block, t) => {
    const show = spy();
    const given = { LanguageModel: loaderOf({ '/models/smollm2-135m-instruct/': hubFiles }), show };
    const { model, messages } = await runFragment(t, block, given, '{ model, messages }');
    t.after(() => model.dispose());
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['system', 'user', 'assistant'],
    );
    assert.ok(show.text().length > 0);
    assert.equal(messages[2].content, show.text());
  },
  'Tools js 1': async (block, t) => {
    const model = await loadFor(t, hubFiles);
    const call =
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Ghent", "unit": "C"}}\n</tool_call>';
    const script = [await says(model, call), await says(model, 'Cold.')];
    const scripted = { chat: (messages, options) => model.chat(messages, { ...options, ...script.shift() }) };
    const { message, messages } = await runFragment(
      t,
      block,
      { model: scripted, messages: [...QUESTION] },
      '{ message, messages }',
    );
    assert.equal(message.content, 'Cold.');
    assert.deepEqual(
      messages.map(({ role, content }) => [role, content].join(': ')),
      ['user: Hi', 'assistant: ', 'tool: 12 °C in Ghent'],
    );
  },
});

testDocument('docs/forms.md', {
  'Answers in a form js 1': async (block, t) => {
    const model = await loadFor(t, hubFiles);
    const { parsed } = await runFragment(t, block, { model, messages: QUESTION }, '{ parsed }');
    assert.deepEqual(
      [typeof parsed.name, Number.isInteger(parsed.age)],
      ['string', true],
      JSON.stringify(parsed),
    );
  },
  'grammar.gbnf': async ({ code }, t) => {
    const model = await loadFor(t, hubFiles);
    const responseFormat = { type: 'grammar', grammar: code };
    for (const seed of [1, 2, 3]) {
      const { text, finishReason } = await model.chat(QUESTION, { responseFormat, seed }).result;
      const whole = /^(yes|no|\d{1,3}%)(\n(yes|no|\d{1,3}%))*$/;
      assert.ok(finishReason !== 'end-token' || whole.test(text), text);
      assert.match(text, /^(y|n|\d)/);
    }
  },
});

testDocument('docs/hub.md', {
  'Models by name js 1': async (block, t) => {
    const hub = await hubFor(t, { 'owner/name': { files: { 'name-Q4_K_M.gguf': chatGguf() } } });
    reachHub(t, hub);
    const { model, other } = await runFragment(t, block, { LanguageModel }, '{ model, other }');
    t.after(() => Promise.all([model.dispose(), other.dispose()]));
    assert.deepEqual([model.info.architecture, other.info.architecture], ['gpt2', 'llama']);
    const asked = hub.log.filter(({ file }) => file !== undefined).map(({ id, file }) => `${id}/${file}`);
    assert.ok(asked.includes('owner/name/name-Q4_K_M.gguf'), asked.join());
    assert.ok(asked.includes(`${HUB_MODEL}/model.safetensors`));
  },
  'Files by URL js 1': async (block, t) => {
    const address = 'https://storage.example/model.gguf?signature=…';
    assert.ok(block.code.includes(`'${address}'`));
    reachHub(t, await hubFor(t), { [address]: chatGguf() });
    await runFragment(t, block, { LanguageModel });
  },
});

testDocument('docs/stores.md', {
  'Seeing and deleting it js 1': async (block, t) => {
    const { log } = console;
    const lines = [];
    reachHub(t, await hubFor(t, { 'owner/name': { files: hubFiles } }));
    await (await LanguageModel.load('owner/name')).dispose();
    const store = new ModelStore();
    assert.ok((await store.list()).some(({ name }) => name === 'owner/name'));
    console.log = (...words) => lines.push(words);
    await runFragment(t, block).finally(() => {
      console.log = log;
    });
    const [, bytes, totalBytes, isComplete, lastUsed] = lines.find(([name]) => name === 'owner/name');
    assert.ok(bytes > 0 && bytes === totalBytes && isComplete === true);
    assert.ok(Math.abs(lastUsed - Date.now()) < 60_000);
    assert.deepEqual(await store.list(), []);
    assert.equal(await store.size(), 0);
  },
});

testDocument('docs/prompt-api.md', {
  "The browsers' Prompt API js 1": async (block, t) => {
    const lines = [];
    const { log } = console;
    // There is room behind an answer of any length, and no thought begins, which a random model would never end.
    const files = chatModel({ chatTemplate: PLAIN_TEMPLATE, n_positions: 4096 });
    await new ModelStore().clear();
    reachHub(t, await hubFor(t, { [HUB_MODEL]: { files } }));
    console.log = (text) => lines.push(text);
    const sure = await runFragment(t, block, {}, 'sure').finally(() => {
      console.log = log;
    });
    t.after(() => globalThis.LanguageModel.unload());
    assert.ok(['yes', 'no'].includes(sure));
    assert.ok(
      lines.some((each) => typeof each === 'number') && lines.some((each) => typeof each === 'string'),
    );
  },
});

testDocument('docs/ai-sdk.md', {
  'The AI SDK sh 1': ({ code }) => assert.equal(code, 'npm install ai\n'),
  'The AI SDK js 1': async (block, t) => {
    const show = spy();
    reachHub(t, await hubFor(t));
    const { text, model } = await runFragment(t, block, { show }, '{ text, model }');
    assert.equal(model.specificationVersion, 'v3');
    assert.ok(text.length > 0 && show.text().length > 0);
  },
  'The AI SDK js 2': async (block, t) => {
    reachHub(t, await hubFor(t, { 'owner/name': { files: hubFiles } }));
    const lazy = await runFragment(t, block, { LanguageModel, sotto }, 'lazy');
    assert.equal(lazy.modelId, 'small');
    assert.ok((await ai.generateText({ model: lazy, prompt: 'Hi', maxOutputTokens: 4 })).text.length > 0);
  },
  'Objects js 1': async (block, t) => {
    const model = sotto(await loadFor(t, hubFiles));
    const given = { generateText: ai.generateText, Output: ai.Output, model, z };
    const { name, age } = await runFragment(t, block, given, 'output');
    assert.ok(name.length <= 20 && Number.isInteger(age));
  },
  'Settings js 1': async (block, t) => {
    const texts = [];
    const generateText = async (options) => {
      const result = await ai.generateText(options);
      texts.push(result.text);
      return result;
    };
    await runFragment(t, block, { sotto, generateText, loaded: await loadFor(t, hubFiles) });
    assert.ok(['yes', 'no'].includes(texts[0]), texts[0]);
  },
});
