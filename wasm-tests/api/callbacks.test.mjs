// What callers give: functions that return promises, lists with holes, options with getters; streams of text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LanguageModel, SottoError } from 'sotto';
import { aborted, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const model8 = fixturePath('odd-8');
const own = new Error('own');
const isOwn = (error) => error === own;
const rejects = async () => {
  throw own;
};
const short = { maxNewTokens: 3, temperature: 0 };
const asyncProcessor = (body) =>
  `data:text/javascript,${encodeURIComponent(`export default async () => { ${body} }`)}`;

const unhandled = [];
const note = (error) => unhandled.push(error);
before(() => process.on('unhandledRejection', note));
after(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

for (const worker of [false, true]) {
  test(`promises that callbacks return are waited for, worker: ${worker}`, async (t) => {
    const model = await load(t, model8, { worker, prefixCache: 0 });
    for (const name of ['onToken', 'onPrefillProgress', 'stopWhen']) {
      const generation = model.generate([1], { ...short, [name]: rejects });
      await assert.rejects(generation.result, isOwn, name);
      const late = async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        throw own;
      };
      await assert.rejects(
        model.generate([1], { maxNewTokens: 2, [name]: late }).result,
        isOwn,
        `late ${name}`,
      );
    }
    const thenable = Object.defineProperty({}, 'then', { value: (_, reject) => reject(own) });
    await assert.rejects(model.generate([1], { ...short, onToken: () => thenable }).result, isOwn);
    await assert.rejects(model.score([1, 2], { onPrefillProgress: rejects }), isOwn);
    const session = await model.createSession();
    await assert.rejects(session.append([1, 2], { onPrefillProgress: rejects }), isOwn);
    assert.equal(session.length, 0);
    const onPrefillProgress = () => {
      throw undefined;
    };
    for (const call of [
      () => model.score([1, 2], { onPrefillProgress }),
      () => session.append([1, 2], { onPrefillProgress }),
      () => model.generate([1, 2], { ...short, onPrefillProgress }).result,
    ])
      assert.deepEqual(
        await call().then(
          () => 'done',
          (error) => [error],
        ),
        [undefined],
      );

    const stop = await model.generate([1], {
      ...short,
      stopWhen: async ({ tokenIds }) => tokenIds.length === 2,
    }).result;
    assert.deepEqual([stop.finishReason, stop.tokenIds.length], ['stop-when', 2]);
    const go = await model.generate([1], { ...short, stopWhen: async () => undefined }).result;
    assert.deepEqual([go.finishReason, go.tokenIds.length], ['length', 3]);
    await assert.rejects(LanguageModel.load(model8, { worker, onProgress: rejects }), isOwn);
  });

  test(`an async logits processor is refused, worker: ${worker}`, async (t) => {
    const model = await load(t, model8, { worker });
    for (const search of [{}, { numBeams: 2 }, { penaltyAlpha: 0.5, topK: 4 }]) {
      for (const body of ['', 'throw new Error("own")']) {
        const options = { maxNewTokens: 2, ...search, logitsProcessor: asyncProcessor(body) };
        await assert.rejects(
          model.generate([1], options).result,
          sottoError('bad-option', /must be synchronous/),
        );
      }
    }
    assert.equal((await model.generate([1], short).result).tokenIds.length, 3);
  });

  test(`a promise of stopWhen that never comes holds up neither abort nor maxTime, worker: ${worker}`, async (t) => {
    const model = await load(t, model8, { worker });
    const never = () => new Promise(() => {});
    const late = await model.generate([1], { ...short, maxNewTokens: 60, stopWhen: never, maxTime: 50 })
      .result;
    assert.equal(late.finishReason, 'max-time');
    const generation = model.generate([1], { ...short, stopWhen: never, onToken: () => generation.abort() });
    assert.equal((await aborted(generation)).tokenIds.length, 1);
    const open = model.generate([1], { ...short, onToken: never });
    setTimeout(() => open.abort(), 50);
    assert.equal((await open.result).finishReason, 'length', 'the text was whole by then');
  });
}

test('in a batch, an answer that comes too late is not taken for that to the next question', async (t) => {
  const model = await load(t, model8);
  const answers = [];
  const stopWhen = ({ tokenIds }) =>
    tokenIds.length === 1 ? new Promise((resolve) => answers.push(resolve)) : false;
  const [first, second] = model.generateBatch([[1], [2]], { ...short, stopWhen });
  const until = async (holds) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await until(() => answers.length === 1);
  first.abort();
  await until(() => answers.length === 2); // the second one's question
  answers[0](true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  answers[1](false);
  await aborted(first);
  assert.equal((await second.result).finishReason, 'length');
});

test('the abort of one text does not answer the question of another', async (t) => {
  const model = await load(t, model8);
  const answers = [];
  const stopWhen = () => new Promise((resolve) => answers.push(resolve));
  const [first, second] = model.generateBatch([[1], [2]], { ...short, maxNewTokens: 2, stopWhen });
  while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  second.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  answers[0](true);
  assert.equal((await first.result).finishReason, 'stop-when');
  await aborted(second);
});

/** A list whose items are other ones at a second look. */
function fickle(items) {
  const seen = new Set();
  return new Proxy(items, {
    get(target, key) {
      const isItem = typeof key === 'string' && /^\d+$/.test(key);
      if (isItem && seen.has(key)) return 'changed';
      if (isItem) seen.add(key);
      return Reflect.get(target, key);
    },
  });
}

const throwing = new Proxy([1], {
  get() {
    throw own;
  },
});
/** A list without its second item. */
const withHole = (...items) => {
  delete items[1];
  return items;
};
const holes = withHole(1, 1, 2);

test('lists are read once, and what is read is checked', async (t) => {
  const model = await load(t, model8);
  const bad = (call, code = 'bad-option') => assert.throws(call, sottoError(code));
  const options = {
    forcedTokens: [holes, throwing, { length: 2 }, [[1]]],
    suppressTokens: [holes, throwing, { length: 1 }],
    badWords: [holes, throwing, [holes], [throwing], [[]], { length: 1 }],
    stop: [withHole('a', 'a', 'b'), throwing],
    logitBias: [throwing, new Map([[holes, 1]])],
  };
  for (const [name, values] of Object.entries(options)) {
    for (const value of values) bad(() => model.generate([1], { ...short, [name]: value }));
  }
  bad(() => model.generate(holes), 'bad-token');
  bad(() => model.generate(throwing));
  bad(() => model.generate({ length: 1e9 }));
  bad(() => model.generateBatch(withHole([1], [1], [2])));
  bad(() => model.generateBatch(throwing));
  bad(() => model.generateBatch('prompts'));
  await assert.rejects(model.decode(holes), sottoError('bad-token'));
  const session = await model.createSession();
  await assert.rejects(session.append(holes), sottoError('bad-token'));
  const hidden = withHole('hidden', 'hidden', 'attention');
  for (const names of [[Symbol('hidden')], [() => 1], hidden, throwing])
    await assert.rejects(session.tap(names), sottoError('bad-option'));

  const endless = Object.assign([1, 2], {
    *[Symbol.iterator]() {
      for (;;) yield 1;
    },
  });
  const [plain] = await Promise.all([model.generate([1, 2], short).result]);
  for (const prompt of [fickle([1, 2]), endless, { length: 2, 0: 1, 1: 2 }, new Uint16Array([1, 2])]) {
    assert.deepEqual((await model.generate(prompt, short).result).tokenIds, plain.tokenIds);
  }
  const { tokenIds } = await model.generate([1], { ...short, forcedTokens: fickle([3, 4, 5]) }).result;
  assert.deepEqual(tokenIds, [3, 4, 5]);
  const texts = model.generateBatch(
    fickle([
      [1, 2],
      [1, 2],
    ]),
    short,
  );
  for (const { result } of texts) assert.deepEqual((await result).tokenIds, plain.tokenIds);
});

test('options are read once, and what their getters throw is told', async (t) => {
  const model = await load(t, model8);
  const hostile = {
    get maxNewTokens() {
      throw own;
    },
  };
  const told = (error) =>
    sottoError('bad-option', /maxNewTokens cannot be read \(own\)/)(error) && error.cause === own;
  assert.throws(() => model.generate([1], hostile), told);
  const keys = new Proxy({}, { ownKeys: () => assert.fail('keys') });
  assert.throws(() => model.generate([1], keys), sottoError('bad-option', /cannot be read/));
  let reads = 0;
  const counted = {
    get maxNewTokens() {
      return ++reads;
    },
  };
  assert.equal((await model.generate([1], counted).result).tokenIds.length, 1);
  assert.equal(reads, 1);
  for (const signal of [{ aborted: true }, { aborted: 1, addEventListener() {}, removeEventListener() {} }])
    assert.throws(() => model.generate([1], { signal }), sottoError('bad-option', /signal/));
  for (const worker of [
    { postMessage() {}, terminate() {} },
    { postMessage: 1, terminate: 1, on: 1 },
  ])
    await assert.rejects(LanguageModel.load(model8, { worker }), sottoError('bad-option', /a Worker/));
  const source = {
    get 'config.json'() {
      throw own;
    },
  };
  await assert.rejects(LanguageModel.load(source), sottoError('bad-option', /source cannot be read/));
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  for (const value of [
    proxy,
    Object.create(null),
    { constructor: { name: Symbol('x') } },
    Symbol('x'),
    10n ** 1000n,
  ])
    assert.throws(() => model.generate([1], { maxNewTokens: value }), SottoError);
});

test('a text stream is what a Response takes', async (t) => {
  const model = await load(t, storiesPath);
  const options = { temperature: 0, maxNewTokens: 20 };
  const { text } = await model.generate('Once upon a time', options).result;
  assert.equal(await new Response(model.generate('Once upon a time', options).toTextStream()).text(), text);

  const generation = model.generate('Once upon a time', options);
  const reader = generation.toTextStream().getReader();
  assert.ok((await reader.read()).value instanceof Uint8Array);
  await reader.cancel();
  await aborted(generation);

  const several = model.generate('Once', { temperature: 1, seed: 3, maxNewTokens: 8, numReturnSequences: 3 });
  assert.equal(await new Response(several.toTextStream()).text(), await several.text());
  await assert.rejects(
    new Response(model.generate('Once', { ...options, onToken: rejects }).toTextStream()).text(),
    isOwn,
  );
});
