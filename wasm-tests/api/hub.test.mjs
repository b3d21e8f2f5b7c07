// Models by name: which files of which commit of which repository, and what a hub says no with.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ModelStore } from 'sotto';
import {
  assertLoads,
  bytesSent,
  hubOf,
  ID,
  madeModel,
  newFolder,
  ownCache,
  refusalOf,
  SHARDED,
  TINY,
  TOKEN,
} from './hub-support.mjs';
import { fixturePath } from './support.mjs';

ownCache();

const GGUF = new Uint8Array(readFileSync(`${fixturePath('families/llama-llama3')}model.gguf`));
const OTHER_GGUF = new Uint8Array(readFileSync(`${fixturePath('families/gpt2-gguf')}model.gguf`));
const quick = { retries: 1, timeout: 2_000 };

/** Each test's models are its own: the same files from the same place would be shared. */
const optionsFor = (t, hub, more = {}) => ({
  endpoint: hub.endpoint,
  store: new ModelStore({ folder: newFolder(t) }),
  ...quick,
  ...more,
});

test('a model by name: one question, each file that is needed once, and the second time none', async (t) => {
  const extra = {
    'pytorch_model.bin': 'no',
    'README.md': 'no',
    'onnx/model.onnx': 'no',
    'model-Q8_0.gguf': GGUF,
  };
  const hub = await hubOf(t, { ...TINY, ...extra });
  const options = optionsFor(t, hub);
  await assertLoads(ID, options, TINY);
  const files = hub.log.filter(({ kind }) => kind === 'resolve').map(({ file }) => file);
  assert.deepEqual(files.sort(), Object.keys(TINY).sort());
  assert.equal(hub.log.filter(({ path }) => path.startsWith('/api/models/')).length, 1);
  assert.equal(bytesSent(hub), TINY['model.safetensors'].length);
  for (const { path } of hub.log.filter(({ kind }) => kind === 'resolve'))
    assert.ok(path.includes(hub.commitOf(ID)), path);
  const before = hub.log.length;
  const info = await assertLoads(ID, options, TINY);
  assert.equal(hub.log.length, before);
  assert.deepEqual(info.notices, []);
  const [kept] = await options.store.list();
  assert.deepEqual([kept.name, kept.revision, kept.isComplete], [ID, hub.commitOf(ID), true]);
});

test('without a store each load asks', async (t) => {
  const hub = await hubOf(t, TINY);
  for (let i = 1; i < 3; i++) {
    await assertLoads(ID, { endpoint: hub.endpoint, store: false }, TINY);
    assert.equal(bytesSent(hub), i * TINY['model.safetensors'].length);
  }
});

test('shards, and lists that come in pages', async (t) => {
  const hub = await hubOf(t, SHARDED, { pageSize: 2 });
  hub.faults.add({ kind: 'json-error', on: 'info', times: 1 });
  await assertLoads(ID, optionsFor(t, hub), SHARDED);
});

test('the files of a subfolder', async (t) => {
  const other = madeModel(2);
  const inside = Object.fromEntries(Object.entries(TINY).map(([name, bytes]) => [`a b/c/${name}`, bytes]));
  const hub = await hubOf(t, { ...other, ...inside });
  for (const subfolder of ['a b/c', 'a b/c/']) await assertLoads(ID, optionsFor(t, hub, { subfolder }), TINY);
  const { code, message } = await refusalOf(ID, optionsFor(t, hub, { subfolder: 'a b/d' }));
  assert.equal(code, 'file-not-found');
  assert.match(message, /a b\/d\/config\.json/);
});

test('a GGUF file by its type, and the best one without', async (t) => {
  const hub = await hubOf(t, {
    'm-Q4_K_M.gguf': GGUF,
    'm-Q8_0.gguf': OTHER_GGUF,
    'mmproj-Q4_K_M.gguf': 'no',
  });
  const [q4, q8] = [{ 'm.gguf': GGUF }, { 'm.gguf': OTHER_GGUF }];
  const options = optionsFor(t, hub);
  await assertLoads(`${ID}:Q4_K_M`, options, q4);
  assert.equal(bytesSent(hub), GGUF.length);
  await assertLoads(`${ID}:q4_k_m`, options, q4);
  await assertLoads(ID, options, q8);
  assert.equal(bytesSent(hub), GGUF.length + OTHER_GGUF.length);
  const { code, message } = await refusalOf(`${ID}:Q3_K_S`, options);
  assert.equal(code, 'file-not-found');
  assert.match(message, /"Q3_K_S".*m-Q4_K_M\.gguf/s);
});

test('revisions: branches, tags, commits, pull requests', async (t) => {
  const [main, v1, pull] = [TINY, madeModel(3), madeModel(4)];
  const hub = await hubOf(t, main, { repo: { revisions: { 'v1.0': v1, 'refs/pr/1': pull } } });
  const options = optionsFor(t, hub);
  await assertLoads(ID, options, main);
  await assertLoads(ID, { ...options, revision: 'v1.0' }, v1);
  await assertLoads(ID, { ...options, revision: 'refs/pr/1' }, pull);
  await assertLoads(ID, { ...options, revision: hub.commitOf(ID, 'v1.0') }, v1);
  const names = (await options.store.list()).map(({ name }) => name).sort();
  assert.deepEqual(names, [ID, `${ID}@${hub.commitOf(ID, 'v1.0')}`, `${ID}@refs/pr/1`, `${ID}@v1.0`].sort());
  const sent = madeModel(3)['model.safetensors'].length + madeModel(4)['model.safetensors'].length;
  assert.equal(bytesSent(hub), TINY['model.safetensors'].length + sent); // the same bytes are fetched once
  const { code, message } = await refusalOf(ID, { ...options, revision: 'v2' });
  assert.equal(code, 'file-not-found');
  assert.match(message, /no revision "v2"/);
});

test('what is kept stays as it is when main moves, until update asks', async (t) => {
  const [before, now] = [TINY, madeModel(5)];
  const hub = await hubOf(t, before);
  const options = optionsFor(t, hub);
  await assertLoads(ID, options, before);
  const nRequests = hub.log.length;
  await hub.move(ID, now);
  await assertLoads(ID, options, before);
  assert.equal(hub.log.length, nRequests);
  await assertLoads(ID, { ...options, update: true }, now);
  await assertLoads(ID, options, now);
  await assertLoads(ID, { ...options, update: true }, now);
  assert.equal(bytesSent(hub), TINY['model.safetensors'].length + now['model.safetensors'].length);
  await hub.close();
  await assertLoads(ID, { ...options, update: true, retries: 0 }, now); // nobody can be asked
});

test('a commit that moves in the middle of a load changes nothing', async (t) => {
  const hub = await hubOf(t, TINY);
  hub.faults.add({ kind: 'move', files: madeModel(6), on: 'resolve' });
  await assertLoads(ID, optionsFor(t, hub), TINY);
  assert.equal(
    new Set(hub.log.filter(({ kind }) => kind === 'resolve').map(({ revision }) => revision)).size,
    1,
  );
});

test('a kept beginning of a commit that is gone does not end the loads of those that come after', async (t) => {
  const hub = await hubOf(t, TINY);
  const options = optionsFor(t, hub);
  const stopped = hub.faults.add({ kind: 'reset', on: 'cdn', times: Number.POSITIVE_INFINITY });
  assert.equal((await refusalOf(ID, { ...options, retries: 0 })).code, 'network');
  stopped.remove();
  const files = madeModel(7);
  hub.repositories.get(ID).commits.clear();
  await hub.move(ID, files);
  await assertLoads(ID, options, files);
});

test('an id that leads to another one', async (t) => {
  const hub = await hubOf(t, TINY, { aliases: { 'old/name': ID } });
  await assertLoads('old/name', optionsFor(t, hub), TINY);
});

test('a mirror of plain files', async (t) => {
  const hub = await hubOf(t, TINY, { staticMirror: true });
  const options = optionsFor(t, hub);
  await assertLoads(ID, options, TINY);
  await assertLoads(ID, options, TINY);
  const { code, message } = await refusalOf(`${ID}:Q8_0`, options);
  assert.equal(code, 'file-not-found');
  assert.match(message, /does not list its files.*resolve\/main\/NAME\.gguf/s);
  await hub.close();
  await assertLoads(ID, options, TINY);
});

const REFUSALS = {
  'no such model, or a private one': [
    {},
    'other/model',
    'access-denied',
    /no model other\/model.*private.*`token`/s,
  ],
  'a private model': [{ private: true, token: TOKEN }, ID, 'access-denied', /or it is private.*`token`/s],
  'a gated model without a token': [
    { gated: true, token: TOKEN },
    ID,
    'access-denied',
    /owner\/tiny.*conditions.*`token`/s,
  ],
  'a model that was taken down': [{ disabled: true }, ID, 'access-denied', /taken down/],
};
for (const [name, [repo, id, code, message]] of Object.entries(REFUSALS)) {
  test(`refused: ${name}`, async (t) => {
    const hub = await hubOf(t, TINY, { repo });
    const error = await refusalOf(id, optionsFor(t, hub));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.ok(hub.log.length < 4);
  });
}

test('tokens: the right one, one that is not on the list, one that holds nowhere', async (t) => {
  const hub = await hubOf(t, TINY, { repo: { gated: true, token: TOKEN }, tokens: ['hf_ofSomebodyElse'] });
  const options = optionsFor(t, hub);
  const unlisted = await refusalOf(ID, { ...options, token: 'hf_ofSomebodyElse' });
  assert.equal(unlisted.code, 'access-denied', unlisted.message);
  assert.match(unlisted.message, /conditions/);
  const wrong = await refusalOf(ID, optionsFor(t, hub, { token: `${TOKEN}x` }));
  assert.equal(wrong.code, 'access-denied', wrong.message);
  await assertLoads(ID, { ...options, token: TOKEN }, TINY);
  assert.deepEqual(hub.leaks, []);
  for (const { origin, headers } of hub.log) {
    if (origin === 'cdn') assert.equal(headers.authorization, undefined);
    else assert.match(headers.authorization, /^Bearer hf_/);
  }
  assert.ok(!JSON.stringify(await options.store.list()).includes(TOKEN));
});

test('a private model with a token of somebody else is not there', async (t) => {
  const hub = await hubOf(t, TINY, { repo: { private: true, token: TOKEN }, tokens: ['hf_ofSomebodyElse'] });
  const error = await refusalOf(ID, optionsFor(t, hub, { token: 'hf_ofSomebodyElse' }));
  assert.equal(error.code, 'access-denied');
  assert.ok(!error.message.includes('hf_ofSomebodyElse'));
});

test('a token that a server repeats is not in the message', async (t) => {
  const hub = await hubOf(t, TINY, { tokens: [TOKEN] });
  for (const on of ['info', 'resolve']) {
    hub.faults.clear();
    hub.faults.add({
      kind: 'status',
      status: 418,
      message: `no, ${TOKEN}!`,
      on,
      times: Number.POSITIVE_INFINITY,
    });
    const { code } = await refusalOf(ID, optionsFor(t, hub, { token: TOKEN }));
    assert.equal(code, 'network');
  }
});

test('a repository without a model says what is missing', async (t) => {
  const hub = await hubOf(t, { 'README.md': 'nothing' });
  const { code, message } = await refusalOf(ID, optionsFor(t, hub));
  assert.equal(code, 'file-not-found');
  assert.match(message, /config\.json.*owner\/tiny/s);
});
