// Several texts in the same passes: each gives what it gives alone, whatever happens to the others.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { randomModel } from './make-weights.mjs';
import { Random } from './session-reference.mjs';
import {
  aborted,
  assertStillWorks,
  collect,
  fixturePath,
  load,
  sottoError,
  storiesContext,
  storiesPath,
} from './support.mjs';

const prompts = [
  'Once upon a time',
  'One day a small fox',
  'The',
  'There was a little girl who had a dog. She',
  'A',
];

/** What a result says, without what depends on time and on what was kept of earlier texts. */
function essence({ text, tokenIds, finishReason, logprobs, sequences }) {
  return { text, tokenIds, finishReason, logprobs, sequences };
}

async function resultsOf(generations) {
  return Promise.all(generations.map(({ result }) => result));
}

async function assertAsAlone(model, inputs, options) {
  const together = await resultsOf(model.generateBatch(inputs, options));
  for (const [i, result] of together.entries()) {
    const alone = await model.generate(inputs[i], options).result;
    assert.deepEqual(essence(result), essence(alone), `prompt ${i}, ${JSON.stringify(options)}`);
    assert.equal(result.usage.promptTokens, alone.usage.promptTokens);
    assert.equal(result.usage.completionTokens, alone.usage.completionTokens);
  }
  return together;
}

const OPTIONS = {
  greedy: { temperature: 0, maxNewTokens: 40 },
  sampled: { temperature: 0.9, topP: 0.95, seed: 7, maxNewTokens: 40 },
  penalties: {
    temperature: 1,
    topK: 50,
    seed: 3,
    repetitionPenalty: 1.3,
    frequencyPenalty: 0.4,
    presencePenalty: 0.2,
    noRepeatNgramSize: 3,
    maxNewTokens: 30,
  },
  'log-probabilities': { temperature: 1, seed: 1, logprobs: 3, maxNewTokens: 12 },
  'prompt lookup': { temperature: 0, promptLookup: {}, maxNewTokens: 60 },
  'stop strings': { temperature: 0, stop: ['.', ' dog', /a[a-z]+y/], maxNewTokens: 60 },
  beams: { numBeams: 3, numReturnSequences: 2, maxNewTokens: 12 },
  contrastive: { penaltyAlpha: 0.6, topK: 4, maxNewTokens: 12 },
};

for (const weights of ['f32', 'q8']) {
  for (const [name, options] of Object.entries(OPTIONS)) {
    test(`${weights}, ${name}: a batch gives what its prompts give alone`, async (t) => {
      const model = await load(t, storiesPath, { weights, prefixCache: 0 });
      const results = await assertAsAlone(model, prompts, options);
      if (name === 'stop strings') {
        const lengths = new Set(results.map(({ tokenIds }) => tokenIds.length));
        assert.ok(lengths.size > 2, 'they end at different times');
      }
      assert.equal((await model.memory()).kvPages, 0);
    });
  }
}

test('prompts of very different lengths, as ids, up to end tokens and to the full context', async (t) => {
  const model = await load(t, fixturePath('odd-60'), { prefixCache: 0 });
  const inputs = [1, 76, 33, 2, 60, 31, 32].map((length) => new Random(length).ids(length, 1003));
  const results = await assertAsAlone(model, inputs, { temperature: 1.5, seed: 1, maxNewTokens: 40 });
  assert.ok(results.some(({ finishReason }) => finishReason === 'context-full'));
  assert.ok(results.some(({ finishReason }) => finishReason === 'length'));
});

test('more texts than go into one pass', async (t) => {
  const config = { n_positions: 40, n_embd: 16, n_head: 2, n_layer: 1, vocab_size: 50 };
  const model = await load(t, randomModel(config, new Random(1)), { prefixCache: 0 });
  const random = new Random(2);
  const inputs = Array.from({ length: 300 }, () => random.ids(random.integer(1, 20), 50));
  await assertAsAlone(model, inputs, { temperature: 1, seed: 5, maxNewTokens: 10 });
  const { sequences } = await model.generate([1, 2], {
    temperature: 1,
    seed: 9,
    maxNewTokens: 6,
    numReturnSequences: 200,
  }).result;
  assert.equal(sequences.length, 200);
  for (const i of [0, 127, 128, 199]) {
    const alone = await model.generate([1, 2], { temperature: 1, seed: 9 + i, maxNewTokens: 6 }).result;
    assert.deepEqual(sequences[i].tokenIds, alone.tokenIds, `sequence ${i}`);
  }
  assert.equal((await model.memory()).kvPages, 0);
});

test('several samples are those of the seeds that follow', async (t) => {
  const model = await load(t, storiesPath, { prefixCache: 0 });
  const options = {
    temperature: 1,
    seed: 20,
    maxNewTokens: 20,
    logprobs: 1,
    repetitionPenalty: 1.2,
    stop: '.',
  };
  const generation = model.generate('Once upon a time', { ...options, numReturnSequences: 5 });
  const pieces = await collect(generation);
  const { sequences, text, tokenIds, usage, seed } = await generation.result;
  assert.equal(seed, 20);
  assert.deepEqual([text, tokenIds], [sequences[0].text, sequences[0].tokenIds]);
  assert.equal(
    usage.completionTokens,
    sequences.reduce((sum, one) => sum + one.tokenIds.length, 0),
  );
  for (const [i, sequence] of sequences.entries()) {
    const alone = await model.generate('Once upon a time', { ...options, seed: 20 + i }).result;
    assert.deepEqual(sequence, alone.sequences[0], `sequence ${i}`);
    const own = pieces.filter((piece) => piece.sequence === i);
    assert.equal(own.map((piece) => piece.text).join(''), sequence.text);
    assert.deepEqual(
      own.flatMap((piece) => piece.tokenIds),
      sequence.tokenIds,
    );
  }
  const refused = (wrong, message) =>
    assert.throws(() => model.generate('Once', wrong), sottoError('bad-option', message));
  refused({ numReturnSequences: 2, temperature: 0 }, /greedy/);
  refused({ numReturnSequences: 0 }, /numReturnSequences/);
  const last = { temperature: 1, seed: Number.MAX_SAFE_INTEGER, numReturnSequences: 2 };
  await assert.rejects(model.generate('Once', last).result, sottoError('bad-option', /seed/));
  assert.equal((await model.memory()).kvPages, 0);
  await assertStillWorks(model);
});

test('one of them aborted, one with an error of its own: the others go on', async (t) => {
  const model = await load(t, storiesPath, { prefixCache: 0 });
  const own = new Error('own');
  const alone = [];
  const options = { temperature: 0.8, seed: 2, maxNewTokens: 30 };
  for (const prompt of prompts) alone.push(await model.generate(prompt, options).result);
  const onToken = ({ text }) => {
    if (text === '') return;
    generations[1].abort();
  };
  let nAsked = 0;
  const stopWhen = ({ tokenIds }) => {
    nAsked++;
    if (tokenIds.length === 7 && tokenIds[6] === alone[3].tokenIds[6]) throw own;
    return false;
  };
  const generations = model.generateBatch(prompts, { ...options, onToken, stopWhen });
  const outcomes = await Promise.allSettled(generations.map(({ result }) => result));
  const early = await aborted(generations[1]);
  assert.deepEqual(early.tokenIds, alone[1].tokenIds.slice(0, early.tokenIds.length));
  assert.ok(early.tokenIds.length < 30);
  assert.equal(outcomes[3].reason, own);
  for (const i of [0, 2, 4]) assert.deepEqual(outcomes[i].value.tokenIds, alone[i].tokenIds, `prompt ${i}`);
  assert.ok(nAsked > 60);
  assert.equal((await model.memory()).kvPages, 0);
  await assertStillWorks(model);
});

test('a signal ends all of them, at once or before their turn', async (t) => {
  const model = await load(t, storiesPath, { prefixCache: 0 });
  const controller = new AbortController();
  const { signal } = controller;
  const generations = model.generateBatch(prompts, { maxNewTokens: 200, temperature: 0, signal });
  const waiting = model.generateBatch(prompts, { maxNewTokens: 200, temperature: 0, signal });
  for await (const _ of generations[0]) {
    controller.abort();
    break;
  }
  for (const generation of generations) assert.ok((await aborted(generation)).tokenIds.length < 200);
  for (const generation of waiting) assert.deepEqual((await aborted(generation)).tokenIds, []);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
  assert.equal((await model.memory()).kvPages, 0);
  await assertStillWorks(model);
});

test('stopWhen is asked of each, and ends only that one', async (t) => {
  const model = await load(t, storiesPath, { prefixCache: 0 });
  const alone = await resultsOf(model.generateBatch(prompts, OPTIONS.greedy));
  const limits = new Map(alone.map(({ tokenIds }, i) => [tokenIds[0], 3 + 4 * i]));
  const stopWhen = ({ tokenIds }) => tokenIds.length === limits.get(tokenIds[0]);
  const results = await resultsOf(model.generateBatch(prompts, { ...OPTIONS.greedy, stopWhen }));
  for (const [i, { tokenIds, finishReason }] of results.entries()) {
    const limit = limits.get(alone[i].tokenIds[0]);
    assert.deepEqual(tokenIds, alone[i].tokenIds.slice(0, limit));
    assert.equal(finishReason, limit <= alone[i].tokenIds.length ? 'stop-when' : alone[i].finishReason);
  }
});

test('a batch for which the memory does not suffice fails as a whole, and the model lives on', async (t) => {
  const config = { n_positions: 512, n_embd: 64, n_head: 4, n_layer: 2, vocab_size: 50 };
  const files = randomModel(config, new Random(1));
  const { peakBytes } = await (await load(t, files)).memory();
  const model = await load(t, files, { memoryLimit: peakBytes });
  const inputs = Array.from({ length: 30 }, (_, i) => new Random(i).ids(300, 50));
  const generations = model.generateBatch(inputs, { maxNewTokens: 3 });
  for (const { result } of generations) await assert.rejects(result, sottoError('out-of-memory'));
  assert.equal((await model.memory()).kvPages, 0);
  await assertAsAlone(model, inputs.slice(0, 2), { temperature: 0, maxNewTokens: 3 });
});

test('wrong prompts are refused before anything begins', async (t) => {
  const model = await load(t, storiesPath);
  const refused = (wrong, code, message) =>
    assert.throws(() => model.generateBatch(wrong), sottoError(code, message));
  refused('Once', 'bad-option', /array of prompts/);
  refused(['Once', ''], 'empty-prompt', /prompts\[1\]/);
  refused([[1], [2, 5000]], 'bad-token', /prompts\[1\]\[1\] is 5000/);
  assert.throws(() => model.generateBatch(['A'], { topk: 1 }), sottoError('unknown-option', /generateBatch/));
  assert.deepEqual(model.generateBatch([]), []);
  const generations = model.generateBatch(['Once', new Array(storiesContext).fill(1)], {
    temperature: 0,
    maxNewTokens: 3,
  });
  for (const { result } of generations) await assert.rejects(result, sottoError('prompt-too-long'));
  await assertStillWorks(model);
});
