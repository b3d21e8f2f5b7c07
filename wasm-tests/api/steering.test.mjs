// Logits processors: modules beside the engine that change the logits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntoEngine } from './engine-support.mjs';
import { assertStillWorks, load, sottoError, storiesPath } from './support.mjs';

const address = (name) => new URL(`processors/${name}.mjs`, import.meta.url);
const prompt = 'Once upon a time';
const STRATEGIES = [
  { temperature: 0 },
  { temperature: 0.9, seed: 4, repetitionPenalty: 1.2 },
  { numBeams: 3 },
  { penaltyAlpha: 0.5, topK: 4 },
  { temperature: 0, promptLookup: {} },
];

for (const worker of [false, true]) {
  test(`a module changes the logits of each step, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    const logitsProcessor = address('only-even');
    for (const options of STRATEGIES) {
      const { tokenIds } = await model.generate(prompt, { ...options, maxNewTokens: 16, logitsProcessor })
        .result;
      assert.ok(tokenIds.length > 0 && tokenIds.every((id) => id % 2 === 0), JSON.stringify(options));
    }
  });

  test(`what it throws ends that generation, and the model lives on, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    const generation = model.generate(prompt, {
      temperature: 0,
      maxNewTokens: 16,
      logitsProcessor: address('throwing'),
    });
    await assert.rejects(generation.result, { name: 'RangeError', message: 'the third token is too much' });
    const session = await model.createSession();
    await session.append(prompt);
    const failing = session.generate({ temperature: 0, logitsProcessor: String(address('throwing')) });
    await assert.rejects(failing.result, { name: 'RangeError' });
    assert.equal(session.length, 5, 'the session is what it was');
    assert.equal((await session.tokens()).length, 5);
    await assertStillWorks(model);
  });

  test(`a module that is none is refused, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    const run = (logitsProcessor) => model.generate(prompt, { logitsProcessor }).result;
    await assert.rejects(run(address('missing')), sottoError('file-not-found', /missing\.mjs/));
    const ofClass = 'data:text/javascript,export default class Processor {}';
    for (const module of [address('nothing'), ofClass])
      await assert.rejects(run(module), sottoError('bad-option', /must export a function.*no class/));
    await assertStillWorks(model);
  });
}

test('the ids that a processor gets are its own: it may change and freeze them', async (t) => {
  const model = await load(t, storiesPath, { worker: false });
  for (const options of STRATEGIES) {
    const run = async (more) =>
      (await model.generate(prompt, { ...options, ...more, maxNewTokens: 12 }).result).tokenIds;
    assert.deepEqual(await run({ logitsProcessor: address('changing-ids') }), await run({}));
  }
});

test('a processor gets the vocabulary and the ids so far', async (t) => {
  const model = await load(t, storiesPath, { worker: false });
  const { calls } = await import(address('only-even'));
  calls.length = 0;
  const ids = await model.encode(prompt);
  const options = { temperature: 0, maxNewTokens: 4, logitsProcessor: address('only-even') };
  const { tokenIds } = await model.generate(prompt, options).result;
  assert.deepEqual(
    calls,
    Array.from({ length: 4 }, (_, i) => ({ size: 2048, tokenIds: [...ids, ...tokenIds.slice(0, i)] })),
  );
});

test('with sotto/engine, logits are changed between process and choose', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-60');
  const session = model.createSession();
  session.append([1, 2, 3]);
  const sampler = engine.createSampler({ suppressTokens: [5] });
  sampler.begin([1, 2, 3]);
  const raw = session.logits().slice();
  const processed = sampler.process(session);
  assert.equal(processed[5], Number.NEGATIVE_INFINITY);
  processed[77] = 1000;
  assert.equal(sampler.choose(), 77);
  assert.deepEqual(session.logits().slice(), raw, "the session's own logits are not touched");
  sampler.process(session).fill(Number.NEGATIVE_INFINITY);
  assert.throws(() => sampler.choose(), sottoError('bad-option', /nothing can be chosen/));
  sampler.process(session)[3] = Number.NaN;
  assert.throws(() => sampler.choose(), sottoError('bad-option', /NaN or infinity/));
  sampler.dispose();
});
