// Models, sessions and generations as stand-ins, which reactive stores make of objects in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const model8 = fixturePath('odd-8');
const short = { maxNewTokens: 3, temperature: 0 };

/** What stores make of an object in them: Proxy as it is, and valtio's, which assigns all that is writable anew. */
const STORES = {
  proxy: (object) => new Proxy(object, {}),
  'proxy with receiver': (object) => new Proxy(object, { get: (...args) => Reflect.get(...args) }),
  copy(object) {
    const copy = Object.create(Object.getPrototypeOf(object));
    return Object.defineProperties(copy, Object.getOwnPropertyDescriptors(object));
  },
  reassigned(object) {
    const stand = new Proxy(object, {});
    for (const [name, { writable }] of Object.entries(Object.getOwnPropertyDescriptors(object)))
      if (writable) stand[name] = object[name];
    return stand;
  },
};

for (const [name, store] of Object.entries(STORES)) {
  test(`models, generations and sessions work in a reactive store: ${name}`, async (t) => {
    const kept = await load(t, storiesPath);
    const { text } = await kept.generate('Once', short).result;
    const model = store(kept);
    assert.equal(await model.generate('Once', short).text(), text);
    const session = store(await model.createSession());
    await session.append('Once');
    assert.equal(session.length, (await model.encode('Once')).length);
    const generation = store(session.generate(short));
    assert.equal((await collect(generation)).map((piece) => piece.text).join(''), text);
    generation.abort();
    assert.equal((await generation.result).text, text);
    const fork = store(await session.fork());
    await fork.dispose();
    await session[Symbol.asyncDispose]();
    await model.dispose();
    assert.throws(() => kept.generate('Once'), sottoError('disposed'));
  });
}

test('Vue leaves what has a name of its own alone, and info cannot be changed', async (t) => {
  const model = await load(t, model8);
  const session = await model.createSession();
  const objects = { LanguageModel: model, Session: session, Generation: model.generate([1], short) };
  for (const [name, object] of Object.entries(objects))
    assert.equal(Object.prototype.toString.call(object), `[object ${name}]`);
  assert.ok(Object.isFrozen(model.info));
  assert.ok(Object.isFrozen(model.info.generationDefaults));
  assert.ok(Object.isFrozen(model.info.eosTokenIds));
});
