import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LanguageModel } from 'sotto';
import { NEUTRAL_SAMPLER_OPTIONS } from '../../build/web/options/sampler-options.js';
import {
  filesOf,
  fixturePath,
  fixtureReference,
  load,
  serveFiles,
  sottoError,
  storiesPath,
} from './support.mjs';

const folder = fixturePath('odd-60');
const { promptIds, greedy } = fixtureReference('odd-60').cases[0];

async function assertGenerates(model) {
  const { tokenIds } = await model.generate(promptIds, { maxNewTokens: 8 }).result;
  assert.deepEqual(tokenIds, greedy.tokenIds.slice(0, 8));
}

/** Makes each kind of source from the same files. */
const sources = {
  'a path': () => folder,
  'a relative path': () => relative(process.cwd(), folder),
  'a file: URL': () => pathToFileURL(folder),
  'a file: URL as a string': () => pathToFileURL(folder).href.replace(/\/$/, ''),
  'an http: URL': async (t) => (await serveFiles(t, filesOf(folder))).url,
  'an http: URL without the last slash': async (t) =>
    new URL((await serveFiles(t, filesOf(folder))).url.slice(0, -1)),
  'File objects': () => Object.entries(filesOf(folder)).map(([name, bytes]) => new File([bytes], name)),
  'bytes by name': () => filesOf(folder),
  'buffers by name': () => mapValues(filesOf(folder), (bytes) => new Uint8Array(bytes).buffer),
  'views into larger buffers': () =>
    mapValues(filesOf(folder), (bytes) => {
      const larger = new Uint8Array(bytes.length + 14);
      larger.set(bytes, 7);
      return larger.subarray(7, 7 + bytes.length);
    }),
  'shared memory': () =>
    mapValues(filesOf(folder), (bytes) => {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return shared;
    }),
  'blobs and bytes': () =>
    mapValues(filesOf(folder), (bytes, name) => (name.endsWith('.json') ? bytes : new Blob([bytes]))),
};
for (const [what, make] of Object.entries(sources)) {
  for (const worker of [false, true]) {
    test(`a model loads from ${what}, worker: ${worker}`, async (t) => {
      await assertGenerates(await load(t, await make(t), { worker }));
    });
  }
}

test('bytes stay with the caller', async (t) => {
  const files = filesOf(folder);
  const before = mapValues(files, (bytes) => bytes.slice());
  await load(t, files, { worker: true });
  assert.deepEqual(files, before);
});

test('bytes that are taken away during loading are told', async () => {
  const files = filesOf(storiesPath);
  const onProgress = ({ phase, loaded }) => {
    if (phase === 'weights' && loaded === 0)
      structuredClone(files['model.safetensors'], { transfer: [files['model.safetensors'].buffer] });
  };
  await assert.rejects(
    LanguageModel.load(files, { onProgress }),
    sottoError('bad-file', /model\.safetensors/),
  );
});

test('only what is there is asked for, and once', async (t) => {
  const { url, requests } = await serveFiles(t, filesOf(folder));
  await load(t, url);
  const tokenizers = ['tokenizer.json', 'tokenizer_config.json', 'vocab.json', 'tokenizer.model'];
  const optional = ['generation_config.json', ...tokenizers];
  assert.deepEqual(requests.sort(), ['config.json', 'model.safetensors', ...optional].sort());
});

for (const worker of [false, true]) {
  test(`progress tells of each file's beginning and end, worker: ${worker}`, async (t) => {
    const events = [];
    await load(t, storiesPath, { worker, onProgress: (progress) => events.push(progress) });
    const sizes = mapValues(filesOf(storiesPath), (bytes) => bytes.length);
    const phases = {
      'config.json': 'config',
      'generation_config.json': 'config',
      'tokenizer.json': 'tokenizer',
      'tokenizer_config.json': 'tokenizer',
      'model.safetensors': 'weights',
    };
    for (const [file, phase] of Object.entries(phases)) {
      const own = events.filter((event) => event.file === file);
      const [first, last] = [own[0], own.at(-1)].map(({ all: _, ...event }) => event);
      assert.deepEqual(first, { phase, file, loaded: 0, total: sizes[file], fromStore: 0 });
      assert.deepEqual(last, { phase, file, loaded: sizes[file], total: sizes[file], fromStore: 0 });
      assert.deepEqual(
        own.map(({ loaded }) => loaded).sort((a, b) => a - b),
        own.map(({ loaded }) => loaded),
      );
    }
    const bytes = Object.keys(phases).reduce((sum, file) => sum + sizes[file], 0);
    const { loaded, total, fromStore } = events.at(-1).all;
    assert.deepEqual({ loaded, total, fromStore }, { loaded: bytes, total: bytes, fromStore: 0 });
    const engine = events.filter(({ phase }) => phase === 'engine');
    assert.equal(engine.length, 2);
    assert.deepEqual([engine[0].loaded, engine[1].loaded > 100_000], [0, true]);
  });
}

test('progress comes at most about twenty times a second', async (t) => {
  const files = filesOf(folder);
  const weights = files['model.safetensors'];
  const slowly = async (response) => {
    response.writeHead(200); // without a length
    for (let i = 0; i < 100; i++) {
      response.write(weights.subarray((i * weights.length) / 100, ((i + 1) * weights.length) / 100));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    response.end();
  };
  const { url } = await serveFiles(t, { ...files, 'model.safetensors': slowly });
  const events = [];
  const onProgress = (progress) => {
    if (progress.phase === 'weights') events.push({ ...progress, ms: performance.now() });
  };
  await assertGenerates(await load(t, url, { onProgress }));
  const seconds = (events.at(-1).ms - events[0].ms) / 1000;
  assert.ok(events.length > 4 && events.length <= 20 * seconds + 3, `${events.length} in ${seconds} s`);
  assert.deepEqual(
    events.slice(0, -1).map(({ total }) => total),
    events.slice(0, -1).map(() => null),
  );
  assert.equal(events.at(-1).total, weights.length);
});

const wasmUrl = new URL('../../dist/wasm/simd.wasm', import.meta.url);
const wasmBytes = new Uint8Array(await readFile(wasmUrl));
const compiled = await WebAssembly.compile(wasmBytes);
const binaries = {
  'a URL': () => ({ url: wasmUrl }),
  'a path': () => ({ url: relative(process.cwd(), wasmUrl.pathname) }),
  'a server': async (t) => ({ url: `${(await serveFiles(t, { 'simd.wasm': wasmBytes })).url}simd.wasm` }),
  'a server that knows the type': async (t) => ({
    url: `${(await serveFiles(t, { 'simd.wasm': typed(wasmBytes) })).url}simd.wasm`,
  }),
  bytes: () => ({ bytes: wasmBytes }),
  'a buffer': () => ({ bytes: wasmBytes.buffer }),
  'a module': () => ({ module: compiled }),
};
for (const [what, make] of Object.entries(binaries)) {
  for (const worker of [false, true]) {
    test(`the engine's binary can come from ${what}, worker: ${worker}`, async (t) => {
      await assertGenerates(await load(t, folder, { worker, wasm: await make(t) }));
    });
  }
}

test("an engine's binary that is none is refused", async (t) => {
  const { url } = await serveFiles(t, {
    'cut.wasm': wasmBytes.subarray(0, 1000),
    'typed-cut.wasm': typed(wasmBytes.subarray(0, 1000)),
    'trouble.wasm': (response) => response.writeHead(500).end(),
    'cut-off.wasm': (response) => {
      response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': 5000 });
      response.write(wasmBytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
    },
  });
  const refused = async (wasm, code, message) => {
    await assert.rejects(LanguageModel.load(folder, { wasm }), sottoError(code, message));
  };
  await refused({ url: 'no-such.wasm' }, 'file-not-found', /no-such\.wasm/);
  await refused({ url: `${url}none.wasm` }, 'file-not-found', /none\.wasm.*404/);
  await refused({ url: `${url}trouble.wasm` }, 'network', /500/);
  await refused({ url: `${url}cut-off.wasm` }, 'network', /cut-off\.wasm/);
  await refused({ url: `${url}cut.wasm` }, 'bad-file', /cut\.wasm/);
  await refused({ url: `${url}typed-cut.wasm` }, 'bad-file', /typed-cut\.wasm/);
  await refused({ bytes: wasmBytes.subarray(0, 1000) }, 'bad-file', /given bytes/);
  const other = await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  await refused({ module: other }, 'bad-file', /same package/);
});

test('a runtime without SIMD is told', async (t) => {
  t.mock.method(WebAssembly, 'validate', () => false);
  await assert.rejects(LanguageModel.load(folder), sottoError('unsupported-environment', /SIMD/));
});

function typed(bytes) {
  return (response) => {
    response
      .writeHead(200, { 'content-type': 'application/wasm', 'content-length': bytes.length })
      .end(bytes);
  };
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}

test('what a loaded model is can be read', async (t) => {
  const { info } = await load(t, fixturePath('odd-66'), { variant: 'simd' });
  assert.deepEqual(info, {
    architecture: 'gpt2',
    contextLength: 100,
    vocabSize: 1003,
    nLayers: 4,
    nHeads: 3,
    nKvHeads: 3,
    headDim: 22,
    hiddenSize: 66,
    nParameters: info.nParameters,
    weightBytes: info.weightBytes,
    weights: 'f32',
    weightTypes: { f32: info.weightTypes.f32 },
    name: null,
    license: null,
    fileType: null,
    kvCache: 'f32',
    variant: 'simd',
    variantReason: 'the variant simd was asked for; one thread',
    dotForms: {},
    threads: 1,
    hasTokenizer: false,
    chatTemplates: [],
    bosTokenId: info.bosTokenId,
    eosTokenIds: [650, 248],
    generationDefaults: { ...NEUTRAL_SAMPLER_OPTIONS, maxNewTokens: 256, temperature: 0 },
    ignoredDefaults: {},
    skippedTensors: [],
    notices: [],
  });
  const [hidden, mlp] = [66, 99];
  const layer = 4 * hidden * hidden + 4 * hidden + 2 * hidden * mlp + mlp + hidden + 4 * hidden;
  assert.equal(info.nParameters, (2 * 1003 + 100) * hidden + 4 * layer + 2 * hidden);
  assert.ok(info.weightBytes >= 4 * info.nParameters && info.weightBytes < 5 * info.nParameters);
});
