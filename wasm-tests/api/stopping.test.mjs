// What ends a text besides end tokens, lengths and stop strings, and what is told of its tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aborted,
  assertStillWorks,
  collect,
  load,
  sottoError,
  storiesContext,
  storiesPath,
} from './support.mjs';

const prompt = 'Once upon a time';
const greedy = { temperature: 0, maxNewTokens: 60 };

for (const worker of [false, true]) {
  test(`stopWhen is asked after each token and ends the text exactly there, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    const full = await model.generate(prompt, greedy).result;
    const questions = [];
    const stopWhen = (question) => {
      questions.push(question);
      return question.tokenIds.length === 17;
    };
    const result = await model.generate(prompt, { ...greedy, stopWhen }).result;
    assert.equal(result.finishReason, 'stop-when');
    assert.deepEqual(result.tokenIds, full.tokenIds.slice(0, 17));
    assert.deepEqual(
      questions.map(({ tokenIds }) => tokenIds),
      Array.from({ length: 17 }, (_, i) => full.tokenIds.slice(0, i + 1)),
    );
    assert.equal(questions.at(-1).text, result.text);
    assert.ok(full.text.startsWith(result.text));
    assert.ok(questions.every(({ sequence }) => sequence === 0));
  });

  test(`what stopWhen throws ends that generation with that error, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    const own = new Error('own');
    const stopWhen = () => {
      throw own;
    };
    await assert.rejects(model.generate(prompt, { ...greedy, stopWhen }).result, (error) => error === own);
    await assertStillWorks(model);
  });

  test(`a generation that waits for stopWhen can be aborted in it, worker: ${worker}`, async (t) => {
    const model = await load(t, storiesPath, { worker });
    const generation = model.generate(prompt, {
      ...greedy,
      stopWhen: () => {
        generation.abort('enough');
        return false;
      },
    });
    const { tokenIds } = await aborted(generation);
    assert.equal(tokenIds.length, 1);
    await assert.rejects(generation.result, { cause: 'enough' });
    await assertStillWorks(model);
  });
}

test('stopWhen sees text that a stop string still holds back', async (t) => {
  const model = await load(t, storiesPath);
  const { text } = await model.generate(prompt, greedy).result;
  const stop = `${text.slice(4, 24)}§`;
  const seen = [];
  const stopWhen = (question) => {
    seen.push(question.text);
    return question.text.length >= 20;
  };
  const result = await model.generate(prompt, { ...greedy, stop, stopWhen }).result;
  assert.equal(result.finishReason, 'stop-when');
  assert.equal(result.text, seen.at(-1), 'what was held back is given out in the end');
  assert.ok(text.startsWith(result.text) && result.text.length >= 20);
});

test('maxTime ends the text with what there is', async (t) => {
  const model = await load(t, storiesPath);
  const result = await model.generate(prompt, { temperature: 0, maxNewTokens: 200, maxTime: 0.001 }).result;
  assert.equal(result.finishReason, 'max-time');
  assert.ok(result.tokenIds.length <= 1);
  const slow = {
    ...greedy,
    maxTime: 40,
    stopWhen: () => {
      const end = performance.now() + 8;
      while (performance.now() < end);
      return false;
    },
  };
  const some = await model.generate(prompt, slow).result;
  assert.equal(some.finishReason, 'max-time');
  assert.ok(some.tokenIds.length >= 1 && some.tokenIds.length <= 6, `${some.tokenIds.length} tokens`);
  const enough = await model.generate(prompt, { ...greedy, maxTime: 60_000 }).result;
  assert.equal(enough.finishReason, 'length');
});

test('log-probabilities come with pieces and result, of the model itself', async (t) => {
  const model = await load(t, storiesPath);
  const options = { temperature: 0.7, topK: 3, seed: 5, maxNewTokens: 12, logprobs: 4 };
  const generation = model.generate(prompt, options);
  const pieces = await collect(generation);
  const { tokenIds, logprobs, text } = await generation.result;
  assert.deepEqual(
    logprobs.map(({ tokenId }) => tokenId),
    tokenIds,
  );
  assert.deepEqual(
    pieces.flatMap((piece) => piece.logprobs),
    logprobs,
  );
  const { tokens } = await model.score([...(await model.encode(prompt)), ...tokenIds]);
  const scored = tokens.slice(-tokenIds.length);
  for (const [i, { tokenId, logprob, alternatives }] of logprobs.entries()) {
    assert.equal(logprob, scored[i].logprob, 'the same as score() gives, to the last bit');
    assert.equal(alternatives.length, 4);
    const inOrder = alternatives.map((alternative) => alternative.logprob);
    assert.deepEqual(
      inOrder,
      inOrder.toSorted((a, b) => b - a),
    );
    const found = alternatives.find((alternative) => alternative.tokenId === tokenId);
    if (found) assert.equal(found.logprob, logprob);
    else assert.ok(logprob <= inOrder.at(-1));
  }
  const without = await model.generate(prompt, { ...options, logprobs: undefined }).result;
  assert.equal(without.text, text);
  assert.equal('logprobs' in without, false);
  const none = await model.generate(prompt, { ...options, logprobs: 0 }).result;
  assert.deepEqual(
    none.logprobs.map(({ alternatives }) => alternatives),
    none.tokenIds.map(() => []),
  );
});

test('onPrefillProgress tells of the prompt, and what it throws ends the generation', async (t) => {
  const model = await load(t, storiesPath);
  const ids = Array.from({ length: 200 }, (_, i) => i + 100);
  const heard = [];
  const onPrefillProgress = (progress) => heard.push(progress);
  await model.generate(ids, { maxNewTokens: 1, onPrefillProgress }).result;
  assert.deepEqual(heard, [
    { processedTokens: 128, totalTokens: 200 },
    { processedTokens: 200, totalTokens: 200 },
  ]);
  const own = new Error('own');
  const throwing = () => {
    throw own;
  };
  const failing = model.generate(ids.toReversed(), { maxNewTokens: 1, onPrefillProgress: throwing });
  await assert.rejects(failing.result, (error) => error === own);
  await assertStillWorks(model);
});

const refused = [
  [{ stopWhen: true }, /stopWhen is true; it must be a function/],
  [{ maxTime: 0 }, /maxTime is 0; it must be a number of milliseconds above 0/],
  [{ maxTime: '1s' }, /maxTime is "1s"/],
  [{ logprobs: -1 }, /logprobs is -1/],
  [{ logprobs: true }, /logprobs is true/],
  [{ logitsProcessor: () => {} }, /logitsProcessor is a function; it must be the address of a module/],
  [{ logitsProcessor: 7 }, /logitsProcessor is 7/],
  [{ promptLookup: true }, /promptLookup: the options are true/],
  [{ promptLookup: { maxNgram: 0 } }, /maxNgram is 0/],
  [{ promptLookup: { maxDraft: 65 } }, /maxDraft is 65/],
  [{ numBeams: 0 }, /numBeams is 0/],
  [{ numBeams: 2.5 }, /numBeams is 2.5/],
  [{ lengthPenalty: 1 }, /lengthPenalty needs numBeams/],
  [{ earlyStopping: true }, /earlyStopping needs numBeams/],
  [{ numBeams: 2, earlyStopping: 'always' }, /earlyStopping is "always"/],
  [{ numBeams: 2, lengthPenalty: Number.NaN }, /lengthPenalty is NaN/],
  [{ numBeams: 2, numReturnSequences: 3 }, /numReturnSequences is 3; with 2 beams/],
  [{ numBeams: 2, temperature: 0.5 }, /temperature does not go with beam search/],
  [{ numBeams: 2, topK: 5 }, /topK does not go with beam search/],
  [{ numBeams: 2, seed: 1 }, /seed does not go with beam search/],
  [{ numBeams: 2, stop: 'x' }, /stop does not go with beam search/],
  [{ numBeams: 2, stopWhen: () => true }, /stopWhen does not go with beam search/],
  [{ numBeams: 2, logprobs: 1 }, /logprobs does not go with beam search/],
  [{ numBeams: 2, promptLookup: {} }, /promptLookup does not go with beam search/],
  [{ numBeams: 2, penaltyAlpha: 0.5 }, /penaltyAlpha does not go with beam search/],
  [{ numBeams: 2, overflow: 'slide' }, /overflow 'slide' does not go with beam search/],
  [{ penaltyAlpha: 1.5, topK: 4 }, /penaltyAlpha is 1.5/],
  [{ penaltyAlpha: 0.5 }, /penaltyAlpha needs topK/],
  [{ penaltyAlpha: 0.5, topK: 4, topP: 0.5 }, /topP does not go with contrastive search/],
  [{ penaltyAlpha: 0.5, topK: 4, numReturnSequences: 2 }, /one answer/],
  [{ numReturnSequences: 2, temperature: 0 }, /greedy answers are all the same/],
  [{ numReturnSequences: 0 }, /numReturnSequences is 0/],
  [{ overflow: 'wrap' }, /overflow is "wrap"/],
  [{ keepTokens: 4 }, /keepTokens needs overflow: 'slide'/],
  [
    { overflow: 'slide', keepTokens: storiesContext - 1 },
    new RegExp(`keepTokens is ${storiesContext - 1}; with a context of ${storiesContext}`),
  ],
  [{ minNewTokens: 9, maxNewTokens: 8 }, /minNewTokens is 9, and maxNewTokens only 8/],
  [{ onPrefillProgress: 1 }, /onPrefillProgress is 1/],
  [{ badWords: 'word' }, /badWords is "word"/],
  [{ badWords: [''] }, /badWords\[0\]/],
];
test('options that are out of range, of the wrong type or contradict each other are refused', async (t) => {
  const model = await load(t, storiesPath);
  for (const [options, message] of refused) {
    assert.throws(() => model.generate('Once', options), sottoError('bad-option', message));
    assert.throws(() => model.generateBatch(['Once'], options), sottoError('bad-option', message));
  }
  assert.throws(
    () => model.generate('Once', { promptLookup: { ngram: 2 } }),
    sottoError('unknown-option', /there are maxNgram, maxDraft/),
  );
  for (const option of ['suppressTokens', 'forcedTokens'])
    assert.throws(() => model.generate('Once', { [option]: [2048] }), sottoError('bad-token', /2048/));
  await assertStillWorks(model);
});
