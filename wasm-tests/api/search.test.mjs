// Beam search and contrastive search through the public API, against transformers' generate and the paper's formula.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beamCases, contrastiveCases, describe } from './search-support.mjs';
import {
  aborted,
  assertStillWorks,
  collect,
  filesOf,
  fixtureNames,
  fixturePath,
  load,
  sottoError,
  storiesPath,
} from './support.mjs';

/** A model that ends texts with these tokens. */
function loadWithEnd(t, name, endTokenIds) {
  const generation = endTokenIds.length > 0 ? { eos_token_id: endTokenIds } : {};
  const config = JSON.parse(new TextDecoder().decode(filesOf(fixturePath(name))['config.json']));
  const changes = { 'generation_config.json': generation, 'config.json': { ...config, eos_token_id: null } };
  return load(t, filesOf(fixturePath(name), changes));
}

const OPTIONS = [
  'numBeams',
  'numReturnSequences',
  'lengthPenalty',
  'earlyStopping',
  'maxNewTokens',
  'repetitionPenalty',
  'noRepeatNgramSize',
  'minNewTokens',
];

/** The options of a case as generate takes them; those that need beams only where there are any. */
function optionsOf(example) {
  const names = OPTIONS.filter((name) => example[name] !== undefined);
  const all = Object.fromEntries(names.map((name) => [name, example[name]]));
  const { lengthPenalty: _, earlyStopping: __, ...greedy } = all;
  return example.numBeams > 1 ? all : { ...greedy, temperature: 0 };
}

for (const name of fixtureNames) {
  test(`${name}: generate's beams are those of transformers`, async (t) => {
    const models = new Map();
    for (const example of beamCases(name)) {
      const key = String(example.endTokenIds);
      if (!models.has(key)) models.set(key, await loadWithEnd(t, name, example.endTokenIds));
      const result = await models.get(key).generate(example.promptIds, optionsOf(example)).result;
      const where = describe(example);
      assert.deepEqual(
        result.sequences.map(({ tokenIds }) => tokenIds),
        example.tokenIds,
        where,
      );
      assert.deepEqual(result.tokenIds, example.tokenIds[0]);
      for (const [i, sequence] of result.sequences.entries()) {
        const isEnded = example.endTokenIds.includes(sequence.tokenIds.at(-1));
        assert.equal(sequence.finishReason, isEnded ? 'end-token' : 'length', where);
        if (example.scores === null) continue;
        const error = Math.abs(sequence.score - example.scores[i]);
        assert.ok(error <= 5e-6 * Math.abs(example.scores[i]), `${where}: score ${sequence.score}`);
      }
    }
  });

  test(`${name}: generate's contrastive search is the paper's`, async (t) => {
    const model = await loadWithEnd(t, name, []);
    for (const { promptIds, penaltyAlpha, topK, tokenIds } of contrastiveCases(name)) {
      const options = { penaltyAlpha, topK, maxNewTokens: tokenIds.length };
      const result = await model.generate(promptIds, options).result;
      assert.deepEqual(result.tokenIds, tokenIds, JSON.stringify({ promptIds, ...options }));
    }
  });
}

test('beams and candidates leave nothing behind, and sessions go on from what they chose', async (t) => {
  const model = await load(t, storiesPath, { prefixCache: 0 });
  const before = await model.memory();
  for (const options of [
    { numBeams: 4, numReturnSequences: 2, maxNewTokens: 40 },
    { penaltyAlpha: 0.6, topK: 5, maxNewTokens: 40 },
  ]) {
    const generation = model.generate('Once upon a time', options);
    const pieces = await collect(generation);
    const result = await generation.result;
    const ofFirst = pieces.filter(({ sequence = 0 }) => sequence === 0);
    assert.equal(ofFirst.map(({ text }) => text).join(''), result.text);
    const session = await model.createSession();
    await session.append('Once upon a time');
    const inSession = await session.generate({ ...options, numReturnSequences: undefined }).result;
    assert.deepEqual(inSession.tokenIds, result.tokenIds);
    assert.deepEqual([...(await session.tokens())].slice(-result.tokenIds.length), result.tokenIds);
    await session.dispose();
    const stopped = model.generate('Once upon a time', {
      ...options,
      onPrefillProgress: () => stopped.abort(),
    });
    await aborted(stopped);
    assert.equal((await model.memory()).kvPages, before.kvPages);
  }
  await assertStillWorks(model);
});

test('several prompts are searched in turn', async (t) => {
  const model = await load(t, storiesPath);
  const prompts = ['Once upon a time', 'One day'];
  for (const options of [{ numBeams: 3 }, { penaltyAlpha: 0.5, topK: 3 }]) {
    const given = { ...options, maxNewTokens: 10 };
    const together = model.generateBatch(prompts, given).map(({ result }) => result);
    for (const [i, result] of (await Promise.all(together)).entries()) {
      assert.deepEqual(result.tokenIds, (await model.generate(prompts[i], given).result).tokenIds);
    }
  }
});

test('beams that do not fit into the memory are refused, and the model lives on', async (t) => {
  const roomy = await load(t, storiesPath, { prefixCache: 0 });
  const { peakBytes } = await roomy.memory();
  const model = await load(t, storiesPath, { memoryLimit: peakBytes });
  const search = model.generate('Once upon a time', { numBeams: 64, maxNewTokens: 40 });
  await assert.rejects(search.result, sottoError('out-of-memory'));
  const contrastive = model.generate('Once upon a time', { penaltyAlpha: 0.5, topK: 128, maxNewTokens: 40 });
  await assert.rejects(contrastive.result, sottoError('out-of-memory'));
  assert.equal((await model.memory()).kvPages, 0);
  await assertStillWorks(model);
});

test('more candidates than a pass takes: without a penalty, the likeliest of them is next', async (t) => {
  const model = await load(t, fixturePath('odd-60'));
  const greedy = await model.generate([1, 2], { maxNewTokens: 3 }).result;
  const options = { penaltyAlpha: 0, topK: model.info.vocabSize, maxNewTokens: 3 };
  assert.deepEqual((await model.generate([1, 2], options).result).tokenIds, greedy.tokenIds);
});
