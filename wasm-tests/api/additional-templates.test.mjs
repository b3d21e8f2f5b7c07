// additional_chat_templates/: every template in it counts, by the name of its file, where the source knows its files' names.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { LanguageModel, ModelStore } from 'sotto';
import { chatModel } from './chat-model.mjs';
import { hubOf, ID, newFolder } from './hub-support.mjs';
import { jsonBytes, load, serveFiles, sottoError } from './support.mjs';

const OTHERS = 'additional_chat_templates';
const FILES = chatModel({
  files: {
    'chat_template.jinja': jsonBytes('D{{ messages[0].content }}'),
    [`${OTHERS}/tool_use.jinja`]: jsonBytes('T{{ messages[0].content }}'),
    [`${OTHERS}/my own.jinja`]: jsonBytes('O{{ messages[0].content }}'),
    [`${OTHERS}/README.md`]: jsonBytes('no template'),
    [`${OTHERS}/deeper/one.jinja`]: jsonBytes('no template either'),
  },
});
const HELLO = [{ role: 'user', content: 'Hello' }];

async function assertAll(t, source, options) {
  const model = await load(t, source, options);
  assert.deepEqual(model.info.chatTemplates, ['default', 'my own', 'tool_use']);
  assert.equal(await model.applyChatTemplate(HELLO, { chatTemplate: 'my own' }), 'OHello');
}

function write(folder) {
  for (const [name, bytes] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

test('of files in memory, here and in a worker, and of chosen ones', async (t) => {
  for (const worker of [false, true]) await assertAll(t, FILES, { worker });
  const chosen = Object.entries(FILES).map(([name, bytes]) => {
    const file = new File([bytes], name.slice(name.lastIndexOf('/') + 1));
    Object.defineProperty(file, 'webkitRelativePath', { value: `model/${name}` });
    return file;
  });
  await assertAll(t, chosen);
});

test('of a folder on the disk, and of a cache of huggingface_hub', async (t) => {
  const folder = newFolder(t);
  write(folder);
  await assertAll(t, folder);
  const cache = newFolder(t);
  const commit = '0123456789'.repeat(4);
  write(join(cache, 'snapshots', commit));
  mkdirSync(join(cache, 'refs'));
  writeFileSync(join(cache, 'refs', 'main'), commit);
  await assertAll(t, cache);
});

test('of a model by name, and again from what was kept', async (t) => {
  const hub = await hubOf(t, FILES);
  const options = { endpoint: hub.endpoint, store: new ModelStore({ folder: newFolder(t) }) };
  await assertAll(t, ID, options);
  const nRequests = hub.log.length;
  await assertAll(t, ID, options);
  assert.equal(hub.log.length, nRequests);
});

test('of a folder at an address none is looked for; of addresses by name they are known', async (t) => {
  const { url, requests } = await serveFiles(t, FILES);
  const model = await load(t, url);
  assert.deepEqual(model.info.chatTemplates, ['default']);
  assert.ok(!requests.some((name) => name.startsWith('additional')), `${requests}`);
  const names = Object.keys(FILES);
  await assertAll(t, Object.fromEntries(names.map((name) => [name, new URL(encodeURI(name), url).href])));
});

test('more than a model has are refused', async () => {
  const many = Array.from({ length: 65 }, (_, i) => [`${OTHERS}/t${i}.jinja`, jsonBytes('x')]);
  await assert.rejects(
    LanguageModel.load({ ...FILES, ...Object.fromEntries(many) }),
    sottoError('bad-file', /additional_chat_templates\/ holds 67 chat templates; 64 at most/),
  );
});
