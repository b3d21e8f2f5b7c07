// Nothing can be chosen: one answer for sampling, beam search and contrastive search, at once and midway, with who did it and
// with the text so far.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIntoEngine } from './engine-support.mjs';
import { takeApart, zeroModel } from './make-weights.mjs';
import { assertStillWorks, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const STRATEGIES = {
  greedy: { temperature: 0 },
  sampling: { temperature: 0.8, seed: 3 },
  'prompt lookup': { temperature: 0, promptLookup: {} },
  beams: { numBeams: 3 },
  'contrastive search': { penaltyAlpha: 0.5, topK: 4 },
};

const processor = (name) => new URL(`processors/${name}.mjs`, import.meta.url);
const failure = (generation) =>
  generation.result.then(
    ({ tokenIds }) => assert.fail(`it gave ${tokenIds}`),
    (error) => error,
  );

for (const [name, strategy] of Object.entries(STRATEGIES)) {
  test(`${name}: options that rule everything out are named`, async (t) => {
    const model = await load(t, fixturePath('odd-8'));
    const { vocabSize } = model.info;
    const all = Array.from({ length: vocabSize }, (_, id) => id);
    const prompt = [1, 2];
    const most = [...all.slice(0, vocabSize - 1)];
    for (const [options, who] of [
      [{ suppressTokens: all }, 'suppressTokens'],
      [{ badWords: all.map((id) => [id]), repetitionPenalty: 1.1 }, 'badWords'],
      [{ suppressTokens: most, badWords: [[vocabSize - 1]] }, 'badWords, suppressTokens'],
    ]) {
      const error = await failure(model.generate(prompt, { ...strategy, ...options, maxNewTokens: 6 }));
      sottoError('bad-option', new RegExp(`^nothing can be chosen: .* is ruled out by ${who}\\.`))(error);
      assert.deepEqual(error.result.tokenIds, []);
      assert.equal(error.result.finishReason, 'aborted');
    }
    for (const [options, who] of [
      [{ logitBias: { 1: 3.4e38 }, repetitionPenalty: 1e-3 }, 'repetitionPenalty'],
      // Log-probabilities are below 0, and multiplied.
      ...(name === 'beams' ? [] : [[{ repetitionPenalty: 1e-45 }, 'repetitionPenalty']]),
    ]) {
      const bad = await failure(model.generate(prompt, { ...strategy, ...options, maxNewTokens: 6 }));
      sottoError(
        'bad-option',
        new RegExp(`^nothing can be chosen: the logits hold NaN or infinity after ${who}\\.`),
      )(bad);
    }
    assert.equal((await model.generate(prompt, { ...strategy, maxNewTokens: 3 }).result).tokenIds.length, 3);
  });

  test(`${name}: every token once, until there is none any more`, async (t) => {
    const model = await load(t, fixturePath('odd-8'));
    const { vocabSize } = model.info;
    const suppressTokens = Array.from({ length: vocabSize - 4 }, (_, id) => id + 4); // leaves 0 to 3
    const options = { ...strategy, noRepeatNgramSize: 1, suppressTokens, maxNewTokens: 9 };
    const error = await failure(model.generate([1], options));
    sottoError('bad-option', /ruled out by noRepeatNgramSize, suppressTokens\./)(error);
    assert.deepEqual([...error.result.tokenIds].sort(), [0, 2, 3]);
    assert.equal(error.result.sequences.length, 1);
    assert.equal(error.result.usage.completionTokens, 3);
  });

  for (const [worker, what] of [
    [false, 'ending'],
    [true, 'ending'],
    [false, 'not-a-number'],
  ]) {
    test(`${name}: a processor's doing, midway (${what}), worker: ${worker}`, async (t) => {
      const model = await load(t, storiesPath, { worker });
      const plain = await model.generate('Once upon a time', { ...strategy, maxNewTokens: 2 }).result;
      const options = { ...strategy, maxNewTokens: 8, logitsProcessor: processor(what) };
      const error = await failure(model.generate('Once upon a time', options));
      const problem = { ending: 'every token .* is ruled out by', 'not-a-number': 'NaN or infinity after' }[
        what
      ];
      sottoError('bad-option', new RegExp(`nothing can be chosen: .*${problem} a logits processor`))(error);
      assert.equal(error.result.tokenIds.length, 2);
      if (name !== 'beams') assert.equal(error.result.text, plain.text);
      assert.equal(error.result.text, await model.decode(error.result.tokenIds));
      const session = await model.createSession();
      await session.append('Once upon a time');
      const inSession = await failure(session.generate(options));
      assert.deepEqual(inSession.result.tokenIds, error.result.tokenIds);
      assert.equal(session.length, 5, 'the session is what it was');
      await assertStillWorks(model);
    });
  }

  test(`${name}: weights are blamed when the model's own logits are no numbers`, async (t) => {
    const files = zeroModel({ n_positions: 32, n_embd: 8, n_head: 2, n_layer: 1, vocab_size: 20 });
    const { header, data } = takeApart(files['model.safetensors']);
    const [begin] = header['ln_f.bias'].data_offsets;
    new DataView(data.buffer, data.byteOffset).setFloat32(begin, Number.NaN, true);
    const model = await load(t, files, { weights: 'f32' });
    const suppressTokens = [1, 2, 3];
    const error = await failure(model.generate([1], { ...strategy, suppressTokens, maxNewTokens: 3 }));
    sottoError('bad-file', /not finite numbers: its weights hold NaN or infinity/)(error);
  });
}

test('several answers, and prompts beside each other, each have their own text in the error', async (t) => {
  const model = await load(t, storiesPath);
  const options = {
    temperature: 1,
    seed: 5,
    numReturnSequences: 3,
    maxNewTokens: 8,
    logitsProcessor: processor('ending'),
  };
  const { result } = await failure(model.generate('Once upon a time', options));
  assert.deepEqual(
    result.sequences.map(({ tokenIds }) => tokenIds.length),
    [2, 2, 2],
  );
  const single = { temperature: 0, maxNewTokens: 8, logitsProcessor: processor('ending') };
  const [short, long] = model.generateBatch(['One day', 'Once upon a time'], single);
  const [first, second] = [await failure(short), await failure(long)];
  assert.equal(second.result.tokenIds.length, 2);
  assert.equal(first.result.usage.promptTokens, (await model.encode('One day')).length);
});

test('beams of which one has no way on leave their place to the others', async (t) => {
  const { engine, model } = await loadIntoEngine(t, 'odd-8');
  const session = model.createSession();
  session.append([1]);
  const beams = {
    numBeams: 2,
    numReturnSequences: 2,
    lengthPenalty: 1,
    earlyStopping: false,
    maxNewTokens: 9,
  };
  const search = engine.createBeamSearch(beams, {}, [1]);
  const sessions = search.advance([session]).map(({ tokenId }) => {
    const fork = session.fork();
    fork.step(tokenId);
    return fork;
  });
  const moves = search.advance(sessions, (row, beam) => beam === 0 && row.fill(Number.NEGATIVE_INFINITY));
  assert.deepEqual(
    moves.map(({ parent }) => parent),
    [1, 1],
  );
});
