import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from 'sotto/engine';
import { NEUTRAL_SAMPLER_OPTIONS } from '../../build/web/options/sampler-options.js';
import {
  changedConfig,
  collect,
  filesOf,
  fixtureNames,
  fixturePath,
  fixtureReference,
  load,
  sottoError,
  storiesCases,
  storiesPath,
} from './support.mjs';

for (const worker of [false, true]) {
  test(`greedy text equals the reference's, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    for (const { prompt, tokenIds, text, endTokenIndex } of storiesCases()) {
      const count = endTokenIndex === null ? tokenIds.length : endTokenIndex + 1;
      const result = await model.generate(prompt, { temperature: 0, maxNewTokens: tokenIds.length }).result;
      assert.deepEqual(result.tokenIds, tokenIds.slice(0, count));
      if (endTokenIndex === null) assert.equal(result.text, text);
      assert.equal(result.finishReason, endTokenIndex === null ? 'length' : 'end-token');
      assert.equal(result.usage.completionTokens, count);
      assert.equal(result.usage.totalTokens, count + result.usage.promptTokens);
    }
  });
}

for (const name of fixtureNames) {
  test(`${name}: ids in, the reference's ids out, up to its end token`, async (t) => {
    const model = await load(t, fixturePath(name));
    const { cases, endTokenIds, contextLength } = fixtureReference(name);
    assert.deepEqual(model.info.eosTokenIds, endTokenIds);
    const withRoom = cases.filter((one) => one.promptIds.length < contextLength);
    assert.ok(withRoom.length > 0);
    for (const { promptIds, greedy } of withRoom) {
      const most = Math.min(greedy.tokenIds.length, contextLength - promptIds.length);
      const end = greedy.endTokenIndex === null ? most : Math.min(most, greedy.endTokenIndex + 1);
      const generation = model.generate(promptIds, { maxNewTokens: 32 });
      const pieces = await collect(generation);
      const { tokenIds, text, finishReason } = await generation.result;
      assert.deepEqual(tokenIds, greedy.tokenIds.slice(0, end));
      assert.equal(text, '');
      assert.deepEqual(
        pieces,
        tokenIds.map((id) => ({ text: '', tokenIds: [id] })),
      );
      const last = tokenIds.length === 32 ? 'length' : 'context-full';
      assert.equal(finishReason, endTokenIds.includes(tokenIds.at(-1)) ? 'end-token' : last);
    }
  });
}

test('every view of a generation shows the same run', async (t) => {
  const model = await load(t, storiesPath);
  const heard = [];
  const generation = model.generate('Once upon a time', {
    seed: 3,
    maxNewTokens: 40,
    onToken: (p) => heard.push(p),
  });
  const [first, second, text, result] = await Promise.all([
    collect(generation),
    collect(generation.toReadableStream()),
    generation.text(),
    generation.result,
  ]);
  assert.ok(first.length > 10);
  assert.deepEqual(second, first);
  assert.deepEqual(heard, first);
  assert.deepEqual(await collect(generation), first, 'a late reader sees all');
  assert.equal(first.map((piece) => piece.text).join(''), text);
  assert.equal(result.text, text);
  assert.deepEqual(
    first.flatMap((piece) => piece.tokenIds),
    result.tokenIds,
  );
});

test('pieces come one by one while the model works', async (t) => {
  const model = await load(t, storiesPath);
  const generation = model.generate('Once upon a time', { temperature: 0, maxNewTokens: 100 });
  let isSettled = false;
  generation.result.then(() => {
    isSettled = true;
  });
  let early = 0;
  for await (const _ of generation) if (!isSettled) early++;
  assert.ok(early > 20, `${early} pieces before the end`);
});

test('stop strings end the text, are never shown, and are found across tokens', async (t) => {
  const model = await load(t, storiesPath);
  const full = await model.generate('Once upon a time', { temperature: 0, maxNewTokens: 60 }).text();
  const cuts = [full.slice(20, 21), full.slice(17, 26), full.slice(30, 55)];
  for (const stop of cuts) {
    const generation = model.generate('Once upon a time', { temperature: 0, maxNewTokens: 60, stop });
    const pieces = await collect(generation);
    const result = await generation.result;
    assert.equal(result.finishReason, 'stop-string', stop);
    assert.equal(result.text, full.slice(0, full.indexOf(stop)), stop);
    assert.equal(pieces.map((piece) => piece.text).join(''), result.text);
    assert.deepEqual(
      pieces.flatMap((piece) => piece.tokenIds),
      result.tokenIds,
    );
  }
  const options = { temperature: 0, maxNewTokens: 60, stop: [cuts[2], cuts[1], 'not in it'] };
  assert.equal(
    await model.generate('Once upon a time', options).text(),
    full.slice(0, full.indexOf(cuts[1])),
  );
  const unmet = { temperature: 0, maxNewTokens: 60, stop: `${full.slice(-4)}…` };
  assert.equal(
    await model.generate('Once upon a time', unmet).text(),
    full,
    'what was held back is released',
  );
});

test('a seed reproduces a generation, in any thread, and other seeds give others', async (t) => {
  const here = await load(t, storiesPath);
  const there = await load(t, storiesPath, { worker: true });
  const run = async (model, seed) => {
    const { tokenIds, seed: used } = await model.generate('One day', {
      temperature: 1,
      maxNewTokens: 30,
      seed,
    }).result;
    return { tokenIds, used };
  };
  const first = await run(here, 42);
  assert.equal(first.used, 42);
  assert.deepEqual(await run(here, 42), first);
  assert.deepEqual(await run(there, 42), first);
  assert.notDeepEqual((await run(here, 43)).tokenIds, first.tokenIds);
  assert.ok((await run(here, Number.MAX_SAFE_INTEGER)).tokenIds.length > 0);

  const drawn = await run(here, undefined);
  assert.notEqual(drawn.used, (await run(here, undefined)).used);
  assert.deepEqual(await run(here, drawn.used), drawn, 'a seed that was drawn is told');
});

test('any temperature gives tokens: a tiny one the likeliest', async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const tokens = async (options) =>
    (await model.generate([1], { maxNewTokens: 8, ...options }).result).tokenIds;
  const greedy = await tokens({});
  for (const temperature of [1e-3, 1e-38, Number.MIN_VALUE]) {
    assert.deepEqual(await tokens({ temperature, seed: 9 }), greedy, String(temperature));
  }
  assert.equal((await tokens({ temperature: 3.4e38, seed: 9, suppressTokens: [5] })).length, 8);
  await assert.rejects(async () => tokens({ temperature: Number.MAX_VALUE }), sottoError('bad-option'));
});

test('prompts longer than a chunk give what the engine gives for them at once', async (t) => {
  const model = await load(t, storiesPath);
  const { maxChunk } = await Engine.create();
  const ids = Array.from({ length: 200 }, (_, i) => (i * 37) % 2000);
  assert.ok(ids.length > maxChunk);
  const whole = await model.generate(ids, { temperature: 0, maxNewTokens: 16 }).result;
  const rest = await model.generate([...ids, ...whole.tokenIds.slice(0, 8)], {
    temperature: 0,
    maxNewTokens: 8,
  }).result;
  assert.deepEqual(rest.tokenIds, whole.tokenIds.slice(8));
});

test('the model decides what is left out; the caller decides the rest', async (t) => {
  const stories = await load(t, storiesPath);
  assert.deepEqual(stories.info.generationDefaults, {
    ...NEUTRAL_SAMPLER_OPTIONS,
    maxNewTokens: 400,
    temperature: 0.8,
    topK: 40,
    topP: 0.9,
  });
  const sampled = { temperature: 0.8, topK: 40, topP: 0.9, seed: 1, maxNewTokens: 20 };
  const tokens = async (model, prompt, options) => (await model.generate(prompt, options).result).tokenIds;
  assert.deepEqual(
    await tokens(stories, 'A', { seed: 1, maxNewTokens: 20 }),
    await tokens(stories, 'A', sampled),
  );

  const generation_config = {
    do_sample: false,
    temperature: 0.5,
    top_k: 3,
    max_new_tokens: 7,
    eos_token_id: null,
  };
  const plain = await load(
    t,
    filesOf(fixturePath('odd-60'), { 'generation_config.json': generation_config }),
  );
  assert.deepEqual(plain.info.generationDefaults, {
    ...NEUTRAL_SAMPLER_OPTIONS,
    maxNewTokens: 7,
    temperature: 0,
  });
  const greedy = await tokens(plain, [1]);
  assert.equal(greedy.length, 7);
  assert.deepEqual(greedy, await tokens(plain, [1], { temperature: 0 }));
  assert.deepEqual(greedy, await tokens(plain, [1], { topK: 1 }), 'one candidate');
  assert.deepEqual(
    await tokens(plain, [1], { seed: 5 }),
    await tokens(plain, [1], { seed: 5, temperature: 1 }),
  );
  assert.notDeepEqual(await tokens(plain, [1], { seed: 5 }), greedy, 'a seed alone means sampling');
});

test('end tokens come from generation_config.json, else from config.json', async (t) => {
  const { cases } = fixtureReference('odd-60');
  const { promptIds, greedy } = cases[1];
  const [second, fourth] = [greedy.tokenIds[1], greedy.tokenIds[3]];
  const files = (generation, config) => {
    const changes = { 'generation_config.json': generation, 'config.json': changedConfig('odd-60', config) };
    return filesOf(fixturePath('odd-60'), changes);
  };
  const endsAfter = async (source, count) => {
    const model = await load(t, source);
    const result = await model.generate(promptIds).result;
    assert.equal(result.finishReason, 'end-token');
    assert.deepEqual(result.tokenIds, greedy.tokenIds.slice(0, count), 'the end token is told');
  };
  await endsAfter(
    files({ eos_token_id: second }, { eos_token_id: fourth }),
    greedy.tokenIds.indexOf(second) + 1,
  );
  await endsAfter(files({ eos_token_id: [5000, second] }, {}), greedy.tokenIds.indexOf(second) + 1);
  await endsAfter(files({}, { eos_token_id: fourth }), greedy.tokenIds.indexOf(fourth) + 1);
  await endsAfter(files(null, { eos_token_id: fourth }), greedy.tokenIds.indexOf(fourth) + 1);
});

test('generation ends where the context ends', async (t) => {
  const model = await load(t, filesOf(fixturePath('odd-60'), { 'generation_config.json': null }));
  const { promptIds } = fixtureReference('odd-60').cases.at(-1);
  const { finishReason, usage } = await model.generate(promptIds, { maxNewTokens: 50 }).result;
  assert.equal(finishReason, 'context-full');
  assert.deepEqual(usage, { promptTokens: 76, cachedTokens: 0, completionTokens: 1, totalTokens: 77 });
});

test('token ids may come in any list, which is read at once', async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const expected = await model.generate([7, 8, 9], { maxNewTokens: 4 }).result;
  const lists = [
    Int32Array.of(7, 8, 9),
    Uint16Array.of(7, 8, 9),
    Float64Array.of(7, 8, 9),
    { length: 3, 0: 7, 1: 8, 2: 9 },
  ];
  for (const list of lists) {
    const generation = model.generate(list, { maxNewTokens: 4 });
    list[0] = 1;
    assert.deepEqual((await generation.result).tokenIds, expected.tokenIds);
  }
});

test('text is encoded and decoded by the model’s tokenizer', async (t) => {
  const model = await load(t, storiesPath);
  for (const { prompt, promptIds } of storiesCases()) {
    const text = typeof prompt === 'string' ? prompt : '';
    assert.deepEqual(await model.encode(text), promptIds);
    assert.equal(await model.decode(promptIds), text, 'no special tokens');
  }
  assert.equal(await model.decode(Uint16Array.of()), '');
});

test('timings add up', async (t) => {
  const model = await load(t, storiesPath);
  const startMs = performance.now();
  const { timings, usage } = await model.generate('Once', { temperature: 0, maxNewTokens: 50 }).result;
  const wallMs = performance.now() - startMs;
  const { queueMs, prefillMs, timeToFirstTokenMs, decodeMs, tokensPerSecond } = timings;
  assert.ok(prefillMs > 0 && prefillMs <= timeToFirstTokenMs);
  assert.ok(queueMs >= 0 && queueMs + timeToFirstTokenMs + decodeMs <= wallMs);
  assert.equal(tokensPerSecond, ((usage.completionTokens - 1) / decodeMs) * 1000);
  const one = await model.generate('Once', { maxNewTokens: 1 }).result;
  assert.equal(one.timings.decodeMs, 0);
  assert.equal(one.timings.tokensPerSecond, 0);
});
