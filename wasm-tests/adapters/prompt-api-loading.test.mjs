// The Prompt API's way to a model: whether it is there, how its download goes, who shares it, where the API is put.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelStore } from 'sotto';
import { createPromptApi, installPromptApi } from 'sotto/prompt-api';
import { newFolder } from '../api/hub-support.mjs';
import { filesOf, load, serveFiles, storiesPath } from '../api/support.mjs';
import { domError, plainModel, promptApi, says } from './prompt-api-support.mjs';

/** Files that a server marks, so that what is kept of them can be known again. */
function withTags(files) {
  const serve = (bytes) => (response) =>
    response.writeHead(200, { 'content-length': bytes.byteLength, etag: '"1"' }).end(bytes);
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, serve(bytes)]));
}

test('availability, before, during and after the download; sessions share one model', async (t) => {
  const { url, requests } = await serveFiles(t, withTags(filesOf(storiesPath)));
  const store = new ModelStore({ kind: 'folder', folder: newFolder(t) });
  const options = { source: url, chatTemplate: 'chatml', loadOptions: { store } };
  const LanguageModel = promptApi(t, options);
  assert.equal(await LanguageModel.availability(), 'downloadable');
  const events = [];
  const monitor = (m) => {
    m.addEventListener('downloadprogress', ({ loaded, total }) => events.push([loaded, total]));
    m.ondownloadprogress = ({ type }) => assert.equal(type, 'downloadprogress');
  };
  const nRequests = () => requests.filter((name) => name === 'tokenizer.json').length;
  const before = nRequests();
  const creating = [LanguageModel.create({ monitor }), LanguageModel.create()];
  assert.equal(await LanguageModel.availability(), 'downloading');
  const [session, other] = await Promise.all(creating);
  assert.equal(nRequests(), before + 1, 'one download for both');
  assert.equal(await LanguageModel.availability(), 'available');
  assert.deepEqual(events[0], [0, 1]);
  assert.deepEqual(events.at(-1), [1, 1]);
  const steps = events.map(([loaded]) => loaded);
  assert.ok(steps.length > 2, 'something in between');
  assert.deepEqual(
    steps,
    [...new Set(steps)].sort((a, b) => a - b),
  );
  assert.equal(await session.prompt('x', says('Hi')), 'Hi');
  assert.equal(await other.prompt('x', says('Hello')), 'Hello');

  // Of another page: the files are kept.
  const later = promptApi(t, options);
  assert.equal(await later.availability(), 'available');
  const again = [];
  await later.create({ monitor: (m) => m.addEventListener('downloadprogress', (e) => again.push(e.loaded)) });
  assert.deepEqual([again[0], again.at(-1)], [0, 1]);

  for (const wanted of [
    { expectedInputs: [{ type: 'image' }] },
    { expectedOutputs: [{ type: 'image' }] },
    { expectedInputs: [{ type: 'text', languages: ['en'] }, { type: 'audio' }] },
  ]) {
    assert.equal(await later.availability(wanted), 'unavailable');
  }
  assert.equal(
    await later.availability({ expectedInputs: [{ type: 'text', languages: ['en', 'ja'] }] }),
    'available',
  );
});

test('availability of what is not there, does not fit, or is on the device', async (t) => {
  assert.equal(await promptApi(t).availability(), 'available');
  const small = { loadOptions: { memoryLimit: 1 << 20 } };
  assert.equal(await promptApi(t, small).availability(), 'unavailable');
  const { url } = await serveFiles(t, {});
  const missing = promptApi(t, { source: url, loadOptions: { store: false } });
  assert.equal(await missing.availability(), 'unavailable');
  await assert.rejects(missing.create(), domError('NetworkError', /config\.json/, 'file-not-found'));
  const away = promptApi(t, { source: 'http://127.0.0.1:1/m/', loadOptions: { store: false, retries: 0 } });
  await assert.rejects(away.availability(), domError('UnknownError', /./, 'network'));
  await assert.rejects(away.create(), domError('NetworkError', /./, 'network'));
});

test('an abort ends a loading that nobody else waits for', async (t) => {
  const LanguageModel = promptApi(t);
  const [first, second] = [new AbortController(), new AbortController()];
  const creating = LanguageModel.create({ signal: first.signal });
  const other = LanguageModel.create({ signal: second.signal });
  first.abort('one');
  await assert.rejects(creating, (error) => error === 'one');
  assert.equal(await (await other).prompt('x', says('Hi')), 'Hi');
  const alone = promptApi(t);
  const controller = new AbortController();
  const ended = alone.create({ signal: controller.signal });
  controller.abort();
  await assert.rejects(ended, domError('AbortError'));
  assert.equal(await (await alone.create()).prompt('x', says('Hi')), 'Hi', 'and can be begun again');
});

test('unload ends all sessions; the next one loads the model again; a given model stays', async (t) => {
  const LanguageModel = promptApi(t);
  const session = await LanguageModel.create();
  await LanguageModel.unload();
  await assert.rejects(session.prompt('x'), domError('InvalidStateError'));
  const { defaultTopK, defaultTemperature, maxTopK, maxTemperature } = await LanguageModel.params();
  assert.ok(defaultTopK === 40 && maxTopK > 256 && defaultTemperature > 0 && maxTemperature === 2);
  assert.equal(await (await LanguageModel.create()).prompt('x', says('Hi')), 'Hi');

  const model = await load(t, plainModel());
  const over = createPromptApi({ model });
  const events = [];
  await over.create({ monitor: (m) => m.addEventListener('downloadprogress', (e) => events.push(e.loaded)) });
  assert.deepEqual(events, [0, 1], 'both, though nothing is loaded');
  await over.unload();
  assert.equal(await (await over.create()).prompt('x', says('Hi')), 'Hi');
  await model.dispose();
  await assert.rejects(over.create(), domError('InvalidStateError', /./, 'disposed'));
});

test('what a monitor throws comes out, and nothing is loaded', async (t) => {
  const problem = new Error('mine');
  const monitor = () => {
    throw problem;
  };
  const LanguageModel = promptApi(t);
  await assert.rejects(LanguageModel.create({ monitor }), (error) => error === problem);
});

test('the polyfill: where there is none, or by force', async (t) => {
  t.after(() => delete globalThis.LanguageModel);
  const source = plainModel();
  const first = installPromptApi({ source });
  t.after(() => first.unload());
  assert.equal(globalThis.LanguageModel, first);
  assert.equal(Object.getOwnPropertyDescriptor(globalThis, 'LanguageModel').enumerable, false);
  assert.equal(installPromptApi({ source }), first, 'what is there stays');
  const second = installPromptApi({ source, force: true });
  assert.notEqual(second, first);
  assert.equal(globalThis.LanguageModel, second);
  const session = await first.create();
  assert.ok(session instanceof first && !(session instanceof second));
});
