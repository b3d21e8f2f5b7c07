// Whatever is given for an argument, what comes back is a SottoError: no TypeError of the platform, no endless reading, and
// no message as long as what was given. Errors of the caller's own code are their cause.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { LanguageModel, SottoError } from 'sotto';
import { Engine } from 'sotto/engine';
import { loadIntoEngine } from './engine-support.mjs';
import { assertStillWorks, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const trap = () => {
  throw new RangeError('a trap');
};
const traps = { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap };

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function detached(bytes) {
  structuredClone(bytes, { transfer: [bytes] });
  return bytes;
}

/** A view of a buffer that has shrunk below it. */
function cut() {
  const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
  const view = new Uint8Array(buffer, 4, 4);
  buffer.resize?.(2);
  return view;
}

const gone = new Uint8Array(8);
detached(gone.buffer);

/** What no argument can be, whatever it is for. */
const HOSTILE = {
  symbol: Symbol('x'.repeat(500)),
  'a bigint of many digits': 10n ** 5000n,
  'a revoked proxy': revoked({}),
  'a revoked proxy of an array': revoked([]),
  'a proxy that throws': new Proxy({}, traps),
  'an array that throws': new Proxy([1, 2], { get: (_, key) => (key === 'length' ? 2 : trap()) }),
  'an array with a revoked proxy': [revoked({})],
  'a list that claims to be long': { length: 2 ** 53 - 1 },
  'a list with a length below 0': { length: -1 },
  'an array of 2 ** 32 - 1 holes': new Array(2 ** 32 - 1),
  'a getter that throws': Object.defineProperty({}, 'length', { enumerable: true, get: trap }),
  'a tag that throws': Object.defineProperty({}, Symbol.toStringTag, { get: trap }),
  'a string that throws': { [Symbol.toPrimitive]: trap, toString: trap },
  'a constructor without a name': { constructor: Object.defineProperty({}, 'name', { get: trap }) },
  'a detached view': gone,
  'a detached buffer': detached(new ArrayBuffer(8)),
  'a view of a buffer that shrank': cut(),
  'a shared buffer': new SharedArrayBuffer(3),
  'one that says it is a URL': { [Symbol.toStringTag]: 'URL', toString: trap },
  'one that says it is a Map': { [Symbol.toStringTag]: 'Map' },
  'one that says it is a module': { [Symbol.toStringTag]: 'WebAssembly.Module' },
  'one that says it is a signal': { [Symbol.toStringTag]: 'AbortSignal' },
  'a signal whose methods throw': { aborted: false, addEventListener: trap },
  'a signal without methods': { aborted: false, addEventListener: 5 },
  'a worker without methods': { postMessage: 5, terminate: 5 },
  'a million characters': 'x'.repeat(2 ** 20),
};

const PLENTY_MS = 5000;
const MOST_LETTERS = 700;

/** Says that a call works, or ends in a SottoError with a message of bearable length; soon. */
async function assertTyped(label, call) {
  const begin = performance.now();
  try {
    const made = await call();
    await made?.dispose?.();
  } catch (error) {
    assert.ok(error instanceof SottoError, `${label}: not a SottoError: ${error?.stack ?? error}`);
    assert.ok(error.message.length <= MOST_LETTERS, `${label}: ${error.message.length} letters`);
    assert.notEqual(error.code, 'engine-crashed', `${label}: ${error.message}`);
  }
  assert.ok(performance.now() - begin < PLENTY_MS, `${label}: ${performance.now() - begin} ms`);
}

const GENERATE_OPTIONS =
  'temperature topP topK seed logitBias badWords forcedTokens suppressTokens stop stopWhen maxTime logprobs ' +
  'logitsProcessor promptLookup numBeams earlyStopping overflow keepTokens signal';
const LOAD_OPTIONS = 'onProgress signal worker weights threads variant wasm memoryLimit prefixCache';

for (const [name, value] of Object.entries(HOSTILE)) {
  const isLongText = typeof value === 'string'; // which a tokenizer takes its time for
  test(`a model given ${name}`, async (t) => {
    const model = await load(t, storiesPath);
    const session = await model.createSession();
    await session.append([5, 6, 7]);
    const generate = (prompt, options) => model.generate(prompt, { maxNewTokens: 1, ...options }).result;
    if (!isLongText) {
      await assertTyped('generate', () => generate(value));
      await assertTyped('score', () => model.score(value));
      await assertTyped('encode', () => model.encode(value));
      await assertTyped('append', () => session.append(value));
    }
    await assertTyped('generate, in a list', () => generate([value]));
    await assertTyped('generateBatch', () => model.generateBatch(value).map(({ result }) => result));
    await assertTyped('the options of generate', () => model.generate('a', value).abort());
    for (const option of GENERATE_OPTIONS.split(' '))
      await assertTyped(option, () => generate('a', { [option]: value }));
    await assertTyped('decode', () => model.decode(value));
    await assertTyped('restoreSession', () => model.restoreSession(value));
    await assertTyped('the options of score', () => model.score('a b', value));
    for (const method of ['truncate', 'kv', 'tap']) await assertTyped(method, () => session[method](value));
    await assertTyped('tap, in a list', () => session.tap([value]));
    await assertTyped('the options of append', () => session.append([1], value));
    await assertStillWorks(model);
  });

  test(`load given ${name}`, async () => {
    const source = fixturePath('odd-8');
    await assertTyped('source', () => LanguageModel.load(value));
    await assertTyped('source, in a list', () => LanguageModel.load([value]));
    await assertTyped('source, by name', () => LanguageModel.load({ 'config.json': value }));
    await assertTyped('the options', () => LanguageModel.load(source, value));
    for (const option of LOAD_OPTIONS.split(' '))
      await assertTyped(option, () => LanguageModel.load(source, { [option]: value }));
    for (const option of ['url', 'bytes', 'module'])
      await assertTyped(`wasm.${option}`, () => LanguageModel.load(source, { wasm: { [option]: value } }));
  });

  test(`the engine given ${name}`, async (t) => {
    const { engine, model } = await loadIntoEngine(t, 'odd-60');
    const session = model.createSession();
    session.append([1, 2]);
    const sampler = engine.createSampler({});
    await assertTyped('Engine.create', () => Engine.create(value));
    await assertTyped('createModel', () => engine.createModel(value));
    for (const key of Object.keys(model.config))
      await assertTyped(key, () => engine.createModel({ ...model.config, [key]: value }));
    await assertTyped('createSampler', () => engine.createSampler(value));
    await assertTyped('begin', () => sampler.begin(value));
    await assertTyped('sample', () => sampler.sample(value));
    await assertTyped('accept', () => sampler.accept(value));
    for (const method of ['append', 'step', 'logProbabilities', 'truncate', 'rewind', 'kv', 'tap'])
      await assertTyped(method, () => void session[method](value));
    await assertTyped('restoreSession', () => model.restoreSession(value));
    await assertTyped('appendAll', () => model.appendAll(value));
    await assertTyped('appendAll, in a list', () => model.appendAll([value]));
    await assertTyped('appendAll, a session', () => model.appendAll([{ session: value, ids: [1] }]));
    await assertTyped('appendAll, ids', () => model.appendAll([{ session, ids: value }]));
    const request = { name: 'x', dtype: 'F32', rows: 1, columns: 1, transposed: false, rowOffset: 0 };
    for (const key of [...Object.keys(request), 'regroup']) {
      const empty = engine.createModel(model.config);
      await assertTyped(key, () => void empty.beginTensor({ ...request, regroup: null, [key]: value }));
      empty.dispose();
    }
    session.truncate(0);
    session.append([1, 2]);
    assert.ok(session.logits().every(Number.isFinite));
    for (const each of [sampler, session]) each.dispose();
  });
}

test('what the code of a caller throws is the cause', async (t) => {
  const model = await load(t, storiesPath);
  const options = Object.defineProperty({}, 'maxNewTokens', { enumerable: true, get: trap });
  assert.throws(
    () => model.generate('a', options),
    (error) => {
      sottoError('bad-option', /cannot be read \(a trap\)/)(error);
      return error.cause instanceof RangeError;
    },
  );
});

test('bytes that are gone are told as such', async () => {
  const sent = sottoError('bad-option', /"config.json" cannot be read: its bytes are gone.*Give a copy/);
  await assert.rejects(LanguageModel.load({ 'config.json': gone }), sent);
  const wasm = { bytes: gone };
  const again = sottoError('bad-option', /wasm.bytes cannot be read: its bytes are gone/);
  await assert.rejects(LanguageModel.load(storiesPath, { wasm }), again);
});

test('each item of an argument is read once, and what it says then is used', async (t) => {
  const model = await load(t, storiesPath);
  let reads = 0;
  const prompt = {
    length: 2,
    get 0() {
      return reads++ === 0 ? 11 : 99_999;
    },
    1: 12,
  };
  const { tokenIds } = await model.generate(prompt, { maxNewTokens: 4, temperature: 0 }).result;
  assert.equal(reads, 1);
  assert.deepEqual(
    tokenIds,
    (await model.generate([11, 12], { maxNewTokens: 4, temperature: 0 }).result).tokenIds,
  );
});

test('values of other frames are as good', async (t) => {
  const model = await load(t, storiesPath);
  const elsewhere = (code) => runInNewContext(code);
  const plain = { maxNewTokens: 6, temperature: 0 };
  const { tokenIds } = await model.generate([11, 12], plain).result;
  const same = await model.generate(elsewhere('[11, 12]'), plain).result;
  assert.deepEqual(same.tokenIds, tokenIds);
  const first = tokenIds[0];
  for (const bias of [`new Map([[${first}, -1e9]])`, `({ ${first}: -1e9 })`]) {
    const moved = await model.generate([11, 12], { ...plain, logitBias: elsewhere(bias) }).result;
    assert.notEqual(moved.tokenIds[0], first, bias);
  }
  const stopped = await model.generate([11, 12], { ...plain, stop: elsewhere('/./') }).result;
  assert.equal(stopped.finishReason, 'stop-pattern');
});

test('a signal that is no signal of the runtime ends a generation as well', async (t) => {
  const model = await load(t, storiesPath);
  const controller = new AbortController();
  const inProxy = new Proxy(controller.signal, {
    get: (signal, key) => {
      const value = Reflect.get(signal, key);
      return typeof value === 'function' ? value.bind(signal) : value;
    },
  });
  const generation = model.generate('Once', { signal: inProxy, onToken: () => controller.abort() });
  await assert.rejects(generation.result, { name: 'AbortError' });
});

test('options in a list or a Map are refused, where they would be passed over', async (t) => {
  const model = await load(t, storiesPath);
  for (const options of [[], ['x'], new Map([['maxNewTokens', 5]]), new Set()]) {
    const refused = sottoError('bad-option', /the options are an .*they must be an object/);
    assert.throws(() => model.generate('a', options), refused);
  }
});

test('holes are no tokens', async (t) => {
  const model = await load(t, storiesPath);
  const holes = [1, 2, 3];
  delete holes[1];
  assert.throws(() => model.generate(holes), sottoError('bad-token', /prompt\[1\] is undefined/));
  for (const option of ['forcedTokens', 'suppressTokens'])
    assert.throws(
      () => model.generate('a', { [option]: holes }),
      sottoError('bad-option', /list of token ids/),
    );
  assert.throws(() => model.generateBatch(holes), sottoError('bad-option', /prompts\[0\] is 1/));
});

test('the tokens that are forced and suppressed are compared in no time', async (t) => {
  const model = await load(t, storiesPath);
  const forcedTokens = new Array(200_000).fill(5);
  const suppressTokens = new Array(200_000).fill(6);
  const begin = performance.now();
  model.generate('a', { forcedTokens, suppressTokens, maxNewTokens: 1 }).abort();
  assert.ok(performance.now() - begin < 2000);
});
