// The entries that are one script: the same exports, texts and errors as of 'sotto', and nothing imported at run time.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseAst } from 'rolldown/parseAst';
import * as sotto from 'sotto';
import * as edge from 'sotto/edge';
import * as inline from 'sotto/inline';
import { filesOf, storiesPath } from './support.mjs';

const dist = new URL('../../dist/', import.meta.url);
const PROMPT = 'Once upon a time';
const MESSAGES = [{ role: 'user', content: 'A fox' }];

/** Every entry in every thread that it runs in. */
const RUNS = [
  ['sotto', sotto, { worker: false }],
  ['sotto/inline', inline, { worker: false }],
  ['sotto/inline in a worker', inline, { worker: true }],
  ['sotto/edge', edge, {}],
];

async function load(t, { LanguageModel }, options, source = storiesPath) {
  const model = await LanguageModel.load(source, options);
  t.after(() => model.dispose());
  return model;
}

const refused = (code, message) => (error) => {
  assert.equal(error.code, code, error.stack);
  assert.match(error.message, message);
  return true;
};

/** All nodes of a syntax tree. */
function* nodesOf(value) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.type === 'string') yield value;
  for (const part of Object.values(value)) yield* nodesOf(part);
}

const nodesIn = async (name) => [...nodesOf(parseAst(await readFile(new URL(name, dist), 'utf8')))];
const ofTypes = (nodes, types) =>
  nodes.filter(({ type, meta }) => types.includes(type) && meta?.name !== 'new'); // new.target is another matter

test('they export the same names', () => {
  for (const entry of [inline, edge]) assert.deepEqual(Object.keys(entry), Object.keys(sotto));
});

test('inline.js imports nothing and knows no address of its own', async () => {
  const nodes = await nodesIn('inline.js');
  assert.ok(nodes.length > 10_000);
  const types = ['ImportExpression', 'ImportDeclaration', 'MetaProperty', 'ExportAllDeclaration'];
  assert.equal(ofTypes(nodes, types).length, 0);
  assert.ok(ofTypes(nodes, ['ExportNamedDeclaration']).every(({ source }) => source === null));
  // The check sees what it looks for.
  assert.ok(ofTypes(await nodesIn('core.js'), types).length > 5);
});

test('edge.js imports nothing, and names two binaries beside it', async () => {
  const nodes = await nodesIn('edge.js');
  assert.equal(ofTypes(nodes, ['ImportExpression', 'ImportDeclaration', 'ExportAllDeclaration']).length, 0);
  const addresses = ofTypes(nodes, ['NewExpression']).filter(
    (node) => ofTypes([...nodesOf(node.arguments)], ['MetaProperty']).length > 0,
  );
  assert.equal(ofTypes(nodes, ['MetaProperty']).length, addresses.length);
  assert.deepEqual(addresses.map(({ arguments: [name] }) => name.value).sort(), [
    './wasm/relaxed.wasm',
    './wasm/simd.wasm',
  ]);
});

test('texts, forms and chats are the same in all of them', async (t) => {
  const runs = [];
  for (const [name, entry, options] of RUNS) {
    const model = await load(t, entry, { ...options, threads: 1 });
    const responseFormat = { type: 'json-schema', schema: { enum: [17, 'a', null] } };
    const { tokenIds } = await model.generate(PROMPT, { seed: 7, maxNewTokens: 60 }).result;
    const { parsed } = await model.generate(PROMPT, { seed: 7, responseFormat }).result;
    const chat = await model.chat(MESSAGES, { chatTemplate: 'chatml', seed: 7, maxNewTokens: 9 }).text();
    assert.equal(tokenIds.length, 60);
    runs.push([name, { tokenIds, parsed, chat, variant: model.info.variant }]);
  }
  for (const [name, run] of runs) assert.deepEqual(run, runs[0][1], name);
});

for (const [name, entry, options] of RUNS.slice(1)) {
  test(`${name}: files in memory, progress, sessions, and an abort on the way`, async (t) => {
    const seen = [];
    const files = filesOf(storiesPath);
    const onProgress = ({ phase }) => seen.push(phase);
    const model = await load(t, entry, { ...options, onProgress }, files);
    assert.ok(['config', 'weights', 'engine'].every((phase) => seen.includes(phase)));
    assert.ok(
      Object.values(files).every(({ byteLength }) => byteLength > 0),
      'the bytes stay the caller’s',
    );

    const session = await model.createSession();
    await session.append(PROMPT);
    const before = await session.tokens();
    before.fill(0); // it is the caller's own
    assert.ok((await session.tokens()).every((id) => id > 0));
    const [first, second] = [await session.logits(), await session.logits()];
    first.fill(0);
    assert.ok(second.some((value) => value !== 0));
    const restored = await model.restoreSession(await session.save());
    assert.deepEqual(await restored.logits(), second);

    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const controller = new AbortController();
    const generation = model.generate(PROMPT, { signal: controller.signal, seed: 1 });
    let pieces = 0;
    const read = async () => {
      for await (const _ of generation) if (++pieces === 20) controller.abort();
    };
    await assert.rejects(read(), { name: 'AbortError' });
    clearInterval(timer);
    assert.ok(pieces < 40, 'it ends there');
    assert.ok(turns > 0, 'other tasks have their turn');

    await model.dispose();
    assert.throws(() => model.generate(PROMPT), refused('disposed', /disposed/));
  });

  test(`${name}: no threads, and no modules that are imported when it runs`, async (t) => {
    for (const wanted of [{ threads: 2 }, { variant: 'simd-threads' }])
      await assert.rejects(
        entry.LanguageModel.load(storiesPath, { ...options, ...wanted }),
        refused('unsupported-environment', /cannot be had: sotto\/inline and sotto\/edge.*Import 'sotto'/),
      );
    const model = await load(t, entry, { ...options, threads: 'auto' });
    assert.match(model.info.variantReason, /one thread/);
    await assert.rejects(
      model.generate(PROMPT, { logitsProcessor: new URL('processor.js', import.meta.url) }).result,
      refused('unsupported-environment', /processor\.js, cannot be loaded: .*Import 'sotto'/),
    );
  });
}

test('sotto/edge: what a caller changes later is not what the model has', async (t) => {
  const model = await load(t, edge, {});
  const session = await model.createSession();
  await session.chat(MESSAGES, { chatTemplate: 'chatml', seed: 1, maxNewTokens: 4 }).result;
  const messages = await session.messages();
  messages[0].content = 'something else';
  messages.length = 0;
  const again = await session.messages();
  assert.equal(again.length, 2);
  assert.equal(again[0].content, MESSAGES[0].content);
});

test('sotto/edge: a worker is refused with advice', async () => {
  const worker = { postMessage() {}, terminate() {}, addEventListener() {} };
  for (const given of [true, worker])
    await assert.rejects(
      edge.LanguageModel.load(storiesPath, { worker: given }),
      refused('unsupported-environment', /in the thread that loads them.*'sotto\/inline'/),
    );
});

/** WebAssembly as at the edge: modules are instantiated, and bytes are not compiled. */
function forbidCompiling(t) {
  const forbid = () => {
    throw new WebAssembly.CompileError('WebAssembly.compile(): Wasm code generation disallowed by embedder');
  };
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, 'compile', async () => forbid());
  t.mock.method(WebAssembly, 'Module', forbid);
  t.mock.method(WebAssembly, 'instantiate', async (given, imports) =>
    ArrayBuffer.isView(given) || given instanceof ArrayBuffer ? forbid() : instantiate(given, imports),
  );
}

test('sotto/edge: with a module nothing is compiled, and without one the error says how to give it', async (t) => {
  globalThis.EdgeRuntime = 'edge-runtime';
  t.after(() => {
    delete globalThis.EdgeRuntime;
  });
  const { LanguageModel } = await import('../../dist/edge.js?at-the-edge');
  const module = await WebAssembly.compile(await readFile(new URL('wasm/simd.wasm', dist)));
  const usual = await load(t, edge, {});
  const expected = await usual.generate(PROMPT, { seed: 7, maxNewTokens: 20 }).text();
  forbidCompiling(t);
  await assert.rejects(
    LanguageModel.load(storiesPath),
    refused(
      'unsupported-environment',
      /import wasm from 'sotto\/wasm\/simd\.wasm\?module' and load\(source, \{ wasm: \{ module: wasm \} \}\)/,
    ),
  );
  const model = await load(t, { LanguageModel }, { wasm: { module } });
  assert.equal(await model.generate(PROMPT, { seed: 7, maxNewTokens: 20 }).text(), expected);
  assert.deepEqual(model.info.notices, usual.info.notices);
});

test('sotto/inline: a runtime that cannot unpack it is told so', async (t) => {
  const { DecompressionStream } = globalThis;
  t.after(() => {
    globalThis.DecompressionStream = DecompressionStream;
  });
  delete globalThis.DecompressionStream;
  // Of this one nothing is unpacked yet.
  const { LanguageModel } = await import('../../dist/inline.js?packed');
  for (const worker of [false, true])
    await assert.rejects(
      LanguageModel.load(storiesPath, { worker }),
      refused('unsupported-environment', /DecompressionStream is missing.*Safari 16\.4/),
    );
});

test('a runtime without SIMD is told so before anything is fetched', async (t) => {
  const { validate } = WebAssembly;
  t.mock.method(WebAssembly, 'validate', (bytes) => !new Uint8Array(bytes).includes(0xfd) && validate(bytes));
  const fetched = [];
  const options = {
    store: false,
    fetch: async (url) => {
      fetched.push(url);
      return new Response('', { status: 404 });
    },
  };
  for (const [, { LanguageModel }, { worker = false }] of RUNS.filter(([, , run]) => !run.worker)) {
    const given = { ...options, worker };
    const noSimd = refused('unsupported-environment', /has no SIMD in WebAssembly/);
    await assert.rejects(LanguageModel.load('https://models.test/model/', given), noSimd);
    await assert.rejects(LanguageModel.estimate('https://models.test/model/', { ...options }), noSimd);
  }
  assert.deepEqual(fetched, []);
});
